// An image is pasted, as it was copied from another program.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

export const title = "an image is pasted and examined";

export default async (visit) => {
  const { page } = visit;
  await visit.signIn();
  const bytes = [...await readFile(visit.picture)];
  await page.evaluate((content) => {
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([new Uint8Array(content)], "image.png", { type: "image/png" }));
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
  }, bytes);
  await page.waitForSelector("[data-preview]:not([hidden])");
  await visit.submit("[data-upload] button");
  assert.match(new URL(page.url()).pathname, /^\/analyses\/req_[0-9a-f]{24}$/);
  assert.equal((await page.$$(".detector")).length, 6);
};
