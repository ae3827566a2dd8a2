//! `GET /deliveries/{id}`

use actix_web::{HttpRequest, HttpResponse};

use super::dto::DeliveryOut;
use crate::{
    http::{auth::Allowed, path, problem::Problem, query::Query, scopes::Webhooks},
    state::State,
};

/// One delivery, with every attempt
#[utoipa::path(
    get, path = "/api/v1/deliveries/{delivery_id}", operation_id = "getDelivery", tag = "Webhooks",
    security(("bearer" = []), ("api_key" = ["webhooks:manage"])),
    params(("delivery_id" = Uuid, Path)),
    responses((status = 200, description = "The delivery", body = DeliveryOut))
)]
pub async fn handle(request: HttpRequest, principal: Allowed<Webhooks>) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let delivery = State::of(&request)
        .deliveries
        .find(principal.user_id, path::id(&request)?)
        .await?;
    Ok(HttpResponse::Ok().json(DeliveryOut::from(delivery)))
}
