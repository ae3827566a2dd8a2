//! A client of the HTTP API. Whatever it asks, every answer is held against what the contract says about all answers.

use crate::{contract, server::until};
use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};

/// The password of every user of the tests.
pub const PASSWORD: &str = "violet-gears-1843";

/// The guide that lists every code.
const CATALOGUE: &str = include_str!("../../docs/api/errors.md");

/// Asks a server, with or without a token.
#[derive(Clone)]
pub struct Client {
    base: String,
    http: reqwest::Client,
    /// Sent as `Authorization: Bearer …`.
    pub token: Option<String>,
    /// The answer of the log-in.
    pub tokens: Value,
    /// The address of the user.
    pub email: String,
}

impl Client {
    pub(crate) fn new(base: String, http: reqwest::Client) -> Self {
        Self {
            base,
            http,
            token: None,
            tokens: Value::Null,
            email: String::new(),
        }
    }

    /// The same client towards another server.
    pub fn towards(&self, base: &str) -> Self {
        Self {
            base: base.to_owned(),
            ..self.clone()
        }
    }

    /// The same user with another token.
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// A program of the same user: a new API key with these scopes, and what was told of it.
    pub async fn api_key(&self, scopes: &[&str]) -> (Self, Value) {
        let key = json!({"name": "a program", "scopes": scopes});
        let key = self.post("/api/v1/api-keys", key, 201).await;
        (self.with_token(text(&key, "key")), key)
    }

    /// Nobody.
    pub fn anonymous(&self) -> Self {
        Self {
            token: None,
            tokens: Value::Null,
            ..self.clone()
        }
    }

    /// The user's id.
    pub fn user_id(&self) -> &str {
        self.tokens["user"]["user_id"].as_str().expect("logged in")
    }

    /// The access token.
    pub fn access(&self) -> &str {
        self.token.as_deref().expect("logged in")
    }

    /// The refresh token.
    pub fn refresh(&self) -> &str {
        self.tokens["refresh_token"].as_str().expect("logged in")
    }

    /// Signs up, reads the code in the mailbox, and is logged in.
    pub async fn sign_up(&mut self, email: &str) {
        let body = json!({"full_name": "Ada Lovelace", "email": email, "password": PASSWORD});
        let challenge = self.anonymous().post("/signup", body, 201).await;
        self.enter(email, &challenge).await;
    }

    /// Logs in once more.
    pub async fn log_in(&mut self, email: &str, password: &str) {
        let seen = self.mails_to(email).await.len();
        let challenge = self
            .anonymous()
            .post("/login", json!({"email": email, "password": password}), 200)
            .await;
        let code = self.code_after(email, seen).await;
        self.verify(email, &challenge, &code).await;
    }

    /// Another log-in of the same user, on another device.
    pub async fn another_log_in(&self) -> Self {
        let mut client = self.anonymous();
        client.log_in(&self.email, PASSWORD).await;
        client
    }

    async fn enter(&mut self, email: &str, challenge: &Value) {
        let code = self.code_after(email, 0).await;
        self.verify(email, challenge, &code).await;
    }

    /// Enters a code and keeps the tokens.
    pub async fn verify(&mut self, email: &str, challenge: &Value, code: &str) {
        let body = json!({"challenge_id": challenge["challenge_id"], "otp": code});
        self.tokens = self.anonymous().post("/verify-otp", body, 200).await;
        self.token = Some(self.tokens["access_token"].as_str().unwrap().to_owned());
        email.clone_into(&mut self.email);
    }

    /// The mails in the developer mailbox to an address, oldest first.
    pub async fn mails_to(&self, email: &str) -> Vec<Value> {
        let all = self.anonymous().get("/dev/mailbox.json", 200).await;
        let mut mails: Vec<_> = all["data"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|mail| mail["to"] == email)
            .cloned()
            .collect();
        mails.reverse();
        mails
    }

    /// The mail to an address that follows the first `seen` ones.
    pub async fn mail_after(&self, email: &str, seen: usize) -> Value {
        until(&format!("mail {} to {email}", seen + 1), async || {
            self.mails_to(email).await.get(seen).cloned()
        })
        .await
    }

