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

export const rustSnippet = `// cargo add standardwebhooks axum tokio --features tokio/full
use axum::{Router, body::Bytes, http::{HeaderMap, StatusCode}, routing::post};
use standardwebhooks::Webhook;

async fn hooks(headers: HeaderMap, body: Bytes) -> StatusCode {
    let secret = std::env::var("WEBHOOK_SECRET").expect("WEBHOOK_SECRET"); // whsec_…
    let webhook = Webhook::new(&secret).expect("a signing secret");
    // The raw bytes: a parsed and re-written body has another signature.
    match webhook.verify(&body, &headers) {
        Ok(()) => {
            println!("{}", String::from_utf8_lossy(&body));
            StatusCode::NO_CONTENT
        }
        Err(_) => StatusCode::BAD_REQUEST,
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:4000").await?;
    axum::serve(listener, Router::new().route("/hooks", post(hooks))).await
}
`;
