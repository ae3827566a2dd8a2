import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = resolve(here, "../../..");

/** @returns {Promise<number>} a port that is free now */
export function freePort() {
  return new Promise((resolvePort, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (probe.address());
      probe.close(() => resolvePort(port));
    });
  });
}

/** Waits until `check` answers something true; says what it waited for when it does not. */
export async function until(what, check, timeoutMs = 60_000) {
  const end = Date.now() + timeoutMs;
  let last;
  while (Date.now() < end) {
    try {
      const value = await check();
      if (value) return value;
    } catch (error) {
      last = error;
    }
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`waited ${timeoutMs} ms for: ${what}${last ? ` (${last.message})` : ""}`);
}

/** The server on a free port with a data folder of its own. */
export async function startServer({ env = {}, data, port: wanted } = {}) {
  const port = wanted ?? (await freePort());
  const origin = `http://127.0.0.1:${port}`;
  const binary = resolve(here, "..", process.env.JOB_SCHEDULER_BIN ?? join(root, "target/debug/job-scheduler"));
  if (!existsSync(binary)) throw new Error(`${binary} is missing; build the server, or set JOB_SCHEDULER_BIN`);
  const dataDir = data ?? (await mkdtemp(join(tmpdir(), "job-scheduler-browser-")));
  const child = spawn(binary, ["serve"], {
    cwd: dataDir,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      RUST_BACKTRACE: "1",
      SCHED_LISTEN: `127.0.0.1:${port}`,
      SCHED_DATA_DIR: dataDir,
      SCHED_PUBLIC_URL: origin,
      SCHED_RATE_LIMITS: "off",
      // The least there is: no test is about how long a password is chewed on.
      SCHED_PASSWORD_COST: "10",
      SCHED_ALLOW_PRIVATE_TARGETS: "127.0.0.0/8",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const keep = (chunk) => {
    output = (output + chunk).slice(-60_000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  let exit = null;
  const ended = new Promise((done) => child.once("exit", (code, signal) => done((exit = { code, signal }))));

  const server = {
    origin,
    port,
    dataDir,
    output: () => output,
    /** Ends the process and keeps the data. */
    async halt() {
      if (!exit) child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 30_000);
      await ended;
      clearTimeout(timer);
    },
    async stop() {
      await server.halt();
      await rm(dataDir, { recursive: true, force: true });
    },
    /** The newest code mailed to an address. */
    async otp(email, after = 0) {
      return until(`a code for ${email}`, async () => {
        const { data: mails } = await (await fetch(`${origin}/dev/mailbox.json`)).json();
        const found = mails
          .filter((mail) => mail.to.includes(email) && Date.parse(mail.at) >= after)
          .map((mail) => [Date.parse(mail.at), /^\s*(\d{8})\s*$/m.exec(mail.text)?.[1]])
          .filter(([, code]) => code)
          .sort((a, b) => b[0] - a[0]);
        return found[0]?.[1];
      });
    },
    /** The one-time link of the first start. */
    setupToken: () => until("the set-up link", () => /setup#token=([\w.~-]+)/.exec(output)?.[1]),
  };
  try {
    await until("the server to be ready", async () => {
      if (exit) throw Object.assign(new Error(`the server ended: ${JSON.stringify(exit)}`), { final: true });
      return (await fetch(`${origin}/readyz`)).ok;
    });
  } catch (error) {
    child.kill("SIGKILL");
    throw new Error(`${error.message}\n${output}`);
  }
  return server;
}
