/** The steps that Node and browsers do alike; tests/clients/README.md in the repository says what they must print. */

import { anyUnpack } from "@bufbuild/protobuf/wkt";
import {
  Code,
  ConnectError,
  ImportSummarySchema,
  SearchRequest_Target,
  fieldViolationsOf,
  reasonOf,
  type Hit,
  type Sightline,
} from "@sightline/client";

/** What the steps work on, and where they say what they got. */
export interface Script {
  sightline: Sightline;
  collection: string;
  picture: (name: string) => Promise<Uint8Array>;
  say: (step: string, fields: object) => void;
}

/** gRPC's spelling of a code. */
function spelled(code: Code): string {
  return code === Code.Canceled ? "CANCELLED" : Code[code].replace(/(?<!^)(?=[A-Z])/g, "_").toUpperCase();
}

export function told(error: unknown) {
  const { code, rawMessage } = ConnectError.from(error);
  const fields = fieldViolationsOf(error).map((violation) => violation.field);
  return { code: spelled(code), message: rawMessage, reason: reasonOf(error), fields };
}

export async function errorOf(call: Promise<unknown>) {
  return call.then(() => ({ code: "OK" }), told);
}

function found({ image, region, score, relevance, box }: Hit) {
  return region && box
    ? { image, score, relevance, region, box: [box.xMin, box.yMin, box.xMax, box.yMax] }
    : { image, score, relevance };
}

/** `health` and `create`. */
export async function begin({ sightline, collection, picture, say }: Script): Promise<void> {
  for await (const status of sightline.watchHealth("sightline.v1.SearchService")) {
    say("health", { status });
    break;
  }
  const created = await sightline.createImage({
    parent: `collections/${collection}`,
    imageId: "dog",
    image: { displayName: "dog.jpg", folder: "script/animals", labels: [{ label: "pet" }] },
    source: { case: "content", value: await picture("dog.jpg") },
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
}

/** `content` to `cancel`, once all images are there. */
export async function goOn({ sightline, collection, picture, say }: Script): Promise<void> {
  const parent = `collections/${collection}`;
  const tagged = (step: string) => ({ headers: { "x-request-id": `${collection}-${step}` } });

  const content = await sightline.images.getImageContent({ name: `${parent}/images/dog` });
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(content.data)));
  const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  say("content", { content_type: content.contentType, sha256 });

  const names: string[] = [];
  for await (const image of sightline.listImages({ parent, orderBy: "name", pageSize: 2 }, tagged("pages"))) {
    names.push(image.name);
  }
  say("pages", { names });

  const rainbow = { case: "text", value: "a rainbow" } as const;
  const byText = await sightline.searches.search({ parent, query: rainbow, pageSize: 3 });
  say("search_text", { hits: byText.hits.map(found), stages: byText.stages.map(({ name }) => name) });
  const likeDog = { case: "image", value: { content: await picture("dog.jpg") } } as const;
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
  const hasty = await errorOf(sightline.searches.search({ parent, query: rainbow }, { timeoutMs: 1 }));
  say("deadline", { code: hasty.code });

  const controller = new AbortController();
  const segmented = errorOf(
    sightline.segmentation.segmentImage(
      { name: `${parent}/images/dog`, prompt: { prompt: { case: "everything", value: {} } } },
      { ...tagged("cancel"), signal: controller.signal },
    ),
  );
  setTimeout(() => controller.abort(), 300);
  say("cancel", { code: (await segmented).code });
}

/** `operation`: an import of one picture of a folder that the server sees. */
export async function operation({ sightline, collection, say }: Script, folder: string): Promise<void> {
  const begun = await sightline.imports.importImages({
    parent: `collections/${collection}`,
    source: { source: { case: "files", value: { uri: `file://${folder}`, pattern: "fire.jpg" } } },
  });
  const done = await sightline.waitOperation(begun.name);
  const summary = done.result.case === "response" ? anyUnpack(done.result.value, ImportSummarySchema) : undefined;
  const counts = summary?.counts;
  if (!counts) throw new Error("the operation has no summary");
  const items = Number(counts.done + counts.duplicate);
  say("operation", { name: done.name, begun: begun.name, items, failed: Number(counts.failed) });
}
