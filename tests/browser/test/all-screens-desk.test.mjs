// Every screen on a desk, light and dark; then what belongs to all of them: theme, motion, keyboard, announcements.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "../lib/browser.mjs";
import { artifacts } from "../lib/look.mjs";
import { api, logIn } from "../lib/people.mjs";
import { tour } from "../lib/tour.mjs";

const made = tour("desk");

test("a run in the middle of its way has its picture taken", async () => {
  const client = api(made.server, made.world.token);
  const { job_id, version } = await client.get(`/jobs/${made.world.done.job_id}`);
  const description = "Writes last night's invoices to the archive. Ask the billing team before changing it.";
  await client.patch(`/jobs/${job_id}`, { description, tags: ["billing", "nightly"], executor: { type: "simulated", duration_ms: 6000, outcome: "Completed" } }, { "If-Match": `"${version}"` });
  const page = await openPage(made.browser, made.server.origin, { colorScheme: "light", reducedMotion: "reduce" });
  await logIn(page, made.server, made.admin);
  await page.goto(`/app/jobs/${job_id}`);
  await page.locator('[data-live="live"]').first().waitFor();
  await client.post(`/run-job/${job_id}`, { status: "Running" });
  await page.waitForFunction(() => Number(document.querySelector('[role="progressbar"]')?.getAttribute("aria-valuenow")) >= 55);
  await page.screenshot({ path: `${artifacts}job-live-light.png` });
  await page.locator('[data-stage="Completed"][data-stage-state="done"]').waitFor();

  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await page.setViewportSize({ width: 1200, height: 740 });
  await page.goto(`/app/runs/${made.world.training.run.run_id}`);
  await page.locator("[data-log] [data-line='116']").waitFor();
  await page.getByText("epoch 8 of 12").waitFor();
  await page.screenshot({ path: `${artifacts}run-log-viewport.png` });
  assert.deepEqual(page.sins, []);
  await page.context().close();
});

test("colours and motion are the person's choice", async () => {
  const page = await openPage(made.browser, made.server.origin, { colorScheme: "light" });
  await page.goto("/app/login");
  await page.getByRole("radio", { name: "Dark" }).click();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  await page.reload();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  await page.getByRole("radio", { name: "System" }).click();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "light");
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.reload();
  await page.getByRole("button", { name: "Continue" }).waitFor();
  const longest = await page.evaluate(() => Math.max(0, ...document.getAnimations().map((animation) => Number(animation.effect?.getTiming().duration))));
  assert.ok(longest <= 1);
  assert.deepEqual(page.sins, []);
  await page.context().close();
});

test("the keyboard reaches the content past the navigation, and the reader hears what happens", async () => {
  const page = await openPage(made.browser, made.server.origin, { reducedMotion: "reduce" });
  await logIn(page, made.server, made.admin);
  await page.goto("/app/jobs");
  await page.locator("[data-job]").first().waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Skip to content");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "content");
  await page.locator('[data-live="live"]').first().waitFor();
  const client = api(made.server, made.world.token);
  const job = await client.post("/jobs", { job_name: "Heard", executor: { type: "simulated", duration_ms: 50, outcome: "Completed" }, run: true });
  assert.ok(job);
  await page.waitForFunction(() => document.querySelector("[data-announcer]")?.textContent === "Heard is Completed now");
  assert.deepEqual(page.sins, []);
  await page.context().close();
});
