//! Ids in paths.

use actix_web::HttpRequest;
use scheduler_domain::ids::{JobId, UserId};
use std::str::FromStr;

use super::problem::Problem;
use crate::state::State;

/// What an id in a path begins with when it is the one that another system knows the job by.
const EXTERNAL: &str = "ext:";

/// The id in the path. A text that is no id is not found, like an id that does not exist.
pub fn id<I: FromStr>(request: &HttpRequest) -> Result<I, Problem> {
    request
        .match_info()
        .get("id")
        .and_then(|text| text.parse().ok())
        .ok_or_else(Problem::not_found)
}

/// The secret in the path.
pub fn secret(request: &HttpRequest) -> Result<&str, Problem> {
    request.match_info().get("secret").ok_or_else(Problem::not_found)
}

/// The job in the path: its id, or `ext:` and the external id that its owner gave it.
pub async fn job(request: &HttpRequest, owner: UserId) -> Result<JobId, Problem> {
    let text = request.match_info().get("id").unwrap_or_default();
    match text.strip_prefix(EXTERNAL) {
        Some(external) => {
            let external = decoded(external);
            Ok(State::of(request).job_store.id_of_external(owner, &external).await?)
        }
        None => id(request),
    }
}

/// What was sent for a job. A job that is not there is not found whatever was sent, and is looked for only where that is
/// wrong: what is right goes on to the job by itself.
pub async fn or_missing<T>(
    state: &State,
    owner: UserId,
    job_id: JobId,
    sent: Result<T, Problem>,
) -> Result<T, Problem> {
    if sent.is_err() {
        state.job_store.find(owner, job_id).await?;
    }
    sent
}

/// Decodes what actix leaves encoded in a segment: the characters that would mean something in a path.
fn decoded(segment: &str) -> String {
    let mut text = segment.to_owned();
    // The percent sign last, so that nothing is decoded twice.
    for (encoded, character) in [("%2F", "/"), ("%2f", "/"), ("%2B", "+"), ("%2b", "+"), ("%25", "%")] {
        text = text.replace(encoded, character);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_is_decoded_once() {
        assert_eq!(decoded("erp:4711%2Fx%2By"), "erp:4711/x+y");
        assert_eq!(decoded("100%25"), "100%");
        assert_eq!(decoded("%252F"), "%2F", "an id may look like something encoded");
    }
}
