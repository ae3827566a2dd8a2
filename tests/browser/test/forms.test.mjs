// Each form says what is wrong, at the field it is about: what it knows itself, and what the server says.
import assert from "node:assert/strict";
import { test } from "node:test";
import { logIn, registered } from "../lib/people.mjs";
import { PHONE } from "../lib/browser.mjs";
import { suite } from "../lib/suite.mjs";

const world = suite();

async function somebody(jobs = []) {
  const { who, client } = await registered(world.server);
  const made = [];
  for (const job of jobs) made.push(await client.post("/jobs", job));
  const page = await world.open();
  await logIn(page, world.server, who);
  return { page, client, made, who };
}

/** The field with this label is marked as wrong, and its message is read out with it. */
async function wrong(page, label, message) {
  const field = page.getByLabel(label, { exact: true });
  await field.and(page.locator('[aria-invalid="true"]')).waitFor();
  const ids = (await field.getAttribute("aria-describedby")) ?? "";
  const told = await field.page().evaluate((list) => list.split(" ").map((id) => document.getElementById(id)?.textContent).join(" "), ids);
  assert.match(told, message, label);
}

test("schedules: what is typed is looked through while it is typed", async () => {
  const { page } = await somebody();
  await page.goto("/app/jobs/new");
  await page.getByLabel("Name", { exact: true }).fill("Planned");
  await page.getByRole("radio", { name: "Cron" }).click();
  const cron = page.getByLabel("Cron expression", { exact: true });
  await cron.fill("61 9 * * *");
  await wrong(page, "Cron expression", /\S/);
  await page.getByRole("button", { name: "Create job" }).click();
  await wrong(page, "Cron expression", /\S/);
  assert.match(page.url(), /\/jobs\/new$/);
  await cron.fill("0 9 30 2 *");
  await wrong(page, "Cron expression", /\S/);
  await cron.fill("30 9 * * MON-FRI");
  await page.locator('[data-preview="ready"]').getByText(/09:30/).first().waitFor();
  await page.locator("[data-preview] [data-days='ready'] [data-runs='1']").first().waitFor();
  assert.equal(await cron.getAttribute("aria-invalid"), null);

  await page.getByRole("radio", { name: "Repeat" }).click();
  await page.getByLabel("Every", { exact: true }).fill("often");
  await page.getByRole("button", { name: "Create job" }).click();
  await wrong(page, "Every", /number/);
  await page.getByRole("radio", { name: "Once" }).click();
  await page.getByLabel("At", { exact: true }).fill("2001-01-01T10:00");
  await page.getByRole("button", { name: "Create job" }).click();
  await wrong(page, "At", /past/);
  await page.getByRole("radio", { name: "Cron" }).click();
  await page.getByRole("button", { name: "Create job" }).click();
  await page.getByRole("heading", { name: "Planned" }).waitFor();
});

test("http and worker jobs: address, headers, expected status, queue", async () => {
  const { page } = await somebody();
  await page.goto("/app/jobs/new");
  await page.getByLabel("Name", { exact: true }).fill("Caller");
  await page.getByRole("radio", { name: /HTTP request/ }).click();
  await page.getByLabel("Address", { exact: true }).fill("ftp://example.com");
  await page.getByLabel("Expected status", { exact: true }).fill("fine");
  await page.getByLabel("Timeout").fill("-1");
  await page.getByRole("button", { name: "Create job" }).click();
  await wrong(page, "Address", /http/);
  await wrong(page, "Expected status", /2xx/);
  assert.equal(await page.getByLabel("Timeout").getAttribute("aria-invalid"), "true");
  await page.getByLabel("Timeout").fill("");
  await page.getByLabel("Address", { exact: true }).fill("http://127.0.0.1:9/nowhere");
  await page.getByLabel("Expected status", { exact: true }).fill("2xx");
  await page.getByRole("radio", { name: /Worker/ }).click();
  await page.getByLabel("Queue", { exact: true }).fill("two words");
  await page.getByRole("button", { name: "Create job" }).click();
  await wrong(page, "Queue", /blanks/);
  await page.getByLabel("Queue", { exact: true }).fill("mail");
  await page.getByRole("button", { name: "Create job" }).click();
  await page.getByRole("heading", { name: "Caller" }).waitFor();
});

