// A batch that is under way when its page is opened.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

export const title = "a batch's page follows its images to the end by itself";

const IMAGES = 6;

export default async (visit) => {
  const { page } = visit;
  await visit.signIn();
  const picture = await readFile(visit.picture);
  // Bytes behind the end of the picture make each another one.
  const image = (index) => ({ image_base64: Buffer.concat([picture, Buffer.from([index])]).toString("base64") });
  const answer = await fetch(`${visit.address}/v1/analyze/batch`, {
    method: "POST",
    headers: { Authorization: `Bearer ${visit.key}`, "Content-Type": "application/json" },
    body: JSON.stringify({ images: Array.from({ length: IMAGES }, (_, index) => image(index)) }),
  });
  assert.equal(answer.status, 202);
  const { batch_id: id } = await answer.json();
  await visit.open(`/batches/${id}`);
  const end = `${IMAGES} of ${IMAGES} done`;
  await page.waitForFunction((text) => document.body.textContent.includes(text), {}, end);
  // The page has been loaded anew, with the images that are done.
  await page.waitForSelector(`tbody tr:nth-child(${IMAGES})`);
};
