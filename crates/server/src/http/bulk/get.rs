//! `GET /bulk-operations/{id}`

use actix_web::{HttpRequest, HttpResponse};

use super::dto::BulkOut;
use crate::{
    http::{auth::Allowed, path, problem::Problem, query::Query, scopes::JobsRead},
    state::State,
};

/// How far an operation is
#[utoipa::path(
    get, path = "/api/v1/bulk-operations/{bulk_operation_id}", operation_id = "getBulkOperation", tag = "Bulk operations",
    security(("bearer" = []), ("api_key" = ["jobs:read"])),
    params(("bulk_operation_id" = Uuid, Path)),
    responses((status = 200, description = "The operation, with the first 100 jobs that failed", body = BulkOut))
)]
pub async fn handle(request: HttpRequest, principal: Allowed<JobsRead>) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let store = &State::of(&request).bulk.store;
    let operation = store.find(principal.user_id, path::id(&request)?).await?;
    Ok(HttpResponse::Ok().json(BulkOut::from(operation)))
}
