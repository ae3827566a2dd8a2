// node verify.mjs SECRET ID TIMESTAMP SIGNATURE <BODY: says whether the official library takes it for genuine.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const { Webhook } = createRequire(join(process.cwd(), "x.js"))("standardwebhooks");
const [secret, id, timestamp, signature] = process.argv.slice(2);
const headers = { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
try {
  new Webhook(secret).verify(readFileSync(0, "utf8"), headers);
  console.log("true");
} catch (error) {
  if (error.name !== "WebhookVerificationError" && !/signature|timestamp/i.test(error.message)) throw error;
  console.log("false");
}
