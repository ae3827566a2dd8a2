//! `DELETE /api-keys/{id}`

use actix_web::{HttpRequest, HttpResponse};

use crate::{
    http::{auth::Principal, path, problem::Problem, query::Query},
    state::State,
};

/// Revoke an API key
///
/// It is over at once on this node and within a few seconds on every other; its sockets are closed.
#[utoipa::path(
    delete, path = "/api/v1/api-keys/{api_key_id}", operation_id = "revokeApiKey", tag = "API keys",
    params(("api_key_id" = Uuid, Path)),
    responses((status = 204, description = "It is gone"))
)]
pub async fn handle(request: HttpRequest, principal: Principal) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let api_key_id = path::id(&request)?;
    State::of(&request)
        .api_keys
        .revoke(principal.user_id, api_key_id)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
