//! `GET /bulk-operations`

use actix_web::{HttpRequest, HttpResponse};

use super::dto::{BulkList, BulkOut};
use crate::{
    http::{auth::Allowed, page, problem::Problem, query::Query, scopes::JobsRead},
    state::State,
};

const SCOPE: &str = "bulk operations";

/// List operations on many jobs
#[utoipa::path(
    get, path = "/api/v1/bulk-operations", operation_id = "listBulkOperations", tag = "Bulk operations",
    security(("bearer" = []), ("api_key" = ["jobs:read"])),
    params(("limit" = Option<u32>, Query, description = "1 to 200"), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "Newest first, as far back as retention", body = BulkList))
)]
pub async fn handle(request: HttpRequest, principal: Allowed<JobsRead>) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request);
    let (limit, after) = (query.limit()?, query.cursor(SCOPE)?);
    query.finish()?;
    let store = &State::of(&request).bulk.store;
    let page = store.list(principal.user_id, after, limit).await?;
    Ok(page::answer(page, SCOPE, BulkOut::in_list))
}
