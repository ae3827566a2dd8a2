import assert from "node:assert/strict";
import { after, afterEach, before } from "node:test";
import { launchBrowser, openPage } from "./browser.mjs";
import { startServer } from "./server.mjs";

/**
 * A server and a browser for one test file. Every page opened through it must stay innocent: no console error,
 * no CSP violation, nothing from another host.
 */
export function suite(serverOptions = {}) {
  const world = {
    /** @type {Awaited<ReturnType<typeof startServer>>} */
    server: /** @type {any} */ (null),
    /** @type {import("playwright-core").Browser} */
    browser: /** @type {any} */ (null),
    /** @type {any[]} */
    pages: [],
    async open(options = {}) {
      const page = await openPage(world.browser, world.server.origin, options);
      world.pages.push(page);
      return page;
    },
  };
  before(async () => {
    world.server = await startServer(serverOptions);
    world.browser = await launchBrowser();
  });
  afterEach(async (t) => {
    const sins = [];
    for (const page of world.pages.splice(0)) {
      sins.push(...page.sins);
      if (process.env.BROWSER_TEST_DEBUG && sins.length > 0) console.error(sins);
      await page.context().close();
    }
    assert.deepEqual(sins, [], `${t.name}: the pages must be innocent`);
  });
  after(async () => {
    await world.browser?.close();
    await world.server?.stop();
  });
  return world;
}
