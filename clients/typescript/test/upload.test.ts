/** The messages in which Node sends a file. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32c } from "../dist/crc32c.js";
import { CHUNK_BYTES, uploadParts } from "../dist/upload.js";

const bytes = (text: string) => new TextEncoder().encode(text);

test("the checksum is CRC-32C", () => {
  assert.equal(crc32c(bytes("123456789")), 0xe3069283);
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa); // RFC 3720, B.4
  assert.equal(crc32c(new Uint8Array()), 0);
  assert.equal(crc32c(bytes("6789"), crc32c(bytes("12345"))), 0xe3069283);
});

async function all<T>(parts: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const part of parts) found.push(part);
  return found;
}

test("an upload ends with the checksum of all its chunks", async () => {
  const start = { parent: "collections/default" };
  const chunk = (text: string) => ({ part: { case: "chunk", value: bytes(text) } });
  assert.deepEqual(await all(uploadParts(start, [bytes("12345"), bytes("6789")])), [
    { part: { case: "start", value: start } },
    chunk("12345"),
    chunk("6789"),
    { part: { case: "finish", value: { crc32c: 0xe3069283 } } },
  ]);
});

test("a large piece is cut, and checked whole", async () => {
  const file = new Uint8Array(2 * CHUNK_BYTES + 1).fill(7);
  const [, ...parts] = await all(uploadParts({}, file));
  const lengths = parts.map(({ part }) => (part?.case === "chunk" ? part.value?.length : undefined));
  assert.deepEqual(lengths, [CHUNK_BYTES, CHUNK_BYTES, 1, undefined]);
  assert.deepEqual(parts.at(-1), { part: { case: "finish", value: { crc32c: crc32c(file) } } });
});
