//! `GET /jobs/{id}/events`

use actix_web::{HttpRequest, HttpResponse};

use crate::{
    http::{
        auth::Allowed,
        events::{EventList, envelope_list},
        path,
        problem::Problem,
        query::Query,
        scopes::JobsRead,
    },
    state::State,
};

/// What happened to a job
#[utoipa::path(
    get, path = "/api/v1/jobs/{job_id}/events", operation_id = "listEventsOfJob", tag = "Events",
    security(("bearer" = []), ("api_key" = ["jobs:read"])),
    params(("job_id" = String, Path, description = "The id, or `ext:` and the external id"), ("limit" = Option<u32>, Query, description = "1 to 200"), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "Newest first, as far back as retention", body = EventList))
)]
pub async fn list(request: HttpRequest, principal: Allowed<JobsRead>) -> Result<HttpResponse, Problem> {
    let job_id = path::job(&request, principal.user_id).await?;
    let state = State::of(&request);
    state.job_store.find(principal.user_id, job_id).await?;
    let mut query = Query::of(&request);
    let scope = format!("events of {job_id}");
    let (limit, after) = (query.limit()?, query.cursor(&scope)?);
    query.finish()?;
    let page = state
        .events
        .job_events(principal.user_id, job_id, after.as_ref(), limit)
        .await?;
    let next_cursor = page.next.map(|key| key.encode(&scope));
    Ok(envelope_list(&page.data, next_cursor))
}
