/** Sightline finds things in pictures. Import `connect` from "@sightline/client/node" or "@sightline/client/web". */

export { Code, ConnectError, type CallOptions } from "@connectrpc/connect";
export type { CreateResult, NewImage } from "./bulk.js";
export { fieldViolationsOf, reasonOf, retryDelayMsOf } from "./errors.js";
export type { Operation } from "./gen/google/longrunning/operations_pb.js";
export * from "./gen/sightline/v1/collection_pb.js";
export * from "./gen/sightline/v1/collection_service_pb.js";
export * from "./gen/sightline/v1/embedding_service_pb.js";
export * from "./gen/sightline/v1/image_pb.js";
export * from "./gen/sightline/v1/image_service_pb.js";
export * from "./gen/sightline/v1/import_pb.js";
export * from "./gen/sightline/v1/import_service_pb.js";
export * from "./gen/sightline/v1/model_pb.js";
export * from "./gen/sightline/v1/model_service_pb.js";
export * from "./gen/sightline/v1/region_pb.js";
export * from "./gen/sightline/v1/schedule_pb.js";
export * from "./gen/sightline/v1/search_service_pb.js";
export * from "./gen/sightline/v1/segmentation_service_pb.js";
export * from "./gen/sightline/v1/text_pb.js";
export * from "./gen/sightline/v1/text_service_pb.js";
export { Sightline, type ServingStatus } from "./sightline.js";
export type { Bytes } from "./upload.js";
