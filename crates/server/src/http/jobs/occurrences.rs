//! `GET /jobs/{id}/occurrences`

use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use scheduler_domain::{occurrence::Occurrence, user::Word};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    http::{auth::Allowed, page, path, problem::Problem, query::Query, scopes::JobsRead},
    state::State,
};

/// What became of a planned instant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OccurrenceOutcome)]
pub enum OutcomeWord {
    Ran,
    Skipped,
    Missed,
    Paused,
    OutOfWindow,
}

/// A row of the ledger: a planned instant, or consecutive ones of one outcome without a run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Occurrence)]
pub struct OccurrenceOut {
    occurrence_id: Uuid,
    job_id: Uuid,
    planned_at: DateTime<Utc>,
    /// The last instant of a row that stands for several.
    #[schema(required)]
    last_planned_at: Option<DateTime<Utc>>,
    /// How many instants the row stands for.
    #[schema(minimum = 1)]
    count: u32,
    #[schema(value_type = OutcomeWord)]
    outcome: &'static str,
    /// Why, in plain words.
    #[schema(required)]
    reason: Option<String>,
    #[schema(required)]
    run_id: Option<Uuid>,
    recorded_at: DateTime<Utc>,
}

impl From<Occurrence> for OccurrenceOut {
    fn from(row: Occurrence) -> Self {
        Self {
            occurrence_id: row.occurrence_id.as_uuid(),
            job_id: row.job_id.as_uuid(),
            planned_at: row.planned_at,
            last_planned_at: row.last_planned_at,
            count: row.count,
            outcome: row.outcome.word(),
            reason: row.reason,
            run_id: row.run_id.map(|run| run.as_uuid()),
            recorded_at: row.recorded_at,
        }
    }
}

crate::list_schema!(
    /// Rows of the ledger.
    OccurrenceList,
    OccurrenceOut
);

/// What became of the planned instants of a job
///
/// Every instant of a schedule ends in exactly one row, and the row says why.
#[utoipa::path(
    get, path = "/api/v1/jobs/{job_id}/occurrences", operation_id = "listOccurrencesOfJob", tag = "Schedules",
    security(("bearer" = []), ("api_key" = ["jobs:read"])),
    params(("job_id" = String, Path, description = "The id, or `ext:` and the external id"), ("limit" = Option<u32>, Query, description = "1 to 200"), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "Newest instant first", body = OccurrenceList))
)]
pub async fn list(request: HttpRequest, principal: Allowed<JobsRead>) -> Result<HttpResponse, Problem> {
    let job_id = path::job(&request, principal.user_id).await?;
    let state = State::of(&request);
    state.job_store.find(principal.user_id, job_id).await?;
    let mut query = Query::of(&request);
    let scope = format!("occurrences of {job_id}");
    let (limit, after) = (query.limit()?, query.cursor(&scope)?);
    query.finish()?;
    let page = state
        .schedules
        .store
        .occurrences(principal.user_id, job_id, after.as_ref(), limit)
        .await?;
    Ok(page::answer(page, &scope, OccurrenceOut::from))
}
