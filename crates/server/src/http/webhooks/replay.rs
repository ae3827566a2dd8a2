//! `POST /deliveries/{id}/replay`

use actix_web::{HttpRequest, HttpResponse};
use scheduler_domain::webhook::Endpoint;

use super::dto::DeliveryOut;
use crate::{
    http::{
        auth::Allowed,
        path,
        problem::{Code, Problem},
        query::Query,
        scopes::Webhooks,
    },
    state::State,
};

/// An endpoint that is switched off gets nothing: better said than left waiting.
pub(super) fn must_be_on(endpoint: &Endpoint, wanted: &str) -> Result<(), Problem> {
    if endpoint.enabled {
        return Ok(());
    }
    let detail = format!("it is switched off and cannot be {wanted}; switch it on first, with enabled: true");
    Err(Problem::new(Code::InvalidTransition, detail).allowing(vec!["enabled".to_owned()]))
}

/// Deliver once more
///
/// The same event with the same `webhook-id` and a fresh signature, with the whole schedule of attempts before it. The log
/// of earlier attempts is kept.
#[utoipa::path(
    post, path = "/api/v1/deliveries/{delivery_id}/replay", operation_id = "replayDelivery", tag = "Webhooks",
    security(("bearer" = []), ("api_key" = ["webhooks:manage"])),
    params(("delivery_id" = Uuid, Path)),
    responses((status = 202, description = "The delivery, on its way again", body = DeliveryOut))
)]
pub async fn handle(request: HttpRequest, principal: Allowed<Webhooks>) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let delivery = state.deliveries.find(principal.user_id, path::id(&request)?).await?;
    let endpoint = state.endpoints.find(principal.user_id, delivery.webhook_id).await?;
    must_be_on(&endpoint, "delivered to")?;
    let delivery = state
        .deliveries
        .replay(principal.user_id, delivery.delivery_id, state.clock.now())
        .await?;
    Ok(HttpResponse::Accepted().json(DeliveryOut::from(delivery)))
}
