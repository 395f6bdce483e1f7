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
  for (const file of ["tractor.bmp", "chicken.jpg", "rainbow.jpg", "fire.jpg"]) {
    const imageId = file.replace(/\.\w+$/, "");
    const source = { case: "content", value: await decoded(file) } as const;
    await sightline.createImage({ parent: `collections/${collection}`, imageId, source });
  }
  await goOn(script);
}
