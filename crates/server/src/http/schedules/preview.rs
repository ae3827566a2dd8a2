//! `POST /schedules/preview`

use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, SecondsFormat, Utc};
use scheduler_domain::{
    job::Payload,
    schedule::{Note, Upcoming},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    http::{
        auth::Allowed,
        body::RawBody,
        jobs::{dto::ScheduleSchema, spec::read_schedule},
        problem::Problem,
        query::Query,
        scopes::JobsRead,
    },
    state::State,
};

/// A schedule to look at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewRequest {
    #[schema(value_type = ScheduleSchema)]
    schedule: Payload,
    /// 1 to 100; 10 when left out.
    #[serde(default)]
    count: Option<i64>,
    /// The instants are those strictly after this one; now when left out. From 1970 to 2199.
    #[serde(default)]
    from: Option<DateTime<Utc>>,
}

/// What a clock change does to an instant.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PreviewNote {
    /// The clocks skip the planned time; it runs at this one instead.
    GapMoved,
    /// The clocks skip a planned time before this one; it does not run.
    GapSkipped,
    /// The clocks show this time twice; this is the first.
    RepeatFirst,
    /// The clocks show this time twice; this is the second.
    RepeatSecond,
}

/// An instant.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewItem {
    at: DateTime<Utc>,
    /// The same in the zone of the schedule.
    #[schema(example = "2026-03-29T03:00:00+02:00")]
    local: String,
    #[schema(required)]
    note: Option<PreviewNote>,
}

/// What a schedule comes to.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewOut {
    /// In plain words.
    #[schema(example = "At 02:30 on Monday to Friday")]
    description: String,
    time_zone: String,
    data: Vec<PreviewItem>,
}

fn item(upcoming: &Upcoming) -> PreviewItem {
    PreviewItem {
        at: upcoming.at,
        local: upcoming.local.to_rfc3339_opts(SecondsFormat::AutoSi, false),
        note: upcoming.note.map(|note| match note {
            Note::GapMoved => PreviewNote::GapMoved,
            Note::GapSkipped => PreviewNote::GapSkipped,
            Note::RepeatFirst => PreviewNote::RepeatFirst,
            Note::RepeatSecond => PreviewNote::RepeatSecond,
        }),
    }
}

/// Look at a schedule
///
/// The next instants, in its zone and in UTC, plain words, and marks where clocks change: the same computation that fires
/// the job.
#[utoipa::path(
    post, path = "/api/v1/schedules/preview", operation_id = "previewSchedule", tag = "Schedules",
    security(("bearer" = []), ("api_key" = ["jobs:read"])),
    request_body = PreviewRequest,
    responses((status = 200, description = "What it comes to", body = PreviewOut))
)]
pub async fn handle(
    request: HttpRequest,
    _principal: Allowed<JobsRead>,
    body: RawBody,
) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    answer(State::of(&request), body)
}

/// What a schedule comes to, for whoever asks.
pub fn answer(state: &State, body: RawBody) -> Result<HttpResponse, Problem> {
    let body: PreviewRequest = body.json()?;
    let schedule = read_schedule("/schedule", &body.schedule).map_err(|error| Problem::invalid(vec![error]))?;
    let preview = state
        .schedules
        .preview(&schedule, body.count.unwrap_or(10), body.from)?;
    Ok(HttpResponse::Ok().json(PreviewOut {
        description: preview.description,
        time_zone: preview.time_zone,
        data: preview.upcoming.iter().map(item).collect(),
    }))
}