test("a queue is stopped, started and limited", async () => {
  const { page, client } = await somebody([{ job_name: "Queued", executor: { type: "worker", queue: "mail" } }]);
  const [job] = (await client.get("/jobs")).data;
  await client.post(`/jobs/${job.job_id}/runs`, {});
  await page.goto("/app/queues");
  const row = page.locator('[data-queue="mail"]');
  await row.getByText("1 waiting").waitFor();
  await row.getByRole("button", { name: "Stop the queue mail" }).click();
  await row.locator('[data-status="Stopped"]').waitFor();
  assert.deepEqual((await client.post("/worker/claim", { queues: ["mail"], max: 1, wait_seconds: 0, lease_seconds: 30, worker_name: "w" })).data, []);
  await row.getByRole("button", { name: "Change the limit of mail" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("At most at once").fill("many");
  await page.keyboard.press("Enter");
  await wrong(dialog, "At most at once", /whole number/);
  await dialog.getByLabel("At most at once").fill("2");
  await page.keyboard.press("Enter");
  await row.getByText("0 of 2 running").waitFor();
  await client.post("/worker/claim", { queues: ["mail"], max: 1, wait_seconds: 5, lease_seconds: 30, worker_name: "w" });
  // What a worker does shows by itself.
  await row.getByText("1 of 2 running").waitFor();
});

test("a crontab is looked through line by line before anything is made", async () => {
  const { page } = await somebody();
  await page.goto("/app/jobs/import");
  await page.getByLabel("Crontab").fill("# nightly\n30 2 * * * curl -fsS https://example.com/nightly\n99 9 * * * echo never\n");
  await page.getByRole("button", { name: "Look through it" }).click();
  await page.getByText("1 to make, 0 there already, 1 with a mistake").waitFor();
  await page.goto("/app/jobs");
  await page.getByText("No jobs yet").waitFor();
});

test("a crontab that was imported before leads to the jobs that are there", async () => {
  const { page, client } = await somebody();
  const crontab = "CRON_TZ=UTC\n30 2 * * * backup\n";
  await client.post("/schedules/import", { crontab, time_zone: "UTC" });
  await page.goto("/app/jobs/import");
  await page.getByLabel("Crontab").fill(`${crontab}*/5 * * * * ping\n`);
  await page.getByRole("button", { name: "Look through it" }).click();
  await page.getByText("1 to make, 1 there already, 0 with a mistake").waitFor();
  await page.getByText("There already", { exact: true }).waitFor();
  await page.locator("main").getByRole("link", { name: "To the job", exact: true }).click();
  await page.waitForURL(/\/jobs\/[0-9a-f-]{36}/);
});

test("account, backfill, replay with another payload", async () => {
  const { page, made } = await somebody([{ job_name: "Past", schedule: { type: "cron", expression: "0 * * * *", time_zone: "UTC" }, payload: { a: 1 }, executor: { type: "simulated", duration_ms: 20, outcome: "Completed" } }]);
  await page.goto("/app/account");
  await page.getByLabel("Full name").fill(" ");
  await page.getByRole("button", { name: "Save changes" }).click();
  await wrong(page, "Full name", /fill this in/);
  await page.getByLabel("Full name").fill("Somebody Else");
  await page.getByLabel("Phone").fill("12");
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.locator('[autocomplete="tel"][aria-invalid="true"]').waitFor();
  await page.getByLabel("Phone").fill("+44 20 7946 0018");
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByText("Changes saved").waitFor();

  await page.goto(`/app/jobs/${made[0].job_id}`);
  await page.getByRole("button", { name: "More ways to run" }).click();
  await page.getByRole("menuitem", { name: /Backfill/ }).click();
  const dialog = page.getByRole("dialog", { name: "Backfill" });
  await dialog.getByLabel("From", { exact: true }).fill("2026-11-02T10:30");
  await dialog.getByLabel("To", { exact: true }).fill("2026-11-01T10:00");
  await dialog.getByLabel("At most so many runs").fill("0");
  await dialog.getByRole("button", { name: "Rehearse" }).click();
  await wrong(dialog, "To", /after the start/);
  await dialog.getByLabel("To", { exact: true }).fill("2026-11-02T13:30");
  await dialog.getByLabel("At most so many runs").fill("10");
  await dialog.getByRole("button", { name: "Rehearse" }).click();
  await dialog.getByText("3 runs", { exact: true }).waitFor();
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "Run now" }).click();
  await page.locator('[data-stage="Completed"][data-stage-state="done"]').waitFor();
  await page.getByRole("link", { name: "Details" }).click();
  await page.getByRole("button", { name: "Replay with another payload" }).click();
  const replay = page.getByRole("dialog", { name: "Replay with another payload" });
  await replay.locator(".cm-content").click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText("{broken");
  await replay.getByRole("button", { name: "Start the replay" }).click();
  await replay.getByText(/Line 1/).first().waitFor();
  await replay.locator(".cm-content").click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText('{"a": 2}');
  const before = page.url();
  await replay.getByRole("button", { name: "Start the replay" }).click();
  await page.waitForURL((url) => url.href !== before);
  await page.locator('header [data-status="Completed"]').waitFor();
  await page.getByRole("region", { name: "Payload" }).getByText("2", { exact: true }).waitFor();
});

