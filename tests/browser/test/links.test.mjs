// Secret addresses of a job: one that starts it, one that tells it of a life elsewhere.
import assert from "node:assert/strict";
import { test } from "node:test";
import { logIn, registered } from "../lib/people.mjs";
import { suite } from "../lib/suite.mjs";

const world = suite();
const serverHas = async (path) => path in (await (await fetch(`${world.server.origin}/openapi.json`)).json()).paths;

test("a hook is made, shown once, starts the job, and is revoked", async (t) => {
  if (world.server.mock || !(await serverHas("/api/v1/jobs/{job_id}/inbound"))) return t.skip("this server has no secret addresses");
  const { who, client } = await registered(world.server);
  const job = await client.post("/jobs", { job_name: "Hooked", executor: { type: "simulated", duration_ms: 50, outcome: "Completed" } });
  const page = await world.open();
  await logIn(page, world.server, who);
  await page.goto(`/app/jobs/${job.job_id}`);
  await page.getByRole("tab", { name: "Addresses" }).click();
  const card = page.locator('[data-link="inbound"]');
  await card.getByText("There is none.").waitFor();
  await card.getByRole("button", { name: "Make one" }).click();
  await card.getByText("It is shown this once only").waitFor();
  const url = (await card.getByRole("region", { name: /: address$/ }).innerText()).trim();
  const answer = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"branch":"main"}' });
  assert.equal(answer.status, 202);
  await page.locator('header [data-status="Completed"]').waitFor();
  await page.reload();
  await card.getByText(/last used/).waitFor();
  assert.equal(await page.getByText(url).count(), 0, "the address is shown once");
  await card.getByRole("button", { name: "Revoke: Inbound hook" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
  await card.getByText("There is none.").waitFor();
  assert.equal((await fetch(url, { method: "POST" })).status, 404);
});

test("a heartbeat needs a schedule, and hears of the life elsewhere", async (t) => {
  if (world.server.mock || !(await serverHas("/api/v1/jobs/{job_id}/heartbeat"))) return t.skip("this server expects no signs of life");
  const { who } = await registered(world.server);
  const page = await world.open();
  await logIn(page, world.server, who);
  await page.goto("/app/jobs/new");
  await page.getByLabel("Name", { exact: true }).fill("Backup");
  await page.getByRole("radio", { name: /Heartbeat/ }).click();
  await page.getByLabel("Grace", { exact: true }).fill("a while");
  await page.getByRole("button", { name: "Create job" }).click();
  await page.getByText("A heartbeat needs a schedule").waitFor();
  assert.equal(await page.getByLabel("Grace", { exact: true }).getAttribute("aria-invalid"), "true");
  await page.getByLabel("Grace", { exact: true }).fill("600");
  await page.getByRole("radio", { name: "Cron" }).click();
  await page.getByLabel("Cron expression").fill("0 3 * * *");
  await page.getByRole("button", { name: "Create job" }).click();
  await page.getByRole("heading", { name: "Backup" }).waitFor();
  await page.getByRole("tab", { name: "Addresses" }).click();
  const card = page.locator('[data-link="heartbeat"]');
  // The answer that made the job made its address too; another one takes its place.
  const known = card.getByRole("button", { name: "Make a new one" });
  const none = card.getByRole("button", { name: "Make one" });
  await card.getByText(/^(There is none\.|ends in )/).waitFor();
  if (await known.count()) {
    await known.click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Make a new one" }).click();
  } else await none.click();
  await card.getByText("It is shown this once only").waitFor();
  const url = (await card.getByRole("region", { name: /: address$/ }).innerText()).trim();
  assert.equal((await fetch(url, { method: "POST" })).ok, true);
  await page.locator('header [data-status="Completed"]').waitFor();
});
