// A complete worker without dependencies. Put your work into `work`, and start it:
// JOBS_URL=http://127.0.0.1:8080 JOBS_API_KEY=jsk_… QUEUE=reports node worker.ts      (before Node 22.18: npx tsx worker.ts)
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

const { JOBS_URL = "http://127.0.0.1:8080", JOBS_API_KEY, QUEUE = "default", LEASE_SECONDS = "30" } = process.env;
const lease = Number(LEASE_SECONDS) * 1000; // how long the server waits for a sign of life, 5 to 300 s
let [stopping, idle] = [false, false];

class LeaseLost extends Error {} // the run is not ours any more: stop, and say nothing about it
class Refused extends Error {} // the server says no; trying again would not help
class Hopeless extends Error {} // for `work` to throw where another attempt would fail as well

type Claimed = { run: { run_id: string }; payload: { pages?: number; seconds?: number; broken?: string } | null; lease_token: string };

/** Does what the payload says. What it returns becomes the result; what it throws fails the attempt. */
async function work(run: Run): Promise<unknown> {
  const { pages = 5, seconds = 1, broken } = run.claimed.payload ?? {};
  if (typeof pages !== "number") throw new Hopeless(`pages must be a number, not ${JSON.stringify(pages)}`);
  if (broken) throw new Error(broken); // worth another attempt
  for (let page = 1; page <= pages; page += 1) {
    run.check();
    await run.log(`page ${page} of ${pages}`);
    await sleep(seconds * 1000);
    await run.progress(Math.floor((100 * page) / pages), `page ${page}`);
  }
  return { pages };
}

/** POSTs. While the server is away or busy, does so again and again as long as `until()` is ahead. */
async function call<T>(path: string, body: object, until: () => number): Promise<T> {
  const headers = { Authorization: `Bearer ${JOBS_API_KEY}`, "Content-Type": "application/json", "Idempotency-Key": randomUUID() };
  for (let pause = 500; ; pause = Math.min(2 * pause, 15_000)) {
    let [wait, why]: [number, unknown] = [pause, ""];
    try {
      const answer = await fetch(`${JOBS_URL}/api/v1/worker${path}`, {
        method: "POST", headers, body: JSON.stringify(body), signal: AbortSignal.timeout(45_000),
      });
      if (answer.ok) return (await answer.json()) as T;
      const problem = (await answer.json().catch(() => ({}))) as { code?: string; detail?: string };
      if (path !== "/claim" && (answer.status === 404 || problem.code === "lease_lost")) throw new LeaseLost("not ours any more");
      const mayPass = answer.status >= 500 || answer.status === 429 || problem.code === "idempotency_in_progress";
      if (!mayPass) throw new Refused(`${answer.status}: ${problem.detail}`);
      [wait, why] = [Number(answer.headers.get("Retry-After")) * 1000 || pause, answer.status];
    } catch (error) {
      if (error instanceof LeaseLost || error instanceof Refused) throw error;
      why = error instanceof Error ? (error.cause ?? error) : error; // no answer, or half of one
    }
    if (performance.now() + wait > until()) throw new LeaseLost("the server was away for too long");
    console.log(`no answer (${String(why)}); again in ${wait / 1000} s`);
    await sleep(wait);
  }
}

class Run {
  private until = performance.now() + lease;
  private cancelled = false;
  private lost = false;
  private readonly beats = setInterval(() => void this.beat({}), lease / 3);
  readonly claimed: Claimed;
  constructor(claimed: Claimed) { this.claimed = claimed; }
  readonly tell = <T>(what: string, body: object): Promise<T> =>
    call<T>(`/runs/${this.claimed.run.run_id}/${what}`, { lease_token: this.claimed.lease_token, ...body }, () => this.until);
  async beat(said: object): Promise<void> {
    try {
      const sent = performance.now();
      this.cancelled = (await this.tell<{ cancel_requested: boolean }>("heartbeat", said)).cancel_requested;
      this.until = sent + lease;
    } catch { this.end(); }
  }
  end(): void { this.lost = true; clearInterval(this.beats); }
  check(): void {
    if (this.lost) throw new LeaseLost("not ours any more");
    if (this.cancelled) throw new Error("stopped on request");
  }
  async progress(percent: number, message = ""): Promise<void> { await this.beat({ progress: percent, message }); }
  async log(text: string, level = "info"): Promise<void> { await this.tell("log", { lines: [{ text: text.slice(0, 2000), level }] }); }
}

async function carryOut(run: Run): Promise<string> {
  try {
    try { return (await run.tell<{ status: string }>("complete", { result: await work(run) })).status; } catch (error) {
      if (error instanceof LeaseLost) throw error;
      const retryable = !(error instanceof Hopeless || error instanceof Refused);
      return (await run.tell<{ status: string }>("fail", { error: { message: String(error).slice(0, 2000) }, retryable })).status;
    }
  } catch (error) { return `lost (${String(error)})`; } finally { run.end(); }
}

for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => { stopping = true; if (idle) process.exit(); });
console.log(`waits for runs of the queue ${QUEUE} at ${JOBS_URL}`);
while (!stopping) {
  const claim = { queues: [QUEUE], wait_seconds: 20, lease_seconds: lease / 1000, worker_name: `${hostname()}/${process.pid}` };
  idle = true;
  const { data } = await call<{ data: Claimed[] }>("/claim", claim, () => Infinity);
  idle = false;
  for (const one of data) console.log(`run ${one.run.run_id}: ${await carryOut(new Run(one))}`);
}
