import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const source = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Fails when axe finds anything against WCAG 2.2 A and AA, or against its own best practices. */
export async function assertAccessible(page, where) {
  // Evaluated through the debugger: a <script> element would, rightly, be blocked by the page's CSP.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(source);
  const violations = await page.evaluate(async () => {
    // @ts-expect-error loaded above
    const result = await window.axe.run(document, { iframes: false, preload: false, resultTypes: ["violations"] });
    return result.violations.map((violation) => `${violation.id} (${violation.impact}): ${violation.help}\n    ${violation.nodes.map((node) => `${node.target.join(" ")}  ${node.any?.[0]?.message ?? node.failureSummary}`).slice(0, 4).join("\n    ")}`);
  });
  assert.deepEqual(violations, [], `axe on ${where}`);
}
