// The list and the form of jobs: filters in the address, errors at the fields, conflicts, unsaved work.
import assert from "node:assert/strict";
import { test } from "node:test";
import { logIn, registered } from "../lib/people.mjs";
import { suite } from "../lib/suite.mjs";

const world = suite();
const names = (page) => page.locator("tr[data-job] a").allInnerTexts();

async function withJobs(jobs) {
  const { who, client } = await registered(world.server);
  const made = [];
  for (const job of jobs) made.push(await client.post("/jobs", job));
  const page = await world.open();
  await logIn(page, world.server, who);
  return { page, client, made };
}

test("filters, search and sort live in the address; back and reload keep them", async () => {
  const { page } = await withJobs([
    { job_name: "Alpha", priority: "Low", tags: ["red"] },
    { job_name: "Beta", priority: "High", tags: ["red", "blue"], description: "needle in here" },
    { job_name: "Gamma", priority: "Critical" },
  ]);
  await page.goto("/app/jobs");
  await page.locator("tr[data-job]").nth(2).waitFor();
  assert.deepEqual(await names(page), ["Gamma", "Beta", "Alpha"]);

  await page.getByRole("button", { name: "Newest first" }).click();
  await page.getByRole("menuitemradio", { name: "Name A–Z" }).click();
  await page.waitForURL(/sort=job_name/);
  await page.locator("tr[data-job]").first().getByText("Alpha").waitFor();

  await page.getByRole("button", { name: "red", exact: true }).first().click();
  await page.waitForURL(/tag=red/);
  await page.locator("tr[data-job]", { hasText: "Gamma" }).waitFor({ state: "detached" });
  await page.locator("tr[data-job]", { hasText: "Beta" }).waitFor();
  assert.deepEqual(await names(page), ["Alpha", "Beta"]);

  await page.keyboard.press("/");
  await page.keyboard.type("needle");
  await page.waitForURL(/q=needle/);
  await page.locator("tr[data-job]", { hasText: "Alpha" }).waitFor({ state: "detached" });
  await page.locator("tr[data-job]", { hasText: "Beta" }).waitFor();
  assert.deepEqual(await names(page), ["Beta"]);

  await page.reload();
  await page.locator("tr[data-job]", { hasText: "Beta" }).waitFor();
  assert.deepEqual(await names(page), ["Beta"]);
  assert.equal(await page.getByLabel("Search jobs").inputValue(), "needle");

  await page.getByLabel("Search jobs").fill("nothing like it");
  await page.getByText("No job matches").waitFor();
  await page.getByRole("button", { name: "Clear filters" }).last().click();
  await page.locator("tr[data-job]").nth(2).waitFor();

  await page.getByRole("button", { name: /^Running/ }).click();
  await page.waitForURL(/status=Running/);
  await page.getByText("No job matches").waitFor();
  await page.goBack();
  await page.locator("tr[data-job]").nth(2).waitFor();
});

test("a long list is read page by page", async () => {
  const { page } = await withJobs(Array.from({ length: 53 }, (_, index) => ({ job_name: `Job ${String(index).padStart(2, "0")}` })));
  await page.goto("/app/jobs");
  await page.locator("tr[data-job]").nth(49).waitFor();
  assert.equal(await page.locator("tr[data-job]").count(), 50);
  await page.getByRole("button", { name: "Load more" }).click();
  await page.locator("tr[data-job]").nth(52).waitFor();
  assert.equal(new Set(await names(page)).size, 53);
  assert.equal(await page.getByRole("button", { name: "Load more" }).count(), 0);
});

