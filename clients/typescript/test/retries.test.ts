/** What the service config has a client ask again, against a grpc-js server that is not there at first. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import * as grpc from "@grpc/grpc-js";
import {
  CreateImageRequestSchema,
  ImageSchema,
  NodeSightline,
  type CreateImageRequest,
  type Image,
} from "@sightline/client/node";

for (const size of [1000, 3 << 20, 32 << 20]) {
  test(`a create of ${size} bytes is asked again`, async () => {
    let received = 0;
    const server = new grpc.Server({ "grpc.max_receive_message_length": 64 << 20 });
    server.addService(
      {
        CreateImage: {
          path: "/sightline.v1.ImageService/CreateImage",
          requestStream: false,
          responseStream: false,
          requestSerialize: (message: CreateImageRequest) => Buffer.from(toBinary(CreateImageRequestSchema, message)),
          requestDeserialize: (bytes: Buffer) => fromBinary(CreateImageRequestSchema, bytes),
          responseSerialize: (message: Image) => Buffer.from(toBinary(ImageSchema, message)),
          responseDeserialize: (bytes: Buffer) => fromBinary(ImageSchema, bytes),
        },
      },
      {
        CreateImage: (_call: grpc.ServerUnaryCall<CreateImageRequest, Image>, answer: grpc.sendUnaryData<Image>) => {
          received += 1;
          if (received < 3) answer({ code: grpc.status.UNAVAILABLE, details: "not yet" });
          else answer(null, create(ImageSchema, { name: "collections/default/images/one" }));
        },
      },
    );
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    const client = new NodeSightline(`127.0.0.1:${port}`);
    try {
      const image = await client.createImage({
        parent: "collections/default",
        source: { case: "content", value: new Uint8Array(size) },
      });
      assert.equal(image.name, "collections/default/images/one");
      assert.equal(received, 3);
    } finally {
      client.close();
      server.forceShutdown();
    }
  });
}