    /// The first code that was mailed to an address after the first `seen` mails. (Mails go out in the background: one
    /// that tells of something else may come in between.)
    pub async fn code_after(&self, email: &str, seen: usize) -> String {
        until(&format!("a code after mail {seen} to {email}"), async || {
            self.mails_to(email).await.iter().skip(seen).find_map(code_in)
        })
        .await
    }

    /// `GET`; the answer must have this status.
    pub async fn get(&self, path: &str, expected: u16) -> Value {
        self.send(Method::GET, path, None, &[]).await.expect(expected)
    }

    /// `POST` with a body.
    pub async fn post(&self, path: &str, body: Value, expected: u16) -> Value {
        self.send(Method::POST, path, Some(body), &[]).await.expect(expected)
    }

    /// `POST` without a body.
    pub async fn act(&self, path: &str, expected: u16) -> Value {
        self.send(Method::POST, path, None, &[]).await.expect(expected)
    }

    /// `PATCH` with a body.
    pub async fn patch(&self, path: &str, body: Value, expected: u16) -> Value {
        self.send(Method::PATCH, path, Some(body), &[]).await.expect(expected)
    }

    /// `PATCH /logout`
    pub async fn log_out(&self) {
        self.send(Method::PATCH, "/logout", None, &[]).await.expect(204);
    }

    /// `DELETE`
    pub async fn delete(&self, path: &str, expected: u16) -> Value {
        self.send(Method::DELETE, path, None, &[]).await.expect(expected)
    }

    /// Any request with a JSON body.
    pub async fn send(&self, method: Method, path: &str, body: Option<Value>, headers: &[(&str, &str)]) -> Answer {
        let Some(body) = body else {
            return self.send_raw(method, path, None, headers).await;
        };
        let headers: Vec<_> = [("content-type", "application/json")]
            .into_iter()
            .chain(headers.iter().copied())
            .collect();
        self.send_raw(method, path, Some(body.to_string().into_bytes()), &headers)
            .await
    }

    /// Any request with any body.
    pub async fn send_raw(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let send = async |request: reqwest::RequestBuilder| {
            let answer = request.send().await;
            answer.unwrap_or_else(|error| panic!("{method} {path}: {error:?}"))
        };
        let again = request.try_clone();
        let mut answer = send(request).await;
        // A connection that was opened ahead and kept silent for too long is told so when it is closed, and a request may
        // meet that on its way. Clients send it again (RFC 9110, section 15.5.9).
        if answer.status() == 408
            && answer.content_length() == Some(0)
            && let Some(request) = again
        {
            answer = send(request).await;
        }
        let answer = Answer {
            what: format!("{method} {path}"),
            is_head: method == Method::HEAD,
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            bytes: answer.bytes().await.unwrap().to_vec(),
        };
        answer.check();
        let problem: Option<Value> = serde_json::from_slice(&answer.bytes)
            .ok()
            .filter(|_| answer.status >= 400);
        let code = problem.as_ref().and_then(|problem| problem["code"].as_str());
        contract::check(&method, path, answer.status, code);
        answer
    }

    /// A job with this name and whatever else `more` says.
    pub async fn job(&self, more: Value) -> Value {
        let mut body = json!({"job_name": "Nightly report"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.post("/jobs", body, 201).await
    }

    /// A job whose run ends after so many milliseconds.
    pub async fn quick_job(&self, duration_ms: u64, outcome: &str) -> Value {
        self.job(json!({"executor": {"type": "simulated", "duration_ms": duration_ms, "outcome": outcome}}))
            .await
    }

    /// Waits until a job has a status.
    pub async fn job_becomes(&self, job: &Value, status: &str) -> Value {
        let path = format!("/job/{}", text(job, "job_id"));
        until(&format!("{path} {status}"), async || {
            Some(self.get(&path, 200).await).filter(|job| job["status"] == status)
        })
        .await
    }

    /// Waits until a run has a status.
    pub async fn run_becomes(&self, run: &Value, status: &str) -> Value {
        let path = format!("/api/v1/runs/{}", text(run, "run_id"));
        until(&format!("{path} {status}"), async || {
            Some(self.get(&path, 200).await).filter(|run| run["status"] == status)
        })
        .await
    }
}

/// An answer of the server.
#[derive(Debug, Clone)]
pub struct Answer {
    what: String,
    is_head: bool,
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body, when the status is the expected one; null for an empty body.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.what, self.text());
        if self.bytes.is_empty() {
            Value::Null
        } else {
            self.json()
        }
    }

