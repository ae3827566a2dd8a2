//! A user of a server: signed up like a person, then asking like a program.

use anyhow::{Context, bail};
use serde_json::{Value, json};
use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

/// Access tokens live ten minutes; they are renewed well before.
const RENEW_AFTER: Duration = Duration::from_secs(240);

/// A log-in at one server. Clones share it.
#[derive(Clone)]
pub(crate) struct Account {
    client: reqwest::Client,
    base: String,
    tokens: Arc<RwLock<Tokens>>,
}

struct Tokens {
    authorization: String,
    refresh: String,
    renewed_at: Instant,
}

impl Account {
    /// Signs up: name and password, then the code from the developer mailbox.
    pub(crate) async fn sign_up(base: &str) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .pool_max_idle_per_host(128)
            .timeout(Duration::from_secs(60))
            .build()?;
        let email = "bench@example.com";
        let body = json!({ "full_name": "Load Driver", "email": email, "password": "seventeen grey herons" });
        let challenge = answer(client.post(format!("{base}/api/v1/signup")).json(&body)).await?;
        let otp = code(&client, base, email).await?;
        let body = json!({ "challenge_id": challenge["challenge_id"], "otp": otp });
        let tokens = answer(client.post(format!("{base}/api/v1/verify-otp")).json(&body)).await?;
        let tokens = Arc::new(RwLock::new(Tokens::of(&tokens)?));
        Ok(Self {
            client,
            base: base.to_owned(),
            tokens,
        })
    }

    /// Renews the access token if it gets old. Called between measurements, never within one.
    pub(crate) async fn keep_alive(&self) -> anyhow::Result<()> {
        let refresh = {
            let tokens = self.tokens.read().unwrap_or_else(PoisonError::into_inner);
            if tokens.renewed_at.elapsed() < RENEW_AFTER {
                return Ok(());
            }
            tokens.refresh.clone()
        };
        let body = json!({ "refresh_token": refresh });
        let fresh = answer(
            self.client
                .post(format!("{}/api/v1/token/refresh", self.base))
                .json(&body),
        )
        .await?;
        *self.tokens.write().unwrap_or_else(PoisonError::into_inner) = Tokens::of(&fresh)?;
        Ok(())
    }

    /// GET, with the whole answer.
    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        answer(
            self.client
                .get(format!("{}/api/v1{path}", self.base))
                .header("Authorization", self.authorization()),
        )
        .await
    }

    /// POST, with the whole answer.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self.client.post(format!("{}/api/v1{path}", self.base));
        answer(request.header("Authorization", self.authorization()).json(body)).await
    }

    /// GET whose answer is read to its end but not parsed, for measuring.
    pub(crate) async fn fetch(&self, path: &str) -> anyhow::Result<()> {
        let request = self.client.get(format!("{}/api/v1{path}", self.base));
        let response = request
            .header("Authorization", self.authorization())
            .send()
            .await?
            .error_for_status()?;
        response.bytes().await?;
        Ok(())
    }

    /// The access token.
    pub(crate) fn token(&self) -> String {
        self.authorization().trim_start_matches("Bearer ").to_owned()
    }

    fn authorization(&self) -> String {
        self.tokens
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .authorization
            .clone()
    }
}

impl Tokens {
    fn of(answer: &Value) -> anyhow::Result<Self> {
        let text = |name: &str| {
            answer[name]
                .as_str()
                .map(str::to_owned)
                .with_context(|| format!("no {name} in {answer}"))
        };
        let authorization = format!("Bearer {}", text("access_token")?);
        Ok(Self {
            authorization,
            refresh: text("refresh_token")?,
            renewed_at: Instant::now(),
        })
    }
}

async fn answer(request: reqwest::RequestBuilder) -> anyhow::Result<Value> {
    let response = request.send().await?;
    let (status, url) = (response.status(), response.url().clone());
    let body = response.text().await?;
    if !status.is_success() {
        bail!("{url} answered {status}: {body}");
    }
    serde_json::from_str(&body).with_context(|| format!("{url} answered no JSON: {body}"))
}

/// The code of the newest mail to the address: eight digits on a line of their own.
async fn code(client: &reqwest::Client, base: &str, email: &str) -> anyhow::Result<String> {
    let until = Instant::now() + Duration::from_secs(10);
    while Instant::now() < until {
        let mailbox = answer(client.get(format!("{base}/dev/mailbox.json"))).await?;
        let mails = mailbox["data"].as_array().context("no data in the mailbox")?;
        let texts = mails
            .iter()
            .filter(|mail| mail["to"].to_string().contains(email))
            .filter_map(|mail| mail["text"].as_str());
        let is_code = |line: &&str| line.len() == 8 && line.bytes().all(|byte| byte.is_ascii_digit());
        if let Some(code) = texts.flat_map(str::lines).map(str::trim).find(is_code) {
            return Ok(code.to_owned());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("no code arrived in the mailbox within 10 s")
}
