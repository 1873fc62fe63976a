// One visit to the dashboard: a page of its own, and what stories need again and again.
import assert from "node:assert/strict";
import path from "node:path";

import axe from "axe-core";

const PATIENCE_MS = 60_000;

// What axe calls these, nobody who uses a keyboard or a screen reader gets past.
const BAD = ["serious", "critical"];

export class Visit {
  #complaints = [];

  constructor({ page, address, key, picture, screenshots }) {
    Object.assign(this, { page, address, key, picture, screenshots });
    page.setDefaultTimeout(PATIENCE_MS);
    // Scripts that fail, and whatever the policy of content refuses.
    page.on("pageerror", (error) => this.#complaints.push(error.message));
    page.on("console", (message) => {
      const text = message.text();
      const isAnswer = text.startsWith("Failed to load resource");
      if (message.type() === "error" && !isAnswer) this.#complaints.push(text);
    });
    page.on("request", (request) => {
      const url = request.url();
      const isOwn = [`${address}/`, "data:", "blob:"].some((start) => url.startsWith(start));
      if (!isOwn) this.#complaints.push(`asks elsewhere: ${url}`);
    });
  }

  async open(target) {
    return this.page.goto(this.address + target, { waitUntil: "load" });
  }

  async signIn() {
    await this.open("/sign-in");
    await this.page.type("#key", this.key);
    await this.submit("main form button");
  }

  // Sends a form by its button, and waits for the page that comes.
  async submit(selector) {
    await Promise.all([this.page.waitForNavigation(), this.page.click(selector)]);
  }

  async text(selector = "body") {
    return this.page.$eval(selector, (element) => element.textContent.trim());
  }

  // What axe finds on the page as it is.
  async check(name) {
    await this.page.evaluate(axe.source);
    const { violations } = await this.page.evaluate(() => globalThis.axe.run());
    const bad = violations.filter(({ impact }) => BAD.includes(impact));
    const told = bad.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
    assert.deepEqual(told, [], `accessibility of ${name}`);
    const wide = await this.page.evaluate(() => {
      const root = document.documentElement;
      return root.scrollWidth - root.clientWidth;
    });
    assert.ok(wide <= 0, `${name} scrolls sideways by ${wide} px`);
    await this.keep(name);
  }

  // The page in both colour schemes, wide and as a telephone has it.
  async checkEverywhere(name) {
    for (const [width, height] of [[1280, 900], [390, 844]]) {
      await this.page.setViewport({ width, height });
      for (const scheme of ["light", "dark"]) {
        const features = [{ name: "prefers-color-scheme", value: scheme }];
        await this.page.emulateMediaFeatures(features);
        await this.check(`${name}-${scheme}-${width}`);
      }
    }
  }

  async keep(name) {
    if (!this.screenshots) return;
    const file = path.join(this.screenshots, `${name.replaceAll("/", "_")}.png`);
    await this.page.screenshot({ path: file, fullPage: true });
  }

  end() {
    assert.deepEqual(this.#complaints, [], "what the browser complained of");
  }
}