    /// The problem, when status and code are the expected ones.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let problem = self.expect(status);
        assert_eq!(problem["code"], code, "{}: {problem}", self.what);
        problem
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{}: {error}: {}", self.what, self.text()))
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// What the contract says about every answer.
    fn check(&self) {
        let what = &self.what;
        let header = |name: &str| {
            self.header(name)
                .unwrap_or_else(|| panic!("{what}: no {name} in {:?}", self.headers))
        };
        let policy = header("content-security-policy");
        for part in ["object-src 'none'", "base-uri 'none'"] {
            assert!(policy.contains(part), "{what}: {policy}");
        }
        assert!(
            policy.contains("default-src 'self'") || policy.contains("default-src 'none'"),
            "{what}: {policy}"
        );
        assert!(policy.contains("frame-ancestors"), "{what}: {policy}");
        assert!(!policy.contains("unsafe-eval"), "{what}: {policy}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{what}");
        header("referrer-policy");
        let request_id = header("x-request-id");
        assert!(self.header("server").is_none(), "{what}: tells its version");
        let is_picture = what.contains("/badges/") && self.status == 200;
        if !what.contains(" /app") && !what.contains(" /docs/") && !is_picture {
            assert_eq!(header("cache-control"), "no-store", "{what}");
        }
        if self.status >= 400 && !what.contains("/readyz") && !self.is_head {
            assert_eq!(
                header("content-type"),
                "application/problem+json",
                "{what}: {}",
                self.text()
            );
            let problem = self.json();
            assert_eq!(problem["status"], self.status, "{what}: {problem}");
            assert_eq!(problem["request_id"], request_id, "{what}: {problem}");
            for field in ["type", "title", "code", "detail"] {
                assert!(
                    problem[field].as_str().is_some_and(|text| !text.is_empty()),
                    "{what}: {problem}"
                );
            }
            for error in problem["errors"].as_array().into_iter().flatten() {
                for field in ["pointer", "code", "message"] {
                    assert!(error[field].is_string(), "{what}: {problem}");
                }
                let code = text(error, "code");
                assert!(
                    CATALOGUE.contains(&format!("`{code}`")),
                    "{what}: docs/api/errors.md does not list {code}"
                );
            }
        }
        if matches!(self.status, 429 | 503) {
            let seconds: u64 = header("retry-after").parse().unwrap();
            assert!((1..=60).contains(&seconds), "{what}: {seconds}");
        }
        match self.status {
            401 => assert_eq!(header("www-authenticate"), "Bearer", "{what}"),
            405 => assert!(!header("allow").is_empty(), "{what}"),
            _ => {}
        }
    }
}

/// The eight digits on a line of their own in the text part of a mail.
pub fn code_in(mail: &Value) -> Option<String> {
    let text = mail["text"].as_str()?;
    let mut codes = text
        .lines()
        .map(str::trim)
        .filter(|line| line.len() == 8 && line.bytes().all(|b| b.is_ascii_digit()));
    codes.next().map(str::to_owned)
}

/// A field that must be a text.
#[track_caller]
pub fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field]
        .as_str()
        .unwrap_or_else(|| panic!("{field} is no text in {value}"))
}

/// Asserts that an object has at least these fields.
#[track_caller]
pub fn assert_fields(value: &Value, fields: &str) {
    let object = value.as_object().unwrap_or_else(|| panic!("no object: {value}"));
    for field in fields.split([',', ' ', '\n']).filter(|field| !field.is_empty()) {
        assert!(object.contains_key(field), "{field} is missing in {value}");
    }
}

/// The pointers and codes of the broken rules in a problem.
pub fn broken(problem: &Value) -> Vec<(String, String)> {
    let errors = problem["errors"].as_array().cloned().unwrap_or_default();
    errors
        .iter()
        .map(|error| (text(error, "pointer").to_owned(), text(error, "code").to_owned()))
        .collect()
}
