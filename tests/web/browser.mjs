// node browser.mjs PAGE_URL SCRIPT…: opens the page in headless Chromium, evaluates each script there, prints the results.
import { chromium } from "playwright-core";

const [page, ...scripts] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
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
