// An image is dropped, and what was found in it is looked at.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";

export const title = "an image is dropped and its heatmap, regions and report are looked at";

// Drops a file as a person does who drags it from a folder.
const drop = async (page, file) => {
  const bytes = [...await readFile(file)];
  await page.evaluate((content) => {
    const files = new DataTransfer();
    files.items.add(new File([new Uint8Array(content)], "dropped.jpg", { type: "image/jpeg" }));
    const options = { dataTransfer: files, bubbles: true, cancelable: true };
    document.querySelector("[data-drop]").dispatchEvent(new DragEvent("drop", options));
  }, bytes);
};

export default async (visit) => {
  const { page } = visit;
  const forged = path.join(path.dirname(visit.picture), "forged.jpg");
  await visit.signIn();
  await drop(page, forged);
  await page.waitForSelector("[data-preview]:not([hidden])");
  await page.type("#reference_id", "dropped-1");
  await visit.checkEverywhere("chosen");
  await visit.submit("[data-upload] button");
  assert.match(new URL(page.url()).pathname, /^\/analyses\/req_[0-9a-f]{24}$/);
  assert.match(await visit.text("main"), /dropped-1/);
  assert.match(await visit.text("h1"), /taken for changed/);
  // This browser handed the picture over, and shows it.
  await page.waitForSelector("[data-photo][data-shown]");
  await page.waitForSelector("[data-residual]:not([hidden])");
  assert.ok((await page.$$("[data-marks] text")).length > 0);
  await page.focus("[data-opacity]");
  for (let step = 0; step < 40; step += 1) await page.keyboard.press("ArrowLeft");
  assert.equal(await page.$eval("[data-heat]", (heat) => heat.getAttribute("opacity")), "0.6");
  await page.click("[data-show-marks]");
  assert.equal(await page.$eval("[data-marks]", (marks) => marks.getAttribute("visibility")), "hidden");
  await page.click("[data-show-marks]");
  await visit.checkEverywhere("analysis");
  const at = new URL(page.url()).pathname;
  await visit.open(`${at}/report.html`);
  await visit.checkEverywhere("report");
  // Nothing of the picture stays behind who signed out.
  await visit.open(at);
  await visit.submit(".who button");
  await visit.signIn();
  await visit.open(at);
  await page.waitForSelector("[data-choose]:not([hidden])");
  const chooser = await page.$("[data-same]");
  await chooser.uploadFile(visit.picture);
  await page.waitForFunction(() => document.querySelector("[data-picture] [data-says]").textContent.includes("another file"));
  await chooser.uploadFile(forged);
  await page.waitForSelector("[data-photo][data-shown]");
};
