/** What a failed call says beyond its code (AIP-193). Calls throw Connect's `ConnectError`. */

import { ConnectError } from "@connectrpc/connect";
import type { Status } from "./gen/google/rpc/status_pb.js";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
  type BadRequest_FieldViolation,
} from "./gen/google/rpc/error_details_pb.js";

/** A word for the cause, such as "RESOURCE_NOT_FOUND"; empty for an error that no server sent. */
export function reasonOf(error: unknown): string {
  return ConnectError.from(error).findDetails(ErrorInfoSchema)[0]?.reason ?? "";
}

/** What is wrong with a request: the path of each field, and why. */
export function fieldViolationsOf(error: unknown): BadRequest_FieldViolation[] {
  return ConnectError.from(error)
    .findDetails(BadRequestSchema)
    .flatMap((detail) => detail.fieldViolations);
}

/** After how many milliseconds the server wants the call again. */
export function retryDelayMsOf(error: unknown): number | undefined {
  const delay = ConnectError.from(error).findDetails(RetryInfoSchema)[0]?.retryDelay;
  return delay && Number(delay.seconds) * 1000 + delay.nanos / 1e6;
}

/** The error for a `google.rpc.Status`, such as that of one item of a bulk call. */
export function fromStatus(status: Status): ConnectError {
  const error = new ConnectError(status.message, status.code);
  error.details = status.details.map((any) => ({
    type: any.typeUrl.substring(any.typeUrl.lastIndexOf("/") + 1),
    value: any.value,
  }));
  return error;
}
