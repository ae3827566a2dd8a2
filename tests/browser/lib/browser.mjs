import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const executablePath = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => existsSync(path));

/** Headless Chromium, told to leave everything but our server alone. */
export async function launchBrowser() {
  if (!executablePath) throw new Error("no Chromium found; install Debian's package `chromium` or set CHROMIUM");
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-dev-shm-usage",
      "--force-color-profile=srgb",
    ],
  });
}

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 375, height: 812 };

/** Statuses that a screen provokes on purpose; Chromium logs each of them as a console error. */
const EXPECTED_STATUS = /Failed to load resource: the server responded with a status of (401|403|404|409|412|422|429)/;

/**
 * A context of its own (a person's browser) with one page, watched: console errors, CSP violations, requests
 * that leave the origin and crashes are kept in `page.sins`, which `assertInnocent` reads.
 * @param {import("playwright-core").Browser} browser
 * @param {string} origin
 * @param {import("playwright-core").BrowserContextOptions} options
 */
export async function openPage(browser, origin, options = {}) {
  const context = await browser.newContext({ viewport: DESKTOP, baseURL: origin, locale: "en-GB", timezoneId: "Europe/Berlin", ...options });
  // Generous: a busy machine is slow, and a test that passes never waits for so long.
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const sins = watch(page, origin);
  await page.exposeFunction("__reportCsp", (text) => sins.push(`CSP: ${text}`));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      // @ts-expect-error exposed by the test
      window.__reportCsp(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
    });
  });
  return Object.assign(page, { sins });
}

/** @returns {string[]} */
function watch(page, origin) {
  const sins = [];
  page.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    if (EXPECTED_STATUS.test(message.text())) return;
    // A line that the test cut on purpose.
    if (page.offlineOnPurpose && /WebSocket|ERR_INTERNET_DISCONNECTED|ERR_FAILED|Failed to load resource/.test(message.text())) return;
    sins.push(`console ${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => sins.push(`uncaught: ${error.message}`));
  page.on("crash", () => sins.push("the page crashed"));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && !["about:", "blob:"].includes(url.protocol)) sins.push(`request to another host: ${request.url()}`);
  });
  page.on("websocket", (socket) => {
    if (new URL(socket.url()).host !== new URL(origin).host) sins.push(`WebSocket to another host: ${socket.url()}`);
  });
  return sins;
}
