//! `POST /api-keys`

use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use scheduler_domain::{api_key::NewApiKey as Wanted, clock::to_micros};
use serde::Deserialize;
use utoipa::ToSchema;

use super::dto::NewApiKey;
use crate::{
    http::{auth::Principal, body::RawBody, idempotency::ToldOnce, problem::Problem, query::Query, scopes::ScopeWord},
    state::State,
};

/// A key to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiKeyCreate {
    /// 1 to 100 characters, for people.
    #[schema(example = "deploy", pattern = r"^\s*\S(?:.{0,98}\S)?\s*$")]
    name: String,
    /// What it may do; at least one.
    #[schema(value_type = Vec<ScopeWord>, min_items = 1)]
    scopes: Vec<String>,
    /// When it stops working, at most ten years ahead; left out: when it is revoked.
    #[serde(default)]
    expires_at: Option<DateTime<Utc>>,
}

/// Make an API key
///
/// Needs a log-in: a key makes no keys. The answer holds `key`, which goes where an access token goes and is told this
/// once. At most 100 a user.
#[utoipa::path(
    post, path = "/api/v1/api-keys", operation_id = "createApiKey", tag = "API keys",
    request_body = ApiKeyCreate,
    responses((status = 201, description = "The key", body = NewApiKey))
)]
pub async fn handle(request: HttpRequest, principal: Principal, body: RawBody) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let body: ApiKeyCreate = body.json()?;
    let wanted = Wanted {
        name: body.name,
        scopes: body.scopes,
        expires_at: body.expires_at.map(to_micros),
    };
    let (key, text) = State::of(&request).api_keys.create(principal.user_id, &wanted).await?;
    let mut response = HttpResponse::Created().json(NewApiKey {
        api_key: key.into(),
        key: text.reveal().to_owned(),
    });
    response.extensions_mut().insert(ToldOnce(&["key"]));
    Ok(response)
}
