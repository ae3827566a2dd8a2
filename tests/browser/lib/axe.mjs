import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const source = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * Fails when axe finds anything against WCAG 2.2 A and AA, or against its own best practices. `colours`: the same page
 * was looked at in other colours before, and only what depends on them is left to check.
 */
export async function assertAccessible(page, where, { colours = false } = {}) {
  // Evaluated through the debugger: a <script> element would, rightly, be blocked by the page's CSP.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(source);
  const violations = await page.evaluate(async (only) => {
    // @ts-expect-error loaded above
    const result = await window.axe.run(document, { iframes: false, preload: false, resultTypes: ["violations"], ...(only ? { runOnly: { type: "rule", values: only } } : {}) });
    return result.violations.map((violation) => `${violation.id} (${violation.impact}): ${violation.help}\n    ${violation.nodes.map((node) => `${node.target.join(" ")}  ${node.any?.[0]?.message ?? node.failureSummary}`).slice(0, 4).join("\n    ")}`);
  }, colours ? ["color-contrast", "link-in-text-block"] : null);
  assert.deepEqual(violations, [], `axe on ${where}`);
}
