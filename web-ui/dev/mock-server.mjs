// A stand-in for the real server, in memory: the contract's shapes, the live line, the mailbox, the same
// Content-Security-Policy. For working on the dashboard without Rust:  npm run build && npm run mock
import { createHash, createHmac, randomBytes, randomInt, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";
import { health, instants, logOf, nodes, preview, seedEngine } from "./mock-engine.mjs";

const port = Number(process.env.PORT ?? 8090);
const dist = resolve(fileURLToPath(new URL("../dist", import.meta.url)));
const CSP = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";
const now = () => new Date().toISOString();
const ago = (ms) => new Date(Date.now() - ms).toISOString();

const db = { users: [], challenges: new Map(), sessions: [], tokens: new Map(), jobs: [], runs: [], events: [], mails: [], webhooks: [], deliveries: [], occurrences: [] };
const sockets = new Set();
let cursor = 0;

class Problem extends Error {
  constructor(status, code, title, extra = {}) {
    super(title);
    Object.assign(this, { status, code, title, extra });
  }
}
const notFound = () => new Problem(404, "not_found", "Not found", { detail: "No such thing." });
const invalid = (pointer, message, code = "invalid") =>
  new Problem(422, "validation_failed", "The request is not valid", { errors: [{ pointer, code, message }] });

// ---- people -----------------------------------------------------------------------------------------------
function addUser({ full_name, email, password, role = "customer", status = "Unverified" }) {
  const user = { user_id: randomUUID(), full_name, email, phone: null, role, status, is_active: true, last_login: null, time_zone: null, created_at: now(), updated_at: now() };
  db.users.push({ ...user, password });
  return db.users.at(-1);
}
const publicUser = ({ password: _password, ...user }) => user;

function challenge(user, email, purpose) {
  const otp = String(randomInt(0, 1e8)).padStart(8, "0");
  const entry = { challenge_id: randomBytes(16).toString("hex"), otp, user, purpose, tries: 0, email };
  db.challenges.set(entry.challenge_id, entry);
  return sendCode(entry);
}
function sendCode(entry) {
  entry.expires = Date.now() + 300_000;
  if (entry.user) {
    const text = `Hello ${entry.user.full_name},\n\nyour one-time code for Job Scheduler:\n\n${entry.otp}\n\nIt is good for five minutes. If this was not you, ignore this mail.\n`;
    const html = `<!doctype html><body style="font:15px system-ui;margin:0;padding:32px;background:#f4f4f7"><div style="max-width:440px;margin:auto;background:#fff;border-radius:12px;padding:32px"><h1 style="font-size:18px">Your one-time code</h1><p style="font:600 30px ui-monospace,monospace;letter-spacing:4px">${entry.otp}</p><p style="color:#555">It is good for five minutes.</p></div></body>`;
    db.mails.unshift({ id: randomUUID(), to: entry.email, subject: "Your one-time code", at: now(), text, html });
    console.log(`OTP for ${entry.email}: ${entry.otp}`);
  }
  return { challenge_id: entry.challenge_id, expires_at: new Date(entry.expires).toISOString(), resend_after: new Date(Date.now() + 3_000).toISOString() };
}
function takeChallenge(id, otp, purposes) {
  const entry = db.challenges.get(id);
  const good = entry?.user && purposes.includes(entry.purpose) && entry.tries < 5 && Date.now() < entry.expires && entry.otp === otp;
  if (!good) {
    if (entry) entry.tries += 1;
    throw new Problem(401, "otp_invalid", "The code is not valid", { detail: "Wrong, used or expired." });
  }
  db.challenges.delete(id);
  return entry.user;
}
function passwordCheck(password, pointer) {
  if ([...password].length < 10) throw invalid(pointer, "Use at least 10 characters.", "password_too_short");
  if (/^(password|1234567890|qwertyuiop)/i.test(password)) throw invalid(pointer, "This password is on lists of common ones.", "password_too_common");
}
function openSession(user, request) {
  const session = { session_id: randomUUID(), user, refresh: randomBytes(16).toString("hex"), created_at: now(), last_used_at: now(), expires_at: ago(-30 * 86_400_000), user_agent: request.headers["user-agent"] ?? null, ip: "127.0.0.1" };
  db.sessions.push(session);
  return session;
}
function tokens(session) {
  const access_token = randomBytes(24).toString("hex");
  db.tokens.set(access_token, session);
  session.refresh = randomBytes(16).toString("hex");
  session.last_used_at = now();
  const cookie = `refresh=${session.refresh}; HttpOnly; SameSite=Strict; Path=/api/v1/token`;
  return { cookie, body: { access_token, token_type: "Bearer", expires_in: 600, user: publicUser(session.user) } };
}
function closeSession(session) {
  db.sessions = db.sessions.filter((other) => other !== session);
  for (const [token, owner] of db.tokens) if (owner === session) db.tokens.delete(token);
  for (const socket of sockets) if (socket.session === session) socket.close(4401);
}

// ---- jobs and runs ----------------------------------------------------------------------------------------
const STATUS_OF_RUN = { Queued: "Pending", Retrying: "Pending" };
const brief = ({ log: _log, payload: _payload, attempts: _attempts, owner: _owner, ...run }) => run;
const view = ({ owner: _owner, ...job }) => ({ ...job, last_run: job.last_run ? brief(job.last_run) : null });

function emit(owner, type, job, run, previous, lines) {
  const event = { id: randomUUID(), cursor: String(++cursor).padStart(12, "0"), type, timestamp: now(), data: { job_id: job.job_id, job_name: job.job_name, status: job.status, previous_status: previous ?? job.status, ...(run ? { run: brief(run) } : {}), ...(lines ? { lines } : {}) } };
  const quiet = type === "run.progress" || type === "run.log";
  if (!quiet) db.events.push({ owner, event });
  for (const socket of sockets) if (socket.session?.user === owner && (socket.types ? socket.types.has(type) || socket.types.has("*") && !quiet : !quiet)) socket.send(JSON.stringify(event));
  for (const hook of db.webhooks) if (hook.owner === owner && hook.enabled && (hook.types.includes("*") || hook.types.includes(type))) void deliver(hook, event);
}
function addJob(owner, body) {
  const job = {
    job_id: randomUUID(), job_name: body.job_name, priority: body.priority ?? "Medium", description: body.description ?? null, payload: body.payload ?? null, status: "Pending", completed_at: null, created_by: owner.user_id, created_at: now(), updated_at: now(),
    executor: body.executor ?? { type: "simulated", duration_ms: 3000, outcome: "Completed" }, schedule: body.schedule ?? null,
    run_timeout_seconds: body.run_timeout_seconds ?? null, max_running: body.max_running ?? null, pause_reason: null, paused_at: null, paused_by: null,
    retry: { max_attempts: 1, backoff: "exponential", initial_seconds: 10, max_seconds: 3600, jitter: 0.2, ...body.retry }, timeout_seconds: body.timeout_seconds ?? null, overlap: body.overlap ?? "skip", catch_up: body.catch_up ?? { policy: "last", window_seconds: 86400, max_runs: 100 }, next_run_at: null, last_run: null, paused: false, tags: body.tags ?? [], external_id: body.external_id ?? null, version: 1, owner,
  };
  plan(job);
  db.jobs.push(job);
  return job;
}
const refuse = (pointer, message) => invalid(pointer, message);
/** Sets the next instant, and starts a run when it comes. */
function plan(job) {
  clearTimeout(timers.get(job.job_id));
  const [next] = job.schedule && !job.paused ? instants(job.schedule, 1, Date.now(), refuse) : [];
  job.next_run_at = next ? new Date(next.ms).toISOString() : null;
  const wait = next ? next.ms - Date.now() : Infinity;
  if (wait > 86_400_000) return;
  timers.set(job.job_id, setTimeout(() => {
    if (!db.jobs.includes(job)) return;
    try {
      const run = startRun(job, "schedule");
      db.occurrences.push({ occurrence_id: randomUUID(), job_id: job.job_id, planned_at: new Date(next.ms).toISOString(), last_planned_at: null, count: 1, outcome: "Ran", reason: null, run_id: run.run_id, recorded_at: now() });
    } catch {
      db.occurrences.push({ occurrence_id: randomUUID(), job_id: job.job_id, planned_at: new Date(next.ms).toISOString(), last_planned_at: null, count: 1, outcome: "Skipped", reason: "The run before it was still under way (overlap: skip).", run_id: null, recorded_at: now() });
    }
    plan(job);
  }, wait));
}
const timers = new Map();
function setRun(job, run, status, type, changes = {}) {
  const previous = job.status;
  Object.assign(run, { status }, changes);
  if (job.last_run === run) job.status = STATUS_OF_RUN[status] ?? status;
  if (status === "Completed") job.completed_at = run.finished_at;
  job.updated_at = now();
  emit(job.owner, type, job, run, previous);
}
function startRun(job, trigger = "manual", payload = job.payload) {
  if (job.last_run && !["Completed", "Failed", "Cancelled"].includes(job.last_run.status)) throw new Problem(409, "overlap_skipped", "A run is under way", { detail: "The job's overlap policy is skip." });
  const run = { run_id: randomUUID(), job_id: job.job_id, job_name: job.job_name, status: "Queued", reason: null, trigger: { type: trigger, user_id: job.owner.user_id }, attempt: 0, max_attempts: job.retry.max_attempts, crashes: 0, payload, progress: null, progress_message: null, queue: job.executor.queue ?? null, worker_name: null, result: null, error: null, created_at: now(), started_at: null, finished_at: null, duration_ms: null, retry_at: null, cancel_requested_at: null, attempts: [], owner: job.owner };
  db.runs.push(run);
  job.last_run = run;
  setRun(job, run, "Queued", "run.queued");
  setTimeout(() => attempt(job, run), 350);
  return run;
}
function attempt(job, run) {
  if (run.status !== "Queued" && run.status !== "Retrying") return;
  const number = run.attempt + 1;
  const entry = { attempt: number, started_at: now(), finished_at: null, outcome: null, error: null, node: "mock-1", worker_name: null };
  run.attempts.push(entry);
  setRun(job, run, "Running", "run.started", { attempt: number, started_at: run.started_at ?? entry.started_at });
  const outcome = job.executor.outcome ?? "Completed";
  const length = job.executor.duration_ms ?? 12_000;
  run.log ??= [];
  if (job.executor.type !== "simulated") {
    const tick = setInterval(() => {
      if (run.status !== "Running") return clearInterval(tick);
      const share = Math.min(99, Math.round(((Date.now() - Date.parse(entry.started_at)) / length) * 100));
      Object.assign(run, { progress: share, progress_message: `step ${Math.ceil(share / 20)} of 5` });
      const line = { line: run.log.length + 1, at: now(), level: run.log.length % 9 === 8 ? "warn" : "info", text: `step ${run.log.length + 1} is done, ${share} % in all` };
      run.log.push(line);
      emit(job.owner, "run.progress", job, run);
      emit(job.owner, "run.log", job, run, undefined, [line]);
    }, 400);
  }
  setTimeout(() => {
    if (run.status !== "Running") return;
    entry.finished_at = now();
    entry.outcome = outcome;
    const end = { finished_at: now(), duration_ms: Date.now() - Date.parse(run.started_at) };
    if (outcome === "Failed") {
      entry.error = { code: "simulated", message: "The simulated run was told to fail" };
      if (number < job.retry.max_attempts) {
        setRun(job, run, "Retrying", "run.retrying", { retry_at: ago(-2000), error: entry.error });
        setTimeout(() => attempt(job, run), 2000);
      } else setRun(job, run, "Failed", "run.failed", { ...end, error: entry.error });
    } else if (outcome === "Cancelled") setRun(job, run, "Cancelled", "run.cancelled", end);
    else setRun(job, run, "Completed", "run.completed", { ...end, result: { simulated: true } });
  }, length);
}
function cancelRun(run) {
  const job = db.jobs.find((other) => other.job_id === run.job_id);
  if (["Completed", "Failed", "Cancelled"].includes(run.status)) throw new Problem(409, "invalid_transition", "The run is over", { allowed: [] });
  for (const entry of run.attempts) if (!entry.finished_at) Object.assign(entry, { finished_at: now(), outcome: "Cancelled" });
  setRun(job, run, "Cancelled", "run.cancelled", { finished_at: now(), duration_ms: run.started_at ? Date.now() - Date.parse(run.started_at) : null });
  return run;
}
async function deliver(hook, event) {
  const delivery = { delivery_id: randomUUID(), webhook_id: hook.webhook_id, event_id: event.id, type: event.type, status: "Pending", next_attempt_at: now(), created_at: now(), attempts: [] };
  db.deliveries.unshift(delivery);
  const { cursor: _cursor, ...envelope } = event;
  const body = JSON.stringify(envelope);
  const at = String(Math.floor(Date.now() / 1000));
  const key = Buffer.from(hook.secret.slice(6), "base64");
  const signature = createHmac("sha256", key).update(`${event.id}.${at}.${body}`).digest("base64");
  const request_headers = { "content-type": "application/json", "webhook-id": event.id, "webhook-timestamp": at, "webhook-signature": `v1,${signature}`, ...hook.headers };
  const begin = Date.now();
  try {
    const answer = await fetch(hook.url, { method: "POST", body, headers: request_headers, redirect: "manual", signal: AbortSignal.timeout(5000) });
    const response_body = (await answer.text()).slice(0, 4096);
    delivery.attempts.push({ attempt: 1, at: now(), status_code: answer.status, duration_ms: Date.now() - begin, request_headers, response_body, error: null });
    delivery.status = answer.ok ? "Delivered" : "Pending";
  } catch (error) {
    delivery.attempts.push({ attempt: 1, at: now(), status_code: null, duration_ms: Date.now() - begin, request_headers, response_body: null, error: `connection failed: ${error.cause?.code ?? error.message}` });
  }
  delivery.next_attempt_at = delivery.status === "Pending" ? ago(-5000) : null;
  return delivery;
}

// ---- HTTP -------------------------------------------------------------------------------------------------
const page = (items, query, size = 50) => {
  const limit = Number(query.get("limit") ?? size);
  const from = Number(query.get("cursor") ?? 0);
  const more = from + limit < items.length;
  return { data: items.slice(from, from + limit), has_more: more, next_cursor: more ? String(from + limit) : null };
};
const counts = (owner) => {
  const result = { Pending: 0, Running: 0, Completed: 0, Failed: 0, Cancelled: 0, total: 0 };
  for (const job of db.jobs.filter((other) => other.owner === owner)) {
    result[job.status] += 1;
    result.total += 1;
  }
  return result;
};
function dashboard(owner, window) {
  const [span, steps] = { "1h": [3600e3, 60], "24h": [86400e3, 48], "7d": [7 * 86400e3, 84] }[window] ?? [86400e3, 48];
  const begin = Date.now() - span;
  const throughput = Array.from({ length: steps }, (_, index) => ({ at: new Date(begin + (index * span) / steps).toISOString(), completed: 0, failed: 0, cancelled: 0 }));
  const ended = db.runs.filter((run) => run.owner === owner && run.finished_at && Date.parse(run.finished_at) >= begin);
  const runs = { Completed: 0, Failed: 0, Cancelled: 0 };
  for (const run of ended) {
    runs[run.status] += 1;
    const slot = throughput[Math.min(steps - 1, Math.floor(((Date.parse(run.finished_at) - begin) / span) * steps))];
    slot[run.status.toLowerCase()] += 1;
  }
  const durations = ended.map((run) => run.duration_ms).filter((ms) => ms !== null).sort((a, b) => a - b);
  const quantile = (share) => (durations.length ? durations[Math.min(durations.length - 1, Math.floor(share * durations.length))] : null);
  const judged = runs.Completed + runs.Failed;
  return {
    counts: counts(owner), runs, success_rate: judged ? runs.Completed / judged : null, duration_ms: { p50: quantile(0.5), p95: quantile(0.95) }, throughput,
    running: db.runs.filter((run) => run.owner === owner && run.status === "Running").map(brief),
    upcoming: db.jobs.filter((job) => job.owner === owner && job.next_run_at && Date.parse(job.next_run_at) < Date.now() + 86_400_000).sort((a, b) => a.next_run_at.localeCompare(b.next_run_at)).slice(0, 20).map(({ job_id, job_name, next_run_at }) => ({ job_id, job_name, next_run_at })),
    attention: db.jobs.filter((job) => job.owner === owner && job.status === "Failed").slice(0, 5).map((job) => ({ kind: "failed", job_id: job.job_id, message: `${job.job_name}: the latest run failed` })),
  };
}
const find = (list, key, id, owner) => {
  const found = list.find((item) => item[key] === id && item.owner === owner);
  if (!found) throw notFound();
  return found;
};
function checkJob(body) {
  if ("job_name" in body && !String(body.job_name ?? "").trim()) throw invalid("/job_name", "Must not be empty.");
  if (body.external_id && db.jobs.some((job) => job.external_id === body.external_id)) throw new Problem(409, "external_id_taken", "The external id is taken", { errors: [{ pointer: "/external_id", code: "taken", message: "Another job has this external id." }] });
}

const routes = [
  ["GET", "/meta", () => ({ version: "mock", setup_required: db.users.length === 0, mail_mode: "developer", dev_mailbox: true, sign_up: "open" }), true],
  ["POST", "/signup", ({ body }) => {
    passwordCheck(body.password ?? "", "/password");
    if (!/@/.test(body.email ?? "")) throw invalid("/email", "Not an e-mail address.");
    const known = db.users.find((user) => user.email === body.email);
    return [201, challenge(known ? null : addUser(body), body.email, "signup")];
  }, true],
  ["POST", "/setup", ({ body }) => {
    if (body.token !== "mock-setup") throw new Problem(401, "unauthenticated", "The link is not valid", { detail: "The set-up link is wrong, used or expired." });
    passwordCheck(body.password ?? "", "/password");
    return [201, challenge(addUser({ ...body, role: "admin" }), body.email, "signup")];
  }, true],
  ["POST", "/login", ({ body }) => {
    const user = db.users.find((other) => other.email === body.email && other.password === body.password && other.status !== "Deactivated");
    if (!user) throw new Problem(401, "invalid_credentials", "Wrong e-mail or password", { detail: "The e-mail or the password is wrong." });
    return { otp_required: true, ...challenge(user, user.email, "login") };
  }, true],
  ["POST", "/send-otp", ({ body }) => {
    if (body.challenge_id) {
      const entry = db.challenges.get(body.challenge_id);
      if (!entry) throw new Problem(401, "otp_invalid", "The challenge is not valid");
      entry.otp = String(randomInt(0, 1e8)).padStart(8, "0");
      entry.tries = 0;
      return sendCode(entry);
    }
    return challenge(db.users.find((user) => user.email === body.email) ?? null, body.email, "password_reset");
  }, true],
  ["POST", "/verify-otp", ({ body, request }) => {
    const user = takeChallenge(body.challenge_id, body.otp, ["login", "signup"]);
    Object.assign(user, { status: "Active", last_login: now() });
    const made = tokens(openSession(user, request));
    return [200, made.body, { "Set-Cookie": made.cookie }];
  }, true],
  ["POST", "/reset-password", ({ body }) => {
    passwordCheck(body.new_password ?? "", "/new_password");
    const user = takeChallenge(body.challenge_id, body.otp, ["password_reset"]);
    user.password = body.new_password;
    db.sessions.filter((session) => session.user === user).forEach(closeSession);
    return {};
  }, true],
  ["POST", "/token/refresh", ({ request }) => {
    const given = /refresh=([0-9a-f]+)/.exec(request.headers.cookie ?? "")?.[1];
    const session = db.sessions.find((other) => other.refresh === given);
    if (!session) throw new Problem(401, "unauthenticated", "No session");
    const made = tokens(session);
    return [200, made.body, { "Set-Cookie": made.cookie }];
  }, true],
  ["PATCH", "/logout", ({ session }) => {
    closeSession(session);
    return [204, null, { "Set-Cookie": "refresh=; HttpOnly; SameSite=Strict; Path=/api/v1/token; Max-Age=0" }];
  }],
  ["GET", "/me", ({ user }) => publicUser(user)],
  ["PATCH", "/me", ({ user, body }) => {
    if (body.phone && !/^\+\d{7,15}$/.test(body.phone)) throw invalid("/phone", "Use the international form, such as +442079460018.");
    return publicUser(Object.assign(user, body, { updated_at: now() }));
  }],
  ["GET", "/sessions", ({ user, session, query }) => page(db.sessions.filter((other) => other.user === user).map(({ user: _user, refresh: _refresh, ...rest }) => ({ ...rest, current: rest.session_id === session.session_id })), query)],
  ["DELETE", "/sessions/:id", ({ user, id }) => {
    const session = db.sessions.find((other) => other.session_id === id && other.user === user);
    if (!session) throw notFound();
    closeSession(session);
    return [204];
  }],
  ["GET", "/users", ({ user, query }) => {
    if (user.role !== "admin") throw new Problem(403, "forbidden", "For administrators");
    return page(db.users.map(publicUser), query);
  }],
  ["PATCH", "/users/:id", ({ id, body }) => {
    const target = db.users.find((other) => other.user_id === id);
    if (!target) throw notFound();
    Object.assign(target, body);
    if (body.status === "Deactivated") db.sessions.filter((session) => session.user === target).forEach(closeSession);
    return publicUser(target);
  }],
  ["GET", "/dashboard/customer", ({ user, query }) => dashboard(user, query.get("window") ?? "24h")],
  ["GET", "/jobs/counts", ({ user }) => counts(user)],
  ["GET", "/jobs", ({ user, query }) => {
    const status = query.getAll("status");
    const priority = query.getAll("priority");
    const q = (query.get("q") ?? "").toLowerCase();
    const tag = query.get("tag");
    const sort = query.get("sort") ?? "-created_at";
    const key = sort.replace("-", "");
    const found = db.jobs.filter((job) => job.owner === user && (!status.length || status.includes(job.status)) && (!priority.length || priority.includes(job.priority)) && (!tag || job.tags.includes(tag)) && (!q || `${job.job_name} ${job.description ?? ""} ${job.external_id ?? ""}`.toLowerCase().includes(q)));
    found.sort((a, b) => String(a[key]).localeCompare(String(b[key])) * (sort.startsWith("-") ? -1 : 1));
    return page(found.map(view), query);
  }],
  ["POST", "/jobs", ({ user, body }) => {
    if (!("job_name" in body)) throw invalid("/job_name", "Missing.");
    checkJob(body);
    const job = addJob(user, body);
    emit(user, "job.created", job);
    if (body.run) startRun(job);
    return [201, view(job)];
  }],
  ["GET", "/jobs/:id", ({ user, id }) => view(find(db.jobs, "job_id", id, user))],
  ["PATCH", "/jobs/:id", ({ user, id, body, request }) => {
    const job = find(db.jobs, "job_id", id, user);
    const wanted = request.headers["if-match"];
    if (wanted && wanted !== `"${job.version}"`) throw new Problem(412, "version_conflict", "The job was changed", { version: job.version });
    checkJob(body);
    if ("schedule" in body && body.schedule) instants(body.schedule, 1, Date.now(), refuse);
    Object.assign(job, body, { updated_at: now(), version: job.version + 1 });
    plan(job);
    emit(user, "job.updated", job);
    return view(job);
  }],
  ["DELETE", "/jobs/:id", ({ user, id }) => {
    const job = find(db.jobs, "job_id", id, user);
    db.jobs = db.jobs.filter((other) => other !== job);
    emit(user, "job.deleted", job);
    return [204];
  }],
  ["POST", "/run-job/:id", ({ user, id, body }) => {
    const job = find(db.jobs, "job_id", id, user);
    const run = body.status === "Cancelled" ? cancelRun(job.last_run ?? {}) : startRun(job);
    return [202, { job: view(job), run: brief(run) }];
  }],
  ["POST", "/jobs/:id/runs", ({ user, id, body }) => {
    const job = find(db.jobs, "job_id", id, user);
    return [202, brief(startRun(job, "manual", "payload" in body ? body.payload : job.payload))];
  }],
  ["POST", "/jobs/:id/pause", ({ user, id, body }) => {
    const job = Object.assign(find(db.jobs, "job_id", id, user), { paused: true, paused_at: now(), pause_reason: body.reason ?? null, paused_by: user.user_id });
    plan(job);
    emit(user, "job.paused", job);
    return view(job);
  }],
  ["POST", "/jobs/:id/resume", ({ user, id }) => {
    const job = Object.assign(find(db.jobs, "job_id", id, user), { paused: false, paused_at: null, pause_reason: null, paused_by: null });
    plan(job);
    emit(user, "job.resumed", job);
    return view(job);
  }],
  ["POST", "/jobs/:id/backfill", ({ user, id, body }) => {
    const job = find(db.jobs, "job_id", id, user);
    if (!job.schedule) throw new Problem(409, "invalid_transition", "The job has no schedule");
    if (Date.parse(body.to) <= Date.parse(body.from)) throw invalid("/to", "must be after from");
    const all = instants({ ...job.schedule, end_at: body.to }, body.max_runs ?? 1000, Date.parse(body.from), refuse);
    return [202, { planned: all.length, first_at: all.length ? new Date(all[0].ms).toISOString() : null, last_at: all.length ? new Date(all.at(-1).ms).toISOString() : null, started: body.dry_run ? 0 : all.length }];
  }],
  ["GET", "/jobs/:id/occurrences", ({ user, id, query }) => {
    find(db.jobs, "job_id", id, user);
    return page(db.occurrences.filter((one) => one.job_id === id).sort((a, b) => b.planned_at.localeCompare(a.planned_at)), query);
  }],
  ["GET", "/jobs/:id/cadence", ({ user, id }) => {
    const job = find(db.jobs, "job_id", id, user);
    return job.schedule?.type === "interval" ? { asked_seconds: job.schedule.every_seconds, real_seconds: job.schedule.every_seconds * 1.25, explanation: "Asked for every 15 minutes; it runs every 19 minutes, because runs take longer than the time between them." } : { asked_seconds: null, real_seconds: null, explanation: null };
  }],
  ["POST", "/schedules/preview", ({ body }) => preview(body.schedule, body.count ?? 10, body.from ? Date.parse(body.from) : Date.now(), refuse)],
  ["POST", "/schedules/import", ({ body }) => ({ data: body.crontab.split("\n").map((text, index) => ({ line: index + 1, text, status: !text.trim() || text.startsWith("#") ? "ignored" : "ok", message: null })) })],
  ["GET", "/runs", ({ user, query }) => {
    const status = query.getAll("status");
    const job = query.get("job_id");
    return page(db.runs.filter((run) => run.owner === user && (!status.length || status.includes(run.status)) && (!job || run.job_id === job)).sort((a, b) => b.created_at.localeCompare(a.created_at)).map(brief), query);
  }],
  ["GET", "/runs/:id/log", ({ user, id, query }) => {
    const run = find(db.runs, "run_id", id, user);
    const after = Number(query.get("after") ?? 0);
    const limit = Number(query.get("limit") ?? 100);
    const rest = (run.log ?? logOf(run)).filter((line) => line.line > after);
    return { data: rest.slice(0, limit), has_more: rest.length > limit, next_cursor: rest.length > limit ? String(rest[limit - 1].line) : null };
  }],
  ["GET", "/nodes", ({ user }) => {
    if (user.role !== "admin") throw new Problem(403, "forbidden", "For administrators");
    return { data: nodes((ms) => new Date(ms).toISOString()) };
  }],
  ["GET", "/dashboard/admin", ({ user }) => {
    if (user.role !== "admin") throw new Problem(403, "forbidden", "For administrators");
    return { engine: health, nodes: nodes((ms) => new Date(ms).toISOString()), counts: { users: db.users.length, jobs: db.jobs.length, runs: db.runs.length } };
  }],
  ["GET", "/jobs/:id/runs", ({ user, id, query }) => {
    find(db.jobs, "job_id", id, user);
    return page(db.runs.filter((run) => run.job_id === id).reverse().map(brief), query);
  }],
  ["GET", "/jobs/:id/events", ({ user, id, query }) => {
    find(db.jobs, "job_id", id, user);
    return page(db.events.filter(({ event }) => event.data.job_id === id).map(({ event }) => event).reverse(), query);
  }],
  ["GET", "/runs/:id", ({ user, id }) => {
    const { owner: _owner, log: _log, ...run } = find(db.runs, "run_id", id, user);
    return run;
  }],
  ["POST", "/runs/:id/cancel", ({ user, id }) => [202, brief(cancelRun(find(db.runs, "run_id", id, user)))]],
  ["POST", "/runs/:id/retry", ({ user, id }) => [202, brief(startRun(find(db.jobs, "job_id", find(db.runs, "run_id", id, user).job_id, user), "retry"))]],
  ["GET", "/webhooks", ({ user, query }) => page(db.webhooks.filter((hook) => hook.owner === user).map(({ owner: _o, secret: _s, ...hook }) => hook), query)],
  ["POST", "/webhooks", ({ user, body }) => {
    if (/169\.254/.test(body.url)) throw invalid("/url", "This address is not allowed.");
    const hook = { webhook_id: randomUUID(), url: body.url, types: body.types ?? ["*"], description: body.description ?? null, headers: body.headers ?? {}, enabled: true, disabled_reason: null, failing_since: null, version: 1, created_at: now(), updated_at: now(), secret: `whsec_${randomBytes(24).toString("base64")}`, owner: user };
    db.webhooks.push(hook);
    const { owner: _owner, ...rest } = hook;
    return [201, rest];
  }],
  ["GET", "/webhooks/:id", ({ user, id }) => {
    const { owner: _o, secret: _s, ...hook } = find(db.webhooks, "webhook_id", id, user);
    return hook;
  }],
  ["PATCH", "/webhooks/:id", ({ user, id, body }) => {
    const { owner: _o, secret: _s, ...hook } = Object.assign(find(db.webhooks, "webhook_id", id, user), body, { updated_at: now() });
    return hook;
  }],
  ["POST", "/webhooks/:id/rotate-secret", ({ user, id }) => {
    const { owner: _o, ...hook } = Object.assign(find(db.webhooks, "webhook_id", id, user), { secret: `whsec_${randomBytes(24).toString("base64")}`, updated_at: now() });
    return hook;
  }],
  ["POST", "/deliveries/:id/replay", ({ id }) => [202, Object.assign(db.deliveries.find((delivery) => delivery.delivery_id === id), { status: "Delivered" })]],
  ["DELETE", "/webhooks/:id", ({ user, id }) => {
    const hook = find(db.webhooks, "webhook_id", id, user);
    db.webhooks = db.webhooks.filter((other) => other !== hook);
    return [204];
  }],
  ["POST", "/webhooks/:id/test", async ({ user, id }) => {
    const hook = find(db.webhooks, "webhook_id", id, user);
    return [202, await deliver(hook, { id: randomUUID(), type: "webhook.test", timestamp: now(), data: { webhook_id: id } })];
  }],
  ["GET", "/webhooks/:id/deliveries", ({ id, query }) => page(db.deliveries.filter((delivery) => delivery.webhook_id === id), query)],
  ["GET", "/deliveries/:id", ({ id }) => db.deliveries.find((delivery) => delivery.delivery_id === id) ?? (() => { throw notFound(); })()],
];

async function handleApi(request, url, raw) {
  const path = url.pathname.slice("/api/v1".length);
  for (const [method, pattern, handler, open] of routes) {
    const match = method === request.method && new RegExp(`^${pattern.replace(":id", "([^/]+)")}$`).exec(path);
    if (!match) continue;
    const session = db.tokens.get((request.headers.authorization ?? "").replace("Bearer ", ""));
    if (!open && !session) throw new Problem(401, "unauthenticated", "Log in first");
    const answer = await handler({ request, query: url.searchParams, body: raw ? JSON.parse(raw) : {}, id: match[1], session, user: session?.user });
    return Array.isArray(answer) ? answer : [200, answer];
  }
  throw notFound();
}

const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json" };
async function serveFile(path) {
  const file = normalize(join(dist, path.replace(/^\/app/, "") || "/"));
  const wanted = file.startsWith(dist) && extname(file) ? file : join(dist, "index.html");
  return [await readFile(wanted), types[extname(wanted)] ?? "application/octet-stream"];
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, `http://127.0.0.1:${port}`);
  const headers = { "Content-Security-Policy": CSP, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Request-Id": request.headers["x-request-id"] ?? randomUUID() };
  const send = (status, body, type, extra = {}) => {
    response.writeHead(status, { ...headers, "Content-Type": type, ...extra });
    response.end(body);
  };
  try {
    let raw = "";
    for await (const chunk of request) raw += chunk;
    if (url.pathname === "/readyz") return send(200, "{}", "application/json");
    if (url.pathname === "/") return send(302, "", "text/plain", { Location: "/app/" });
    if (url.pathname === "/dev/mailbox.json") return send(200, JSON.stringify({ data: db.mails }), "application/json");
    const mail = /^\/dev\/mailbox\/([^/]+)\/html$/.exec(url.pathname);
    if (mail) return send(200, db.mails.find((one) => one.id === mail[1])?.html ?? "", "text/html", { "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'" });
    if (url.pathname.startsWith("/app")) {
      const [body, type] = await serveFile(url.pathname);
      return send(200, body, type, type === "text/html" ? { "Cache-Control": "no-store" } : {});
    }
    if (url.pathname.startsWith("/api/v1/")) {
      const [status, body, extra] = await handleApi(request, url, raw);
      return send(status, body === null || body === undefined ? "" : JSON.stringify(body), "application/json", { "Cache-Control": "no-store", ...extra });
    }
    throw notFound();
  } catch (error) {
    const problem = error instanceof Problem ? error : new Problem(500, "internal", "Internal error", { detail: String(error) });
    if (!(error instanceof Problem)) console.error(error);
    send(problem.status, JSON.stringify({ type: `/docs/errors/${problem.code}`, title: problem.title, status: problem.status, code: problem.code, request_id: headers["X-Request-Id"], errors: [], ...problem.extra }), "application/problem+json");
  }
});

