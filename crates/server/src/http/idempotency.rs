//! `Idempotency-Key`: a request that is sent again gets the answer that the first one got (docs/adr/0021).
//!
//! A request without the header passes untouched. One with it is carried out in a task of its own, so that its answer is
//! kept also when the client has gone away meanwhile: such a client is the one that will ask again.

use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BodySize, BoxBody, MessageBody, to_bytes_limited},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{Method, StatusCode, header},
    middleware::Next,
    web::{Bytes, Data},
};
use scheduler_domain::{
    api_key::{Scope, Scopes},
    clock::random_bytes,
    idempotency::{Fingerprint, IdempotencyKey, KeptAnswer, RequestName, Verdict, is_kept},
    ports::{Limited, WorkClaim},
    validate::FieldError,
};

use scheduler_storage::acting;

use super::{
    auth::Principal,
    body, links,
    problem::{Code, Problem},
    request_id,
};
use crate::state::State;

const HEADER: &str = "idempotency-key";
/// Says that an answer is one that was given before.
const REPLAYED: &str = "idempotent-replayed";
/// Answers beyond this are not kept. None is so large: what is asked for is bounded.
const MAX_BODY: usize = 8 * 1024 * 1024;
/// Headers that belong to an answer.
const KEPT_HEADERS: [header::HeaderName; 3] = [header::CONTENT_TYPE, header::LOCATION, header::ETAG];

/// Operations that do not look at the header: log-ins, whose answers are secrets and whose requests work once by
/// themselves, and claims, whose answers are leases that end within seconds.
const LEFT_OUT: [&str; 8] = [
    "/login",
    "/verify-otp",
    "/send-otp",
    "/signup",
    "/reset-password",
    "/token/refresh",
    "/setup",
    "/worker/claim",
];

/// Whether a POST to this path, with or without `/api/v1`, looks at the header.
pub fn applies_to(path: &str) -> bool {
    !LEFT_OUT.contains(&operation(path))
}

/// The documented addresses at the root and the canonical ones are the same operations.
fn operation(path: &str) -> &str {
    path.strip_prefix("/api/v1").unwrap_or(path)
}

mod raw;

/// The scopes of which a key needed one; noted when it was let through.
#[derive(Debug, Clone, Copy)]
pub struct Needed(pub &'static [Scope]);

/// Fields of an answer that are told once, such as `secret`, or `data/job/ping_url` for the items of a list: a handler puts
/// it into the extensions of its response.
#[derive(Debug, Clone, Copy)]
pub struct ToldOnce(pub &'static [&'static str]);

/// Lets a request through at most once.
pub async fn once(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let asked = request.headers().contains_key(HEADER);
    if !asked || request.method() != Method::POST || !applies_to(request.path()) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let named = match name(&mut request).await {
        Ok(Some(named)) => named,
        // Nobody is known to have sent it: the handler says what there is to say.
        Ok(None) => return Ok(next.call(request).await?.map_into_boxed_body()),
        Err(problem) => return Ok(request.error_response(problem)),
    };
    // From the first note on: what is dropped between the note and the answer would look as if it were under way.
    let carried_out = async move {
        match named.begin().await {
            Ok(None) => {
                let result = next.call(request).await.map(ServiceResponse::map_into_boxed_body);
                named.finish(result).await
            }
            Ok(Some(answer)) => Ok(request.into_response(repeat(answer))),
            Err(problem) => Ok(request.error_response(problem)),
        }
    };
    // The id of the request and who sent it are told to tasks, not inherited by them.
    let carried_out = acting::within(acting::current(), carried_out);
    let task = actix_web::rt::spawn(request_id::within(request_id::current(), carried_out));
    task.await.unwrap_or_else(|error| Err(Problem::internal(&error).into()))
}

/// Reads the whole request and gives it its name.
async fn name(request: &mut ServiceRequest) -> Result<Option<Named>, Problem> {
    let key = key_of(request)?;
    let Some((name, scopes)) = sender(request, &key).await else {
        return Ok(None);
    };
    let state = Data::clone(request.app_data::<Data<State>>().ok_or_else(Problem::not_found)?);
    let announced = body::announced(request.headers());
    let bytes = body::whole(request.take_payload(), announced, state.config.max_body_bytes).await?;
    request.set_payload(Payload::from(bytes.clone()));
    let said = [header::CONTENT_TYPE, header::IF_MATCH].map(|name| {
        let value = request.headers().get(name);
        value.map_or_else(String::new, |value| {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        })
    });
    Ok(Some(Named {
        name,
        fingerprint: Fingerprint::new(request.query_string(), said.each_ref().map(String::as_str), &bytes),
        claim: WorkClaim(random_bytes(&*state.random)),
        scopes,
        state,
    }))
}

/// The name that a request has by whoever sent it, and what they may be told; `None` when nobody is known to have.
async fn sender(request: &ServiceRequest, key: &IdempotencyKey) -> Option<(RequestName, Scopes)> {
    let operation = operation(request.path());
    if let Some(kind) = links::kind_of(operation) {
        // Who knows the secret is a stranger, whose requests are remembered beside those of the owner of the job.
        let link = links::link(request.request(), kind).await.ok()?;
        return Some((RequestName::at_link(link.owner, link.job_id, kind, key), Scopes::ALL));
    }
    let limited = if operation.starts_with("/worker/") {
        Limited::Worker
    } else {
        Limited::Request
    };
    let principal = Principal::of_request(request.request(), limited).await.ok()?;
    let with_key = principal.api_key_id().is_some();
    let operation = format!("POST {operation}");
    let name = RequestName::new(principal.user_id, with_key, &operation, key);
    Some((name, principal.scopes))
}

