/** The client for Node: gRPC over grpc-js. */

import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { clone, create, type MessageInitShape } from "@bufbuild/protobuf";
import type { CallOptions, Interceptor } from "@connectrpc/connect";
import { Client, credentials, type ChannelCredentials, type ChannelOptions } from "@grpc/grpc-js";
import { ImageSchema, type Image } from "../gen/sightline/v1/image_pb.js";
import { UploadImageRequest_StartSchema } from "../gen/sightline/v1/image_service_pb.js";
import { serviceConfig } from "../service_config.js";
import { Sightline } from "../sightline.js";
import { CHUNK_BYTES } from "../upload.js";
import { GrpcTransport } from "./transport.js";

export { credentials } from "@grpc/grpc-js";
export { GrpcTransport } from "./transport.js";
export * from "../index.js";

const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/** How a server is reached. */
export interface ConnectOptions {
  /** For TLS: `credentials.createSsl()`, or with your own authority's certificate. Unset: no TLS. */
  credentials?: ChannelCredentials;
  /** How long a unary call may take that says nothing else. 60,000 unless set. */
  timeoutMs?: number;
  /** Run around every call; they may add headers. */
  interceptors?: Interceptor[];
  /** More options of grpc-js's channel, which win over these. */
  channelOptions?: ChannelOptions;
}

/** A connection to one server. Close it when it is no longer used. */
export class NodeSightline extends Sightline {
  readonly #client: Client;

  constructor(address: string, options: ConnectOptions = {}) {
    const client = new Client(address, options.credentials ?? credentials.createInsecure(), {
      "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
      "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
      "grpc.keepalive_time_ms": 60_000,
      // What is larger than these is sent once, whatever the service config says.
      "grpc.per_rpc_retry_buffer_size": MAX_MESSAGE_BYTES,
      "grpc.retry_buffer_size": 4 * MAX_MESSAGE_BYTES,
      "grpc.service_config": JSON.stringify(serviceConfig),
      ...options.channelOptions,
    });
    super(new GrpcTransport(client, options.interceptors), options.timeoutMs);
    this.#client = client;
  }

  /** Uploads a file in chunks, reading it as it is sent. It is named by its path unless `start` names it. */
  uploadFile(
    path: string,
    start: MessageInitShape<typeof UploadImageRequest_StartSchema>,
    options?: CallOptions,
  ): Promise<Image> {
    const named = clone(UploadImageRequest_StartSchema, create(UploadImageRequest_StartSchema, start));
    named.image ??= create(ImageSchema);
    named.image.displayName ||= basename(path);
    return this.uploadImage(named, createReadStream(path, { highWaterMark: CHUNK_BYTES }), options);
  }

  /** Closes the channel. */
  close(): void {
    this.#client.close();
  }
}

/** A client for the server at `address`: HOST:PORT, else SIGHTLINE_ORCHESTRATOR_ADDRESS, else 127.0.0.1:50051. */
export function connect(address?: string, options?: ConnectOptions): NodeSightline {
  return new NodeSightline(address ?? process.env["SIGHTLINE_ORCHESTRATOR_ADDRESS"] ?? "127.0.0.1:50051", options);
}
