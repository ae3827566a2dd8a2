// Lists of 10,000 rows stay smooth: what is in the page is bounded, wherever one looks, and so is what a look costs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { logIn, registered } from "../lib/people.mjs";
import { until } from "../lib/server.mjs";
import { suite } from "../lib/suite.mjs";
import { PHONE } from "../lib/browser.mjs";

const world = suite();
const ROWS = 10_000;
/** What may be in the page at once: a few blocks of rows, of about fifty elements each. */
const MOST_ROWS = 200;
const MOST_ELEMENTS = 10_000;
/** The page's own work for one jump through the list, in milliseconds of its thread: far above what it takes, far below what all rows would take. */
const MOST_MS = 250;

const id = (index) => `0198c5a0-0000-7000-8000-${String(index).padStart(12, "0")}`;

/** Ten thousand of one, in one answer. */
function many(one, key, name) {
  return Array.from({ length: ROWS }, (_, index) => ({ ...one, [key]: id(index), [name]: `Number ${index}` }));
}

async function withList(path, route, rows, options) {
  const { who, client } = await registered(world.server);
  const job = await client.post("/jobs", { job_name: "Pattern", tags: ["a", "b"], description: "Like all the others.", schedule: { type: "interval", every_seconds: 86_400 }, executor: { type: "simulated", duration_ms: 0, outcome: "Completed" }, run: true });
  await until("the run to end", async () => (await client.get(`/jobs/${job.job_id}`)).last_run?.status === "Completed");
  const data = await rows(client, job);
  const page = await world.open(options);
  await page.route(route, (request) => request.fulfill({ json: { data, has_more: false, next_cursor: null } }));
  await logIn(page, world.server, who);
  await page.goto(path);
  await page.locator('[data-live="live"]').first().waitFor({ state: "attached" });
  return { page, client, job };
}

/** Jumps through a list, and answers what the page had in it at most, and what a jump cost it. */
async function walk(page, selector) {
  await page.locator(selector).first().waitFor();
  const probe = await page.context().newCDPSession(page);
  await probe.send("Performance.enable", { timeDomain: "threadTicks" });
  const busy = async () => (await probe.send("Performance.getMetrics")).metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0;
  const most = { rows: 0, elements: 0 };
  const begun = await busy();
  const STEPS = 15;
  for (let step = 1; step <= STEPS; step += 1) {
    await page.evaluate((share) => window.scrollTo(0, (document.documentElement.scrollHeight - window.innerHeight) * share), step / STEPS);
    // There are rows where one looks.
    await page.waitForFunction((rows) => [...document.querySelectorAll(rows)].some((row) => row.getBoundingClientRect().bottom > 100 && row.getBoundingClientRect().top < window.innerHeight - 100), selector);
    most.rows = Math.max(most.rows, await page.locator(selector).count());
    most.elements = Math.max(most.elements, await page.evaluate(() => document.getElementsByTagName("*").length));
  }
  return { ...most, ms: (((await busy()) - begun) / STEPS) * 1000 };
}

function assertSmooth(t, what, { rows, elements, ms }) {
  t.diagnostic(`${what}: at most ${rows} rows and ${elements} elements, ${ms.toFixed(0)} ms a jump`);
  assert.ok(rows <= MOST_ROWS, `${rows} rows of ${what} in the page`);
  assert.ok(elements <= MOST_ELEMENTS, `${elements} elements in the page`);
  assert.ok(ms <= MOST_MS, `${ms.toFixed(0)} ms for one jump through ${what}`);
}

const jobs = async (client, job) => many(await client.get(`/jobs/${job.job_id}`), "job_id", "job_name");

