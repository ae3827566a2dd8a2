//! `PATCH /webhooks/{id}`

use actix_web::{HttpRequest, HttpResponse, http::header};

use super::{dto::WebhookOut, save, spec::WebhookPatch};
use crate::{
    http::{auth::Allowed, body::RawBody, etag, problem::Problem, query::Query, scopes::Webhooks},
    state::State,
};

/// Change an endpoint
///
/// Absent fields stay as they are. `enabled: true` switches one on again that was switched off after failures.
#[utoipa::path(
    patch, path = "/api/v1/webhooks/{webhook_id}", operation_id = "changeWebhook", tag = "Webhooks",
    security(("bearer" = []), ("api_key" = ["webhooks:manage"])),
    params(("webhook_id" = Uuid, Path), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    request_body = WebhookPatch,
    responses((status = 200, description = "The endpoint as it is now", body = WebhookOut, headers(("ETag" = String))))
)]
pub async fn handle(
    request: HttpRequest,
    principal: Allowed<Webhooks>,
    body: RawBody,
) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let endpoint = save::find(&request, &principal).await?;
    etag::expected(&request, endpoint.version)?;
    let patch: WebhookPatch = body.json()?;
    let change = |endpoint: &mut _| {
        let patch = patch.clone();
        patch
            .apply(endpoint, &*state.vault, &*state.caller)
            .map_err(Problem::invalid)
    };
    let endpoint = save::change(&request, endpoint, change).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, etag::of(endpoint.version)))
        .json(WebhookOut::new(state, endpoint, None)))
}
