/** Uploads as browsers can send them: a form, whose file they read as it is sent. */

import {
  create,
  createRegistry,
  fromJson,
  toJsonString,
  type JsonValue,
  type MessageInitShape,
} from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { DEFAULT_TIMEOUT_MS } from "./calls.js";
import { fromStatus } from "./errors.js";
import { file_google_rpc_error_details } from "./gen/google/rpc/error_details_pb.js";
import { StatusSchema } from "./gen/google/rpc/status_pb.js";
import { ImageSchema, type Image } from "./gen/sightline/v1/image_pb.js";
import { UploadImageRequest_StartSchema } from "./gen/sightline/v1/image_service_pb.js";

/** What a form upload may be given beside the file. */
export interface FormOptions {
  fetch?: typeof globalThis.fetch;
  headers?: HeadersInit;
  signal?: AbortSignal;
  timeoutMs?: number;
}

const KNOWN = { registry: createRegistry(file_google_rpc_error_details), ignoreUnknownFields: true };

/** A folder's name: the gateway wants one for every file, and finds none for the image in this. */
const NAMELESS = "/";

/** Sends the file to the gateway's route of `UploadImage`. Throws ConnectError. */
export async function uploadForm(
  baseUrl: string,
  file: Blob,
  start: MessageInitShape<typeof UploadImageRequest_StartSchema>,
  { fetch = globalThis.fetch, headers, signal, timeoutMs = DEFAULT_TIMEOUT_MS }: FormOptions,
): Promise<Image> {
  const { parent, imageId, requestId, image } = create(UploadImageRequest_StartSchema, start);
  const form = new FormData();
  if (imageId) form.set("image_id", imageId);
  form.set("request_id", requestId || crypto.randomUUID());
  if (image) form.set("image", new Blob([toJsonString(ImageSchema, image)], { type: "application/json" }));
  form.set("file", file, (file instanceof File && file.name) || NAMELESS); // last: what stands before it goes with it
  const path = parent.split("/").map(encodeURIComponent).join("/");
  const limits = [AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])];
  const request = { method: "POST", body: form, signal: AbortSignal.any(limits), ...(headers && { headers }) };
  try {
    const response = await fetch(`${baseUrl.replace(/\/$/, "")}/v1/${path}/images:upload`, request);
    const answer = (await response.json()) as JsonValue;
    if (!response.ok) throw fromStatus(fromJson(StatusSchema, answer, KNOWN));
    return fromJson(ImageSchema, answer, KNOWN);
  } catch (error) {
    if (error instanceof DOMException && error.name === "TimeoutError") {
      throw new ConnectError("the deadline passed", Code.DeadlineExceeded, undefined, undefined, error);
    }
    throw ConnectError.from(error, Code.Unavailable); // fetch's own errors: nobody answered
  }
}
