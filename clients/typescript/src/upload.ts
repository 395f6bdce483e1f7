/** Files, and the chunks in which they travel. */

import type { MessageInitShape } from "@bufbuild/protobuf";
import { crc32c } from "./crc32c.js";
import type { UploadImageRequest_StartSchema, UploadImageRequestSchema } from "./gen/sightline/v1/image_service_pb.js";

/** The most bytes of one chunk. */
export const CHUNK_BYTES = 64 * 1024;

/** A file's bytes: all of them, or as they come. A `Blob` or `File` is taken by its `stream()`. */
export type Bytes = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** The messages of an upload: its start, the chunks, their checksum. */
export async function* uploadParts(
  start: MessageInitShape<typeof UploadImageRequest_StartSchema>,
  file: Bytes,
): AsyncGenerator<MessageInitShape<typeof UploadImageRequestSchema>> {
  yield { part: { case: "start", value: start } };
  let checksum = 0;
  for await (const piece of file instanceof Uint8Array ? [file] : file) {
    checksum = crc32c(piece, checksum);
    for (let offset = 0; offset < piece.length; offset += CHUNK_BYTES) {
      yield { part: { case: "chunk", value: piece.subarray(offset, offset + CHUNK_BYTES) } };
    }
  }
  yield { part: { case: "finish", value: { crc32c: checksum } } };
}
