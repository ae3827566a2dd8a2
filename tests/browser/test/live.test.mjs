// Two people's browsers on one job, a line that is cut, and what the page says meanwhile.
import assert from "node:assert/strict";
import { test } from "node:test";
import { api, logIn, registered } from "../lib/people.mjs";
import { startServer } from "../lib/server.mjs";
import { openPage } from "../lib/browser.mjs";
import { suite } from "../lib/suite.mjs";

const world = suite();
const header = (page) => page.locator("header [data-status]").first();

test("two browsers watch one job: a run started in one moves in both", async () => {
  const { who, client } = await registered(world.server);
  const job = await client.post("/jobs", { job_name: "Watched by two", executor: { type: "simulated", duration_ms: 1500, outcome: "Completed" } });
  const [one, two] = [await world.open(), await world.open()];
  await logIn(one, world.server, who);
  await logIn(two, world.server, who);
  for (const page of [one, two]) {
    await page.goto(`/app/jobs/${job.job_id}`);
    await page.getByText("Not run yet").waitFor();
    await page.locator('[data-live="live"]').first().waitFor();
  }
  await one.getByRole("button", { name: "Run now" }).click();
  for (const status of ["Running", "Completed"]) {
    await Promise.all([one, two].map((page) => page.locator(`header [data-status="${status}"]`).waitFor()));
  }
  assert.equal(await two.locator("[data-run]").count(), 1);
});

test("no run moves the rows that somebody points at", async () => {
  const { who, client } = await registered(world.server);
  const job = await client.post("/jobs", { job_name: "Pointed at", executor: { type: "simulated", duration_ms: 100, outcome: "Completed" }, run: true });
  const page = await world.open();
  await logIn(page, world.server, who);
  await page.goto(`/app/jobs/${job.job_id}`);
  await page.locator("[data-run] [data-status='Completed']").waitFor();
  await page.locator('[data-live="live"]').first().waitFor();
  const first = await page.locator("[data-run]").first().getAttribute("data-run");
  await page.locator("[data-run]").first().hover();
  const { run } = await client.post(`/run-job/${job.job_id}`, { status: "Running" });
  await page.getByRole("button", { name: "1 new run", exact: true }).waitFor();
  await page.locator('header [data-status="Completed"]').waitFor();
  assert.equal(await page.locator("[data-run]").count(), 1, "nothing moves under the pointer");
  assert.equal(await page.locator("[data-run]").first().getAttribute("data-run"), first);
  await page.mouse.move(700, 5);
  await page.locator(`[data-run="${run.run_id}"]`).waitFor();
  assert.equal(await page.locator("[data-run]").count(), 2);
});

test("the list moves in place, new jobs wait until they are asked for, deleted ones say so", async () => {
  const { who, client } = await registered(world.server);
  const first = await client.post("/jobs", { job_name: "First", executor: { type: "simulated", duration_ms: 800, outcome: "Completed" } });
  const page = await world.open();
  await logIn(page, world.server, who);
  await page.goto("/app/jobs");
  await page.locator(`[data-job="${first.job_id}"]`).waitFor();
  await page.locator('[data-live="live"]').first().waitFor();

  await client.post(`/run-job/${first.job_id}`, { status: "Running" });
  await page.locator(`[data-job="${first.job_id}"][data-status="Completed"]`).waitFor();

  await client.post("/jobs", { job_name: "Second" });
  await client.post("/jobs", { job_name: "Third" });
  const pill = page.getByRole("button", { name: "2 new jobs" });
  await pill.waitFor();
  assert.equal(await page.locator("tr[data-job]").count(), 1, "nothing jumps before it is asked for");
  await pill.click();
  await page.locator("tr[data-job]").nth(2).waitFor();

  await fetch(`${world.server.origin}/api/v1/jobs/${first.job_id}`, { method: "DELETE", headers: { Authorization: `Bearer ${(await freshToken(who)).token}`, "If-Match": `"${(await client.get(`/jobs/${first.job_id}`)).version}"` } });
  await page.locator(`[data-job="${first.job_id}"]`).getByText("Deleted").waitFor();
});

async function freshToken(who) {
  const since = Date.now() - 1000;
  const { challenge_id } = await api(world.server).post("/login", { email: who.email, password: who.password });
  const { access_token } = await api(world.server).post("/verify-otp", { challenge_id, otp: await world.server.otp(who.email, since) });
  return { token: access_token };
}