test("ten thousand jobs", async (t) => {
  const { page, client, job } = await withList("/app/jobs", /\/api\/v1\/jobs\?/, async (...given) => [await given[0].get(`/jobs/${given[1].job_id}`), ...(await jobs(...given)).slice(1)]);
  assertSmooth(t, "jobs", await walk(page, "tr[data-job]"));
  // The keys go on where the window is, also over the edge of a block, and the last row is the last one.
  await page.locator(`tr[data-job="${id(ROWS - 1)}"]`).waitFor();
  await page.locator(`tr[data-job="${id(ROWS - 26)}"] a`).focus();
  await page.keyboard.press("j");
  await page.waitForFunction((wanted) => document.activeElement?.closest("[data-job]")?.getAttribute("data-job") === wanted, id(ROWS - 25));
  assert.equal(await page.locator(`tr[data-job="${id(ROWS - 1)}"]`).getAttribute("aria-rowindex"), String(ROWS + 1));
  // It is live at its other end.
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.locator(`tr[data-job="${job.job_id}"]`).waitFor();
  await client.patch(`/jobs/${job.job_id}`, { executor: { type: "simulated", duration_ms: 600_000, outcome: "Completed" } });
  await client.post(`/jobs/${job.job_id}/runs`, {});
  await page.locator(`tr[data-job="${job.job_id}"][data-status="Running"]`).waitFor();
});

test("ten thousand jobs on a phone", async (t) => {
  const { page } = await withList("/app/jobs", /\/api\/v1\/jobs\?/, jobs, { viewport: PHONE, isMobile: true, hasTouch: true });
  assertSmooth(t, "cards", await walk(page, "li[data-job]"));
});

test("ten thousand runs", async (t) => {
  const { page } = await withList("/app/runs", /\/api\/v1\/runs\?/, async (client, job) => many((await client.get(`/jobs/${job.job_id}/runs`)).data[0], "run_id", "job_name"));
  assertSmooth(t, "runs", await walk(page, "tr[data-run]"));
});

test("the log of ten thousand lines", async (t) => {
  const { who, client } = await registered(world.server);
  await client.post("/jobs", { job_name: "Talkative", executor: { type: "worker", queue: "loud" }, run: true });
  const { run, lease_token } = await until("the run", async () => (await client.post("/worker/claim", { queues: ["loud"], max: 1, wait_seconds: 5, lease_seconds: 300, worker_name: "loud-1" })).data[0]);
  for (let from = 1; from <= ROWS; from += 500) {
    await client.post(`/worker/runs/${run.run_id}/log`, { lease_token, lines: Array.from({ length: 500 }, (_, index) => ({ level: "info", text: `line ${from + index} of the story, and what else there is to say about it` })) });
  }
  const page = await world.open();
  await logIn(page, world.server, who);
  await page.goto(`/app/runs/${run.run_id}`);
  await page.getByText("10,000 lines", { exact: true }).waitFor();
  await page.getByText(`line ${ROWS} of the story`).waitFor();
  const box = page.getByRole("region", { name: "Log" });
  const probe = await page.context().newCDPSession(page);
  await probe.send("Performance.enable", { timeDomain: "threadTicks" });
  const busy = async () => (await probe.send("Performance.getMetrics")).metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0;
  const begun = await busy();
  const STEPS = 15;
  for (let step = STEPS - 1; step >= 0; step -= 1) {
    await box.evaluate((element, share) => element.scrollTo(0, (element.scrollHeight - element.clientHeight) * share), step / STEPS);
    await page.locator(`[data-line="${Math.max(1, Math.round((ROWS * step) / STEPS))}"]`).waitFor();
    assert.ok((await page.locator("[data-line]").count()) < 100, "only the lines in view are in the page");
  }
  const ms = (((await busy()) - begun) / STEPS) * 1000;
  t.diagnostic(`log: ${ms.toFixed(0)} ms a jump`);
  assert.ok(ms <= MOST_MS, `${ms.toFixed(0)} ms for one jump through the log`);
  // Found in all of it, as fast as it is typed.
  await page.getByLabel("Search the log").pressSequentially("line 7777");
  await page.getByText("1 of 10,000 lines").waitFor();
});
