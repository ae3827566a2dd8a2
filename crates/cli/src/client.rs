//! Requests to a server: authenticated, repeated where that is safe, with every failure as one [`Error`].
//!
//! A [`Client`] is cheap to clone; clones share connections and log-in.

mod answer;
mod request;
mod session;
pub mod socket;

pub use answer::Answer;
pub use request::Request;
pub(crate) use session::Tokens;

use crate::{
    config::{Credential, Settings, Url},
    error::{Error, Problem, Result},
    randomness,
};
use reqwest::header::HeaderMap;
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tokio::sync::Mutex;

/// How often a request is made at most.
const ATTEMPTS: u32 = 4;
/// A server that asks for more patience than this is reported instead.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Asks one server in the name of one user.
#[derive(Debug, Clone)]
pub struct Client(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    http: reqwest::Client,
    settings: Settings,
    /// The credential as it is now: tokens are refreshed.
    credential: Mutex<Credential>,
}

impl Client {
    /// A client with what flags, environment and profile say.
    pub fn new(settings: Settings) -> Result<Self> {
        let http = builder()
            .build()
            .map_err(|error| unreachable_by(&settings.url, &error))?;
        let credential = Mutex::new(settings.credential.clone());
        Ok(Self(Arc::new(Inner {
            http,
            settings,
            credential,
        })))
    }

    /// Where the server is, and for whom it is asked.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// `GET /api/v1/…`
    pub async fn get(&self, path: &[&str]) -> Result<Value> {
        self.send(Request::get(path)).await?.json()
    }

    /// `POST /api/v1/…` with a body. It carries an `Idempotency-Key`, so it is repeated when the line breaks.
    pub async fn post(&self, path: &[&str], body: &Value) -> Result<Value> {
        self.send(Request::post(path).json(body)).await?.json()
    }

    /// `POST /api/v1/…` without a body.
    pub async fn act(&self, path: &[&str]) -> Result<Value> {
        self.send(Request::post(path)).await?.json()
    }

    /// Makes a request; anything but 2xx is an error.
    ///
    /// 429, 503 and `idempotency_in_progress` mean that nothing was changed: after `Retry-After` it is asked again. A
    /// connection that broke is followed by another for what cannot do harm twice (`GET`, and what has a key).
    pub async fn send(&self, request: Request) -> Result<Answer> {
        let id = randomness::word();
        let mut renewed = false;
        let mut attempt = 1;
        loop {
            let bearer = if request.anonymous {
                None
            } else {
                Some(self.bearer().await?)
            };
            let failure = match self.once(&request, bearer.as_deref(), &id).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            if failure.error.status() == Some(401)
                && let (false, Some(bearer)) = (renewed, &bearer)
                && self.renew(bearer).await?
            {
                renewed = true;
                continue;
            }
            match failure.again_after(attempt) {
                Some(wait) if attempt < ATTEMPTS && wait <= LONGEST_WAIT => {
                    if wait >= Duration::from_secs(2) {
                        eprintln!("{}; again in {} s", failure.error, wait.as_secs());
                    }
                    tokio::time::sleep(wait).await;
                    attempt += 1;
                }
                _ => return Err(failure.error),
            }
        }
    }

    async fn once(&self, request: &Request, bearer: Option<&str>, id: &str) -> Result<Answer, Failure> {
        let url = request.url(&self.0.settings.url).map_err(Failure::last)?;
        let what = format!("{} {url}", request.method);
        let mut headers = HeaderMap::new();
        let mut set = |name: &'static str, value: &str| {
            let value = value.parse().map_err(|_| {
                let problem = format!("{value:?} cannot be sent in the header {name}");
                Failure::last(Error::usage(problem))
            })?;
            headers.insert(name, value);
            Ok::<_, Failure>(())
        };
        set("accept", "application/json")?;
        set("x-request-id", id)?;
        if let Some(bearer) = bearer {
            set("authorization", &format!("Bearer {bearer}"))?;
        }
        if let Some(key) = &request.idempotency_key {
            set("idempotency-key", key)?;
        }
        if let Some(version) = request.if_match {
            set("if-match", &format!("\"{version}\""))?;
        }
        let mut ready = self
            .0
            .http
            .request(request.method.clone(), url.clone())
            .timeout(request.timeout);
        if let Some(body) = &request.body {
            set("content-type", "application/json")?;
            ready = ready.body(body.clone());
        }
        let broken = |error: &reqwest::Error| Failure {
            again: (request.is_safe() || error.is_connect()).then_some(None),
            error: unreachable_by(&self.0.settings.url, error),
        };
        let answer = ready.headers(headers).send().await.map_err(|error| broken(&error))?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let bytes = answer.bytes().await.map_err(|error| broken(&error))?;
        let answer = Answer {
            status,
            headers,
            bytes: bytes.to_vec(),
            request: what,
        };
        if answer.is_success() {
            return Ok(answer);
        }
        Err(Failure::from(answer))
    }
}

/// Why one attempt failed, and whether another one makes sense.
struct Failure {
    error: Error,
    /// `Some(None)`: yes, soon. `Some(Some(…))`: yes, when the server says.
    again: Option<Option<Duration>>,
}

impl Failure {
    fn last(error: Error) -> Self {
        Self { error, again: None }
    }

    /// How long to wait before attempt `attempt + 1`: what the server says, else twice as long each time, spread.
    fn again_after(&self, attempt: u32) -> Option<Duration> {
        self.again.map(|told| {
            told.unwrap_or_else(|| {
                Duration::from_millis(100 * 2_u64.pow(attempt)).mul_f64(0.5 + randomness::fraction())
            })
        })
    }
}

impl From<Answer> for Failure {
    fn from(answer: Answer) -> Self {
        let after = answer
            .header("retry-after")
            .and_then(|seconds| seconds.parse().ok())
            .map(Duration::from_secs);
        let problem = answer.problem();
        let again = matches!(problem.status, 429 | 503) || problem.code == "idempotency_in_progress";
        Self {
            again: again.then_some(after),
            error: Error::Problem(Box::new(problem)),
        }
    }
}

/// What all connections have in common.
fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("jobs/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(10))
        // A redirect would carry the credential elsewhere; the right address is the user's to choose.
        .redirect(reqwest::redirect::Policy::none())
}

/// The innermost cause says most: "Connection refused".
fn unreachable_by(url: &Url, error: &reqwest::Error) -> Error {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let why = if error.is_timeout() {
        "no answer in time".to_owned()
    } else {
        cause.to_string()
    };
    Error::Unreachable {
        what: format!("cannot reach {url}: {why}"),
        hint: Some("start the server, or name another one with --url or JOBS_URL".into()),
    }
}

/// The problem of an answer that no Job Scheduler gave.
fn foreign(answer: &Answer) -> Problem {
    let to = answer
        .header("location")
        .map(|to| format!(" It points to {to}."))
        .unwrap_or_default();
    Problem {
        status: answer.status,
        code: "no_problem_document".into(),
        detail: format!(
            "the answer {} is not one of a Job Scheduler.{to} Is the address right?",
            answer.status
        ),
        ..Problem::default()
    }
}
