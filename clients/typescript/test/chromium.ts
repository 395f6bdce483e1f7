/** Runs the script of calls in Chromium, in a page that it believes to be the gateway's. */

import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { chromium } from "playwright-core";

const { SIGHTLINE_URL: url, SIGHTLINE_COLLECTION: collection, SIGHTLINE_PICTURES: pictures } = process.env;
if (!url || !collection || !pictures) throw new Error("the environment says too little");
const executablePath = execFileSync("which", ["chromium"], { encoding: "utf8" }).trim();

const bundled = await build({
  entryPoints: [new URL("browser.js", import.meta.url).pathname],
  bundle: true,
  format: "esm",
  write: false,
});

const browser = await chromium.launch({
  executablePath,
  args: JSON.parse(await readFile(new URL("../../../tests/web/chromium.json", import.meta.url), "utf8")) as string[],
});
try {
  const page = await browser.newPage();
  await page.route(`${url}/script.html`, (route) => route.fulfill({ contentType: "text/html", body: "<html></html>" }));
  const script = bundled.outputFiles[0]?.text ?? "";
  await page.route(`${url}/script.js`, (route) => route.fulfill({ contentType: "text/javascript", body: script }));
  await page.exposeFunction("picture", async (name: string) =>
    (await readFile(join(pictures, name))).toString("base64"),
  );
  await page.exposeFunction("say", (step: string, fields: object) => console.log(JSON.stringify({ step, ...fields })));
  await page.goto(`${url}/script.html`);
  await page.evaluate(
    `import("/script.js").then(({ run }) => run(${JSON.stringify(collection)}, window.picture, window.say))`,
  );
} finally {
  await browser.close();
}
