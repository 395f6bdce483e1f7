/** Retries, pages and bulk calls, against services in the same process. */

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { createClient, createRouterTransport, type ConnectRouter } from "@connectrpc/connect";
import {
  Code,
  CollectionService,
  ConnectError,
  ImageService,
  Sightline,
  SearchService,
  type NewImage,
} from "@sightline/client/web";
import { createMany } from "../dist/bulk.js";
import { Health, HealthCheckResponse_ServingStatus } from "../dist/gen/grpc/health/v1/health_pb.js";
import { retrying } from "../dist/retry.js";

function failing(times: number, code: Code) {
  let calls = 0;
  const transport = createRouterTransport(
    ({ service }: ConnectRouter) => {
      const answer = () => {
        calls += 1;
        if (calls <= times) throw new ConnectError("not yet", code);
        return {};
      };
      service(CollectionService, { getCollection: answer, createCollection: answer });
      service(SearchService, { search: answer });
    },
    { transport: { interceptors: [retrying] } },
  );
  return { transport, calls: () => calls };
}

test("a call that changes nothing is repeated while the server is away", async () => {
  const { transport, calls } = failing(2, Code.Unavailable);
  await createClient(CollectionService, transport).getCollection({});
  assert.equal(calls(), 3);
});

test("a service that is listed whole is retried whole", async () => {
  const { transport, calls } = failing(1, Code.Unavailable);
  await createClient(SearchService, transport).search({});
  assert.equal(calls(), 2);
});

test("four attempts are the most", async () => {
  const { transport, calls } = failing(9, Code.Unavailable);
  await assert.rejects(createClient(CollectionService, transport).getCollection({}), /not yet/);
  assert.equal(calls(), 4);
});

test("other calls and other errors are not repeated", async () => {
  const changing = failing(1, Code.Unavailable);
  await assert.rejects(createClient(CollectionService, changing.transport).createCollection({}), /not yet/);
  assert.equal(changing.calls(), 1);
  const wrong = failing(1, Code.InvalidArgument);
  await assert.rejects(createClient(CollectionService, wrong.transport).getCollection({}), /not yet/);
  assert.equal(wrong.calls(), 1);
});

test("the deadline ends the pause between two attempts", async () => {
  const { transport, calls } = failing(9, Code.Unavailable);
  const call = createClient(CollectionService, transport).getCollection({}, { timeoutMs: 50 });
  await assert.rejects(call, (error) => ConnectError.from(error).code === Code.DeadlineExceeded);
  assert.equal(calls(), 1);
});

test("a bulk call keeps to its bound, and its input is closed when the reader stops", async () => {
  let taken = 0;
  let closed = false;
  const transport = createRouterTransport(({ service }: ConnectRouter) => {
    service(ImageService, {
      async *bulkCreateImages(requests) {
        for await (const { index } of requests) yield { index, result: { case: "image" as const, value: {} } };
      },
    });
  });
  function* images(): Generator<NewImage> {
    try {
      for (;;) {
        taken += 1;
        yield { parent: "collections/default" };
      }
    } finally {
      closed = true;
    }
  }
  let answered = 0;
  for await (const result of createMany(createClient(ImageService, transport), images(), 3)) {
    assert.equal(result.index, answered);
    answered += 1;
    assert.ok(taken - answered <= 4, `${taken} taken, ${answered} answered`);
    if (answered === 20) break;
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(closed);
});

test("a bulk call that may have nothing in flight is refused", async () => {
  const client = createClient(
    ImageService,
    createRouterTransport(() => {}),
  );
  for (const inFlight of [0, -1, NaN]) {
    await assert.rejects(createMany(client, [{ parent: "collections/default" }], inFlight).next(), RangeError);
  }
});

test("a stream that has ended leaves nothing on its caller's signal", async () => {
  const transport = createRouterTransport(({ service }: ConnectRouter) => {
    service(Health, {
      async *watch() {
        yield { status: HealthCheckResponse_ServingStatus.SERVING };
      },
    });
  });
  const sightline = new Sightline(transport);
  const { signal } = new AbortController();
  for await (const _ of sightline.watchHealth("", { signal })) {
    assert.notEqual(getEventListeners(signal, "abort").length, 0);
    break;
  }
  assert.equal(getEventListeners(signal, "abort").length, 0);
  for await (const _ of sightline.watchHealth("", { signal }));
  assert.equal(getEventListeners(signal, "abort").length, 0);
});
