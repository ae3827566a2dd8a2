//! `GET /webhooks/{id}/deliveries`

use actix_web::{HttpRequest, HttpResponse};
use scheduler_domain::ids::WebhookId;

use super::dto::{DeliveryList, DeliveryOut};
use crate::{
    http::{auth::Allowed, page, path, problem::Problem, query::Query, scopes::Webhooks},
    state::State,
};

/// List the deliveries of an endpoint
#[utoipa::path(
    get, path = "/api/v1/webhooks/{webhook_id}/deliveries", operation_id = "listDeliveries", tag = "Webhooks",
    security(("bearer" = []), ("api_key" = ["webhooks:manage"])),
    params(
        ("webhook_id" = Uuid, Path),
        ("limit" = Option<u32>, Query, description = "1 to 200"), ("cursor" = Option<String>, Query)
    ),
    responses((status = 200, description = "Newest first, with every attempt", body = DeliveryList))
)]
pub async fn handle(request: HttpRequest, principal: Allowed<Webhooks>) -> Result<HttpResponse, Problem> {
    let webhook_id: WebhookId = path::id(&request)?;
    let state = State::of(&request);
    state.endpoints.find(principal.user_id, webhook_id).await?;
    let mut query = Query::of(&request);
    let scope = format!("deliveries of {webhook_id}");
    let (limit, after) = (query.limit()?, query.cursor(&scope)?);
    query.finish()?;
    let page = state
        .deliveries
        .list(principal.user_id, webhook_id, after.as_ref(), limit)
        .await?;
    Ok(page::answer(page, &scope, DeliveryOut::from))
}
