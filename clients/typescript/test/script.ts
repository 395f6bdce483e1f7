/** The script of calls that every client runs, in Node. */

import { readFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { connect, credentials } from "@sightline/client/node";
import { begin, errorOf, goOn, operation, told, type Script } from "./steps.js";

function given(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

const pictures = given("SIGHTLINE_PICTURES");
const collection = given("SIGHTLINE_COLLECTION");
const parent = `collections/${collection}`;
const sightline = connect(given("SIGHTLINE_TARGET"));
const picture = (name: string) => readFile(join(pictures, name));
const say = (step: string, fields: object) => console.log(JSON.stringify({ step, ...fields }));
const script: Script = { sightline, collection, picture, say };

await begin(script);

const uploaded = await sightline.uploadFile(join(pictures, "tractor.bmp"), { parent, imageId: "tractor" });
say("upload", { name: uploaded.name, size_bytes: Number(uploaded.sizeBytes), sha256: uploaded.sha256 });

async function* images() {
  for (const file of ["chicken.jpg", "broken.jpg", "rainbow.jpg", "fire.jpg"]) {
    const source = { case: "content", value: await picture(file) } as const;
    yield { parent, imageId: basename(file, extname(file)), source };
  }
}
const results = [];
for await (const { index, image, error } of sightline.createImages(images(), { inFlight: 2 })) {
  results.push({ index, ...(image ? { name: image.name } : told(error)) });
}
say("bulk", { results: results.sort((one, other) => one.index - other.index) });

await goOn(script);
sightline.close();

const flaky = connect(given("SIGHTLINE_FLAKY_TARGET"));
const { name } = await flaky.collections.getCollection({ name: "collections/default" });
const unretried = await errorOf(flaky.collections.createCollection({ collectionId: "other" }));
say("retry", { name, unretried: unretried.code });
flaky.close();

const authority = credentials.createSsl(await readFile(given("SIGHTLINE_TLS_CA")));
const secure = connect(given("SIGHTLINE_TLS_TARGET"), { credentials: authority });
const trusted = await secure.collections.getCollection({ name: "collections/default" });
secure.close();
const stranger = connect(given("SIGHTLINE_TLS_TARGET"), { credentials: credentials.createSsl() });
const untrusted = await errorOf(stranger.collections.getCollection({ name: "collections/default" }));
say("tls", { name: trusted.name, untrusted: untrusted.code });
stranger.close();

const last = connect(given("SIGHTLINE_TARGET"));
await operation({ ...script, sightline: last }, pictures);
last.close();
