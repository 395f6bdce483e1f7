package sightline

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// withString is a copy of the message with one field set. The other fields share their memory: a request may bear
// a picture of 32 MiB.
func withString[Message proto.Message](given Message, field protoreflect.Name, value string) Message {
	made := given.ProtoReflect().New()
	given.ProtoReflect().Range(func(each protoreflect.FieldDescriptor, held protoreflect.Value) bool {
		made.Set(each, held)
		return true
	})
	made.Set(made.Descriptor().Fields().ByName(field), protoreflect.ValueOfString(value))
	return made.Interface().(Message)
}
