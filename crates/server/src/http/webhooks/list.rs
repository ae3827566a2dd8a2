//! `GET /webhooks`

use actix_web::{HttpRequest, HttpResponse};

use super::dto::{WebhookList, WebhookOut};
use crate::{
    http::{auth::Allowed, page, problem::Problem, query::Query, scopes::Webhooks},
    state::State,
};

const SCOPE: &str = "webhooks";

/// List endpoints
#[utoipa::path(
    get, path = "/api/v1/webhooks", operation_id = "listWebhooks", tag = "Webhooks",
    security(("bearer" = []), ("api_key" = ["webhooks:manage"])),
    params(("limit" = Option<u32>, Query, description = "1 to 200"), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "Newest first", body = WebhookList))
)]
pub async fn handle(request: HttpRequest, principal: Allowed<Webhooks>) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request);
    let (limit, after) = (query.limit()?, query.cursor(SCOPE)?);
    query.finish()?;
    let state = State::of(&request);
    let page = state.endpoints.list(principal.user_id, after.as_ref(), limit).await?;
    Ok(page::answer(page, SCOPE, |endpoint| {
        WebhookOut::new(state, endpoint, None)
    }))
}
