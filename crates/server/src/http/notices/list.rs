//! `GET /notices`

use actix_web::{HttpRequest, HttpResponse};

use super::dto::{NoticeList, NoticeOut};
use crate::{
    http::{auth::Allowed, page, problem::Problem, query::Query, scopes::JobsRead},
    state::State,
};

const SCOPE: &str = "notices";

/// What you were told, and what waits to be told
///
/// Also what nobody wanted to hear of, so that it can be seen why no mail came.
#[utoipa::path(
    get, path = "/api/v1/notices", operation_id = "listNotices", tag = "Notices",
    security(("bearer" = []), ("api_key" = ["jobs:read"])),
    params(("limit" = Option<u32>, Query, description = "1 to 200"), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "Newest first, as far back as retention", body = NoticeList))
)]
pub async fn handle(request: HttpRequest, principal: Allowed<JobsRead>) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request);
    let (limit, after) = (query.limit()?, query.cursor(SCOPE)?);
    query.finish()?;
    let page = State::of(&request)
        .notices
        .list(principal.user_id, after, limit)
        .await?;
    Ok(page::answer(page, SCOPE, NoticeOut::from))
}
