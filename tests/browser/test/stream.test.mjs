// Much at once: a thousand events over a line that is cut, fifty runs a second, a log that is followed to its end.
import assert from "node:assert/strict";
import { test } from "node:test";
import { logIn, registered } from "../lib/people.mjs";
import { until } from "../lib/server.mjs";
import { suite } from "../lib/suite.mjs";

const world = suite();

/** So many at a time, until all are done. */
async function inLanes(count, lanes, work) {
  let next = 0;
  await Promise.all(Array.from({ length: lanes }, async () => {
    while (next < count) await work(next++);
  }));
}

/** A line that the test can cut: what comes over it is noted, and while it is cut no new one is let through. */
async function cuttableLine(page) {
  const line = { cut: false, ids: new Set(), opened: 0, open: /** @type {Set<any>} */ (new Set()) };
  await page.routeWebSocket(/\/ws$/, (socket) => {
    if (line.cut) return socket.close({ code: 1001 });
    line.opened += 1;
    line.open.add(socket);
    const server = socket.connectToServer();
    server.onMessage((text) => {
      const { id } = JSON.parse(String(text));
      if (!line.open.has(socket)) return;
      if (id) line.ids.add(id);
      socket.send(text);
    });
    socket.onClose(() => {
      line.open.delete(socket);
      server.close();
    });
  });
  return Object.assign(line, {
    async break() {
      line.cut = true;
      for (const socket of line.open) await socket.close({ code: 1001 });
      line.open.clear();
    },
    mend: () => void (line.cut = false),
  });
}

/** What the rows of a long list say; only those near the window are in the page, so it is walked through. */
async function allRows(page) {
  const rows = new Map();
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  for (let y = 0; y < height; y += 700) {
    await page.evaluate((top) => window.scrollTo(0, top), y);
    await page.waitForFunction(() => [...document.querySelectorAll("[data-run]")].some((row) => row.getBoundingClientRect().bottom > 0 && row.getBoundingClientRect().top < window.innerHeight));
    for (const [run, status] of await page.locator("[data-run]").evaluateAll((found) => found.map((row) => [row.getAttribute("data-run"), row.querySelector("[data-status]")?.getAttribute("data-status")]))) rows.set(run, status);
  }
  return rows;
}

/** The processor's time of the page's thread, whatever else the machine does meanwhile. */
async function workOf(page) {
  const probe = await page.context().newCDPSession(page);
  await probe.send("Performance.enable", { timeDomain: "threadTicks" });
  return async () => (await probe.send("Performance.getMetrics")).metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0;
}

/** So many runs, fifty of them a second. */
async function fiftyASecond(client, job, count) {
  const begun = Date.now();
  await inLanes(count, 10, async (index) => {
    const due = begun + index * 20;
    if (due > Date.now()) await new Promise((done) => setTimeout(done, due - Date.now()));
    await client.post(`/jobs/${job.job_id}/runs`, {});
  });
  return begun;
}