// ---- the live line ----------------------------------------------------------------------------------------
const live = new WebSocketServer({ server, path: "/api/v1/ws" });
live.on("connection", (socket) => {
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
  socket.on("message", (data) => {
    const message = JSON.parse(String(data));
    if (message.type === "subscribe" && message.types) socket.types = new Set(message.types);
    if (message.type !== "authenticate") return;
    socket.session = db.tokens.get(message.token);
    if (!socket.session) return socket.close(4401);
    socket.send(JSON.stringify({ type: "ready", cursor: String(cursor).padStart(12, "0") }));
    if (message.since) for (const { owner, event } of db.events) if (owner === socket.session.user && event.cursor > message.since) socket.send(JSON.stringify(event));
  });
});

// ---- something to look at ---------------------------------------------------------------------------------
if (process.env.MOCK_SEED) {
  const admin = addUser({ full_name: "Ada Lovelace", email: "ada@example.com", password: "correct horse battery", role: "admin", status: "Active" });
  addUser({ full_name: "Grace Hopper", email: "grace@example.com", password: "correct horse battery", status: "Active" });
  addUser({ full_name: "Alan Turing", email: "alan@example.com", password: "correct horse battery", status: "Deactivated" });
  const names = [["Nightly invoice export", "High", ["billing", "nightly"]], ["Sync customers to CRM", "Medium", ["crm"]], ["Rebuild search index", "Low", ["search"]], ["Send weekly digest", "Medium", ["mail", "weekly"]], ["Charge subscriptions", "Critical", ["billing"]], ["Resize product images", "Low", []], ["Import exchange rates", "High", ["finance"]], ["Prune stale sessions", "Low", ["ops"]], ["Warm the cache", "Medium", ["ops"]], ["Check TLS certificates", "High", ["ops", "security"]], ["Generate sitemap", "Low", ["seo"]], ["Archive old orders", "Medium", ["billing", "archive", "yearly", "cold-storage"]]];
  const digest = (text) => createHash("sha1").update(text).digest()[0] / 255;
  names.forEach(([job_name, priority, tags], index) => {
    const job = addJob(admin, { job_name, priority, tags, description: index % 3 ? null : "Runs against the production replica; ask the data team before changing it.", payload: { customer: 4711, dry_run: false, window: { from: "2026-11-01", to: "2026-11-30" } } });
    job.created_at = ago((index + 1) * 7_200_000);
    for (let number = 0; number < 60; number += 1) {
      const seed = digest(`${index}/${number}`);
      const status = seed < 0.06 ? "Failed" : seed < 0.1 ? "Cancelled" : "Completed";
      const begin = Date.now() - (60 - number) * (1_500_000 + seed * 900_000) - index * 60_000 - 60_000;
      const duration = Math.round(800 + seed * 9000 + (number % 7) * 400);
      const iso = (ms) => new Date(ms).toISOString();
      const error = status === "Failed" ? { code: "timeout", message: "The replica did not answer within 10 s" } : null;
      const run = { run_id: randomUUID(), job_id: job.job_id, job_name, status, reason: null, trigger: { type: number % 4 ? "schedule" : "manual" }, progress_message: null, queue: null, worker_name: null, attempt: 1, max_attempts: 1, crashes: 0, payload: job.payload, progress: null, result: null, error, created_at: iso(begin - 120), started_at: iso(begin), finished_at: iso(begin + duration), duration_ms: duration, retry_at: null, cancel_requested_at: null, attempts: [{ attempt: 1, started_at: iso(begin), finished_at: iso(begin + duration), outcome: status, error, node: "mock-1", worker_name: null }], owner: admin };
      db.runs.push(run);
      job.last_run = run;
      job.status = status;
      if (status === "Completed") job.completed_at = run.finished_at;
    }
  });
  seedEngine(db, (ms) => new Date(ms).toISOString());
  db.jobs[2].status = "Pending";
  db.jobs[2].last_run = null;
}

server.listen(port, "127.0.0.1", () => console.log(`mock server on http://127.0.0.1:${port}/app/  set-up link: /app/setup#token=mock-setup`));
