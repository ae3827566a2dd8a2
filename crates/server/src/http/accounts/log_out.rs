//! `PATCH /logout`

use actix_web::{HttpRequest, HttpResponse};
use scheduler_domain::error::{Refusal, StoreError};

use super::cookie;
use crate::{
    http::{auth::Principal, problem::Problem, query::Query},
    state::State,
};

/// Log out
///
/// Ends the session of the token, on every node; its sockets are closed.
#[utoipa::path(
    patch, path = "/api/v1/logout", operation_id = "logOut", tag = "Accounts",
    responses((status = 204, description = "The session is over"))
)]
pub async fn handle(request: HttpRequest, principal: Principal) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let session_id = principal.must_be_logged_in()?;
    match state.accounts.log_out(principal.user_id, session_id).await {
        // Ended from elsewhere in the same moment: it is over, which is what was asked for.
        Ok(()) | Err(Refusal::Store(StoreError::NotFound)) => {}
        Err(refusal) => return Err(refusal.into()),
    }
    let mut response = HttpResponse::NoContent();
    cookie::clear(state, &mut response);
    Ok(response.finish())
}
