import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { launchBrowser, openPage } from "./browser.mjs";
import { artifacts, devices, faults, look } from "./look.mjs";
import { api, enterCode, logIn, person } from "./people.mjs";
import { busyDay, seed, showWeeks } from "./seed.mjs";
import { startServer, until } from "./server.mjs";

/**
 * Tests that walk through every screen on one device: no axe violation, no CSP violation, nothing from elsewhere, and a
 * picture of each for people to look at. What they made stays for the tests that follow in the same file.
 * @param {"desk" | "phone"} device
 */
export function tour(device) {
  const options = devices[device];
  const admin = person("Ada Lovelace");
  /** @type {any} */
  const made = { admin, server: null, browser: null, world: null };
  let server, browser, world, setupToken;

  before(async () => {
    server = made.server = await startServer();
    browser = made.browser = await launchBrowser();
    setupToken = await server.setupToken();
  });
  afterEach(() => assert.deepEqual(faults.splice(0), []));
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  test("before the log-in", async () => {
    const page = await openPage(browser, server.origin, { ...options, reducedMotion: "reduce" });
    await page.goto(`/app/setup#token=${setupToken}`);
    await page.getByRole("button", { name: "Create administrator" }).waitFor();
    await look(page, "setup", device);
    await page.goto("/app/login");
    await page.getByRole("button", { name: "Continue" }).click();
    await look(page, "login-errors", device);
    await page.reload();
    await page.getByRole("button", { name: "Continue" }).waitFor();
    await look(page, "login", device);
    await page.goto("/app/signup");
    await page.getByRole("button", { name: "Create account" }).waitFor();
    await look(page, "signup", device);
    await page.goto("/app/forgot");
    await page.getByLabel("E-mail").fill("nobody@example.com");
    await look(page, "forgot", device);
    await page.getByRole("button", { name: "Send code" }).click();
    await page.getByLabel("One-time code").waitFor();
    await look(page, "reset", device);
    assert.deepEqual(page.sins, []);
    await page.context().close();
  });

  test("the administrator is made, and has something to show", async () => {
    const page = await openPage(browser, server.origin, { ...options, reducedMotion: "reduce" });
    await page.goto(`/app/setup#token=${setupToken}`);
    await page.getByLabel("Full name").fill(admin.full_name);
    await page.getByLabel("E-mail").fill(admin.email);
    await page.getByLabel("Password", { exact: true }).fill(admin.password);
    const since = Date.now() - 1000;
    await page.getByRole("button", { name: "Create administrator" }).click();
    await page.getByLabel("One-time code").waitFor();
    await page.getByLabel("One-time code").fill("4930");
    await look(page, "verify", device);
    await enterCode(page, server, admin.email, since);
    await page.getByText("Get started").waitFor();
    await page.locator('[data-live="live"]').first().waitFor({ state: "attached" });
    await look(page, "overview-first", device);
    await page.goto("/app/jobs");
    await page.getByText("No jobs yet").waitFor();
    await look(page, "jobs-empty", device);
    assert.deepEqual(page.sins, []);
    await page.context().close();
    world = made.world = await seed(server, admin);
  });

  test(`behind the log-in, ${device}`, async () => {
    const page = await openPage(browser, server.origin, { ...options, reducedMotion: "reduce" });
    await logIn(page, server, admin);
    const wide = options.viewport.width > 1000;
    const client = api(server, world.token);
    const visit = async (path, ready) => {
      await page.goto(`/app${path}`);
      await ready.waitFor();
      await page.locator('[data-live="live"]').first().waitFor({ state: "attached" });
    };

    await visit("/?window=1h", page.getByRole("heading", { name: "Throughput" }));
    await page.getByText(world.running.job_name).first().waitFor();
    await look(page, "overview", device);
    // The same with the numbers of a busy day, which a test cannot wait for.
    await page.route("**/dashboard/customer?*", async (route) => route.fulfill({ response: await route.fetch(), json: busyDay(world) }));
    await visit("/", page.getByRole("heading", { name: "Throughput" }));
    await page.getByText("98.6%").waitFor();
    await look(page, "overview-busy", device);
    await page.unroute("**/dashboard/customer?*");
    if (!wide) {
      await page.getByRole("button", { name: "Open navigation" }).click();
      await page.getByRole("dialog").getByRole("link", { name: "Webhooks" }).waitFor();
      await look(page, "navigation", device, { full: false });
      await page.keyboard.press("Escape");
    } else {
      await page.getByRole("button", { name: /Account menu/ }).click();
      await page.getByRole("menuitem", { name: "Log out" }).waitFor();
      await look(page, "user-menu", device, { full: false });
      await page.keyboard.press("Escape");
    }

    await showWeeks(page, world);
    await visit("/jobs", page.locator("[data-job]").first());
    if (wide) await page.getByRole("img", { name: /20 runs/ }).nth(5).waitFor();
    await look(page, "jobs-busy", device, { full: wide });
    await page.unrouteAll();
    await visit("/jobs", page.locator("[data-job]").first());
    await look(page, "jobs", device);
    await page.getByRole("checkbox", { name: /^Select / }).nth(1).click();
    await page.locator("[data-bulk]").waitFor();
    await look(page, "jobs-bulk", device, { full: false });
    await page.getByRole("button", { name: "Clear the selection" }).click();
    await page.keyboard.press("z");
    await page.locator("[data-job] time", { hasText: /:\d\d [A-Z]/ }).first().waitFor();
    await look(page, "jobs-exact", device);
    await page.keyboard.press("z");
    if (wide) {
      await page.getByRole("button", { name: "Columns" }).click();
      await page.getByRole("menuitemcheckbox", { name: "Priority" }).waitFor();
      await look(page, "jobs-columns", device, { full: false });
      await page.keyboard.press("Escape");
    }
    await page.getByRole("button", { name: /More actions for/ }).first().click();
    await page.getByRole("menuitem", { name: "Delete" }).waitFor();
    await look(page, "jobs-menu", device, { full: false });
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await page.getByRole("alertdialog").waitFor();
    await look(page, "jobs-delete", device, { full: false });
    await page.keyboard.press("Escape");
    await visit("/jobs?q=nothing-like-this&tag=x", page.getByText("No job matches"));
    await look(page, "jobs-no-match", device);

    await visit("/jobs/new", page.locator(".cm-content"));
    await look(page, "job-new", device);
    await page.getByLabel("Duration").fill("soon");
    await page.getByLabel("Attempts").fill("3");
    await page.getByRole("button", { name: "Create job" }).click();
    await page.locator('[aria-invalid="true"]').first().waitFor();
    await look(page, "job-new-errors", device);

    await visit("/jobs/new", page.locator(".cm-content"));
    await page.getByRole("radio", { name: "Cron" }).click();
    await page.getByLabel("Cron expression").fill("30 2 * * 1-5");
    await page.locator("[data-preview='ready'] [data-days='ready']").waitFor();
    await look(page, "job-new-cron", device);
    // The part that the README shows: the schedule while it is made.
    await page.getByRole("heading", { name: "When it runs" }).evaluate((heading) => window.scrollBy(0, heading.getBoundingClientRect().top - 90));
    await page.screenshot({ path: `${artifacts}schedule-builder-${device}.png`, scale: "css" });
    await page.getByRole("radio", { name: /HTTP request/ }).click();
    await page.getByRole("button", { name: "Add header" }).click();
    await look(page, "job-new-http", device);
    await page.getByRole("radio", { name: /^Worker/ }).click();
    await look(page, "job-new-worker", device);

    await visit(`/jobs/${world.running.job_id}`, page.getByRole("progressbar").first());
    await look(page, "job-running", device);
    await visit(`/jobs/${world.paused.job_id}`, page.getByText("This job is paused"));
    await look(page, "job-paused", device);
    await visit(`/jobs/${world.done.job_id}`, page.locator("[data-run]").first());
    await look(page, "job", device);
    await visit(`/jobs/${world.failedRun.job_id}`, page.getByText("It is failing"));
    await look(page, "job-failing", device);
    await page.getByRole("button", { name: "More ways to run" }).click();
    await page.getByRole("menuitem", { name: /Backfill/ }).click();
    await page.getByRole("button", { name: "Rehearse" }).click();
    await page.getByRole("dialog").getByRole("button", { name: /^(Start|Rehearse)/ }).waitFor();
    await look(page, "job-backfill", device, { full: false });
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Pause", exact: true }).click();
    await page.getByRole("dialog").or(page.getByRole("alertdialog")).waitFor();
    await look(page, "job-pause", device, { full: false });
    await page.keyboard.press("Escape");
    for (const [tab, words] of [["schedule", /Cron expression/], ["ledger", /planned/], ["stats", /Success rate/], ["payload", /customer/], ["webhooks", /run\.completed/], ["activity", /job\.created/], ["api", /Start a run/]]) {
      await visit(`/jobs/${world.done.job_id}?tab=${tab}`, page.getByText(words).first());
      await look(page, `job-${tab}`, device);
    }
    await visit(`/jobs/${world.done.job_id}/edit`, page.locator(".cm-content"));
    await page.getByRole("radio", { name: "Its own" }).click();
    await look(page, "job-edit", device);
    await page.getByRole("radio", { name: "As in my account" }).click();
    // Somebody else was faster, and then one wants to leave without a decision.
    await page.getByLabel("Description").fill(`Exports are kept for ten years (${device}).`);
    const { version } = await client.get(`/jobs/${world.done.job_id}`);
    await client.patch(`/jobs/${world.done.job_id}`, { description: `Written on the ${device} by somebody else.` }, { "If-Match": `"${version}"` });
    await page.getByRole("button", { name: "Save changes" }).click();
    await page.locator("[data-conflict]").waitFor();
    await look(page, "job-conflict", device);
    await page.getByRole("navigation", { name: "Breadcrumb" }).getByRole("link").first().click();
    await page.getByRole("alertdialog").waitFor();
    await look(page, "job-leave", device, { full: false });
    await page.getByRole("alertdialog").getByRole("button", { name: "Leave" }).click();
    await page.waitForURL((url) => !url.pathname.endsWith("/edit"));
    await visit(`/runs/${world.failedRun.run_id}`, page.getByRole("heading", { name: /^Run/ }));
    await page.getByText("Attempts", { exact: true }).first().waitFor();
    await look(page, "run-failed", device);
    await visit(`/runs/${world.training.run.run_id}`, page.locator("[data-log] [data-line]").first());
    await page.getByText("epoch 8 of 12").waitFor();
    await look(page, "run-live", device);
    const wrap = page.getByRole("button", { name: "Wrap long lines" });
    await wrap.click();
    await page.waitForFunction((on) => Boolean(document.querySelector("[data-wrap]")) === on, wide);
    await page.getByRole("region", { name: "Log" }).evaluate((box) => box.scrollTo(0, box.scrollHeight));
    await look(page, "run-log", device);
    await wrap.click();
    await page.getByRole("button", { name: "Replay with another payload" }).click();
    await page.getByRole("dialog").locator(".cm-content").waitFor();
    await look(page, "run-replay", device, { full: false });
    await page.keyboard.press("Escape");
    await visit("/runs", page.locator("[data-run]").first());
    await look(page, "runs", device);
    await visit("/runs?status=Failed&trigger=manual&reason=attempts_exhausted&within=7d", page.locator("[data-run]").first());
    await look(page, "runs-filtered", device);
    await page.getByRole("button", { name: "Last 7 days", exact: true }).click();
    await page.getByRole("menuitem", { name: "Between …" }).click();
    await page.getByRole("dialog", { name: "Runs of a time" }).waitFor();
    await look(page, "runs-between", device, { full: false });
    await page.keyboard.press("Escape");
    await visit("/timeline", page.locator("[data-lane]").first());
    await look(page, "timeline", device);
    await visit("/calendar", page.locator("[data-cell]").first());
    await page.getByRole("status").getByText(/Vienna|Berlin|UTC/).waitFor();
    await page.locator("[data-cell][title]:not([disabled])").first().click();
    await look(page, "calendar", device);
    await visit("/jobs/import", page.getByRole("button", { name: "Look through it" }));
    await page.getByLabel("Crontab").fill("# nightly\n30 2 * * *  curl -fsS https://example.com/nightly\n*/15 9-17 * * 1-5  /usr/bin/report --all\n99 9 * * *  echo never\n");
    await page.getByRole("button", { name: "Look through it" }).click();
    await page.getByText(/with a mistake/).waitFor();
    await look(page, "import", device);
    await visit("/queues", page.locator("[data-queue]").first());
    await look(page, "queues", device);
    await page.getByRole("button", { name: "Change the limit of gpu" }).click();
    await look(page, "queue-limit", device, { full: false });
    await page.keyboard.press("Escape");
    await visit("/engine", page.locator("[data-node]").first());
    await page.getByText("More figures").waitFor();
    await look(page, "engine", device);
    await visit("/system", page.locator("[data-setting]").first());
    await page.getByRole("button", { name: "Send test mail" }).click();
    await page.locator("[data-mail-outcome]").waitFor();
    await look(page, "system", device);
    await page.keyboard.press("Control+K");
    await page.getByRole("combobox").fill("in");
    await page.getByRole("option", { name: /invoice/ }).first().waitFor();
    await look(page, "palette", device, { full: false });
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
    await look(page, "shortcuts", device, { full: false });
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });

    await visit("/webhooks", page.locator("[data-webhook]").first());
    await look(page, "webhooks", device);
    await page.getByRole("button", { name: "Add endpoint" }).click();
    await page.getByRole("dialog").getByRole("radio", { name: "Only some" }).click();
    await look(page, "webhook-new", device, { full: false });
    await page.keyboard.press("Escape");
    await visit(`/webhooks/${world.webhook.webhook_id}`, page.locator("[data-delivery]").first());
    await look(page, "webhook", device);
    await page.locator("[data-delivery] button").first().click();
    await page.getByRole("dialog", { name: "Delivery" }).getByText(/Attempt 1/).waitFor();
    await look(page, "delivery", device, { full: false });
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Send a range again" }).click();
    await page.getByRole("dialog").getByLabel("Until").waitFor();
    await look(page, "webhook-range", device, { full: false });
    await page.keyboard.press("Escape");
    await visit(`/webhooks/${world.webhook.webhook_id}?tab=verify`, page.getByText("npm install standardwebhooks"));
    await look(page, "webhook-verify", device);
    await visit(`/webhooks/${world.webhook.webhook_id}?tab=settings`, page.getByRole("button", { name: "Save changes" }));
    await look(page, "webhook-settings", device);

    await visit("/account", page.getByRole("button", { name: "Save changes" }));
    await look(page, "account", device);
    await visit("/account/notices", page.getByRole("switch").first());
    await look(page, "notices", device);
    await visit("/account/sessions", page.locator("[data-session]").first());
    await look(page, "sessions", device);
    const { paths } = await (await fetch(`${server.origin}/openapi.json`)).json();
    if ("/api/v1/bulk-operations" in paths) {
      await client.post("/bulk-operations", { action: "pause", filter: { tag: "nothing-has-this" } });
      await client.post("/bulk-operations", { action: "tag", ids: [world.done.job_id], params: { add: ["exported"] } });
      await client.post("/bulk-operations", { action: "cancel", ids: [world.done.job_id, world.paused.job_id] });
      await visit("/bulk", page.locator('[data-bulk-operation="Completed"]').nth(2));
      await look(page, "bulk", device);
    }
    if ("/api/v1/jobs/{job_id}/inbound" in paths) {
      await visit(`/jobs/${world.done.job_id}?tab=links`, page.getByText("There is none.").nth(1));
      await page.locator('[data-link="badge"]').getByRole("button", { name: "Make one" }).click();
      await page.locator('[data-link="badge"]').getByText("It is shown this once only").waitFor();
      await look(page, "job-links", device);
      await visit(`/jobs/${world.heartbeat.job_id}?tab=links`, page.getByText("Ping address"));
      await look(page, "job-heartbeat", device);
    }
    if ("/api/v1/api-keys" in paths) {
      await visit("/api-keys", page.getByRole("button", { name: "New key" }));
      await page.getByRole("button", { name: "New key" }).click();
      await look(page, "api-key-new", device, { full: false });
      await page.getByLabel("Name", { exact: true }).fill(`Nightly report (${device})`);
      await page.getByRole("button", { name: "Make the key" }).click();
      await page.locator("[data-secret]").waitFor();
      await look(page, "api-key-secret", device, { full: false });
      await page.getByRole("button", { name: "I have stored it" }).click();
      await page.locator("[data-api-key]").first().waitFor();
      await look(page, "api-keys", device);
    }
    if ("/api/v1/audit-log" in paths) {
      await visit("/account/activity", page.locator("[data-audit]").nth(3));
      await page.locator("[data-audit] summary").first().click();
      await look(page, "activity", device);
    }
    await visit("/users", page.locator("[data-user]").nth(1));
    await look(page, "users", device);
    await visit("/nowhere", page.getByText("Page not found"));
    await look(page, "not-found", device);
    await visit("/jobs/0198c5a0-0000-7000-8000-00000000abcd", page.getByText("Nothing to see here"));
    await look(page, "gone", device);

    await page.goto("/app/mailbox");
    await page.locator("iframe").waitFor();
    await until("the mail in its frame", () => page.frameLocator("iframe").locator("body").innerText());
    await look(page, "mailbox", device);

    // A server that answers 500, and then none at all.
    await page.route("**/api/v1/jobs?*", (route) => route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify({ title: "Internal error", status: 500, code: "internal", detail: "The database went away.", request_id: "0198c5a0-req", errors: [] }) }));
    await visit("/jobs", page.getByText("0198c5a0-req"));
    await look(page, "error-500", device);
    await page.unroute("**/api/v1/jobs?*");
    const sins = page.sins.filter((sin) => !/status of 500/.test(sin));
    page.offlineOnPurpose = true;
    await page.context().setOffline(true);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("The server cannot be reached").waitFor();
    await look(page, "offline", device);
    await page.context().setOffline(false);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.locator("[data-job]").first().waitFor();

    assert.deepEqual(sins, []);
    await page.context().close();
  });
  return made;
}
