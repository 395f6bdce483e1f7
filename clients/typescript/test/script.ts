/** The script of calls that every client runs; tests/clients/README.md in the repository says what it must do. */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import {
  Code,
  ConnectError,
  SearchRequest_Target,
  connect,
  credentials,
  fieldViolationsOf,
  reasonOf,
  type Hit,
} from "@sightline/client/node";

function given(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

const pictures = given("SIGHTLINE_PICTURES");
const collection = given("SIGHTLINE_COLLECTION");
const parent = `collections/${collection}`;
const sightline = connect(given("SIGHTLINE_TARGET"));

function say(step: string, fields: object): void {
  console.log(JSON.stringify({ step, ...fields }));
}

/** gRPC's spelling of a code. */
function spelled(code: Code): string {
  return code === Code.Canceled ? "CANCELLED" : Code[code].replace(/(?<!^)(?=[A-Z])/g, "_").toUpperCase();
}

function told(error: unknown) {
  const { code, rawMessage } = ConnectError.from(error);
  const fields = fieldViolationsOf(error).map((violation) => violation.field);
  return { code: spelled(code), message: rawMessage, reason: reasonOf(error), fields };
}

async function errorOf(call: Promise<unknown>) {
  return call.then(() => ({ code: "OK" }), told);
}

function tagged(step: string) {
  return { headers: { "x-request-id": `${collection}-${step}` } };
}

function found(hit: Hit) {
  const { image, region, score, relevance, box } = hit;
  return region && box
    ? { image, score, relevance, region, box: [box.xMin, box.yMin, box.xMax, box.yMax] }
    : { image, score, relevance };
}

for await (const status of sightline.watchHealth("sightline.v1.SearchService")) {
  say("health", { status });
  break;
}

const dog = await readFile(join(pictures, "dog.jpg"));
const created = await sightline.createImage({
  parent,
  imageId: "dog",
  image: { displayName: "dog.jpg", folder: "script/animals", labels: [{ label: "pet" }] },
  source: { case: "content", value: dog },
});
say("create", {
  name: created.name,
  display_name: created.displayName,
  folder: created.folder,
  labels: created.labels.map(({ label }) => label),
  width: created.width,
  height: created.height,
  size_bytes: Number(created.sizeBytes),
  sha256: created.sha256,
});

const uploaded = await sightline.uploadFile(join(pictures, "tractor.bmp"), { parent, imageId: "tractor" });
say("upload", { name: uploaded.name, size_bytes: Number(uploaded.sizeBytes), sha256: uploaded.sha256 });

async function* images() {
  for (const file of ["chicken.jpg", "broken.jpg", "rainbow.jpg", "fire.jpg"]) {
    const value = await readFile(join(pictures, file));
    yield { parent, imageId: basename(file, extname(file)), source: { case: "content" as const, value } };
  }
}
const results = [];
for await (const { index, image, error } of sightline.createImages(images(), { inFlight: 2 })) {
  results.push({ index, ...(image ? { name: image.name } : told(error)) });
}
say("bulk", { results: results.sort((one, other) => one.index - other.index) });

const content = await sightline.images.getImageContent({ name: `${parent}/images/dog` });
const sha256 = createHash("sha256").update(content.data).digest("hex");
say("content", { content_type: content.contentType, sha256 });

const names: string[] = [];
for await (const image of sightline.listImages({ parent, orderBy: "name", pageSize: 2 }, tagged("pages"))) {
  names.push(image.name);
}
say("pages", { names });

const rainbow = { case: "text", value: "a rainbow" } as const;
const byText = await sightline.searches.search({ parent, query: rainbow, pageSize: 3 });
say("search_text", { hits: byText.hits.map(found), stages: byText.stages.map(({ name }) => name) });
const likeDog = { case: "image", value: { content: dog } } as const;
const byPicture = await sightline.searches.search({ parent, query: likeDog, pageSize: 3 });
say("search_picture", { hits: byPicture.hits.map(found) });
const byRegion = await sightline.searches.search({
  parent,
  query: { case: "text", value: "a dog" },
  target: SearchRequest_Target.REGIONS,
  pageSize: 3,
});
say("search_regions", { hits: byRegion.hits.map(found) });

say("not_found", await errorOf(sightline.images.getImage({ name: `${parent}/images/missing` })));
say("bad_request", await errorOf(sightline.searches.search({ parent, query: rainbow, filter: "width >" })));
say("deadline", {
  code: (await errorOf(sightline.searches.search({ parent, query: rainbow }, { timeoutMs: 1 }))).code,
});

const everything = { prompt: { case: "everything", value: {} } } as const;
const controller = new AbortController();
const segmented = errorOf(
  sightline.segmentation.segmentImage(
    { name: `${parent}/images/dog`, prompt: everything },
    { ...tagged("cancel"), signal: controller.signal },
  ),
);
setTimeout(() => controller.abort(), 300);
say("cancel", { code: (await segmented).code });
sightline.close();

const flaky = connect(given("SIGHTLINE_FLAKY_TARGET"));
const { name } = await flaky.collections.getCollection({ name: "collections/default" });
const unretried = await errorOf(flaky.collections.createCollection({ collectionId: "other" }));
say("retry", { name, unretried: unretried.code });
flaky.close();

const authority = credentials.createSsl(await readFile(given("SIGHTLINE_TLS_CA")));
const secure = connect(given("SIGHTLINE_TLS_TARGET"), { credentials: authority });
say("tls", { name: (await secure.collections.getCollection({ name: "collections/default" })).name });
secure.close();
