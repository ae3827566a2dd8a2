import { createServer } from "node:http";
import { api, registered, person } from "./people.mjs";
import { until } from "./server.mjs";

const cron = (expression, time_zone = "Europe/Berlin") => ({ type: "cron", expression, time_zone });
const jobs = [
  { job_name: "Nightly invoice export", priority: "High", tags: ["billing", "nightly"], description: "Writes last night's invoices to the archive. Ask the billing team before changing it.", payload: { customer: 4711, format: "pdf", window: { from: "2026-11-01", to: "2026-11-30" }, dry_run: false }, schedule: cron("30 2 * * *"), executor: { type: "simulated", duration_ms: 400, outcome: "Completed" } },
  { job_name: "Sync customers to CRM", priority: "Medium", tags: ["crm"], schedule: { type: "interval", every_seconds: 21_600 }, executor: { type: "simulated", duration_ms: 900, outcome: "Completed" } },
  { job_name: "Rebuild search index", priority: "Low", tags: ["search"], schedule: cron("0 4 * * 6", "UTC"), executor: { type: "simulated", duration_ms: 300, outcome: "Completed" } },
  { job_name: "Charge subscriptions", priority: "Critical", tags: ["billing"], description: "Charges every subscription that is due today.", schedule: cron("0 6 * * 1-5"), executor: { type: "simulated", duration_ms: 250, outcome: "Failed" }, retry: { max_attempts: 2, backoff: "fixed", initial_seconds: 1, max_seconds: 1, jitter: 0 } },
  { job_name: "Import exchange rates", priority: "High", tags: ["finance"], schedule: cron("15 16 * * 1-5", "America/New_York"), executor: { type: "simulated", duration_ms: 150, outcome: "Completed" } },
  { job_name: "Resize product images", priority: "Low", executor: { type: "simulated", duration_ms: 120_000, outcome: "Completed" } },
  { job_name: "Check TLS certificates", priority: "High", tags: ["ops", "security"], schedule: cron("0 6 * * *"), executor: { type: "simulated", duration_ms: 200, outcome: "Completed" } },
  { job_name: "Poll partner inbox", priority: "Medium", tags: ["mail"], schedule: cron("*/15 6-8 * * 1-5"), executor: { type: "simulated", duration_ms: 120, outcome: "Completed" } },
  { job_name: "Send weekly digest", priority: "Medium", tags: ["mail", "weekly"], schedule: cron("0 6 * * 1") },
];

