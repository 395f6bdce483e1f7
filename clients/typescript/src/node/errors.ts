/** What a call over gRPC ended with, as the error that Connect's clients throw. */

import { create, fromBinary } from "@bufbuild/protobuf";
import type { ConnectError } from "@connectrpc/connect";
import type { StatusObject } from "@grpc/grpc-js";
import { fromStatus } from "../errors.js";
import { StatusSchema } from "../gen/google/rpc/status_pb.js";
import { toHeaders } from "./metadata.js";

const DETAILS = "grpc-status-details-bin";

/** The error for a status that is not OK, with the details that came along. gRPC's codes are Connect's numbers. */
export function toConnectError(status: StatusObject): ConnectError {
  const [packed] = status.metadata.get(DETAILS);
  const details = packed instanceof Buffer ? fromBinary(StatusSchema, packed).details : [];
  const error = fromStatus(create(StatusSchema, { code: status.code, message: status.details, details }));
  toHeaders(status.metadata).forEach((value, key) => error.metadata.append(key, value));
  return error;
}