test("a cut line is told, and resumed without a hole", async () => {
  const own = await startServer();
  try {
    const { who, client } = await registered(own);
    const job = await client.post("/jobs", { job_name: "Survivor", executor: { type: "simulated", duration_ms: 300, outcome: "Completed" } });
    const page = await world.open({ baseURL: own.origin });
    page.sins.length = 0;
    await page.route("**/*", (route) => route.continue());
    const sins = page.sins;
    await logIn(page, own, who);
    await page.goto(`/app/jobs/${job.job_id}`);
    await page.locator('[data-live="live"]').first().waitFor();
    page.offlineOnPurpose = true;
    await own.halt();
    await page.locator('[data-banner="line"]').waitFor();
    await page.getByText("Not live").first().waitFor();

    const again = await startServer({ data: own.dataDir, port: own.port });
    try {
      // While this page is still away, a run begins and ends.
      const other = api(again, (await logInByApi(again, who)).access_token);
      await other.post(`/run-job/${job.job_id}`, { status: "Running" });
      await page.locator('[data-banner="line"]').waitFor({ state: "detached", timeout: 30_000 });
      await page.locator('header [data-status="Completed"]').waitFor();
      await page.locator("[data-run]").first().waitFor();
      assert.equal(await page.locator("[data-run]").count(), 1);
    } finally {
      await again.halt();
    }
    sins.splice(0, sins.length, ...sins.filter((sin) => !/another host|ERR_CONNECTION_REFUSED|WebSocket connection/.test(sin)));
  } finally {
    await own.stop();
  }
});

async function logInByApi(server, who) {
  const since = Date.now() - 1000;
  const { challenge_id } = await api(server).post("/login", { email: who.email, password: who.password });
  return api(server).post("/verify-otp", { challenge_id, otp: await server.otp(who.email, since) });
}

test("a token that ends is renewed unseen, and the line stays up", async () => {
  const own = await startServer({ env: { SCHED_ACCESS_TOKEN_SECONDS: "5" } });
  try {
    const { who, client } = await registered(own);
    const job = await client.post("/jobs", { job_name: "Long watched", executor: { type: "simulated", duration_ms: 200, outcome: "Completed" } });
    const page = await openPage(world.browser, own.origin);
    await logIn(page, own, who);
    await page.goto(`/app/jobs/${job.job_id}`);
    await page.locator('[data-live="live"]').first().waitFor();
    await page.evaluate(() => {
      Object.assign(window, { __down: false });
      new MutationObserver(() => document.querySelector('[data-banner="line"]') && Object.assign(window, { __down: true })).observe(document.body, { subtree: true, childList: true });
    });
    // Two lives of a token later ...
    for (let renewed = 0; renewed < 2; renewed += 1) await page.waitForResponse((response) => response.url().endsWith("/token/refresh") && response.ok());
    await page.locator('[data-live="live"]').first().waitFor();
    await page.getByRole("button", { name: "Run now" }).click();
    await page.locator('header [data-status="Completed"]').waitFor();
    assert.equal(await page.evaluate(() => "__down" in window && window.__down), false, "the line must not have been called down");
    assert.deepEqual(page.sins, []);
    await page.context().close();
  } finally {
    await own.stop();
  }
});

test("a run that fails and one that is cancelled end as what they are", async () => {
  const { who, client } = await registered(world.server);
  const failing = await client.post("/jobs", { job_name: "Bound to fail", executor: { type: "simulated", duration_ms: 200, outcome: "Failed" } });
  const long = await client.post("/jobs", { job_name: "Long one", executor: { type: "simulated", duration_ms: 600_000, outcome: "Completed" } });
  const page = await world.open();
  await logIn(page, world.server, who);
  await page.goto(`/app/jobs/${failing.job_id}`);
  await page.getByRole("button", { name: "Run now" }).click();
  await page.locator('[data-stage="Failed"][data-stage-state="done"]').waitFor();
  await page.getByRole("link", { name: "Details" }).click();
  await page.getByText("Attempt 1", { exact: true }).waitFor();
  const first = page.url();
  await page.getByRole("button", { name: "Run again" }).click();
  await page.waitForURL((url) => url.pathname.includes("/runs/") && url.href !== first);
  await page.locator('[data-stage="Failed"][data-stage-state="done"]').waitFor();

  await page.goto(`/app/jobs/${long.job_id}`);
  await page.getByRole("button", { name: "Run now" }).click();
  await header(page).and(page.locator('[data-status="Running"]')).waitFor();
  await page.getByRole("button", { name: "Cancel run" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Cancel run" }).click();
  await page.locator('[data-stage="Cancelled"][data-stage-state="done"]').waitFor();
});
