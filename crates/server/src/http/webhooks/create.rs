//! `POST /webhooks`

use actix_web::{HttpRequest, HttpResponse, http::header};
use scheduler_domain::{
    ids::WebhookId,
    webhook::{Endpoint, EventSelection, SealedSecret, SigningSecret},
};
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

use super::{
    dto::{EventTypeWord, WebhookOut},
    spec::WebhookPatch,
};
use crate::{
    http::{
        auth::Allowed, body::RawBody, etag, idempotency::ToldOnce, problem::Problem, query::Query, scopes::Webhooks,
    },
    state::State,
};

/// A new endpoint. Only `url` is needed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookCreate {
    /// http or https, at most 2,000 characters, without user name and fragment.
    #[schema(example = "https://example.com/hooks/jobs", max_length = 2000)]
    url: String,
    /// `["*"]`, the default, is all but those that must be named.
    #[serde(default)]
    #[schema(value_type = Option<Vec<EventTypeWord>>)]
    types: Option<Vec<String>>,
    /// At most 500 characters.
    #[serde(default)]
    #[schema(pattern = r"^\s*(?:\S(?:[\s\S]{0,498}\S)?)?\s*$")]
    description: Option<String>,
    /// At most 20 headers that are sent with every delivery.
    #[serde(default)]
    headers: Option<BTreeMap<String, String>>,
    /// Whether events are sent; true when left out.
    #[serde(default)]
    enabled: Option<bool>,
}

/// Add an endpoint
///
/// The answer holds the secret that signs deliveries (Standard Webhooks). It is shown this once.
#[utoipa::path(
    post, path = "/api/v1/webhooks", operation_id = "createWebhook", tag = "Webhooks",
    security(("bearer" = []), ("api_key" = ["webhooks:manage"])),
    request_body = WebhookCreate,
    responses((
        status = 201, description = "The endpoint, with its secret", body = WebhookOut,
        headers(("Location" = String), ("ETag" = String))
    ))
)]
pub async fn handle(
    request: HttpRequest,
    principal: Allowed<Webhooks>,
    body: RawBody,
) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let body: WebhookCreate = body.json()?;
    let now = state.clock.now();
    let webhook_id = WebhookId::new(now, &*state.random);
    let secret = SigningSecret::generate(&*state.random).reveal();
    let mut endpoint = Endpoint {
        webhook_id,
        user_id: principal.user_id,
        url: String::new(),
        types: EventSelection::ALL,
        description: None,
        sealed_headers: None,
        secrets: vec![SealedSecret {
            sealed: state
                .vault
                .seal(&Endpoint::secrets_place(webhook_id), secret.as_bytes()),
            expires_at: None,
        }],
        enabled: true,
        disabled_reason: None,
        failing_since: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let patch = WebhookPatch {
        url: Some(body.url),
        types: body.types,
        description: Some(body.description),
        headers: Some(body.headers),
        enabled: body.enabled,
    };
    patch
        .apply(&mut endpoint, &*state.vault, &*state.caller)
        .map_err(Problem::invalid)?;
    state.endpoints.insert(&endpoint).await?;
    let mut response = HttpResponse::Created()
        .insert_header((header::LOCATION, format!("/api/v1/webhooks/{webhook_id}")))
        .insert_header((header::ETAG, etag::of(endpoint.version)))
        .json(WebhookOut::new(state, endpoint, Some(secret)));
    response.extensions_mut().insert(ToldOnce(&["secret"]));
    Ok(response)
}
