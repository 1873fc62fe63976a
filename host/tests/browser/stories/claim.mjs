// Images that belong together are handed over as one claim.
import assert from "node:assert/strict";
import path from "node:path";

export const title = "several images are handed over as one claim and compared";

export default async (visit) => {
  const { page } = visit;
  const forged = path.join(path.dirname(visit.picture), "forged.jpg");
  await visit.signIn();
  await visit.open("/batches");
  await page.click("summary");
  await visit.checkEverywhere("batch-form");
  await (await page.$("#images")).uploadFile(visit.picture, forged, visit.picture);
  await page.type("#reference_id", "claim-7");
  await visit.submit("main details form button");
  assert.match(new URL(page.url()).pathname, /^\/batches\/batch_[0-9a-f]{24}$/);
  // The page tells how far it is, and loads itself anew when all are compared.
  await page.waitForSelector("#claim");
  const shown = await visit.text("main");
  assert.match(shown, /claim-7/);
  assert.match(shown, /3 of 3 done/);
  assert.match(shown, /forged\.jpg/);
  assert.match(shown, /same picture|same file/);
  await visit.checkEverywhere("claim");
};
