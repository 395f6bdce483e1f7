// node browser.mjs PAGE_URL SCRIPT…: opens the page in headless Chromium, evaluates each script there, prints the results.
import { readFile } from "node:fs/promises";
import { chromium } from "playwright-core";

const [page, ...scripts] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: JSON.parse(await readFile(new URL("chromium.json", import.meta.url), "utf8")),
});
try {
  const tab = await browser.newPage();
  await tab.goto(page);
  const results = [];
  for (const script of scripts) results.push(await tab.evaluate(script));
  console.log(JSON.stringify(results));
} finally {
  await browser.close();
}
