// Log-in with two factors, reset, sessions: what goes well and what goes wrong.
import assert from "node:assert/strict";
import { test } from "node:test";
import { enterCode, logIn, person, registered, signUp } from "../lib/people.mjs";
import { suite } from "../lib/suite.mjs";

const world = suite();

test("the set-up link makes the first administrator, once", async () => {
  const token = await world.server.setupToken();
  const page = await world.open();
  const admin = person("Grace Hopper");
  await page.goto(`/app/setup#token=${token}`);
  await page.getByLabel("Full name").fill(admin.full_name);
  await page.getByLabel("E-mail").fill(admin.email);
  await page.getByLabel("Password", { exact: true }).fill(admin.password);
  assert.doesNotMatch(page.url(), /token/, "the token must leave the address bar");
  const since = Date.now() - 1000;
  await page.getByRole("button", { name: "Create administrator" }).click();
  await enterCode(page, world.server, admin.email, since);
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await page.getByRole("link", { name: "Users" }).click();
  await page.getByText(admin.email).first().waitFor();

  const other = await world.open();
  await other.goto(`/app/setup#token=${token}`);
  await other.getByText("This scheduler is set up already.").waitFor();
});

test("log-in: wrong password, wrong code, then the right ones, and back to where one wanted to go", async () => {
  const { who, client } = await registered(world.server);
  const job = await client.post("/jobs", { job_name: "Wanted page" });
  const page = await world.open();
  await page.goto(`/app/jobs/${job.job_id}?tab=payload`);
  await page.waitForURL(/\/app\/login\?next=/);
  await page.getByLabel("E-mail").fill(who.email);
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Password", { exact: true }).fill(who.password);
  const since = Date.now() - 1000;
  await page.getByRole("button", { name: "Continue" }).click();

  const code = await world.server.otp(who.email, since);
  await page.getByLabel("One-time code").fill(code === "00000000" ? "00000001" : "00000000");
  await page.getByText(/That code is not right/).waitFor();
  assert.equal(await page.getByLabel("One-time code").inputValue(), "");
  assert.equal(await page.getByLabel("One-time code").getAttribute("aria-invalid"), "true");

  // A reload in the middle loses nothing.
  await page.reload();
  await page.getByLabel("One-time code").waitFor();
  // Pasted with a blank in it, as from a mail.
  await page.getByLabel("One-time code").evaluate((input, text) => {
    const data = new DataTransfer();
    data.setData("text", text);
    input.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  }, `${code.slice(0, 4)} ${code.slice(4)}`);
  await page.getByRole("heading", { name: "Wanted page" }).waitFor();
  assert.match(page.url(), new RegExp(`/app/jobs/${job.job_id}\\?tab=payload$`));
});

test("a new code replaces the old one", async () => {
  const { who } = await registered(world.server);
  const page = await world.open();
  await page.goto("/app/login");
  await page.getByLabel("E-mail").fill(who.email);
  await page.getByLabel("Password", { exact: true }).fill(who.password);
  const since = Date.now() - 1000;
  await page.getByRole("button", { name: "Continue" }).click();
  const old = await world.server.otp(who.email, since);
  const again = page.getByRole("button", { name: "Send a new code", exact: true });
  await again.waitFor();
  await page.waitForFunction(() => [...document.querySelectorAll("button")].some((button) => button.textContent === "Send a new code" && !button.disabled));
  const before = Date.now();
  await again.click();
  await page.getByText("A new code is on its way").waitFor();
  const fresh = await world.server.otp(who.email, before);
  if (fresh !== old) {
    await page.getByLabel("One-time code").fill(old);
    await page.getByText(/That code is not right/).waitFor();
  }
  await page.getByLabel("One-time code").fill(fresh);
  await page.getByRole("heading", { name: "Overview" }).waitFor();
});

