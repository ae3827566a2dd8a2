//! Work for workers, and what becomes of it.

use scheduler_tests::{
    client::{Client, text},
    server::{TestServer, until},
};
use serde_json::{Value, json};

/// A user with a key for workers.
pub struct Owner {
    pub client: Client,
    /// With the scope `worker` alone.
    pub key: String,
}

impl Owner {
    pub async fn of(server: &TestServer) -> Self {
        let client = server.sign_up().await;
        let (_, key) = client.api_key(&["worker"]).await;
        Self {
            client,
            key: text(&key, "key").to_owned(),
        }
    }

    /// The same user after the server has come back.
    pub fn towards(self, server: &TestServer) -> Self {
        Self {
            client: self.client.towards(&server.base),
            key: self.key,
        }
    }

    /// A run that waits in the queue `reports`.
    pub async fn run(&self, payload: Value) -> Value {
        self.run_of(json!({"payload": payload})).await
    }

    /// A run that waits in the queue `reports`, of a job with more.
    pub async fn run_of(&self, more: Value) -> Value {
        let mut job = json!({"executor": {"type": "worker", "queue": "reports"}, "run": true});
        job.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.client.job(job).await["last_run"].clone()
    }

    /// The run as it is.
    pub async fn see(&self, run: &Value) -> Value {
        self.client
            .get(&format!("/api/v1/runs/{}", text(run, "run_id")), 200)
            .await
    }

    /// Waits until the run has told of its progress.
    pub async fn progresses(&self, run: &Value) {
        until("the run makes progress", async || {
            self.see(run).await["progress"].as_i64()
        })
        .await;
    }

    /// The texts of the log of a run.
    pub async fn log(&self, run: &Value) -> Vec<String> {
        let path = format!("/api/v1/runs/{}/log?limit=200", text(run, "run_id"));
        let page = self.client.get(&path, 200).await;
        let lines = page["data"].as_array().unwrap();
        lines.iter().map(|line| text(line, "text").to_owned()).collect()
    }

    /// Asks that a run be stopped.
    pub async fn cancel(&self, run: &Value) {
        let path = format!("/api/v1/runs/{}/cancel", text(run, "run_id"));
        self.client.act(&path, 202).await;
    }
}
