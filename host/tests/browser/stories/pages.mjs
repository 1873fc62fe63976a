// Every page that the links of the navigation and of the lists lead to.
import assert from "node:assert/strict";

export const title = "every page can be read by everybody, light and dark, wide and narrow";

const LISTS = { "/analyses": null, "/batches": "batch", "/webhooks": "delivery" };

export default async (visit) => {
  await visit.open("/sign-in");
  await visit.checkEverywhere("sign-in");
  await visit.signIn();
  const links = await visit.page.$$eval("nav.way a", (all) => all.map((a) => a.getAttribute("href")));
  assert.ok(links.length >= 9, links.join(" "));
  for (const link of links) {
    const answer = await visit.open(link);
    assert.equal(answer.status(), 200, link);
    const current = await visit.page.$$eval("[aria-current=page]", (all) => all.map((a) => a.getAttribute("href")));
    assert.deepEqual(current, [link]);
    await visit.checkEverywhere(link === "/" ? "start" : link.slice(1));
    const one = LISTS[link] && await visit.page.$("tbody a");
    if (one) {
      await Promise.all([visit.page.waitForNavigation(), one.click()]);
      await visit.checkEverywhere(LISTS[link]);
    }
  }
  const answer = await visit.open("/nothing");
  assert.equal(answer.status(), 404);
  await visit.checkEverywhere("not-found");
};
