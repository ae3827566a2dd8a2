//! Carries out a run that is a request.

use super::{Executors, execute::Failure};
use scheduler_domain::{
    job::{HttpCall, Payload},
    ports::{CallError, ClaimedRun, OutgoingRequest, OutgoingResponse},
    validate::excerpt,
    webhook::{MASK, parse_retry_after},
};
use serde::Serialize;
use std::{collections::BTreeMap, time::Duration};

/// How much of an answer is kept.
const MAX_BODY: usize = 64 * 1_024;

/// How much of the headers of an answer is kept.
const MAX_HEADERS: usize = 16 * 1_024;

/// How much of an answer stands in the message of a failure.
const EXCERPT: usize = 200;

/// Where an attempt has no limit, the call has this one.
const LONGEST: Duration = Duration::from_secs(86_400);

/// Shorter values than this are too common to be looked for in answers.
const SHORTEST_SECRET: usize = 6;

/// What was answered, as the result of the run.
#[derive(Serialize)]
struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
    truncated: bool,
}

/// Sends the request; answers what came back, or how it failed. Dropping the future breaks the call off.
pub(super) async fn send(
    call: &HttpCall,
    claimed: &ClaimedRun,
    limit: Option<Duration>,
    executors: &Executors,
) -> Result<Option<Payload>, Failure> {
    let secrets = call.opened(&*executors.vault, claimed.run.job_id).map_err(|_| {
        let message =
            "not sent: the secret headers cannot be opened (was SCHED_SECRET changed?); setting them again mends this";
        Failure::new("secret_unreadable", message, false)
    })?;
    let request = call
        .request(&claimed.run, &secrets, &executors.version)
        .map_err(|error| Failure::new(error.code(), format!("not sent: {error}"), false))?;
    let hidden = hidden(&secrets, &request.headers);
    let outgoing = OutgoingRequest {
        method: request.method.to_owned(),
        url: request.url,
        headers: request.headers,
        body: request.body,
        // The attempt's own limit comes first, so that there is one word for it.
        timeout: limit.map_or(LONGEST, |limit| limit + Duration::from_secs(1)),
        max_response_bytes: MAX_BODY,
    };
    let response = executors
        .caller
        .call(outgoing)
        .await
        .map_err(|error| no_answer(&error))?;
    judge(call, claimed, &response, &hidden, executors)
}

/// The secret values as they were sent: an answer that repeats them must not carry them into results and events.
fn hidden(secrets: &BTreeMap<String, String>, sent: &[(String, String)]) -> Vec<String> {
    let is_secret = |name: &str| secrets.keys().any(|secret| secret.eq_ignore_ascii_case(name));
    let mut hidden = Vec::new();
    for (_, value) in sent.iter().filter(|(name, _)| is_secret(name)) {
        hidden.push(value.clone());
        // Of "Bearer x" the second word alone is a secret, too.
        hidden.extend(
            value
                .split_once(' ')
                .map(|(_, credentials)| credentials.trim().to_owned()),
        );
    }
    hidden.retain(|value| value.len() >= SHORTEST_SECRET);
    hidden
}

fn no_answer(error: &CallError) -> Failure {
    let (code, retryable) = match error {
        CallError::Refused(_) => ("target_refused", false),
        CallError::Dns(_) => ("dns_failed", true),
        CallError::Tls(_) => ("tls_failed", true),
        CallError::Failed(_) => ("connection_failed", true),
        CallError::TimedOut(seconds) => return Failure::timed_out(Duration::from_secs(*seconds)),
    };
    Failure::new(code, error.to_string(), retryable)
}

fn judge(
    call: &HttpCall,
    claimed: &ClaimedRun,
    response: &OutgoingResponse,
    hidden: &[String],
    executors: &Executors,
) -> Result<Option<Payload>, Failure> {
    let answer = kept(response, hidden);
    let result = Payload::of(&answer).ok();
    let status = response.status;
    if call.expect.accepts(status) {
        return Ok(result);
    }
    let header = |wanted: &str| answer.headers.get(wanted).map(String::as_str);
    let failure = if matches!(status, 301 | 302 | 303 | 307 | 308) {
        let to = header("location").map(excerpt).unwrap_or_default();
        let message =
            format!("answered {status} to \"{to}\": redirects are not followed; name the last address as url");
        Failure::new("redirect_refused", message, claimed.retry.names("redirect_refused"))
    } else {
        let code = format!("http_{status}");
        let retryable = is_passing(status) || claimed.retry.names(&code);
        Failure::new(&code, described(status, call, &answer.body), retryable)
    };
    let retry_after = header("retry-after").filter(|_| matches!(status, 429 | 503));
    Err(Failure {
        retry_after: retry_after.and_then(|value| parse_retry_after(value, executors.clock.now())),
        result,
        ..failure
    })
}

/// Whether the same request may be answered otherwise later.
const fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 425 | 429) || status >= 500
}

fn described(status: u16, call: &HttpCall, body: &str) -> String {
    let words: Vec<&str> = body
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    let beginning: String = words.join(" ").chars().take(EXCERPT).collect();
    let expected = format!("answered {status}; expected {}", call.expect);
    if beginning.is_empty() {
        expected
    } else {
        format!("{expected}: {beginning}")
    }
}

/// As much of the answer as is kept, without the secrets of the request and without credentials of the other side.
fn kept(response: &OutgoingResponse, hidden: &[String]) -> Answer {
    let clean = |text: &str| {
        hidden
            .iter()
            .fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), MASK))
    };
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    let mut room = MAX_HEADERS;
    for (name, value) in &response.headers {
        let value = if name == "set-cookie" {
            MASK.to_owned()
        } else {
            clean(value)
        };
        let Some(left) = room.checked_sub(name.len() + value.len()) else {
            break;
        };
        room = left;
        headers
            .entry(name.clone())
            .and_modify(|known| *known = format!("{known}, {value}"))
            .or_insert(value);
    }
    // What is no UTF-8 grows when it is made legible.
    let mut body = clean(&String::from_utf8_lossy(&response.body));
    let mut cut = body.len().min(MAX_BODY);
    while !body.is_char_boundary(cut) {
        cut -= 1;
    }
    let is_cut = cut < body.len();
    body.truncate(cut);
    Answer {
        status: response.status,
        headers,
        body,
        truncated: response.truncated || is_cut,
    }
}
