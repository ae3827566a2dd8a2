// What people are told about their jobs: the choice of the account, that of a job, and the trouble that a job is in.
import assert from "node:assert/strict";
import { test } from "node:test";
import { logIn, registered } from "../lib/people.mjs";
import { until } from "../lib/server.mjs";
import { suite } from "../lib/suite.mjs";

const world = suite();
const mails = async (who) => (await (await fetch(`${world.server.origin}/dev/mailbox.json`)).json()).data.filter((mail) => mail.to === who.email && !/code to/.test(mail.subject));

test("somebody chooses what they are told, for all jobs and for one", async (t) => {
  if (world.server.mock) return t.skip("the mock server tells nobody anything");
  const { who, client } = await registered(world.server);
  const job = await client.post("/jobs", { job_name: "Nightly export", executor: { type: "simulated", duration_ms: 0, outcome: "Failed" }, run: true });
  const page = await world.open();
  await logIn(page, world.server, who);

  // The job says that it is not well, and the mail leads to the run.
  await page.goto(`/app/jobs/${job.job_id}`);
  await page.getByText("It is failing").waitFor();
  await page.getByText("You are told: Failed, Missed, Works again.").waitFor();
  const mail = await until("the mail", async () => (await mails(who))[0]);
  assert.equal(mail.subject, "Failed: Nightly export");
  const link = new URL(/http\S+\/app\/runs\/\S+/.exec(mail.text)[0]);
  await page.goto(link.pathname);
  await page.locator('[data-status="Failed"]').first().waitFor();

  // The choice of the account.
  await page.goto("/app/account/notices");
  const lately = page.getByRole("list", { name: "Recently" });
  await lately.getByRole("link", { name: "Nightly export" }).waitFor();
  await lately.getByText("Failed · mailed").waitFor();
  await page.getByRole("switch", { name: "Missed" }).click();
  await page.getByLabel("Remind me while it goes on").fill("0");
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByText("A whole number from 1 to 720, or empty.").waitFor();
  await page.getByLabel("Remind me while it goes on").fill("24");
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByText("Notices saved").waitFor();
  await page.reload();
  assert.equal(await page.getByRole("switch", { name: "Missed" }).getAttribute("aria-checked"), "false");
  assert.equal(await page.getByLabel("Remind me while it goes on").inputValue(), "24");

  // The job's own one.
  await page.goto(`/app/jobs/${job.job_id}/edit`);
  await page.getByText("What you chose in your account holds.").waitFor();
  await page.getByRole("radio", { name: "Its own" }).click();
  await page.getByRole("switch", { name: "Works again" }).click();
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByText("You are told: Failed, Missed.").waitFor();
  await page.getByText("chosen for this job").waitFor();
  const own = await client.get(`/jobs/${job.job_id}`);
  assert.equal(own.notices.recovery, false);

  // It works again: the page says so at once.
  await client.patch(`/jobs/${job.job_id}`, { executor: { type: "simulated", duration_ms: 0, outcome: "Completed" } });
  await client.post(`/jobs/${job.job_id}/runs`);
  await page.getByText("It is failing").waitFor({ state: "detached" });
});
