mod bounds;
mod requests;
mod secrets;

use super::{HttpBody, HttpCall, HttpMethod};
use crate::{
    clock::Timestamp,
    ids::{JobId, RunId, UserId},
    job::Payload,
    run::{Run, RunStatus, RunTrigger},
};
use std::collections::BTreeMap;

fn call(url: &str) -> HttpCall {
    HttpCall {
        method: HttpMethod::Post,
        url: url.to_owned(),
        headers: BTreeMap::new(),
        sealed_headers: BTreeMap::new(),
        body: None,
        expect: super::Expect::default(),
        secret_headers: Vec::new(),
    }
}

fn with_headers(headers: &[(&str, &str)]) -> HttpCall {
    HttpCall {
        headers: headers
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect(),
        ..call("https://example.com/")
    }
}

fn with_body(body: &serde_json::Value) -> HttpCall {
    HttpCall {
        body: Some(HttpBody::of(&Payload::of(body).unwrap())),
        ..call("https://example.com/")
    }
}

fn job_id() -> JobId {
    JobId::from_uuid(uuid::Uuid::from_u128(2))
}

fn run(payload: &str) -> Run {
    let user_id = UserId::from_uuid(uuid::Uuid::from_u128(1));
    let now = Timestamp::from_timestamp(1_800_000_000, 0).unwrap();
    Run {
        run_id: RunId::from_uuid(uuid::Uuid::from_u128(3)),
        job_id: job_id(),
        job_name: "Nightly \"report\"".into(),
        user_id,
        status: RunStatus::Running,
        reason: None,
        trigger: RunTrigger::manual(user_id),
        attempt: 2,
        max_attempts: 3,
        crashes: 0,
        payload: (!payload.is_empty()).then(|| Payload::from_json(payload.to_owned()).unwrap()),
        progress: None,
        progress_message: None,
        result: None,
        error: None,
        created_at: now,
        started_at: Some(now),
        finished_at: None,
        retry_at: None,
        cancel_requested_at: None,
        deadline_at: None,
        queue: None,
        worker_name: None,
        attempts: Vec::new(),
    }
}
