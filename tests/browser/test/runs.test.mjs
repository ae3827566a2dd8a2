// The runs of all jobs: found by status, trigger, reason, error and time, in the address and after a reload.
import assert from "node:assert/strict";
import { test } from "node:test";
import { logIn, registered } from "../lib/people.mjs";
import { until } from "../lib/server.mjs";
import { suite } from "../lib/suite.mjs";

const world = suite();
const rows = (page) => page.locator("[data-run]");

async function withRuns() {
  const { who, client } = await registered(world.server);
  await client.patch("/me", { time_zone: "Europe/Berlin" });
  const good = await client.post("/jobs", { job_name: "Good", executor: { type: "simulated", duration_ms: 0, outcome: "Completed" } });
  const bad = await client.post("/jobs", { job_name: "Bad", executor: { type: "simulated", duration_ms: 0, outcome: "Failed" } });
  const start = async (job) => {
    const { run_id } = await client.post(`/jobs/${job.job_id}/runs`, {});
    return until("the run to end", async () => {
      const run = await client.get(`/runs/${run_id}`);
      return run.finished_at ? run : null;
    });
  };
  const runs = { good: await start(good), bad: await start(bad) };
  await client.post(`/runs/${runs.bad.run_id}/retry`);
  await until("the repetition to end", async () => (await client.get("/runs?trigger=retry&status=Failed")).data.length === 1);
  const page = await world.open();
  await logIn(page, world.server, who);
  await page.goto("/app/runs");
  await rows(page).nth(2).waitFor();
  return { page, client, good, bad, runs };
}

