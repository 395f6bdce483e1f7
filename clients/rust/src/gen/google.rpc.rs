// @generated
// @@protoc_insertion_point(module)
