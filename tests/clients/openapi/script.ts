/** The script of calls by openapi-fetch, typed by what the gateway's OpenAPI document says. See ../README.md. */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Schemas = components["schemas"];

const { SIGHTLINE_URL: url, SIGHTLINE_COLLECTION: collection, SIGHTLINE_PICTURES: pictures } = process.env;
if (!url || !collection || !pictures) throw new Error("the environment says too little");
const api = createClient<paths>({ baseUrl: url });
const inCollection = { path: { collection } };
const dogPath = { path: { collection, image: "dog" } };

// google.rpc.Code
const CODES: Record<number, string> = {
  1: "CANCELLED",
  3: "INVALID_ARGUMENT",
  4: "DEADLINE_EXCEEDED",
  5: "NOT_FOUND",
};

function say(step: string, fields: object): void {
  console.log(JSON.stringify({ step, ...fields }));
}

/** An error as the document describes it: a Status, as this client asks for no problem details. */
function told(error: Schemas["Status"] | Schemas["Problem"] | undefined) {
  if (error === undefined) return { code: "OK" };
  if (!("message" in error)) throw new Error(`no Status: ${JSON.stringify(error)}`);
  const details = error.details ?? [];
  const info = details.find((each) => each["@type"] === "type.googleapis.com/google.rpc.ErrorInfo");
  const bad = details.find((each) => each["@type"] === "type.googleapis.com/google.rpc.BadRequest");
  return {
    code: CODES[error.code],
    message: error.message,
    reason: info && "reason" in info ? info.reason : "",
    fields: bad && "fieldViolations" in bad ? bad.fieldViolations?.map(({ field }) => field) : [],
  };
}

/** The answer, or what failed. */
function answered<T>({ data, error }: { data?: T; error?: unknown }): T {
  if (data === undefined) throw new Error(JSON.stringify(error));
  return data;
}

function tagged(step: string) {
  return { "x-request-id": `${collection}-${step}` };
}

async function encoded(name: string): Promise<string> {
  return (await readFile(join(pictures!, name))).toString("base64");
}

async function create(name: string, imageId: string, image: Schemas["Image"] = {}): Promise<Schemas["Image"]> {
  const body = { imageId, image, content: await encoded(name) };
  const made = answered(await api.POST("/v1/collections/{collection}/images", { params: inCollection, body }));
  if (Array.isArray(made)) throw new Error("one file makes one image");
  return made;
}

function described({ name, sizeBytes, sha256 }: Schemas["Image"]) {
  return { name, size_bytes: Number(sizeBytes), sha256 };
}

const { labels, ...dog } = await create("dog.jpg", "dog", {
  displayName: "dog.jpg",
  folder: "script/animals",
  labels: [{ label: "pet" }],
});
say("create", {
  ...described(dog),
  display_name: dog.displayName,
  folder: dog.folder,
  labels: labels?.map(({ label }) => label),
  width: dog.width,
  height: dog.height,
});

const form = new FormData();
form.set("image_id", "tractor");
form.set("file", new Blob([await readFile(join(pictures, "tractor.bmp"))]), "tractor.bmp");
const tractor = await api.POST("/v1/collections/{collection}/images:upload", {
  params: inCollection,
  body: {},
  bodySerializer: () => form,
});
say("upload", described(answered(tractor)));

for (const name of ["chicken", "rainbow", "fire"]) await create(`${name}.jpg`, name);

const file = await api.GET("/v1/collections/{collection}/images/{image}:content", {
  params: dogPath,
  parseAs: "arrayBuffer",
});
const sha256 = createHash("sha256")
  .update(new Uint8Array(answered(file)))
  .digest("hex");
say("content", { content_type: file.response.headers.get("content-type"), sha256 });

const names: (string | undefined)[] = [];
let pageToken: string | undefined;
do {
  const query = { orderBy: "name", pageSize: 2, ...(pageToken && { pageToken }) };
  const params = { ...inCollection, query };
  const page = answered(await api.GET("/v1/collections/{collection}/images", { params, headers: tagged("pages") }));
  names.push(...(page.images ?? []).map(({ name }) => name));
  pageToken = page.nextPageToken;
} while (pageToken);
say("pages", { names });

type Query = paths["/v1/collections/{collection}:search"]["post"]["requestBody"]["content"]["application/json"];

function search(body: Query, headers = {}) {
  return api.POST("/v1/collections/{collection}:search", { params: inCollection, body, headers });
}

function found({ image, region, score, relevance, box }: Schemas["Hit"]) {
  const hit = { image, score, relevance };
  return region && box ? { ...hit, region, box: [box.xMin ?? 0, box.yMin ?? 0, box.xMax ?? 0, box.yMax ?? 0] } : hit;
}

const byText = answered(await search({ text: "a rainbow", pageSize: 3 }));
say("search_text", { hits: byText.hits?.map(found), stages: byText.stages?.map(({ name }) => name) });
const byPicture = answered(await search({ image: { content: await encoded("dog.jpg") }, pageSize: 3 }));
say("search_picture", { hits: byPicture.hits?.map(found) });
const byRegion = answered(await search({ text: "a dog", target: "REGIONS", pageSize: 3 }));
say("search_regions", { hits: byRegion.hits?.map(found) });

const missing = { path: { collection, image: "missing" } };
const none = await api.GET("/v1/collections/{collection}/images/{image}", { params: missing });
say("not_found", told(none.error));
say("bad_request", told((await search({ text: "a rainbow", filter: "width >" })).error));
const hasty = await search({ text: "a rainbow" }, { "Grpc-Timeout": "1m" });
say("deadline", { code: told(hasty.error).code });

const segmented = api.POST("/v1/collections/{collection}/images/{image}:segment", {
  params: dogPath,
  body: { prompt: { everything: {} } },
  headers: tagged("cancel"),
  signal: AbortSignal.timeout(300),
});
const code = await segmented.then(
  () => "OK",
  (error: Error) => (error.name === "TimeoutError" ? "CANCELLED" : error.name),
);
say("cancel", { code });
