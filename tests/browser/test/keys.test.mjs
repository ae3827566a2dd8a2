// What programs get: a key that is shown once, may do only what it was made for, and is gone when it is revoked; and
// the log that tells what was done with it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { api, logIn, registered } from "../lib/people.mjs";
import { suite } from "../lib/suite.mjs";

const world = suite();
const serverHas = async (path) => path in (await (await fetch(`${world.server.origin}/openapi.json`)).json()).paths;

test("an API key is made, shown once, used, told of and revoked", async (t) => {
  if (!(await serverHas("/api/v1/api-keys"))) return t.skip("this server has no API keys");
  const { who, client } = await registered(world.server);
  await client.post("/jobs", { job_name: "Seen by a program" });
  const page = await world.open();
  await logIn(page, world.server, who);
  await page.getByRole("link", { name: "API keys" }).first().click();
  await page.getByRole("button", { name: "New key" }).click();

  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Reading" }).click();
  for (const scope of ["See jobs (jobs:read)", "See runs (runs:read)"]) await dialog.getByRole("checkbox", { name: scope }).uncheck();
  await dialog.getByRole("button", { name: "Make the key" }).click();
  await dialog.getByText("Choose at least one.").waitFor();
  assert.equal(await dialog.getByLabel("Name", { exact: true }).getAttribute("aria-invalid"), "true");
  await dialog.getByLabel("Name", { exact: true }).fill("Reporting");
  await dialog.getByRole("button", { name: "Reading" }).click();
  await dialog.getByRole("button", { name: "Make the key" }).click();

  const key = (await page.locator("[data-secret]").innerText()).trim();
  assert.match(key, /^jsk_/);
  // A click beside it must not throw the only copy away.
  await page.mouse.click(5, 5);
  await page.locator("[data-secret]").waitFor();
  await page.getByRole("button", { name: "I have stored it" }).click();
  const row = page.locator("[data-api-key]").first();
  await row.getByText("never used").waitFor();
  assert.equal(await page.getByText(key).count(), 0, "the key is shown once");

  const program = api(world.server, key);
  assert.equal((await program.get("/jobs")).data[0].job_name, "Seen by a program");
  await assert.rejects(program.post("/jobs", { job_name: "Not allowed" }), /403.*insufficient_scope/);
  await page.reload();
  await row.getByText(/last used/).waitFor();

  await row.getByRole("button", { name: "Revoke Reporting" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
  await page.getByText("No key yet").waitFor();
  await assert.rejects(program.get("/jobs"), /401/);
});

test("the activity log tells who did what, from where, and what it changed", async (t) => {
  if (!(await serverHas("/api/v1/audit-log"))) return t.skip("this server keeps no log of deeds");
  const { who, client } = await registered(world.server);
  const job = await client.post("/jobs", { job_name: "Watched" });
  await client.patch(`/jobs/${job.job_id}`, { priority: "Critical" }, { "If-Match": `"${job.version}"` });
  const page = await world.open();
  await logIn(page, world.server, who);
  await page.goto("/app/account/activity");
  await page.locator('[data-audit="login.succeeded"]').first().waitFor();
  const entry = page.locator('[data-audit="job.updated"]').first();
  await entry.getByText("1 change").click();
  await entry.getByRole("row", { name: /priority/ }).getByRole("cell", { name: "Critical" }).waitFor();
  await page.getByLabel("What", { exact: true }).selectOption("job.created");
  await page.waitForURL(/action=job\.created/);
  await page.locator('[data-audit="job.updated"]').first().waitFor({ state: "detached" });
  await page.locator('[data-audit="job.created"]').getByRole("link", { name: "Watched" }).waitFor();
  await page.reload();
  await page.locator('[data-audit="job.created"]').waitFor();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save as CSV" }).click()]);
  let text = "";
  for await (const chunk of await file.createReadStream()) text += chunk;
  assert.match(text, /job\.created/);
  assert.doesNotMatch(text, /job\.updated/);
});
