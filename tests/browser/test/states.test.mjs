// What each screen shows while its answer is on its way, when the server fails, when it cannot be reached, when it is
// back, and when there is nothing yet.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible } from "../lib/axe.mjs";
import { enterCode, api, logIn, person, registered } from "../lib/people.mjs";
import { until } from "../lib/server.mjs";
import { suite } from "../lib/suite.mjs";

const world = suite();
const admin = person("Ada Lovelace");
/** @type {any} */
const made = {};

test("the administrator has something to show", async () => {
  const page = await world.open();
  await page.goto(`/app/setup#token=${await world.server.setupToken()}`);
  await page.getByLabel("Full name").fill(admin.full_name);
  await page.getByLabel("E-mail").fill(admin.email);
  await page.getByLabel("Password", { exact: true }).fill(admin.password);
  const since = Date.now() - 1000;
  await page.getByRole("button", { name: "Create administrator" }).click();
  await enterCode(page, world.server, admin.email, since);
  await page.getByText("Get started").waitFor();
  const again = Date.now() - 1000;
  const { challenge_id } = await api(world.server).post("/login", { email: admin.email, password: admin.password });
  const { access_token } = await api(world.server).post("/verify-otp", { challenge_id, otp: await world.server.otp(admin.email, again) });
  const client = api(world.server, access_token);
  made.job = await client.post("/jobs", { job_name: "There", schedule: { type: "cron", expression: "0 3 * * *", time_zone: "UTC" }, executor: { type: "simulated", duration_ms: 0, outcome: "Completed" }, run: true });
  made.run = (await until("the run", async () => (await client.get(`/jobs/${made.job.job_id}/runs`)).data.filter(({ status }) => status === "Completed")[0]));
  made.webhook = await client.post("/webhooks", { url: "http://127.0.0.1:9/hooks", types: ["job.created"] });
});

/** A screen, and the question without whose answer it has nothing to show. */
const screens = () => [
  ["/", /\/dashboard\/customer/],
  ["/jobs", /\/jobs\?/],
  [`/jobs/${made.job.job_id}`, /\/jobs\/[^/?]+$/],
  [`/jobs/${made.job.job_id}`, /\/jobs\/[^/]+\/runs/],
  [`/jobs/${made.job.job_id}?tab=schedule`, /\/schedules\/preview/],
  [`/jobs/${made.job.job_id}?tab=ledger`, /\/occurrences/],
  [`/jobs/${made.job.job_id}?tab=webhooks`, /\/v1\/webhooks/],
  [`/jobs/${made.job.job_id}?tab=activity`, /\/events/],
  [`/jobs/${made.job.job_id}/edit`, /\/jobs\/[^/?]+$/],
  ["/runs", /\/runs\?/],
  [`/runs/${made.run.run_id}`, /\/runs\/[^/?]+$/],
  [`/runs/${made.run.run_id}`, /\/log/],
  ["/timeline", /\/runs\?/],
  ["/calendar", /\/jobs\?/],
  ["/queues", /\/queues/],
  ["/webhooks", /\/v1\/webhooks/],
  [`/webhooks/${made.webhook.webhook_id}`, /\/webhooks\/[^/?]+$/],
  [`/webhooks/${made.webhook.webhook_id}`, /\/deliveries/],
  ["/api-keys", /\/api-keys/],
  ["/bulk", /\/bulk-operations/],
  ["/account/notices", /\/me\/notices/],
  ["/account/sessions", /\/sessions/],
  ["/account/activity", /\/audit-log/],
  ["/engine", /\/dashboard\/admin/],
  ["/users", /\/users/],
  ["/system", /\/admin\/configuration/],
];

const broken = { status: 500, contentType: "application/problem+json", body: JSON.stringify({ title: "Internal error", status: 500, code: "internal", detail: "The database went away.", request_id: "0198c5a0-states", errors: [] }) };

