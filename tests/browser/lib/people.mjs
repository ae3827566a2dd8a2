import { randomUUID } from "node:crypto";

const PASSWORD = "violet harbour 42 lantern";

/** Somebody new, so that tests on one server do not meet each other. */
export function person(name = "Ada Lovelace") {
  return { full_name: name, email: `${name.toLowerCase().replaceAll(/\W+/g, ".")}.${randomUUID().slice(0, 8)}@example.com`, password: PASSWORD };
}

/** Types the newest code; the form sends itself. */
export async function enterCode(page, server, email, after) {
  const field = page.getByLabel("One-time code");
  await field.waitFor();
  await field.fill(await server.otp(email, after));
}

export async function signUp(page, server, who) {
  await page.goto("/app/signup");
  await page.getByLabel("Full name").fill(who.full_name);
  await page.getByLabel("E-mail").fill(who.email);
  await page.getByLabel("Password", { exact: true }).fill(who.password);
  const since = Date.now() - 1000;
  await page.getByRole("button", { name: "Create account" }).click();
  await enterCode(page, server, who.email, since);
  await page.getByRole("heading", { name: "Overview" }).waitFor();
}

export async function logIn(page, server, who, { path = "/app/login" } = {}) {
  await page.goto(path);
  await page.getByLabel("E-mail").fill(who.email);
  await page.getByLabel("Password", { exact: true }).fill(who.password);
  const since = Date.now() - 1000;
  await page.getByRole("button", { name: "Continue" }).click();
  await enterCode(page, server, who.email, since);
  await page.getByRole("button", { name: /Account menu of/ }).or(page.getByRole("button", { name: "Open navigation" })).first().waitFor();
}

/** The API as a program uses it, for what a test needs but does not test. */
export function api(server, token) {
  const call = async (method, path, body, headers = {}) => {
    const answer = await fetch(`${server.origin}/api/v1${path}`, {
      method,
      headers: { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    const json = text ? JSON.parse(text) : null;
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return json;
  };
  return {
    get: (path) => call("GET", path),
    post: (path, body, headers) => call("POST", path, body, headers),
    patch: (path, body, headers) => call("PATCH", path, body, headers),
  };
}

/** Signs somebody up by API and answers with a client that is logged in as them. */
export async function registered(server, who = person()) {
  const since = Date.now() - 1000;
  const { challenge_id } = await api(server).post("/signup", { full_name: who.full_name, email: who.email, password: who.password });
  const { access_token, user } = await api(server).post("/verify-otp", { challenge_id, otp: await server.otp(who.email, since) });
  return { who, user, token: access_token, client: api(server, access_token) };
}
