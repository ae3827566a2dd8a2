//! `GET /webhooks/{id}`

use actix_web::{HttpRequest, HttpResponse, http::header};

use super::{dto::WebhookOut, save};
use crate::{
    http::{auth::Principal, etag, problem::Problem, query::Query},
    state::State,
};

/// One endpoint
#[utoipa::path(
    get, path = "/api/v1/webhooks/{webhook_id}", operation_id = "getWebhook", tag = "Webhooks",
    params(("webhook_id" = Uuid, Path)),
    responses((status = 200, description = "The endpoint, without its secret", body = WebhookOut, headers(("ETag" = String))))
)]
pub async fn handle(request: HttpRequest, principal: Principal) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let endpoint = save::find(&request, &principal).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, etag::of(endpoint.version)))
        .json(WebhookOut::new(State::of(&request), endpoint, None)))
}
