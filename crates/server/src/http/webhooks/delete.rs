//! `DELETE /webhooks/{id}`

use actix_web::{HttpRequest, HttpResponse};

use super::save;
use crate::{
    http::{auth::Allowed, etag, problem::Problem, query::Query, scopes::Webhooks},
    state::State,
};

/// Remove an endpoint
///
/// Its deliveries go with it, those on their way too.
#[utoipa::path(
    delete, path = "/api/v1/webhooks/{webhook_id}", operation_id = "deleteWebhook", tag = "Webhooks",
    security(("bearer" = []), ("api_key" = ["webhooks:manage"])),
    params(("webhook_id" = Uuid, Path), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 204, description = "It is gone"))
)]
pub async fn handle(request: HttpRequest, principal: Allowed<Webhooks>) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let endpoint = save::find(&request, &principal).await?;
    let expected = etag::expected(&request, endpoint.version)?;
    let state = State::of(&request);
    state
        .endpoints
        .delete(principal.user_id, endpoint.webhook_id, expected, state.clock.now())
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