test("times are shown as the person reads them: 12 hours, UTC, and both are kept", async () => {
  const { page, made } = await somebody([{ job_name: "Afternoon", schedule: { type: "cron", expression: "15 14 * * *", time_zone: "UTC" } }]);
  await page.goto("/app/account");
  await page.getByLabel("Time zone", { exact: true }).selectOption("Asia/Tokyo");
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByText("Changes saved").waitFor();
  await page.getByRole("radio", { name: "12 hours" }).click();
  await page.goto(`/app/jobs/${made[0].job_id}`);
  await page.getByText("Daily at 2:15 pm").waitFor();
  await page.getByText(/11:15:00 pm/).first().waitFor();
  await page.getByRole("button", { name: /Account menu of/ }).click();
  await page.getByRole("menuitemradio", { name: "UTC" }).click();
  await page.keyboard.press("Escape");
  await page.getByText(/0?2:15:00 pm UTC/).first().waitFor();
  await page.reload();
  await page.getByText(/0?2:15:00 pm UTC/).first().waitFor();

  // In lists: relative; the other one under the pointer, at a finger, and for the whole page by a key.
  await page.goto("/app/jobs");
  const next = page.locator("tr[data-job] time").first();
  await next.getByText(/^in /).waitFor();
  await next.hover();
  const tip = page.getByRole("tooltip");
  await tip.getByText(/2:15:00 pm UTC/).waitFor();
  await tip.getByRole("button", { name: "Copy this time" }).click();
  await tip.getByRole("button", { name: "Copied" }).waitFor();
  await page.keyboard.press("Escape");
  await tip.waitFor({ state: "detached" });
  await page.keyboard.press("z");
  await next.getByText(/2:15 pm UTC$/).waitFor();
  await page.reload();
  await next.getByText(/2:15 pm UTC$/).waitFor();
});

test("a finger reaches the exact time", async () => {
  const { who, client } = await registered(world.server);
  await client.patch("/me", { time_zone: "Asia/Tokyo" });
  const job = await client.post("/jobs", { job_name: "Touched", executor: { type: "simulated", duration_ms: 0, outcome: "Completed" }, run: true });
  const page = await world.open({ viewport: PHONE, isMobile: true, hasTouch: true });
  await logIn(page, world.server, who);
  await page.goto(`/app/jobs/${job.job_id}`);
  await page.locator("[data-run] [data-status='Completed']").waitFor();
  await page.locator("dl time").first().tap();
  await page.getByRole("tooltip").getByText(/GMT\+9|JST/).waitFor();
  await page.getByRole("heading", { name: "Touched" }).tap();
  await page.getByRole("tooltip").waitFor({ state: "detached" });
});
