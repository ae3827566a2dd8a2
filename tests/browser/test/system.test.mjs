// What administrators look up and try out: the effective configuration, the test mail.
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { enterCode, logIn, person, registered } from "../lib/people.mjs";
import { startServer } from "../lib/server.mjs";
import { suite } from "../lib/suite.mjs";

const world = suite();
const admin = person("Ada Lovelace");

test("an administrator sends a test mail and reads what the server was started with", async () => {
  const page = await world.open();
  await page.goto(`/app/setup#token=${await world.server.setupToken()}`);
  await page.getByLabel("Full name").fill(admin.full_name);
  await page.getByLabel("E-mail").fill(admin.email);
  await page.getByLabel("Password", { exact: true }).fill(admin.password);
  const since = Date.now() - 1000;
  await page.getByRole("button", { name: "Create administrator" }).click();
  await enterCode(page, world.server, admin.email, since);
  await page.getByText("Get started").waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await page.getByRole("heading", { name: "System", level: 1 }).waitFor();

  const mail = page.locator("[data-mail-test]");
  assert.equal(await mail.getByLabel("To").inputValue(), admin.email);
  await mail.getByLabel("To").fill("");
  await mail.getByRole("button", { name: "Send test mail" }).click();
  await mail.getByText("Whom should it go to?").waitFor();
  await mail.getByLabel("To").fill("nobody");
  await mail.getByRole("button", { name: "Send test mail" }).click();
  await mail.locator('[aria-invalid="true"]').waitFor();
  await mail.getByLabel("To").fill(admin.email);
  await mail.getByRole("button", { name: "Send test mail" }).click();
  await mail.locator('[data-mail-outcome="accepted"]').waitFor();
  const { data } = await (await fetch(`${world.server.origin}/dev/mailbox.json`)).json();
  assert.ok(data.some(({ subject, to }) => subject === "Test mail from Job Scheduler" && to === admin.email));

  const settings = page.locator("[data-configuration]");
  await settings.locator('[data-setting="rate_limits"]').getByText("SCHED_RATE_LIMITS").waitFor();
  const all = await settings.locator("[data-setting]").count();
  await settings.getByLabel("Only what was set").click();
  await page.waitForFunction((count) => document.querySelectorAll("[data-setting]").length < count, all);
  await settings.getByRole("searchbox").fill("sched_listen");
  await page.waitForFunction(() => document.querySelectorAll("[data-setting]").length === 1);
  await settings.locator('[data-setting="listen"]').getByText(new URL(world.server.origin).host).waitFor();
});

test("others are told that it is not for them", async () => {
  const { who } = await registered(world.server);
  const page = await world.open();
  await logIn(page, world.server, who);
  await page.goto("/app/system");
  await page.getByRole("heading", { name: "This is for administrators" }).waitFor();
});

test("a mail server's refusal is shown word for word", async () => {
  // Speaks just enough SMTP to refuse every recipient.
  const refusing = createServer((socket) => {
    socket.on("error", () => undefined).write("220 fake\r\n");
    socket.on("data", (line) => void socket.write(`${line.toString().startsWith("RCPT") ? "550 5.7.1 <ada@example.com> relaying denied" : "250 fine"}\r\n`));
  });
  await new Promise((ready) => refusing.listen(0, "127.0.0.1", () => ready(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (refusing.address());
  const page = await world.open();
  await logIn(page, world.server, admin);
  const cookies = await page.context().cookies();
  // The same installation, now with that mail server; the session goes on.
  page.offlineOnPurpose = true;
  await world.server.halt();
  const again = await startServer({ data: world.server.dataDir, port: world.server.port, env: { SCHED_MAIL_URL: `smtp://127.0.0.1:${port}` } });
  try {
    await page.context().addCookies(cookies);
    await page.goto("/app/system");
    await page.getByLabel("To").fill("ada@example.com");
    await page.getByRole("button", { name: "Send test mail" }).click();
    await page.locator('[data-mail-outcome="refused"]').waitFor();
    await page.getByText("<ada@example.com> relaying denied").waitFor();
    await page.getByText(`smtp://127.0.0.1:${port}`).waitFor();
  } finally {
    await again.halt();
    refusing.close();
  }
});
