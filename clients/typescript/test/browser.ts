/** The script of calls in a browser's page: all but the streams that browsers cannot send. */

import { connect } from "@sightline/client/web";
import { begin, goOn, type Script } from "./steps.js";

/** Runs in a page of the gateway's own origin; `picture` gives a file as base64. */
export async function run(
  collection: string,
  picture: (name: string) => Promise<string>,
  say: Script["say"],
): Promise<void> {
  const sightline = connect(location.origin);
  const decoded = async (name: string) => Uint8Array.from(atob(await picture(name)), (each) => each.charCodeAt(0));
  const script: Script = { sightline, collection, say, picture: decoded };
  await begin(script);
  const parent = `collections/${collection}`;
  const tractor = new File([await decoded("tractor.bmp")], "tractor.bmp");
  const uploaded = await sightline.uploadFile(tractor, { parent, imageId: "tractor" });
  say("upload", { name: uploaded.name, size_bytes: Number(uploaded.sizeBytes), sha256: uploaded.sha256 });
  for (const name of ["chicken", "rainbow", "fire"]) {
    const source = { case: "content", value: await decoded(`${name}.jpg`) } as const;
    await sightline.createImage({ parent, imageId: name, source });
  }
  await goOn(script);
}