/** Jobs, runs, a webhook with deliveries and a few users, so that the screens have something to show. */
export async function seed(server, admin) {
  await registered(server, person("Grace Hopper"));
  await registered(server, person("Alan Turing"));
  const since = Date.now() - 1000;
  const { challenge_id } = await api(server).post("/login", { email: admin.email, password: admin.password });
  const { access_token: token } = await api(server).post("/verify-otp", { challenge_id, otp: await server.otp(admin.email, since) });
  const client = api(server, token);

  const receiver = createServer((request, response) => {
    request.resume();
    request.on("end", () => response.writeHead(200).end('{"ok":true}'));
  });
  await new Promise((ready) => receiver.listen(0, "127.0.0.1", () => ready(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (receiver.address());
  const webhook = await client.post("/webhooks", { url: `http://127.0.0.1:${port}/hooks/scheduler`, description: "Billing system", types: ["run.completed", "run.failed"] });

  const heartbeat = await client.post("/jobs", { job_name: "Offsite backup", priority: "High", tags: ["ops"], description: "The backup server reports here when it is done.", schedule: cron("0 3 * * *"), executor: { type: "heartbeat", grace_seconds: 1800 } });
  const made = [];
  for (const job of jobs) made.push(await client.post("/jobs", job));
  const runnable = made.slice(0, 7).filter((_, index) => index !== 5);
  for (let round = 0; round < 4; round += 1) {
    for (const job of runnable) await client.post(`/run-job/${job.job_id}`, { status: "Running" });
    await until("the round to end", async () => {
      const { data } = await client.get("/jobs?limit=200");
      return data.filter((job) => job.last_run).every((job) => ["Completed", "Failed", "Cancelled"].includes(job.last_run.status));
    }, 60_000);
  }
  const { run } = await client.post(`/run-job/${made[5].job_id}`, { status: "Running" });
  await client.post(`/runs/${run.run_id}/cancel`);
  const running = await client.post("/jobs", { job_name: "Migrate order archive", priority: "Medium", tags: ["ops", "archive"], description: "Copies ten years of orders to cold storage.", executor: { type: "simulated", duration_ms: 900_000, outcome: "Completed" }, run: true });
  await until("a delivery", async () => (await client.get(`/webhooks/${webhook.webhook_id}/deliveries`)).data.some((delivery) => delivery.status === "Delivered"), 30_000);
  await until("the run to start", async () => (await client.get(`/jobs/${running.job_id}`)).status === "Running");
  const training = await train(client);
  await client.post(`/jobs/${made[6].job_id}/pause`, { reason: "New certificate authority: waiting for the ops team" });
  const failedRun = (await client.get(`/jobs/${made[3].job_id}/runs`)).data[0];
  receiver.closeAllConnections();
  receiver.close();
  return { token, webhook, heartbeat, running, done: made[0], paused: made[6], failedRun, training };
}

/** A worker's run that is under way and has much to tell. */
async function train(client) {
  const job = await client.post("/jobs", { job_name: "Train recommendation model", priority: "Low", tags: ["ml"], executor: { type: "worker", queue: "gpu" }, payload: { epochs: 12, dataset: "clicks-2026-11" }, run: true });
  const claimed = await until("the training to start", async () => (await client.post("/worker/claim", { queues: ["gpu"], max: 1, wait_seconds: 5, lease_seconds: 300, worker_name: "gpu-box-3" })).data[0]);
  const { lease_token, run } = claimed;
  const line = (step) =>
    step % 29 === 12
      ? { level: "warn", text: `learning rate lowered to ${(0.01 / step).toFixed(5)} after a plateau` }
      : step % 41 === 30
        ? { level: "error", text: "checkpoint upload failed: 503 from storage, trying again" }
        : step % 15 === 0
          ? { level: "info", text: `\u001b[1;32m✓\u001b[0m epoch ${step / 15} \u001b[2mtook\u001b[0m \u001b[36m${(41 + step / 7).toFixed(1)} s\u001b[0m, validation loss \u001b[33m${(2.6 / (1 + step / 20)).toFixed(4)}\u001b[0m; best so far kept as \u001b[4mcheckpoints/clicks-2026-11/epoch-${String(step / 15).padStart(2, "0")}-of-12.safetensors\u001b[0m` }
        : { level: step % 9 === 3 ? "debug" : "info", text: `epoch ${1 + Math.floor(step / 15)}/12 step ${step * 40} loss ${(2.4 / (1 + step / 20)).toFixed(4)} accuracy ${(0.5 + step / 400).toFixed(3)}` };
  await client.post(`/worker/runs/${run.run_id}/log`, { lease_token, lines: Array.from({ length: 116 }, (_, index) => line(index + 1)) });
  await client.post(`/worker/runs/${run.run_id}/heartbeat`, { lease_token, progress: 64, message: "epoch 8 of 12" });
  return { job, run };
}

/** What `GET /dashboard/customer?window=24h` says on a busy day. */
export function busyDay({ running, done, failedRun }) {
  const hour = 3_600_000;
  const begin = Math.floor(Date.now() / hour) * hour - 23 * hour;
  const completed = [96, 88, 74, 61, 58, 83, 142, 210, 318, 402, 431, 447, 398, 421, 455, 462, 430, 377, 296, 241, 203, 168, 131, 64];
  const failed = [0, 1, 0, 0, 12, 3, 0, 2, 4, 0, 5, 9, 2, 0, 3, 21, 8, 2, 0, 0, 4, 0, 1, 0];
  const throughput = completed.map((count, index) => ({ at: new Date(begin + index * hour).toISOString(), completed: count, failed: failed[index], cancelled: index % 5 === 2 ? 6 : 0 }));
  const run = (job_name, ms, id) => ({ ...failedRun, run_id: id, job_name, status: "Running", error: null, started_at: new Date(Date.now() - ms).toISOString(), finished_at: null, duration_ms: null });
  return {
    counts: { Pending: 14, Running: 3, Completed: 128, Failed: 2, Cancelled: 5, total: 152 },
    runs: { Completed: 6656, Failed: 77, Cancelled: 30 },
    success_rate: 0.9866,
    duration_ms: { p50: 1240, p95: 8730 },
    throughput,
    running: [run("Migrate order archive", 862_000, running.last_run.run_id), run("Rebuild search index", 341_000, failedRun.run_id), run("Sync customers to CRM", 48_000, done.last_run?.run_id ?? done.job_id)],
    upcoming: [["Sync customers to CRM", 4], ["Rebuild search index", 31], ["Nightly invoice export", 58], ["Charge subscriptions", 268], ["Check TLS certificates", 328], ["Send weekly digest", 388]].map(([job_name, minutes]) => ({ job_id: done.job_id, job_name, next_run_at: new Date(Date.now() + Number(minutes) * 60_000).toISOString() })),
    attention: [{ kind: "job_failed", job_id: failedRun.job_id, message: "Charge subscriptions failed: the payment gateway answered 503" }],
  };
}

/** Of each job: how long a run of it takes in seconds, how many minutes ago the last one ended, and which of the last twenty failed. */
const weeks = {
  "Nightly invoice export": [47, 512, [6]],
  "Sync customers to CRM": [112, 74, []],
  "Rebuild search index": [834, 1310, [13]],
  "Charge subscriptions": [22, 96, [0, 1, 2, 9]],
  "Import exchange rates": [6, 1005, [4, 15]],
  "Check TLS certificates": [3, 318, []],
  "Poll partner inbox": [9, 13, [11]],
  "Resize product images": [240, 2890, [3, 4]],
  "Offsite backup": [1560, 431, [17]],
};

/**
 * The list of jobs as it looks after some weeks: the same jobs with runs behind them, which a test cannot wait for.
 * @param {import("playwright-core").Page} page
 */
export async function showWeeks(page, { failedRun }) {
  const now = Date.now();
  const at = (ms) => new Date(ms).toISOString();
  const last = (job, [seconds, minutes, failed]) => {
    const end = now - minutes * 60_000;
    return { ...failedRun, ...job.last_run, job_id: job.job_id, status: failed.includes(0) ? "Failed" : "Completed", created_at: at(end - seconds * 1000), started_at: at(end - seconds * 1000), finished_at: at(end), duration_ms: seconds * 1000 };
  };
  await page.route("**/api/v1/jobs?*", async (route) => {
    const response = await route.fetch();
    const list = await response.json();
    list.data = list.data.map((job) => (weeks[job.job_name] ? { ...job, status: weeks[job.job_name][2].includes(0) ? "Failed" : "Completed", last_run: last(job, weeks[job.job_name]) } : job));
    await route.fulfill({ response, json: list });
  });
  await page.route("**/api/v1/runs?*", async (route) => {
    const { data } = await (await route.fetch({ url: route.request().url().replace("/runs?", "/jobs?") })).json();
    const runs = data.flatMap((job) =>
      Array.from({ length: weeks[job.job_name] ? 20 : 0 }, (_, index) => {
        const [seconds, minutes, failed] = weeks[job.job_name];
        const run = last(job, [seconds, minutes + index * 1440, failed]);
        const wave = 0.72 + 0.35 * Math.abs(Math.sin(index * 1.7 + seconds)) + (index % 7 === 3 ? 0.5 : 0);
        return { ...run, run_id: `${job.job_id.slice(0, -3)}${String(index).padStart(3, "0")}`, status: failed.includes(index) ? "Failed" : "Completed", duration_ms: Math.round(seconds * 1000 * wave) };
      }),
    );
    await route.fulfill({ json: { data: runs, has_more: false, next_cursor: null } });
  });
}
