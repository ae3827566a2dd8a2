//! `GET /api-keys`

use actix_web::{HttpRequest, HttpResponse};

use super::dto::{ApiKeyList, ApiKeyOut};
use crate::{
    http::{auth::Principal, page, problem::Problem, query::Query},
    state::State,
};

const LIST: &str = "api-keys";

/// List the own API keys
///
/// Those that have expired too, until they are revoked.
#[utoipa::path(
    get, path = "/api/v1/api-keys", operation_id = "listApiKeys", tag = "API keys",
    params(("limit" = Option<u32>, Query, description = "1 to 200"), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "Newest first", body = ApiKeyList))
)]
pub async fn handle(request: HttpRequest, principal: Principal) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request);
    let (limit, after) = (query.limit()?, query.cursor(LIST)?);
    query.finish()?;
    let page = State::of(&request)
        .api_keys
        .store
        .list(principal.user_id, after, limit)
        .await?;
    Ok(page::answer(page, LIST, ApiKeyOut::from))
}
