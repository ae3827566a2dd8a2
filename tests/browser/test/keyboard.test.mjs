// Everything by keyboard alone: go anywhere, work through a list, start, edit, tick, pause; nothing while one types.
import assert from "node:assert/strict";
import { test } from "node:test";
import { logIn, registered } from "../lib/people.mjs";
import { suite } from "../lib/suite.mjs";

const world = suite();
const focused = (page) => page.evaluate(() => document.activeElement?.textContent?.trim());

async function withJobs(jobs) {
  const { who, client } = await registered(world.server);
  const made = [];
  for (const job of jobs) made.push(await client.post("/jobs", job));
  const page = await world.open();
  await logIn(page, world.server, who);
  return { page, client, made };
}

test("two keys go to a page, and the palette goes anywhere", async () => {
  const { page, made } = await withJobs([{ job_name: "Rotate the keys" }, { job_name: "Water the plants", executor: { type: "simulated", duration_ms: 100, outcome: "Completed" } }]);
  for (const [key, heading] of [["j", "Jobs"], ["r", "Runs"], ["t", "Timeline"], ["c", "Calendar"], ["w", "Webhooks"], ["a", "Account"], ["o", "Overview"]]) {
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await page.getByRole("heading", { name: heading, exact: true, level: 1 }).waitFor();
    // The reader's cursor is at the new page.
    await page.waitForFunction(() => document.activeElement?.id === "content");
  }
  await page.keyboard.press("Control+K");
  const palette = page.getByRole("combobox");
  const open = () => page.waitForFunction(() => document.activeElement?.getAttribute("role") === "combobox");
  await open();
  await page.keyboard.type("rotate");
  await page.getByRole("option", { name: /Rotate the keys/ }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(new RegExp(made[0].job_id));
  await page.getByRole("heading", { name: "Rotate the keys" }).waitFor();

  await page.keyboard.press("Control+K");
  await open();
  await page.keyboard.type("run water");
  await page.getByRole("option", { name: /Calendar/ }).waitFor({ state: "detached" });
  await page.keyboard.press("Escape");
  await palette.waitFor({ state: "detached" });

  await page.keyboard.press("?");
  const list = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await list.getByText("Next row").waitFor();
  // Those whose tools need the keys themselves turn them off.
  await list.getByRole("switch").click();
  await page.keyboard.press("Escape");
  await list.waitFor({ state: "detached" });
  await page.keyboard.press("n");
  await page.keyboard.press("Control+K");
  await palette.waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { name: "Rotate the keys" }).waitFor();
});

test("a list is worked through with j, k, x, e, r and Enter", async () => {
  const { page, made } = await withJobs(["Third", "Second", "First"].map((job_name) => ({ job_name, executor: { type: "simulated", duration_ms: 50, outcome: "Completed" } })));
  await page.goto("/app/jobs");
  await page.locator("tr[data-job]").nth(2).waitFor();
  await page.keyboard.press("j");
  assert.equal(await focused(page), "First");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  assert.equal(await focused(page), "Third", "the last row is the end");
  await page.keyboard.press("k");
  assert.equal(await focused(page), "Second");
  await page.keyboard.press("x");
  await page.getByText("1 selected").waitFor();
  await page.keyboard.press("x");
  await page.getByText("1 selected").waitFor({ state: "detached" });

  await page.keyboard.press("k");
  await page.keyboard.press("j");
  await page.keyboard.press("r");
  const question = page.getByRole("alertdialog", { name: "Run this job now?" });
  await question.getByText("Second").waitFor();
  await page.keyboard.press("Escape");
  await question.waitFor({ state: "detached" });
  assert.equal(await page.locator('tr[data-status="Completed"]').count(), 0, "Escape must start nothing");
  await page.locator("tr[data-job]").nth(1).getByRole("link").first().focus();
  await page.keyboard.press("r");
  await question.getByRole("button", { name: "Run now" }).focus();
  await page.keyboard.press("Enter");
  await page.locator(`tr[data-job="${made[1].job_id}"][data-status="Completed"]`).waitFor();

  await page.locator("tr[data-job]").nth(1).getByRole("link").first().focus();
  await page.keyboard.press("e");
  await page.waitForURL(/\/edit$/);
  await page.getByLabel("Name", { exact: true }).fill("Second, typed: j k x r e n t ? .");
  assert.equal(await page.getByRole("dialog").count(), 0, "keys are letters while one types");
  await page.getByRole("button", { name: "Save changes" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: /typed: j k x/ }).waitFor();

  const dark = () => page.evaluate(() => document.documentElement.dataset.theme);
  const was = await dark();
  await page.keyboard.press("t");
  assert.notEqual(await dark(), was);
  await page.keyboard.press("n");
  await page.getByRole("heading", { name: "New job" }).waitFor();
});

test("the tabs of a job and the hours of the calendar are walked with the arrows", async () => {
  const { page, made } = await withJobs([{ job_name: "Hourly", schedule: { type: "cron", expression: "0 * * * *", time_zone: "Europe/Berlin" } }]);
  await page.goto(`/app/jobs/${made[0].job_id}`);
  await page.getByRole("tab", { name: "Runs" }).focus();
  await page.keyboard.press("ArrowRight");
  await page.waitForURL(/tab=schedule/);
  await page.getByRole("table", { name: "Days with runs" }).locator("[data-day][data-runs='24']").first().waitFor();

  await page.goto("/app/calendar");
  await page.getByText(/Europe\/Berlin|UTC/).first().waitFor();
  const cell = page.locator("[data-cell]:not([disabled])[tabindex='0']");
  await cell.focus();
  const first = await page.evaluate(() => document.activeElement?.getAttribute("data-cell"));
  await page.keyboard.press("ArrowDown");
  assert.notEqual(await page.evaluate(() => document.activeElement?.getAttribute("data-cell")), first);
  await page.keyboard.press("Enter");
  await page.waitForURL(/hour=/);
  await page.getByRole("link", { name: "Hourly" }).waitFor();
});
