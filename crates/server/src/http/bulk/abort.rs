//! `POST /bulk-operations/{id}/abort`

use actix_web::{HttpRequest, HttpResponse};

use super::dto::BulkOut;
use crate::{
    http::{auth::Allowed, path, problem::Problem, query::Query, scopes::JobsWrite},
    state::State,
};

/// Stop an operation
///
/// What was done stays done; at most 25 jobs that are in hand are still handled. One that has ended is 409.
#[utoipa::path(
    post, path = "/api/v1/bulk-operations/{bulk_operation_id}/abort", operation_id = "abortBulkOperation",
    tag = "Bulk operations",
    security(("bearer" = []), ("api_key" = ["jobs:write"])),
    params(("bulk_operation_id" = Uuid, Path)),
    responses((status = 200, description = "The operation", body = BulkOut))
)]
pub async fn handle(request: HttpRequest, principal: Allowed<JobsWrite>) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let bulk = &State::of(&request).bulk;
    let operation = bulk.abort(principal.user_id, path::id(&request)?).await?;
    Ok(HttpResponse::Ok().json(BulkOut::from(operation)))
}
