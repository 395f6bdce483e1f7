/** HTTP headers as Connect holds them, and gRPC metadata: two spellings of one thing. */

import { Metadata } from "@grpc/grpc-js";

const BINARY = "-bin";

/** Metadata with the same pairs; values of `-bin` keys are base64 in headers. */
export function toMetadata(headers: Headers): Metadata {
  const metadata = new Metadata();
  headers.forEach((value, key) => {
    if (!key.endsWith(BINARY)) {
      metadata.add(key, value);
      return;
    }
    for (const each of value.split(",")) {
      metadata.add(key, Buffer.from(each.trim(), "base64"));
    }
  });
  return metadata;
}

/** Headers with the same pairs. */
export function toHeaders(metadata: Metadata): Headers {
  const headers = new Headers();
  for (const key of Object.keys(metadata.getMap())) {
    for (const value of metadata.get(key)) {
      headers.append(key, typeof value === "string" ? value : value.toString("base64"));
    }
  }
  return headers;
}