test("every screen waits, fails, tells that the line is cut, and comes back", async () => {
  const page = await world.open({ reducedMotion: "reduce" });
  await logIn(page, world.server, admin);
  const faults = [];
  for (const [path, question] of screens()) {
    const where = `${path} without ${question.source}`;
    /** @type {"hold" | "fail" | "cut" | "through"} */
    let mode = "hold";
    const held = [];
    await page.route((url) => url.pathname.startsWith("/api/v1/") && question.test(url.href), async (route) => {
      if (route.request().method() === "OPTIONS" || mode === "through") return route.continue();
      if (mode === "cut") return route.abort("internetdisconnected");
      if (mode === "fail") return route.fulfill(broken);
      held.push(route);
    });
    try {
      await page.goto(`/app${path}`);
      // On its way: something stands where the content will be.
      await page.locator('#content [role="status"][aria-label="Loading"]').first().waitFor({ timeout: 20_000 });
      mode = "fail";
      await Promise.all(held.splice(0).map((route) => route.fulfill(broken)));
      const failed = page.locator("#content").getByText("0198c5a0-states");
      await failed.first().waitFor({ timeout: 20_000 });
      await page.locator('#content [role="status"][aria-label="Loading"]').first().waitFor({ state: "detached", timeout: 20_000 });
      await assertAccessible(page, where);
      page.offlineOnPurpose = true;
      mode = "cut";
      await page.locator("#content").getByRole("button", { name: "Try again" }).first().click();
      await page.locator("#content").getByText("The server cannot be reached").first().waitFor({ timeout: 20_000 });
      mode = "through";
      await page.locator("#content").getByRole("button", { name: "Try again" }).first().click();
      await page.locator("#content").getByText("The server cannot be reached").first().waitFor({ state: "detached", timeout: 20_000 });
    } catch (error) {
      faults.push(`${where}: ${error.message.split("\n").slice(0, 6).join(" ")}`);
    } finally {
      mode = "through";
      await Promise.all(held.splice(0).map((route) => route.continue().catch(() => undefined)));
      await page.unrouteAll({ behavior: "ignoreErrors" });
    }
  }
  page.sins.splice(0, page.sins.length, ...page.sins.filter((sin) => !/status of 500|ERR_INTERNET_DISCONNECTED|Failed to load resource/.test(sin)));
  assert.deepEqual(faults, []);
});

test("every screen of somebody new says what belongs there, and how it gets there", async () => {
  const { who } = await registered(world.server);
  const page = await world.open();
  await logIn(page, world.server, who);
  for (const [path, words] of [
    ["/", "Get started"],
    ["/jobs", "No jobs yet"],
    ["/runs", "No runs yet"],
    ["/timeline", "No run in this time"],
    ["/calendar", "Nothing is scheduled"],
    ["/queues", "No queue yet"],
    ["/webhooks", "No endpoint yet"],
    ["/api-keys", "No key yet"],
    ["/bulk", "None yet"],
    ["/account/notices", "Nothing to tell so far"],
  ]) {
    await page.goto(`/app${path}`);
    await page.locator("#content").getByText(words).first().waitFor({ timeout: 20_000 }).catch((error) => {
      throw new Error(`${path}: ${error.message}`);
    });
  }
});

test("a page that cannot be fetched is told for what it is: no line, or a newer version", async () => {
  const page = await world.open();
  await logIn(page, world.server, admin);
  await page.goto("/app/jobs");
  await page.locator('[data-live="live"]').first().waitFor();
  page.offlineOnPurpose = true;
  // The page's own part is gone, as after an update of the server.
  await page.route(/TimelinePage-.*\.js$/, (route) => route.fulfill({ status: 404, contentType: "text/plain", body: "gone" }));
  await page.getByRole("link", { name: "Timeline" }).click();
  await page.getByText("There is a newer version").waitFor();
  await page.unrouteAll();
  await page.goto("/app/jobs");
  await page.locator('[data-live="live"]').first().waitFor();
  await page.context().setOffline(true);
  await page.getByRole("link", { name: "Calendar" }).click();
  await page.getByRole("heading", { name: "The server cannot be reached" }).waitFor();
  await page.context().setOffline(false);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "Calendar" }).waitFor();
  page.sins.splice(0, page.sins.length, ...page.sins.filter((sin) => !/dynamically imported module|Failed to load module script|Failed to fetch/.test(sin)));
});
