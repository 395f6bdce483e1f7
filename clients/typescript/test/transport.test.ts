/** What the transport over grpc-js promises, against a grpc-js server that behaves badly on purpose. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { createClient, type Client } from "@connectrpc/connect";
import * as grpc from "@grpc/grpc-js";
import {
  BulkCreateImagesRequestSchema,
  BulkCreateImagesResponseSchema,
  Code,
  ConnectError,
  GrpcTransport,
  ImageService,
  type BulkCreateImagesRequest,
  type BulkCreateImagesResponse,
} from "@sightline/client/node";

type Call = grpc.ServerDuplexStream<BulkCreateImagesRequest, BulkCreateImagesResponse>;

let serve: (call: Call) => void;
const server = new grpc.Server();
let channel: grpc.Client;
let images: Client<typeof ImageService>;

before(async () => {
  server.addService(
    {
      BulkCreateImages: {
        path: "/sightline.v1.ImageService/BulkCreateImages",
        requestStream: true,
        responseStream: true,
        requestSerialize: (message: BulkCreateImagesRequest) =>
          Buffer.from(toBinary(BulkCreateImagesRequestSchema, message)),
        requestDeserialize: (bytes: Buffer) => fromBinary(BulkCreateImagesRequestSchema, bytes),
        responseSerialize: (message: BulkCreateImagesResponse) =>
          Buffer.from(toBinary(BulkCreateImagesResponseSchema, message)),
        responseDeserialize: (bytes: Buffer) => fromBinary(BulkCreateImagesResponseSchema, bytes),
      },
    },
    { BulkCreateImages: (call: Call) => serve(call) },
  );
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  channel = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  images = createClient(ImageService, new GrpcTransport(channel));
});

after(() => {
  channel.close();
  server.forceShutdown();
});

function answer(index: number): BulkCreateImagesResponse {
  return create(BulkCreateImagesResponseSchema, { index: BigInt(index) });
}

async function* nothing() {}

test("answers are read in order, then the failure is thrown", async () => {
  serve = (call) => {
    for (let index = 0; index < 99; index += 1) call.write(answer(index));
    call.write(answer(99));
    call.on("data", () => call.emit("error", { code: grpc.status.DATA_LOSS, details: "gone" }));
  };
  let read = 0;
  let allRead = () => {};
  async function* afterwards() {
    await new Promise<void>((resolve) => (allRead = resolve));
    yield {};
  }
  const reading = (async () => {
    for await (const each of images.bulkCreateImages(afterwards())) {
      assert.equal(each.index, BigInt(read));
      read += 1;
      if (read === 100) allRead();
    }
  })();
  await assert.rejects(reading, (error) => ConnectError.from(error).code === Code.DataLoss);
  assert.equal(read, 100);
});

test("what the requests throw reaches who reads the answers, and ends the call", async () => {
  const ended = new Promise<void>((resolve) => {
    serve = (call) => call.resume().on("cancelled", resolve);
  });
  async function* broken() {
    yield { index: 0n };
    throw new Error("the disk is full");
  }
  const reading = (async () => {
    for await (const _ of images.bulkCreateImages(broken()));
  })();
  await assert.rejects(reading, /the disk is full/);
  await ended;
});

test("headers and trailers come through, binary ones as base64", async () => {
  serve = (call) => {
    const [value] = call.metadata.get("token-bin");
    const header = new grpc.Metadata();
    header.add("echo-bin", value as Buffer);
    call.sendMetadata(header);
    const trailer = new grpc.Metadata();
    trailer.add("cost", "3");
    call.end(trailer);
  };
  let header = new Headers();
  let trailer = new Headers();
  const options = {
    headers: { "token-bin": Buffer.from([0, 255]).toString("base64") },
    onHeader: (received: Headers) => (header = received),
    onTrailer: (received: Headers) => (trailer = received),
  };
  for await (const _ of images.bulkCreateImages(nothing(), options));
  assert.equal(header.get("echo-bin"), "AP8=");
  assert.equal(trailer.get("cost"), "3");
});

test("a reader that is slower than the server holds it back", async () => {
  let written = 0;
  serve = (call) => {
    const item = create(BulkCreateImagesResponseSchema, { consistencyToken: "x".repeat(64 * 1024) });
    const more = () => {
      while (written < 400) {
        written += 1;
        if (!call.write(item)) return void call.once("drain", more);
      }
      call.end();
    };
    more();
  };
  const answers = images.bulkCreateImages(nothing())[Symbol.asyncIterator]();
  await answers.next();
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.ok(written < 400, "25 MiB were sent to a reader of 64 KiB");
  while (!(await answers.next()).done);
  assert.equal(written, 400);
});

test("a deadline ends a call that the server would not end", async () => {
  serve = (call) => void call.resume();
  const reading = (async () => {
    for await (const _ of images.bulkCreateImages(nothing(), { timeoutMs: 50 }));
  })();
  await assert.rejects(reading, (error) => ConnectError.from(error).code === Code.DeadlineExceeded);
});
