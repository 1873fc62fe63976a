// Nobody needs a mouse.
import assert from "node:assert/strict";

export const title = "one signs in, goes on and signs out with the keyboard alone";

export default async (visit) => {
  const { page } = visit;
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
  const press = async (key) => Promise.all([page.waitForNavigation(), page.keyboard.press(key)]);
  // Presses the tabulator until something of this text has the focus, as often as a person would.
  const reach = async (text) => {
    for (let step = 0; step < 60; step += 1) {
      await page.keyboard.press("Tab");
      if (await focused() === text) return;
    }
    assert.fail(`${text} cannot be reached`);
  };
  await visit.open("/keys");
  assert.equal(new URL(page.url()).pathname, "/sign-in");
  // The field has the focus already.
  await page.keyboard.type("nonsense");
  await press("Enter");
  assert.match(await visit.text("[role=alert]"), /unknown/);
  await page.keyboard.type(visit.key);
  await press("Enter");
  assert.equal(new URL(page.url()).pathname, "/keys");
  await page.keyboard.press("Tab");
  assert.equal(await focused(), "Skip to the content");
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.notEqual(outline, "none");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  await visit.open("/keys");
  await reach("Usage");
  await press("Enter");
  assert.equal(new URL(page.url()).pathname, "/usage");
  await reach("Sign out");
  await press("Enter");
  assert.match(await visit.text("[role=status]"), /signed out/);
};
