//! Reads an endpoint, changes it and writes it back.

use actix_web::HttpRequest;
use scheduler_domain::{clock::to_micros, error::StoreError, ids::WebhookId, webhook::Endpoint};

use crate::{
    http::{auth::Principal, etag, path, problem::Problem},
    state::State,
};

/// How often a change without `If-Match` is made anew because somebody else was faster.
const TRIES: usize = 5;

/// The endpoint in the path.
pub(super) async fn find(request: &HttpRequest, principal: &Principal) -> Result<Endpoint, Problem> {
    let webhook_id: WebhookId = path::id(request)?;
    Ok(State::of(request).endpoints.find(principal.user_id, webhook_id).await?)
}

/// Changes `endpoint`, as it was just read, to the version that `If-Match` names; without it, whatever the version is.
pub(super) async fn change(
    request: &HttpRequest,
    mut endpoint: Endpoint,
    change: impl Fn(&mut Endpoint) -> Result<(), Problem>,
) -> Result<Endpoint, Problem> {
    let state = State::of(request);
    let expected = etag::expected(request, endpoint.version)?;
    for _ in 1..TRIES {
        let read = endpoint.version;
        change(&mut endpoint)?;
        endpoint.version = read + 1;
        endpoint.updated_at = to_micros(state.clock.now());
        match state.endpoints.replace(&endpoint, read).await {
            Ok(()) => return Ok(endpoint),
            Err(StoreError::VersionConflict { .. }) if expected.is_none() => {
                endpoint = state.endpoints.find(endpoint.user_id, endpoint.webhook_id).await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Unavailable("the endpoint is changed all the time".to_owned()).into())
}