test("filters narrow the list, live in the address, survive a reload, and go one by one", async () => {
  const { page, runs } = await withRuns();
  const shows = (count) => page.waitForFunction((wanted) => document.querySelectorAll("[data-run]").length === wanted, count);
  await page.getByRole("button", { name: "Started by" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Retry" }).click();
  await page.keyboard.press("Escape");
  await shows(1);
  await page.waitForURL(/trigger=retry/);
  await page.getByRole("button", { name: "Remove the filter Started by: Retry" }).click();
  await shows(3);

  // Typed: tokens become filters, the rest is looked for in errors.
  const search = page.getByRole("searchbox", { name: "Search errors" });
  await page.keyboard.press("/");
  assert.equal(await search.evaluate((field) => field === document.activeElement), true);
  await page.keyboard.type(`trigger:manual ${runs.bad.error.message.slice(2, 12)}`);
  await shows(1);
  await page.waitForURL(/error=/);
  await page.getByText("Started by: By hand").waitFor();
  await page.reload();
  await page.locator(`[data-run="${runs.bad.run_id}"]`).waitFor();
  assert.equal(await rows(page).count(), 1);
  assert.equal(await search.inputValue(), runs.bad.error.message.slice(2, 12).trim());
  await page.goBack();
  await page.goForward();
  await page.locator(`[data-run="${runs.bad.run_id}"]`).waitFor();

  await search.fill("no such error");
  await page.getByText("No run matches").waitFor();
  await page.getByRole("button", { name: "Clear filters" }).click();
  await shows(3);
  await page.getByRole("button", { name: "Reason" }).click();
  await page.getByRole("menuitemcheckbox", { name: "All attempts failed" }).click();
  await page.keyboard.press("Escape");
  await shows(2);
});

test("a time is chosen from a list or by hand", async () => {
  const { page, client, good } = await withRuns();
  const shows = (count) => page.waitForFunction((wanted) => document.querySelectorAll("[data-run]").length === wanted, count);
  await page.getByRole("button", { name: "Any time" }).click();
  await page.getByRole("menuitemradio", { name: "Last hour" }).click();
  await page.waitForURL(/within=1h/);
  await shows(3);
  // What comes belongs to the window that moves along.
  await client.post(`/jobs/${good.job_id}/runs`, {});
  await page.getByRole("button", { name: "1 new run", exact: true }).click();
  await shows(4);

  await page.getByRole("button", { name: "Last hour", exact: true }).click();
  await page.getByRole("menuitem", { name: "Between …" }).click();
  const dialog = page.getByRole("dialog", { name: "Runs of a time" });
  await dialog.getByRole("button", { name: "Show them" }).click();
  await dialog.getByText("Say at least one of them.").waitFor();
  await dialog.getByLabel("From").fill("2026-01-02T10:00");
  await dialog.getByLabel("Until").fill("2026-01-02T09:00");
  await dialog.getByRole("button", { name: "Show them" }).click();
  await dialog.getByText("The end must come after the start.").waitFor();
  await dialog.getByLabel("Until").fill("2026-01-02T11:00");
  await dialog.getByRole("button", { name: "Show them" }).click();
  await page.getByText("No run matches").waitFor();
  const { searchParams } = new URL(page.url());
  // Typed in the person's zone (Berlin), kept as instants.
  assert.deepEqual([searchParams.get("created_after"), searchParams.get("created_before"), searchParams.get("within")], ["2026-01-02T09:00:00Z", "2026-01-02T10:00:00Z", null]);
  await page.locator("[data-filter]").getByRole("button").click();
  await shows(4);
});

test("a log shows the colours of its lines, and wraps the long ones", async () => {
  const { who, client } = await registered(world.server);
  await client.post("/jobs", { job_name: "Colourful", executor: { type: "worker", queue: "paint" }, run: true });
  const claimed = await until("the run", async () => (await client.post("/worker/claim", { queues: ["paint"], max: 1, wait_seconds: 5, lease_seconds: 120, worker_name: "painter" })).data[0]);
  const lines = [
    { text: "\u001b[32mok\u001b[0m \u001b[1;38;5;196mbroken\u001b[0m <img src=x onerror=alert(1)>" },
    { text: `\u001b[2K\u001b[1Along ${"words and more words ".repeat(40)}end` },
    ...Array.from({ length: 400 }, (_, index) => ({ text: `line ${index + 3}` })),
  ];
  await client.post(`/worker/runs/${claimed.run.run_id}/log`, { lease_token: claimed.lease_token, lines });
  const page = await world.open();
  await logIn(page, world.server, who);
  await page.goto(`/app/runs/${claimed.run.run_id}`);
  const log = page.locator("[data-log]");
  const box = log.getByRole("region", { name: "Log" });
  await log.getByText("line 402", { exact: true }).waitFor();
  await box.evaluate((element) => element.scrollTo(0, 0));
  const first = log.locator('[data-line="1"]');
  await first.waitFor();
  const colourOf = (text) => first.getByText(text, { exact: true }).evaluate((span) => getComputedStyle(span).color);
  assert.notEqual(await colourOf("ok"), await colourOf("broken"));
  assert.match((await first.textContent()) ?? "", /ok broken <img src=x onerror=alert\(1\)>$/);
  assert.equal(await first.locator("img").count(), 0);

  const second = log.locator('[data-line="2"]');
  const height = () => second.evaluate((row) => /** @type {HTMLElement} */ (row).offsetHeight);
  const sideways = () => box.evaluate((element) => element.scrollWidth > element.clientWidth);
  assert.deepEqual([await height(), await sideways()], [20, true]);
  await log.getByRole("button", { name: "Wrap long lines" }).click();
  await log.locator("[data-wrap]").waitFor();
  assert.ok((await height()) >= 60, "the long line is broken into several");
  assert.equal(await sideways(), false);
  // Still virtual, and the rows after the high one are where they belong.
  assert.ok((await log.locator("[data-line]").count()) < 100);
  const follows = await page.evaluate(() => {
    const rect = (line) => document.querySelector(`[data-line="${line}"]`)?.getBoundingClientRect();
    return Math.abs((rect(3)?.top ?? 0) - (rect(2)?.bottom ?? 1e9));
  });
  assert.ok(follows < 1, `${follows} px apart`);
  await page.reload();
  await log.locator("[data-wrap]").waitFor();
  await log.getByLabel("Search the log").fill("broken");
  await log.getByText("1 of 402 lines").waitFor();
});
