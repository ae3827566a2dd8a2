// A webhook made in the dashboard reaches another program, which verifies it with an independent library.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { logIn, registered } from "../lib/people.mjs";
import { until } from "../lib/server.mjs";
import { suite } from "../lib/suite.mjs";

const world = suite();
/** @type {{headers: Record<string, string>, body: string}[]} */
const received = [];
let answer = { status: 204, body: "" };
let hooks = "";
const receiver = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  received.push({ headers: /** @type {any} */ (request.headers), body });
  response.writeHead(answer.status, { "Content-Type": "text/plain" });
  response.end(answer.body);
});
before(async () => {
  await new Promise((ready) => receiver.listen(0, "127.0.0.1", () => ready(undefined)));
  hooks = `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (receiver.address()).port}/hooks`;
});
after(() => new Promise((done) => {
  receiver.closeAllConnections();
  receiver.close(done);
}));

test("created in the dashboard, delivered, verified, shown, switched off and deleted", async () => {
  const { who, client } = await registered(world.server);
  const page = await world.open();
  // As on plain HTTP, where this does not exist: copying must work all the same.
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, "clipboard", { value: undefined }));
  await logIn(page, world.server, who);
  await page.goto("/app/webhooks");
  await page.getByRole("button", { name: "Add endpoint" }).click();

  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("URL").fill("not an address");
  await dialog.getByRole("button", { name: "Add endpoint" }).click();
  await dialog.getByText(/Enter a full address/).waitFor();
  await dialog.getByLabel("URL").fill(hooks);
  await dialog.getByLabel("Extra headers").fill("X-Team: billing");
  await dialog.getByRole("button", { name: "Add endpoint" }).click();

  const secret = (await page.locator("[data-secret]").innerText()).trim();
  assert.match(secret, /^whsec_/);
  await page.getByRole("button", { name: /copy signing secret/i }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  await page.getByRole("button", { name: "I have stored it" }).click();
  await page.getByText("Nothing delivered yet").waitFor();
  assert.equal(await page.getByText(secret).count(), 0, "the secret is shown once");

  answer = { status: 200, body: "thank you" };
  await page.getByRole("button", { name: "Send test event" }).click();
  await until("the test event", () => received.some(({ body }) => JSON.parse(body).type === "webhook.test"));
  const test_ = received.find(({ body }) => JSON.parse(body).type === "webhook.test");
  assert.equal(/** @type {any} */ (new Webhook(secret).verify(test_.body, test_.headers)).type, "webhook.test");
  assert.equal(test_.headers["x-team"], "billing");
  assert.throws(() => new Webhook(secret).verify(`${test_.body} `, test_.headers));

  await page.locator('[data-delivery][data-status="Delivered"]').first().waitFor();
  await page.getByRole("button", { name: "webhook.test" }).click();
  const delivery = page.getByRole("dialog", { name: "Delivery" });
  await delivery.getByText("thank you").waitFor();
  await delivery.getByText("webhook-signature").first().waitFor();
  await page.keyboard.press("Escape");
  await delivery.waitFor({ state: "detached" });

  // While somebody points at the list, nothing moves; what comes meanwhile waits.
  await page.locator("[data-delivery]").first().hover();
  const job = await client.post("/jobs", { job_name: "Told about", executor: { type: "simulated", duration_ms: 100, outcome: "Completed" }, run: true });
  const done = await until("run.completed", () => received.find(({ body }) => JSON.parse(body).type === "run.completed"));
  const event = /** @type {any} */ (new Webhook(secret).verify(done.body, done.headers));
  assert.equal(event.data.job_id, job.job_id);
  assert.equal(event.data.status, "Completed");
  await page.getByRole("button", { name: /^\d new deliver(y|ies)$/ }).waitFor();
  assert.equal(await page.locator("[data-delivery]").count(), 1);
  await page.mouse.move(700, 5);
  await page.getByRole("button", { name: "run.completed" }).waitFor();

  await page.getByRole("tab", { name: "Verify signatures" }).click();
  await page.getByText("npm install standardwebhooks").waitFor();
  await page.getByRole("radio", { name: "Python" }).click();
  await page.getByText("pip install standardwebhooks").waitFor();
  await page.getByRole("radio", { name: "Rust" }).click();
  await page.getByText("cargo add standardwebhooks").waitFor();

  await page.getByRole("tab", { name: "Settings" }).click();
  await page.getByLabel("Description").focus();
  await page.keyboard.press("Control+V");
  assert.equal(await page.getByLabel("Description").inputValue(), secret, "what was copied is the secret");
  await page.getByLabel("Description").fill("");
  await page.getByRole("radio", { name: "Only some" }).click();
  await page.getByRole("checkbox", { name: "run.completed" }).uncheck();
  await page.getByRole("checkbox", { name: "run.failed" }).uncheck();
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByText("Choose at least one event.").waitFor();
  await page.getByRole("checkbox", { name: "job.created" }).check();
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByText("Changes saved").waitFor();

  await page.getByRole("button", { name: "Rotate secret" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Rotate secret" }).click();
  const rotated = (await page.locator("[data-secret]").innerText()).trim();
  assert.match(rotated, /^whsec_/);
  assert.notEqual(rotated, secret);
  await page.getByRole("button", { name: "I have stored it" }).click();

  await page.getByRole("button", { name: "Disable", exact: true }).click();
  await page.locator('header [data-status="Disabled"]').waitFor();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("No endpoint yet").waitFor();
});

test("an answer that is no success is shown for what it is", async () => {
  const { who, client } = await registered(world.server);
  const webhook = await client.post("/webhooks", { url: hooks });
  answer = { status: 500, body: "out of order" };
  const page = await world.open();
  await logIn(page, world.server, who);
  await page.goto(`/app/webhooks/${webhook.webhook_id}`);
  await page.getByRole("button", { name: "Send test event" }).click();
  await page.getByRole("button", { name: "webhook.test" }).click();
  const delivery = page.getByRole("dialog", { name: "Delivery" });
  await delivery.getByText("500").first().waitFor();
  await delivery.getByText("out of order").first().waitFor();

  // Mended, it is sent once more by hand.
  answer = { status: 200, body: "works again" };
  const before = received.length;
  await delivery.getByRole("button", { name: "Send again" }).click();
  await page.getByText("On its way again").waitFor();
  await until("the replay", () => received.length > before);

  // And all of a stretch of time.
  await page.getByRole("button", { name: "Send a range again" }).click();
  const range = page.getByRole("dialog", { name: "Send a range again" });
  await range.getByLabel("Until").fill("2001-01-01T00:00");
  await range.getByRole("button", { name: "Send again" }).click();
  await range.getByText("Must be after the start.").waitFor();
  await range.getByLabel("Events from").fill("2000-12-31T00:00");
  await range.getByRole("button", { name: "Send again" }).click();
  await page.getByText("Nothing to send: no such delivery in this time").waitFor();
  await range.waitFor({ state: "detached" });
  await page.locator('[data-delivery][data-status="Delivered"]').first().waitFor();
  const sent = received.length;
  await page.getByRole("button", { name: "Send a range again" }).click();
  await range.getByRole("radio", { name: "Delivered" }).click();
  await range.getByRole("button", { name: "Send again" }).click();
  await page.getByText(/deliver(y is|ies are) on the way again/).waitFor();
  await until("the range", () => received.length > sent);
});