fn key_of(request: &ServiceRequest) -> Result<IdempotencyKey, Problem> {
    let mut values = request.headers().get_all(HEADER);
    match (values.next(), values.next()) {
        (Some(one), None) => IdempotencyKey::parse(one.as_bytes()).map_err(Problem::parameter),
        _ => {
            let error = FieldError::new("Idempotency-Key", "repeated", "may be given only once");
            Err(Problem::parameter(error))
        }
    }
}

fn repeat(answer: KeptAnswer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    for (name, value) in answer.headers {
        response.insert_header((name, value));
    }
    response.insert_header((REPLAYED, "true"));
    response.body(answer.body)
}

/// A request with a name.
struct Named {
    name: RequestName,
    fingerprint: Fingerprint,
    claim: WorkClaim,
    /// What its sender may be told.
    scopes: Scopes,
    state: Data<State>,
}

impl Named {
    /// Takes note of the request; answers what was answered before, if it was.
    async fn begin(&self) -> Result<Option<KeptAnswer>, Problem> {
        let scopes = self.scopes;
        let now = self.state.clock.now();
        let store = &self.state.idempotency;
        match store.begin(self.name, self.fingerprint, self.claim, now).await? {
            Verdict::Proceed => Ok(None),
            Verdict::Repeat(answer) if answer.may_be_told(scopes) => Ok(Some(answer)),
            Verdict::Repeat(answer) if answer.any_of.is_empty() => Err(Problem::log_in_needed()),
            Verdict::Repeat(answer) => Err(Problem::insufficient_scope(&answer.any_of, scopes)),
            Verdict::InProgress => Err(Problem::in_progress()),
            Verdict::Mismatch => {
                let detail = "this Idempotency-Key stands for another request: same key, same operation, other query or \
                              body; use a new key for a new request";
                Err(Problem::new(Code::IdempotencyMismatch, detail))
            }
        }
    }

    /// Keeps the answer of success; after a refusal or a mistake the request may be made again at once.
    async fn finish(self, result: Result<ServiceResponse<BoxBody>, Error>) -> Result<ServiceResponse<BoxBody>, Error> {
        match result {
            Ok(response) if is_kept(response.status().as_u16()) => self.keep(response).await,
            refused => {
                self.give_up().await;
                refused
            }
        }
    }

    async fn give_up(&self) {
        if let Err(error) = self.state.idempotency.give_up(self.name, self.claim).await {
            tracing::warn!(%error, "a refused request could not be released; its lock ends by itself");
        }
    }

    async fn keep(self, response: ServiceResponse<BoxBody>) -> Result<ServiceResponse<BoxBody>, Error> {
        let (request, response) = response.into_parts();
        let told_once = response.extensions().get::<ToldOnce>().map_or(&[][..], |told| told.0);
        let needed = request.extensions().get::<Needed>().map_or(&[][..], |needed| needed.0);
        let (head, body) = response.into_parts();
        let sized = match body.size() {
            BodySize::None => Some(0),
            BodySize::Sized(length) => usize::try_from(length).ok().filter(|length| *length <= MAX_BODY),
            BodySize::Stream => None,
        };
        let Some(length) = sized else {
            tracing::warn!("an answer is too large to be kept for repetitions");
            self.give_up().await;
            return Ok(ServiceResponse::new(request, head.set_body(body)));
        };
        let bytes = to_bytes_limited(body, length).await;
        let bytes = bytes.map_err(|error| Problem::internal(&error))?;
        let bytes = bytes.map_err(|error| Problem::internal(&error))?;
        let header = |name: &header::HeaderName| {
            let value = head.headers().get(name)?.to_str().ok()?;
            Some((name.as_str().to_owned(), value.to_owned()))
        };
        let answer = KeptAnswer {
            status: head.status().as_u16(),
            headers: KEPT_HEADERS.iter().filter_map(header).collect(),
            body: without(told_once, &bytes),
            any_of: needed.to_vec(),
        };
        if let Err(error) = self.state.idempotency.answer(self.name, self.claim, &answer).await {
            tracing::warn!(%error, "an answer could not be kept for repetitions");
        }
        Ok(ServiceResponse::new(
            request,
            head.set_body(bytes).map_into_boxed_body(),
        ))
    }
}

/// The body as text, without these fields.
fn without(fields: &[&str], body: &Bytes) -> String {
    let mut text = String::from_utf8_lossy(body).into_owned();
    for field in fields {
        // What cannot be read may hold a secret anywhere.
        text = raw::without(&text, field).unwrap_or_default();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_once_is_left_out() {
        let body = Bytes::from_static(br#"{"key":"jsk_1","name":"x","nested":{"key":1}}"#);
        assert_eq!(without(&["key"], &body), r#"{"name":"x","nested":{"key":1}}"#);
        assert_eq!(without(&["key", "name"], &body), r#"{"nested":{"key":1}}"#);
        assert_eq!(without(&[], &body).as_bytes(), &body);
        assert_eq!(without(&["key"], &Bytes::from_static(b"jsk_1")), "");
    }

    #[test]
    fn log_ins_and_claims_are_left_out_at_both_addresses() {
        for path in ["/login", "/api/v1/login", "/api/v1/worker/claim", "/api/v1/setup"] {
            assert!(!applies_to(path), "{path}");
        }
        for path in [
            "/jobs",
            "/api/v1/jobs",
            "/api/v1/worker/runs/1/complete",
            "/run-job/1",
            "/hooks/jsh_1",
        ] {
            assert!(applies_to(path), "{path}");
        }
        assert_eq!(operation("/api/v1/jobs"), operation("/jobs"));
    }
}
