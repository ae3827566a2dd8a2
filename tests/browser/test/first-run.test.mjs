// What a newcomer does: sign up, read the code, create a job, press Run, watch it end.
import assert from "node:assert/strict";
import { test } from "node:test";
import { person, signUp } from "../lib/people.mjs";
import { suite } from "../lib/suite.mjs";

const world = suite();

test("from sign-up to Completed, live and without a reload", async () => {
  const page = await world.open();
  const ada = person();
  await signUp(page, world.server, ada);
  await page.getByText("Get started").waitFor();
  await page.getByText("Welcome, Ada Lovelace").waitFor();

  await page.getByRole("link", { name: /Create your first job/ }).click();
  await page.getByLabel("Name", { exact: true }).fill("Nightly invoice export");
  await page.getByRole("radio", { name: "High" }).click();
  await page.getByLabel("Description").fill("Writes last night's invoices.");
  await page.getByLabel("Tags").fill("billing,");
  // Long enough to be seen running by a browser on a busy machine.
  await page.getByLabel("Duration").fill("8");
  await page.locator(".cm-content").click();
  await page.keyboard.insertText('{"customer":12345678901234567890,"dry":false}');
  await page.getByText("Valid JSON").waitFor();
  await page.getByRole("button", { name: "Format" }).click();
  await page.getByRole("button", { name: "Create job" }).click();

  await page.getByRole("heading", { name: "Nightly invoice export" }).waitFor();
  assert.match(page.url(), /\/app\/jobs\/[0-9a-f-]{36}$/);
  await page.getByText("Not run yet").waitFor();

  // Nothing of what follows may come from loading the page again.
  await page.evaluate(() => Object.assign(window, { __sameDocument: true }));
  const seen = [];
  await page.exposeFunction("__seen", (status) => seen.push(status));
  await page.evaluate(() => {
    const note = () => {
      const status = document.querySelector("h1 + [data-status], h1 ~ [data-status]")?.getAttribute("data-status");
      // @ts-expect-error exposed above
      if (status && window.__last !== status) window.__seen((window.__last = status));
    };
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    note();
  });
  await page.getByRole("button", { name: "Run now" }).click();
  await page.locator('[data-stage="Running"][data-stage-state="now"]').waitFor().catch((error) => {
    throw new Error(`never seen running; the header went ${seen.join(" → ") || "nowhere"}: ${error.message}`);
  });
  await page.getByRole("progressbar", { name: "Progress" }).waitFor();
  const bar = page.getByRole("progressbar", { name: "Progress" });
  const early = Number(await bar.getAttribute("aria-valuenow"));
  await page.waitForFunction((from) => Number(document.querySelector('[role="progressbar"]')?.getAttribute("aria-valuenow")) > from + 10, early);
  await page.locator('[data-stage="Completed"][data-stage-state="done"]').waitFor();
  await page.getByRole("button", { name: "Run again" }).waitFor();
  assert.equal(await page.evaluate(() => "__sameDocument" in window), true, "the page must not have reloaded");
  assert.deepEqual(seen, ["Pending", "Running", "Completed"]);
  assert.equal(await page.locator("[data-run]").count(), 1);

  await page.getByRole("tab", { name: "Payload" }).click();
  // A number too large for JavaScript came through untouched.
  await page.getByText("12345678901234567890").waitFor();
  await page.getByRole("tab", { name: "Activity" }).click();
  for (const type of ["job.created", "run.queued", "run.started", "run.completed"]) await page.getByText(type, { exact: true }).waitFor();

  await page.getByRole("link", { name: "Details" }).click();
  await page.getByRole("heading", { name: /^Run/ }).waitFor();
  await page.getByText("Attempt 1", { exact: true }).waitFor();

  await page.getByRole("link", { name: "Overview" }).first().click();
  await page.getByRole("link", { name: /Success rate/ }).getByText("100%").waitFor();

  await page.reload();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
});
