/** Uploads as forms: what is sent, and what becomes of errors. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError, connect, fieldViolationsOf, reasonOf } from "@sightline/client/web";

const file = new File([new Uint8Array([1, 2, 3])], "beach.jpg");
const start = { parent: "collections/default", imageId: "beach", image: { folder: "summer" } };

function answering(status: number, body: object) {
  const seen: { url: string; form: FormData }[] = [];
  const fetch: typeof globalThis.fetch = async (url, request) => {
    seen.push({ url: String(url), form: request?.body as FormData });
    return Response.json(body, { status });
  };
  return { fetch, seen };
}

test("a form bears the id, a request id, the image as JSON, and the file last", async () => {
  const { fetch, seen } = answering(200, { name: "collections/default/images/beach", unheardOf: 1 });
  const image = await connect("http://gateway/", { fetch }).uploadFile(file, start);
  assert.equal(image.name, "collections/default/images/beach");
  const [{ url, form }] = seen as [(typeof seen)[0]];
  assert.equal(url, "http://gateway/v1/collections/default/images:upload");
  assert.deepEqual([...form.keys()], ["image_id", "request_id", "image", "file"]);
  assert.equal(form.get("image_id"), "beach");
  assert.match(form.get("request_id") as string, /^[0-9a-f-]{36}$/);
  assert.deepEqual(JSON.parse(await (form.get("image") as File).text()), { folder: "summer" });
  assert.equal((form.get("file") as File).name, "beach.jpg");
});

test("an error says what the server said", async () => {
  const violation = { field: "content", description: "is no picture" };
  const details = [
    { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "NOT_A_PICTURE", domain: "sightline" },
    { "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations: [violation] },
  ];
  const { fetch } = answering(400, { code: 3, message: "content: is no picture", details });
  await assert.rejects(connect("http://gateway", { fetch }).uploadFile(file, start), (error: ConnectError) => {
    assert.equal(error.code, Code.InvalidArgument);
    assert.equal(reasonOf(error), "NOT_A_PICTURE");
    assert.deepEqual(
      fieldViolationsOf(error).map(({ field }) => field),
      ["content"],
    );
    return true;
  });
});

function hanging(): typeof globalThis.fetch {
  return (_url, request) =>
    new Promise((_resolve, reject) => {
      const alive = setTimeout(reject, 10_000); // as a socket keeps Node alive, and a signal's timer does not
      request?.signal?.addEventListener("abort", () => {
        clearTimeout(alive);
        reject(request.signal?.reason);
      });
    });
}

async function codeOf(call: Promise<unknown>) {
  return call.then(
    () => undefined,
    (error: ConnectError) => error.code,
  );
}

test("nobody who answers, a deadline and a cancellation are told apart", async () => {
  const away = connect("http://gateway", { fetch: () => Promise.reject(new TypeError("fetch failed")) });
  assert.equal(await codeOf(away.uploadFile(file, start)), Code.Unavailable);
  const hasty = connect("http://gateway", { fetch: hanging(), timeoutMs: 20 });
  assert.equal(await codeOf(hasty.uploadFile(file, start)), Code.DeadlineExceeded);
  const controller = new AbortController();
  const cancelled = connect("http://gateway", { fetch: hanging() }).uploadFile(file, start, {
    signal: controller.signal,
  });
  controller.abort();
  assert.equal(await codeOf(cancelled), Code.Canceled);
});

test("what has no name gets none", async () => {
  const { fetch, seen } = answering(200, {});
  const sightline = connect("http://gateway", { fetch });
  for (const nameless of [new Blob(["bytes"]), new File(["bytes"], "")]) {
    await sightline.uploadFile(nameless, { parent: "collections/default" });
    assert.equal((seen.pop()?.form.get("file") as File).name, "/"); // the gateway leaves folders out
  }
});

test("the parent is escaped, but for its slashes", async () => {
  const { fetch, seen } = answering(200, {});
  await connect("http://gateway", { fetch }).uploadFile(file, { parent: "collections/a?b#c d" });
  assert.equal(seen[0]?.url, "http://gateway/v1/collections/a%3Fb%23c%20d/images:upload");
});

test("a browser's client offers no streams to send", () => {
  const sightline = connect("http://gateway");
  // @ts-expect-error: the compiler says it, too
  assert.equal(sightline.createImages, undefined);
  // @ts-expect-error: the compiler says it, too
  assert.equal(sightline.uploadImage, undefined);
});
