//! `GET /deliveries/{id}`

use actix_web::{HttpRequest, HttpResponse};

use super::dto::DeliveryDetail;
use crate::{
    http::{auth::Allowed, path, problem::Problem, query::Query, scopes::Webhooks},
    state::State,
};

/// One delivery, with what is sent and every attempt
#[utoipa::path(
    get, path = "/api/v1/deliveries/{delivery_id}", operation_id = "getDelivery", tag = "Webhooks",
    security(("bearer" = []), ("api_key" = ["webhooks:manage"])),
    params(("delivery_id" = Uuid, Path)),
    responses((status = 200, description = "The delivery", body = DeliveryDetail))
)]
pub async fn handle(request: HttpRequest, principal: Allowed<Webhooks>) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let deliveries = &State::of(&request).deliveries;
    let delivery = deliveries.find(principal.user_id, path::id(&request)?).await?;
    let event = deliveries.event_of(principal.user_id, delivery.delivery_id).await?;
    Ok(HttpResponse::Ok().json(DeliveryDetail::new(delivery, event.as_ref())))
}
