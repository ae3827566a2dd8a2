//! `GET /webhooks/{id}`

use actix_web::{HttpRequest, HttpResponse, http::header};

use super::{dto::WebhookOut, save};
use crate::{
    http::{auth::Allowed, etag, problem::Problem, query::Query, scopes::Webhooks},
    state::State,
};

/// One endpoint
#[utoipa::path(
    get, path = "/api/v1/webhooks/{webhook_id}", operation_id = "getWebhook", tag = "Webhooks",
    security(("bearer" = []), ("api_key" = ["webhooks:manage"])),
    params(("webhook_id" = Uuid, Path)),
    responses((status = 200, description = "The endpoint, without its secret", body = WebhookOut, headers(("ETag" = String))))
)]
pub async fn handle(request: HttpRequest, principal: Allowed<Webhooks>) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let endpoint = save::find(&request, &principal).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, etag::of(endpoint.version)))
        .json(WebhookOut::new(State::of(&request), endpoint, None)))
}