test("a forgotten password is replaced; the old one no longer works, other browsers are logged out", async () => {
  const { who } = await registered(world.server);
  const [other, page] = [await world.open(), await world.open()];
  await logIn(other, world.server, who);
  await other.locator('[data-live="live"]').first().waitFor();

  await page.goto("/app/login");
  await page.getByRole("link", { name: "Forgot password?" }).click();
  // The log-in page has such a field too, and stays until the next one is loaded.
  await page.getByRole("button", { name: "Send code" }).waitFor();
  await page.getByLabel("E-mail").fill(who.email);
  const since = Date.now() - 1000;
  await page.getByRole("button", { name: "Send code" }).click();
  await enterCode(page, world.server, who.email, since);
  await page.getByLabel("New password").fill("short");
  await page.getByRole("button", { name: "Set new password" }).click();
  await page.getByText("Use at least 10 characters.").waitFor();
  await page.getByLabel("New password").fill("password1234");
  await page.getByRole("button", { name: "Set new password" }).click();
  await page.locator('[aria-invalid="true"]').first().waitFor();
  await page.getByLabel("New password").fill("amber 77 windmill quay");
  await page.getByRole("button", { name: "Set new password" }).click();
  await page.getByText("Your password is changed.").waitFor();

  await other.getByText("Your session has ended.").waitFor();

  await page.getByLabel("E-mail").fill(who.email);
  await page.getByLabel("Password", { exact: true }).fill(who.password);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("alert").waitFor();
  await logIn(page, world.server, { ...who, password: "amber 77 windmill quay" });
});

test("ending a session logs the other browser out at once", async () => {
  const { who } = await registered(world.server);
  const [one, two] = [await world.open(), await world.open({ userAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 20_0 like Mac OS X) AppleWebKit/605.1 Version/20.0 Mobile/15E148 Safari/604.1" })];
  await logIn(one, world.server, who);
  await logIn(two, world.server, who);
  await two.locator('[data-live="live"]').first().waitFor();
  await one.goto("/app/account/sessions");
  await one.getByRole("button", { name: "End the session of Safari on iOS" }).click();
  await one.getByRole("alertdialog").getByRole("button", { name: "End" }).click();
  await one.getByText("Session ended").waitFor();
  await two.getByText("Your session has ended.").waitFor();
  assert.match(two.url(), /\/app\/login/);
  assert.equal(await one.getByText("This browser").count(), 1);
});

test("logging out ends it here and in the other tab; the back button shows nothing", async () => {
  const page = await world.open();
  await signUp(page, world.server, person("Tab Keeper"));
  const tab = await page.context().newPage();
  await tab.goto("/app/jobs");
  await tab.getByRole("heading", { name: "Jobs", exact: true }).waitFor();
  await page.getByRole("button", { name: /Account menu of/ }).click();
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  await tab.getByRole("heading", { name: "Log in" }).waitFor();
  await page.goBack();
  // What came before the log-in may show, nothing of what was behind it.
  await page.getByRole("heading", { name: "Create your account" }).waitFor();
});

test("two tabs that load at once share the session", async () => {
  const page = await world.open();
  await signUp(page, world.server, person("Two Tabs"));
  const tab = await page.context().newPage();
  for (let round = 0; round < 3; round += 1) {
    await Promise.all([page.goto("/app/"), tab.goto("/app/jobs")]);
    await Promise.all([page.getByRole("heading", { name: "Overview" }).waitFor(), tab.getByRole("heading", { name: "Jobs", exact: true }).waitFor()]);
  }
});

test("sign-up and log-in say what is missing, at the field", async () => {
  const page = await world.open();
  await page.goto("/app/signup");
  await page.getByRole("button", { name: "Create account" }).click();
  assert.equal(await page.locator('[aria-invalid="true"]').count(), 3);
  await page.waitForFunction(() => document.activeElement?.getAttribute("autocomplete") === "name");
  await page.getByLabel("Full name").fill("Weak Password");
  await page.getByLabel("E-mail").fill("weak@example.com");
  await page.getByLabel("Password", { exact: true }).fill("password1234");
  await page.getByRole("button", { name: "Create account" }).click();
  const field = page.getByLabel("Password", { exact: true });
  await page.locator('[autocomplete="new-password"][aria-invalid="true"]').waitFor();
  assert.notEqual(await field.getAttribute("aria-describedby"), null);
});
