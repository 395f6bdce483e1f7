/** Waiting for operations, against a service in the same process. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { createRouterTransport, type ConnectRouter } from "@connectrpc/connect";
import { Code, ConnectError, Sightline } from "@sightline/client/web";
import { Operations, type OperationSchema } from "../dist/gen/google/longrunning/operations_pb.js";

type Answer = MessageInitShape<typeof OperationSchema>;

function answering(...answers: Answer[]) {
  let asked = 0;
  const transport = createRouterTransport(({ service }: ConnectRouter) => {
    service(Operations, {
      getOperation: ({ name }) => ({ ...answers[Math.min(asked++, answers.length - 1)], name }),
    });
  });
  return { sightline: new Sightline(transport), asked: () => asked };
}

test("an operation is asked for until it is done", async () => {
  const value = { typeUrl: "type.googleapis.com/google.protobuf.Empty", value: new Uint8Array() };
  const { sightline, asked } = answering({}, {}, { done: true, result: { case: "response", value } });
  const operation = await sightline.waitOperation("operations/1");
  assert.equal(operation.name, "operations/1");
  assert.equal(operation.result.case, "response");
  assert.equal(asked(), 3);
});

test("what an operation failed with is thrown", async () => {
  const value = { code: Code.NotFound, message: "the folder is gone" };
  const { sightline } = answering({ done: true, result: { case: "error", value } });
  await assert.rejects(
    sightline.waitOperation("operations/1"),
    (error: ConnectError) => error.code === Code.NotFound && error.rawMessage === "the folder is gone",
  );
});

test("a signal ends the waiting", async () => {
  const { sightline, asked } = answering({});
  const waiting = sightline.waitOperation("operations/1", { signal: AbortSignal.timeout(250) });
  const alive = setTimeout(() => {}, 10_000);
  await assert.rejects(waiting, (error: ConnectError) => error.code === Code.Canceled);
  clearTimeout(alive);
  assert.ok(asked() <= 3);
});
