import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { assertAccessible } from "./axe.mjs";
import { DESKTOP, PHONE } from "./browser.mjs";
import { until } from "./server.mjs";

export const artifacts = fileURLToPath(new URL("../artifacts/", import.meta.url));

/** Each screen is opened once on a desk and once on a phone, and looked at in both colours. */
export const devices = {
  desk: { viewport: DESKTOP, colorScheme: "light" },
  phone: { viewport: PHONE, colorScheme: "light", isMobile: true, hasTouch: true },
};
const pictures = { desk: { light: "light", dark: "dark" }, phone: { light: "phone", dark: "phone-dark" } };

/**
 * What is to mend: noted, not thrown, so that one run tells everything.
 * @type {string[]}
 */
export const faults = [];

/**
 * Looks at what a page shows, light and dark: checks it, and keeps its pictures. The next look begins in the colours in
 * which this one ends; each change of them costs as much as an axe run.
 */
export async function look(page, name, device, { full = true } = {}) {
  await mkdir(artifacts, { recursive: true });
  const first = page.scheme ?? "light";
  await lookOnce(page, name, pictures[device][first], { full });
  page.scheme = first === "light" ? "dark" : "light";
  await page.emulateMedia({ colorScheme: page.scheme, reducedMotion: "reduce" });
  await page.waitForFunction((wanted) => document.documentElement.dataset.theme === wanted, page.scheme);
  await lookOnce(page, name, pictures[device][page.scheme], { full, again: true });
}

/** Asked by the clock, not by frames, of which a busy machine may draw none for long; says what went on moving. */
async function stillness(page, where) {
  const moving = () => document.getAnimations().filter((animation) => animation.effect?.getTiming().iterations !== Infinity && animation.playState !== "finished").map((animation) => `${animation.playState} ${"animationName" in animation ? animation.animationName : "transitionProperty" in animation ? animation.transitionProperty : "animation"} of ${/** @type {KeyframeEffect} */ (animation.effect)?.target?.outerHTML.slice(0, 120)}`);
  let last = [];
  await until(`${where} to stand still`, async () => (last = await page.evaluate(moving)).length === 0).catch((error) => {
    throw new Error(`${error.message}: ${last.join("; ")}`);
  });
}

/** `again`: the same page in other colours. */
async function lookOnce(page, name, variant, { full, again = false }) {
  if (!again) await page.evaluate(async () => {
    await document.fonts.ready;
    // Seen by a person, who scrolls: what is measured only when in view is measured now.
    const steps = Array.from({ length: Math.ceil(document.body.scrollHeight / window.innerHeight) }, (_, index) => index * window.innerHeight);
    for (const y of [...steps, 0]) {
      window.scrollTo(0, y);
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    }
  });
  // Appearing things have appeared: animations are done, nothing is half transparent for axe.
  await stillness(page, `${name} (${variant})`);
  await assertAccessible(page, `${name} (${variant})`, { colours: again }).catch((error) => faults.push(error.message));
  if (!(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth))) faults.push(`${name} (${variant}) scrolls sideways`);
  await page.screenshot({ path: `${artifacts}${name}-${variant}.png`, fullPage: full, scale: "css" });
}