test("a thousand events over a line that is cut twice: none is missing, and nothing is loaded again", async () => {
  const { who, client } = await registered(world.server);
  const job = await client.post("/jobs", { job_name: "Busy", overlap: "allow", executor: { type: "simulated", duration_ms: 0, outcome: "Completed" } });
  const page = await world.open();
  const line = await cuttableLine(page);
  await logIn(page, world.server, who);
  await page.goto(`/app/jobs/${job.job_id}`);
  await page.getByText("Not run yet").waitFor();
  await page.locator('[data-live="live"]').first().waitFor();
  // Not over the list: rows that somebody points at stay where they are.
  await page.mouse.move(700, 5);
  let loads = 0;
  page.on("request", (request) => {
    if (request.url().includes(`/jobs/${job.job_id}/runs`) && request.method() === "GET") loads += 1;
  });

  const RUNS = 334;
  const cutAt = new Set([60, 200]);
  let made = 0;
  await inLanes(RUNS, 6, async (index) => {
    if (cutAt.has(index)) await line.break();
    await client.post(`/jobs/${job.job_id}/runs`, {});
    made += 1;
    // Let through again while the rest goes on; the page comes back by itself.
    if (index === 130 || index === 290) line.mend();
  });
  line.mend();
  assert.equal(made, RUNS);
  await page.waitForFunction((count) => document.querySelector("table[aria-rowcount]")?.getAttribute("aria-rowcount") === String(count + 1), RUNS);
  await until("every row to say how its run ended", async () => {
    const rows = await allRows(page);
    return rows.size === RUNS && [...rows.values()].every((status) => status === "Completed");
  });
  assert.equal(loads, 0, "what is shown came over the line");
  assert.ok(line.opened >= 2, "the line was cut and opened again");

  const all = [];
  for (let cursor = null; ; ) {
    const answer = await client.get(`/jobs/${job.job_id}/events?limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
    all.push(...answer.data.filter(({ type }) => type.startsWith("run.") && type !== "run.progress" && type !== "run.log"));
    if (!answer.has_more) break;
    cursor = answer.next_cursor;
  }
  assert.ok(all.length >= 1000, `${all.length} events`);
  assert.deepEqual(all.filter(({ id }) => !line.ids.has(id)), [], "every event came over the line");
});

test("fifty runs a second: the list stays where it is, and costs less than a third of a core", async (t) => {
  const { who, client } = await registered(world.server);
  const job = await client.post("/jobs", { job_name: "Fifty a second", overlap: "allow", executor: { type: "simulated", duration_ms: 0, outcome: "Completed" } });
  await inLanes(20, 4, () => client.post(`/jobs/${job.job_id}/runs`, {}));
  const page = await world.open();
  await logIn(page, world.server, who);
  await page.goto("/app/runs");
  await page.waitForFunction(() => document.querySelectorAll('[data-run] [data-status="Completed"]').length === 20);
  await page.locator('[data-live="live"]').first().waitFor();
  const order = () => page.locator("[data-run]").evaluateAll((rows) => rows.map((row) => row.getAttribute("data-run")));
  const before = await order();

  const busy = await workOf(page);
  const start = await busy();
  const RUNS = 300;
  const begun = await fiftyASecond(client, job, RUNS);
  await page.getByRole("button", { name: `${RUNS} new runs` }).waitFor();
  const seconds = (Date.now() - begun) / 1000;
  const share = ((await busy()) - start) / seconds;
  t.diagnostic(`${RUNS} runs in ${seconds.toFixed(1)} s took ${(share * 100).toFixed(0)} % of a core`);
  assert.ok(share < 0.3, `${(share * 100).toFixed(0)} % of a core`);
  assert.deepEqual(await order(), before, "no row moved");

  await page.getByRole("button", { name: `${RUNS} new runs` }).click();
  await page.locator(`[data-run="${before[0]}"]`).waitFor({ state: "detached" });

  // Paused, nothing comes at all until it goes on.
  await page.keyboard.press(".");
  await page.locator("[data-paused]").waitFor();
  const still = await order();
  const { run_id } = await client.post(`/jobs/${job.job_id}/runs`, {});
  await page.getByRole("button", { name: "1 new run", exact: true }).waitFor();
  assert.deepEqual(await order(), still);
  await page.keyboard.press(".");
  await page.locator(`[data-run="${run_id}"] [data-status="Completed"]`).waitFor();
});

test("fifty runs a second: every page that shows them stays below a third of a core", async (t) => {
  const { who, client } = await registered(world.server);
  const job = await client.post("/jobs", { job_name: "Fifty a second", overlap: "allow", executor: { type: "simulated", duration_ms: 0, outcome: "Completed" } });
  await inLanes(20, 4, () => client.post(`/jobs/${job.job_id}/runs`, {}));
  const page = await world.open();
  await logIn(page, world.server, who);
  // Not over a list: there new rows would only wait.
  await page.mouse.move(700, 5);
  const busy = await workOf(page);
  for (const [path, ready] of [["/", "#content svg"], ["/jobs", "tr[data-job]"], [`/jobs/${job.job_id}`, "[data-run]"], ["/timeline", "[data-lane]"], ["/queues", "#content h1"]]) {
    await page.goto(`/app${path}`);
    await page.locator(ready).first().waitFor();
    await page.locator('[data-live="live"]').first().waitFor();
    const start = await busy();
    const begun = await fiftyASecond(client, job, 150);
    const share = ((await busy()) - start) / ((Date.now() - begun) / 1000);
    t.diagnostic(`${path.replace(job.job_id, "…")}: ${(share * 100).toFixed(0)} % of a core`);
    assert.ok(share < 0.3, `${path}: ${(share * 100).toFixed(0)} % of a core`);
  }
});

test("the log of a worker's run is followed to its end", async () => {
  const { who, client } = await registered(world.server);
  const job = await client.post("/jobs", { job_name: "Talkative", executor: { type: "worker", queue: "loud" }, run: true });
  const claimed = await until("the run", async () => (await client.post("/worker/claim", { queues: ["loud"], max: 1, wait_seconds: 5, lease_seconds: 120, worker_name: "loud-1" })).data[0]);
  const { lease_token } = claimed;
  const say = (from, count) => client.post(`/worker/runs/${claimed.run.run_id}/log`, { lease_token, lines: Array.from({ length: count }, (_, index) => ({ level: (from + index) % 100 === 99 ? "warn" : "info", text: `line ${from + index} of the story` })) });
  await say(1, 50);
  const page = await world.open();
  await logIn(page, world.server, who);
  await page.goto(`/app/runs/${claimed.run.run_id}`);
  const log = page.locator("[data-log]");
  await log.getByText("line 50 of the story").waitFor();
  await log.getByText("50 lines", { exact: true }).waitFor();
  for (let from = 51; from < 1051; from += 100) {
    await say(from, 100);
    await log.getByText(`line ${from + 99} of the story`).waitFor();
  }
  await log.getByText("1,050 lines", { exact: true }).waitFor();
  assert.ok((await log.locator("[data-line]").count()) < 100, "only the lines in view are in the page");

  // Scrolled up by hand it stays there, whatever comes.
  await log.getByRole("region", { name: "Log" }).evaluate((box) => box.scrollTo(0, 0));
  await log.getByText("line 1 of the story", { exact: true }).waitFor();
  await log.getByRole("button", { name: "Follow", pressed: false }).waitFor();
  await say(1051, 10);
  await log.getByText("1,060 lines", { exact: true }).waitFor();
  await log.getByText("line 1 of the story", { exact: true }).waitFor();
  await log.getByRole("button", { name: "Follow" }).click();
  await log.getByText("line 1060 of the story").waitFor();

  await client.post(`/worker/runs/${claimed.run.run_id}/heartbeat`, { lease_token, progress: 90, message: "nearly there" });
  await page.getByText("nearly there").waitFor();
  await say(1061, 1);
  await client.post(`/worker/runs/${claimed.run.run_id}/complete`, { lease_token, result: { told: 1061 } });
  await page.locator('header [data-status="Completed"]').waitFor();
  await log.getByText("line 1061 of the story").waitFor();
  await page.getByText('"told"').waitFor();

  // Search, level, a link to one line, and the whole of it as a file.
  await log.getByLabel("Search the log").fill("line 777");
  await log.getByText("1 of 1,061 lines").waitFor();
  await log.getByLabel("Search the log").fill("");
  await log.getByLabel("Lowest level").selectOption("warn");
  await log.getByText("10 of 1,061 lines").waitFor();
  await log.getByLabel("Lowest level").selectOption("debug");
  await page.goto(`/app/runs/${claimed.run.run_id}#line-500`);
  await page.reload();
  await log.getByText("line 500 of the story").waitFor();
  const [file] = await Promise.all([page.waitForEvent("download"), log.getByRole("button", { name: "Download" }).click()]);
  assert.match(file.suggestedFilename(), /\.log$/);
});