test("run, cancel and delete from the row, with the keyboard alone", async () => {
  const { page } = await withJobs([{ job_name: "Keys", executor: { type: "simulated", duration_ms: 600_000, outcome: "Completed" } }]);
  await page.goto("/app/jobs");
  const row = page.locator("tr[data-job]").first();
  await row.getByRole("button", { name: "Run Keys now" }).focus();
  await page.keyboard.press("Enter");
  await page.locator('tr[data-status="Running"]').waitFor();
  await row.getByRole("button", { name: "Cancel the run of Keys" }).focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("alertdialog");
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  assert.equal(await page.locator('tr[data-status="Running"]').count(), 1, "Escape must change nothing");
  await row.getByRole("button", { name: "Cancel the run of Keys" }).focus();
  await page.keyboard.press("Enter");
  await dialog.getByRole("button", { name: "Cancel run" }).focus();
  await page.keyboard.press("Enter");
  await page.locator('tr[data-status="Cancelled"]').waitFor();

  await row.getByRole("button", { name: "More actions for Keys" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("menuitem", { name: "Delete" }).focus();
  await page.keyboard.press("Enter");
  await dialog.getByRole("button", { name: "Delete" }).click();
  await page.getByText("No jobs yet").waitFor();
});

test("a start whose answer comes later than its events is not taken back", async () => {
  const { page } = await withJobs([{ job_name: "Overtaken", executor: { type: "simulated", duration_ms: 600_000, outcome: "Completed" } }]);
  const running = page.locator('tr[data-status="Running"]');
  await page.route("**/run-job/*", async (route) => {
    const response = await route.fetch();
    await running.waitFor();
    await route.fulfill({ response });
  });
  await page.goto("/app/jobs");
  await page.getByRole("button", { name: "Run Overtaken now" }).click();
  await page.getByText("Run of “Overtaken” is queued").first().waitFor();
  assert.equal(await running.count(), 1);
});

test("the form says what is wrong, at the field, before and after asking the server", async () => {
  const { page } = await withJobs([{ job_name: "Taken", external_id: "order-1" }]);
  await page.goto("/app/jobs/new");
  await page.getByRole("button", { name: "Create job" }).click();
  assert.equal(await page.getByLabel("Name", { exact: true }).getAttribute("aria-invalid"), "true");
  await page.waitForFunction(() => document.activeElement?.getAttribute("aria-invalid") === "true");
  await page.getByLabel("Name", { exact: true }).fill("Second");
  await page.getByLabel("Duration").fill("soon");
  await page.locator(".cm-content").click();
  await page.keyboard.insertText('{"a": 1,}');
  await page.getByRole("status").getByText(/Line 1, column 9/).waitFor();
  await page.getByRole("button", { name: "Create job" }).click();
  await page.getByText("Enter a number.").waitFor();
  await page.getByLabel("Duration").fill("1");
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText('{"a": 1}');
  await page.getByText("Valid JSON").waitFor();
  await page.getByLabel("External id").fill("order-1");
  await page.getByRole("button", { name: "Create job" }).click();
  await page.locator('[aria-invalid="true"], [role="alert"]').first().waitFor();
  await page.getByLabel("External id").fill("order-2");
  await page.getByRole("button", { name: "Create and run" }).click();
  await page.getByRole("heading", { name: "Second" }).waitFor();
  await page.locator('[data-stage="Completed"][data-stage-state="done"]').waitFor();
});

test("an edit that meets another one shows both versions, and can be decided either way", async () => {
  const { page, client, made } = await withJobs([{ job_name: "Disputed", description: "as it was" }]);
  const [job] = made;
  await page.goto(`/app/jobs/${job.job_id}/edit`);
  await page.getByLabel("Description").fill("mine");
  await client.patch(`/jobs/${job.job_id}`, { description: "theirs" }, { "If-Match": `"${job.version}"` });
  await page.getByRole("button", { name: "Save changes" }).click();
  const conflict = page.locator("[data-conflict]");
  await conflict.waitFor();
  await conflict.getByRole("cell", { name: "mine" }).waitFor();
  await conflict.getByRole("cell", { name: "theirs" }).waitFor();
  await conflict.getByRole("button", { name: "Save mine" }).click();
  await page.getByRole("heading", { name: "Disputed" }).waitFor();
  assert.equal((await client.get(`/jobs/${job.job_id}`)).description, "mine");

  await page.goto(`/app/jobs/${job.job_id}/edit`);
  await page.getByLabel("Description").fill("mine again");
  const { version } = await client.get(`/jobs/${job.job_id}`);
  await client.patch(`/jobs/${job.job_id}`, { description: "theirs again" }, { "If-Match": `"${version}"` });
  await page.getByRole("button", { name: "Save changes" }).click();
  await conflict.getByRole("button", { name: "Take the saved ones" }).click();
  await page.waitForFunction(() => document.querySelector("textarea")?.value === "theirs again");
});

test("unsaved work is not lost by a click", async () => {
  const { page } = await withJobs([{ job_name: "Careful" }]);
  await page.goto("/app/jobs/new");
  await page.getByLabel("Name", { exact: true }).fill("Half done");
  await page.getByRole("link", { name: "Webhooks" }).click();
  const dialog = page.getByRole("alertdialog", { name: "Leave without saving?" });
  await dialog.getByRole("button", { name: "Keep it" }).click();
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "Half done");
  await page.getByRole("link", { name: "Webhooks" }).click();
  await dialog.getByRole("button", { name: "Leave" }).click();
  await page.getByRole("heading", { name: "Webhooks" }).waitFor();
});

test("an unknown job, a foreign job and an unknown page are told alike and kindly", async () => {
  const { client } = await registered(world.server);
  const foreign = await client.post("/jobs", { job_name: "Foreign" });
  const { page } = await withJobs([]);
  for (const id of [foreign.job_id, "0198c5a0-0000-7000-8000-00000000abcd", "no-uuid"]) {
    await page.goto(`/app/jobs/${id}`);
    await page.getByRole("heading", { name: "Nothing to see here" }).waitFor();
  }
  await page.goto("/app/no/such/page");
  await page.getByRole("heading", { name: "Page not found" }).waitFor();
  await page.goto("/app/users");
  await page.getByRole("heading", { name: "This is for administrators" }).waitFor();
});

test("a duplicate starts from its original", async () => {
  const { page, made } = await withJobs([{ job_name: "Original", tags: ["x"], payload: { a: [1, 2] } }]);
  await page.goto(`/app/jobs/${made[0].job_id}`);
  await page.getByRole("button", { name: "More actions for Original" }).click();
  await page.getByRole("menuitem", { name: "Duplicate" }).click();
  await page.getByRole("button", { name: "Create job" }).waitFor();
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "Original (copy)");
  await page.getByRole("button", { name: "Create job" }).click();
  await page.getByRole("heading", { name: "Original (copy)" }).waitFor();
});

