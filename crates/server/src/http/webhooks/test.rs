//! `POST /webhooks/{id}/test`

use actix_web::{HttpRequest, HttpResponse, http::header};

use super::{dto::DeliveryOut, replay::must_be_on, save};
use crate::{
    http::{auth::Allowed, problem::Problem, query::Query, scopes::Webhooks},
    state::State,
};

/// Send a test event
///
/// A `webhook.test` event goes to this endpoint alone, signed and repeated like any other. An endpoint that is switched
/// off gets nothing (409).
#[utoipa::path(
    post, path = "/api/v1/webhooks/{webhook_id}/test", operation_id = "testWebhook", tag = "Webhooks",
    security(("bearer" = []), ("api_key" = ["webhooks:manage"])),
    params(("webhook_id" = Uuid, Path)),
    responses((status = 202, description = "The delivery, on its way", body = DeliveryOut, headers(("Location" = String))))
)]
pub async fn handle(request: HttpRequest, principal: Allowed<Webhooks>) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let endpoint = save::find(&request, &principal).await?;
    must_be_on(&endpoint, "tested")?;
    let state = State::of(&request);
    let delivery = state
        .deliveries
        .send_test(principal.user_id, endpoint.webhook_id, state.clock.now())
        .await?;
    Ok(HttpResponse::Accepted()
        .insert_header((header::LOCATION, format!("/api/v1/deliveries/{}", delivery.delivery_id)))
        .json(DeliveryOut::from(delivery)))
}
