export const javascriptSnippet = `// npm install standardwebhooks express
import express from "express";
import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.env.WEBHOOK_SECRET); // whsec_…

express()
  // The raw bytes: a parsed and re-written body has another signature.
  .post("/hooks", express.raw({ type: "*/*" }), (request, response) => {
    try {
      const event = webhook.verify(request.body.toString(), request.headers);
      console.log(event.type, event.data.job_name, event.data.status);
      response.sendStatus(204);
    } catch {
      response.sendStatus(400);
    }
  })
  .listen(4000);
`;

export const pythonSnippet = `# pip install standardwebhooks flask
import os
from flask import Flask, request
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

app = Flask(__name__)
webhook = Webhook(os.environ["WEBHOOK_SECRET"])  # whsec_…


@app.post("/hooks")
def hooks():
    try:
        # The raw bytes: a parsed and re-written body has another signature.
        event = webhook.verify(request.get_data(), dict(request.headers))
    except WebhookVerificationError:
        return "", 400
    print(event["type"], event["data"]["job_name"], event["data"]["status"])
    return "", 204
`;
