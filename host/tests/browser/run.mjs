// Walks through the dashboard in a real browser: node run.mjs ADDRESS KEY PICTURE [SCREENSHOTS]
//
// ADDRESS is that of a server, KEY an admin's with all scopes, PICTURE a file that it can analyse. Each
// story is a file of `stories` that exports `title` and, as its default, a function of a visit. A story
// that throws fails; the others go on. With a folder for SCREENSHOTS each page that is looked at is kept.
import { readdir } from "node:fs/promises";
import process from "node:process";

import puppeteer from "puppeteer-core";

import { Visit } from "./visit.mjs";

const [address, key, picture, screenshots] = process.argv.slice(2);
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  // The tests run as root in containers, where the browser's own sandbox cannot be had.
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
});
let failures = 0;
const files = (await readdir(new URL("stories/", import.meta.url))).sort();
for (const file of files.filter((name) => name.endsWith(".mjs"))) {
  const story = await import(new URL(`stories/${file}`, import.meta.url));
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  const visit = new Visit({ page, address, key, picture, screenshots });
  try {
    await story.default(visit);
    visit.end();
    console.log(`ok      ${story.title}`);
  } catch (error) {
    failures += 1;
    await visit.keep(`failed-${file}`);
    console.log(`failed  ${story.title}: ${error.stack}`);
  }
  await context.close();
}
await browser.close();
process.exitCode = failures === 0 ? 0 : 1;
