// Scripts only add to what is there.
import assert from "node:assert/strict";

export const title = "analyses are searched and batches followed without scripts";

export default async (visit) => {
  const { page } = visit;
  await page.setJavaScriptEnabled(false);
  await visit.signIn();
  await visit.open("/analyses");
  await page.type("#q", "claim-7");
  await visit.submit("main form button");
  assert.equal(new URL(page.url()).searchParams.get("q"), "claim-7");
  assert.equal((await page.$$("tbody tr")).length, 1);
  await visit.open("/batches");
  await visit.submit("tbody tr:last-child a");
  assert.match(await visit.text("main"), /1 of 1 done/);
  await visit.submit("main .head a");
  assert.match(await visit.text("main"), /1 of 1 done/);
};
