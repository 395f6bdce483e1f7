/** The client for Node: gRPC over grpc-js. */

import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { clone, create, type MessageInitShape } from "@bufbuild/protobuf";
import type { CallOptions, Interceptor } from "@connectrpc/connect";
import { Client, credentials, type ChannelCredentials, type ChannelOptions } from "@grpc/grpc-js";
import { createMany, type CreateResult, type NewImage } from "../bulk.js";
import { DEFAULT_TIMEOUT_MS } from "../calls.js";
import { ImageSchema, type Image } from "../gen/sightline/v1/image_pb.js";
import { UploadImageRequest_StartSchema } from "../gen/sightline/v1/image_service_pb.js";
import { serviceConfig } from "../service_config.js";
import { Sightline } from "../sightline.js";
import { CHUNK_BYTES, uploadParts, type Bytes } from "../upload.js";
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
  readonly #timeoutMs: number;

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
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    super(new GrpcTransport(client, options.interceptors), timeoutMs);
    this.#client = client;
    this.#timeoutMs = timeoutMs;
  }

  /** Creates many images over one stream, at most `inFlight` at a time; one that fails, fails alone. */
  createImages(
    images: Iterable<NewImage> | AsyncIterable<NewImage>,
    { inFlight = 16, ...options }: CallOptions & { inFlight?: number } = {},
  ): AsyncGenerator<CreateResult> {
    return createMany(this.images, images, inFlight, options);
  }

  /** As `createImage`, the file in chunks of 64 KiB, read as they are sent, with a checksum. */
  uploadImage(
    start: MessageInitShape<typeof UploadImageRequest_StartSchema>,
    file: Bytes,
    options?: CallOptions,
  ): Promise<Image> {
    return this.images.uploadImage(uploadParts(start, file), { timeoutMs: this.#timeoutMs, ...options });
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

/** As the environment says; what is empty there is not set. */
function defaultAddress(): string {
  const {
    SIGHTLINE_ORCHESTRATOR_ADDRESS: address,
    SIGHTLINE_ORCHESTRATOR_HOST: host,
    SIGHTLINE_ORCHESTRATOR_PORT: port,
  } = process.env;
  const named = host?.includes(":") && !host.startsWith("[") ? `[${host}]` : host; // IPv6
  return address || `${named || "127.0.0.1"}:${port || "50051"}`;
}

/**
 * A client for the server at `address`, HOST:PORT; else at SIGHTLINE_ORCHESTRATOR_ADDRESS, else at
 * SIGHTLINE_ORCHESTRATOR_HOST and SIGHTLINE_ORCHESTRATOR_PORT, else at 127.0.0.1:50051.
 */
export function connect(address?: string, options?: ConnectOptions): NodeSightline {
  return new NodeSightline(address || defaultAddress(), options);
}
