//! `POST /webhooks/{id}/rotate-secret`

use actix_web::{HttpRequest, HttpResponse, http::header};
use scheduler_domain::webhook::{Endpoint, SigningSecret};

use super::{dto::WebhookOut, save};
use crate::{
    http::{auth::Allowed, etag, idempotency::ToldOnce, problem::Problem, query::Query, scopes::Webhooks},
    state::State,
};

/// Replace the secret
///
/// For 24 hours deliveries carry two signatures, of the new secret and of the one before, so that receivers can change
/// over without a gap. The answer holds the new one; it is shown this once.
#[utoipa::path(
    post, path = "/api/v1/webhooks/{webhook_id}/rotate-secret", operation_id = "rotateWebhookSecret", tag = "Webhooks",
    security(("bearer" = []), ("api_key" = ["webhooks:manage"])),
    params(("webhook_id" = Uuid, Path), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 200, description = "The endpoint, with its new secret", body = WebhookOut, headers(("ETag" = String))))
)]
pub async fn handle(request: HttpRequest, principal: Allowed<Webhooks>) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let endpoint = save::find(&request, &principal).await?;
    let secret = SigningSecret::generate(&*state.random).reveal();
    let place = Endpoint::secrets_place(endpoint.webhook_id);
    let endpoint = save::change(&request, endpoint, |endpoint| {
        endpoint.rotate(state.vault.seal(&place, secret.as_bytes()), state.clock.now());
        Ok(())
    })
    .await?;
    let mut response = HttpResponse::Ok()
        .insert_header((header::ETAG, etag::of(endpoint.version)))
        .json(WebhookOut::new(state, endpoint, Some(secret)));
    response.extensions_mut().insert(ToldOnce(&["secret"]));
    Ok(response)
}
