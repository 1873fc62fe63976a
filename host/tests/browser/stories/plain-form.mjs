// The form that hands an image over, as browsers without scripts have it.
import assert from "node:assert/strict";

export const title = "an image is handed over without scripts";

export default async (visit) => {
  const { page } = visit;
  await page.setJavaScriptEnabled(false);
  await visit.signIn();
  const field = await page.$("#image");
  await field.uploadFile(visit.picture);
  await visit.submit("[data-upload] button");
  assert.match(new URL(page.url()).pathname, /^\/analyses\/req_/);
  assert.equal((await page.$$(".detector")).length, 6);
  assert.match(await visit.text("main"), /With scripts the picture can be shown here/);
  await visit.open("/");
  const wrong = await page.$("#claimed_at");
  await wrong.type("yesterday");
  await (await page.$("#image")).uploadFile(visit.picture);
  await visit.submit("[data-upload] button");
  assert.match(await visit.text("main"), /claimed_at/);
};