test("all that match are ticked at once, tagged, paused and deleted, with a report", async () => {
  const { page, client } = await withJobs(Array.from({ length: 56 }, (_, index) => ({ job_name: `Batch ${String(index).padStart(2, "0")}`, tags: index === 0 ? ["kept"] : [] })));
  await client.post("/jobs", { job_name: "Left alone" });
  await page.goto("/app/jobs?q=Batch");
  await page.locator("tr[data-job]").nth(49).waitFor();
  await page.getByRole("checkbox", { name: "Select all on this page" }).click();
  const bar = page.locator("[data-bulk]");
  await bar.getByText("50 selected").waitFor();
  await bar.getByRole("button", { name: "Select all that match" }).click();
  await bar.getByText("56 selected").waitFor();

  const report = page.locator('[data-bulk-report="over"]');
  await bar.getByRole("button", { name: "Tag" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Tag" }).click();
  await page.getByText("Please fill this in.").waitFor();
  await page.getByRole("dialog").getByLabel("Tags").fill("november,");
  await page.getByRole("dialog").getByRole("button", { name: "Tag" }).click();
  await report.getByText("56 of 56 done").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();
  const tagged = (await client.get("/jobs?tag=november&limit=200")).data;
  assert.equal(tagged.length, 56);
  assert.deepEqual(tagged.find(({ job_name }) => job_name === "Batch 00").tags.sort(), ["kept", "november"]);

  await page.getByRole("checkbox", { name: "Select all on this page" }).click();
  await bar.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Pause" }).click();
  await report.getByText("50 of 50 done").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();
  await page.locator("[data-paused-mark]").filter({ visible: true }).nth(49).waitFor();

  await page.getByRole("checkbox", { name: "Select all on this page" }).click();
  await bar.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await report.getByText("50 of 50 done").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();
  assert.equal((await client.get("/jobs/counts")).total, 7);
});

test("views, columns and the list as a file", async () => {
  const { page } = await withJobs([{ job_name: "=cmd()", tags: ["a"], priority: "High" }, { job_name: "Plain, with a comma" }]);
  await page.goto("/app/jobs?priority=High");
  await page.locator("tr[data-job]").first().waitFor();
  await page.getByRole("button", { name: "Saved views" }).click();
  await page.getByRole("menuitem", { name: "Save this view …" }).click();
  await page.getByLabel("Name of the view").fill("Urgent ones");
  await page.keyboard.press("Enter");
  await page.goto("/app/jobs");
  await page.locator("tr[data-job]").nth(1).waitFor();
  await page.getByRole("button", { name: "Saved views" }).click();
  await page.getByRole("menuitem", { name: "Urgent ones", exact: true }).click();
  await page.waitForURL(/priority=High/);

  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Priority" }).click();
  await page.keyboard.press("Escape");
  await page.getByRole("columnheader", { name: "Priority" }).waitFor({ state: "detached" });
  await page.goto("/app/jobs");
  await page.locator("tr[data-job]").nth(1).waitFor();
  assert.equal(await page.getByRole("columnheader", { name: "Priority" }).count(), 0, "kept over a reload");

  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save the list as CSV" }).click()]);
  let text = "";
  for await (const chunk of await file.createReadStream()) text += chunk;
  assert.match(text, /"Plain, with a comma"/);
  assert.match(text, /,'=cmd\(\),/, "no formula reaches a spreadsheet");
});
