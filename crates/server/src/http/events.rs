//! `GET /events`: the stream of the caller over HTTP.

use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use scheduler_domain::{
    api_key::Scopes,
    event::{Cursor, EventType, StoredEvent},
    ids::JobId,
    page::Limit,
    ports::EventFilter,
    user::Word,
    validate::FieldError,
};
use serde::Serialize;
use std::borrow::Cow;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};
use uuid::Uuid;

use crate::{
    http::{
        auth::Allowed,
        jobs::{dto::JobStatusWord, occurrences::OccurrenceOut},
        notices::dto::IncidentNoteSchema,
        problem::Problem,
        query::{Query, invalid_cursor},
        runs::{dto::RunOut, log::LogLineOut},
        scopes::Events,
    },
    state::State,
};

/// What happened, as the domain's words have it.
pub struct EventTypeSchema;

impl PartialSchema for EventTypeSchema {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(
                "What happened. More types may come: ignore what you do not know. `webhook.test` is only sent to the endpoint \
                 that is tested.",
            ))
            .enum_values(Some(EventType::words()))
            .into()
    }
}

impl ToSchema for EventTypeSchema {
    fn name() -> Cow<'static, str> {
        "EventType".into()
    }
}

/// What an event says.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventData)]
pub struct EventDataSchema {
    #[schema(nullable = false)]
    job_id: Option<Uuid>,
    #[schema(nullable = false)]
    job_name: Option<String>,
    /// The job's status after the event.
    #[schema(nullable = false)]
    status: Option<JobStatusWord>,
    /// The job's status before, where the event changed it.
    #[schema(nullable = false)]
    previous_status: Option<JobStatusWord>,
    /// Where the event began, worsened or ended an incident of the job.
    #[schema(nullable = false)]
    incident: Option<IncidentNoteSchema>,
    /// The run, on `run.…`.
    #[schema(nullable = false)]
    run: Option<RunOut>,
    /// The row of the ledger, on `occurrence.…`.
    #[schema(nullable = false)]
    occurrence: Option<OccurrenceOut>,
    /// The lines, on `run.log`.
    #[schema(nullable = false)]
    lines: Option<Vec<LogLineOut>>,
    /// Words for people, in `webhook.test`.
    #[schema(nullable = false)]
    message: Option<String>,
}

/// A fact about a job or run; the same envelope on the WebSocket and in webhooks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct EventSchema {
    id: Uuid,
    /// Its place in your stream; hand it back as `since`.
    cursor: String,
    #[schema(value_type = EventTypeSchema)]
    r#type: String,
    timestamp: DateTime<Utc>,
    data: EventDataSchema,
}

crate::list_schema!(
    /// Events.
    EventList,
    EventSchema
);

/// The list envelope around stored envelopes, which are JSON already.
pub fn envelope_list(events: &[StoredEvent], next_cursor: Option<String>) -> HttpResponse {
    let data: Vec<String> = events.iter().map(StoredEvent::envelope).collect();
    let has_more = next_cursor.is_some();
    let next = next_cursor.map_or_else(|| "null".to_owned(), |cursor| format!("\"{cursor}\""));
    let body = format!(
        r#"{{"data":[{}],"has_more":{has_more},"next_cursor":{next}}}"#,
        data.join(",")
    );
    HttpResponse::Ok().content_type("application/json").body(body)
}

/// The types that a caller with these scopes is told of, out of those that it wants; an empty list means all.
fn within_scopes(wanted: Vec<EventType>, scopes: Scopes) -> Result<Vec<EventType>, Problem> {
    if let Some(kind) = wanted.iter().find(|kind| !scopes.has(kind.scope())) {
        return Err(Problem::insufficient_scope(&[kind.scope()], scopes));
    }
    if wanted.is_empty() && scopes != Scopes::ALL {
        let all = EventType::ALL.iter().map(|(kind, _)| *kind);
        return Ok(all.filter(|kind| scopes.has(kind.scope())).collect());
    }
    Ok(wanted)
}

/// Read the event stream
///
/// Oldest first, after `since`. `next_cursor` is the `since` of the next call. An API key hears of runs with `runs:read`,
/// of everything else with `jobs:read`.
#[utoipa::path(
    get, path = "/api/v1/events", operation_id = "listEvents", tag = "Events",
    security(("bearer" = []), ("api_key" = ["jobs:read"]), ("api_key" = ["runs:read"])),
    params(
        ("since" = Option<String>, Query, description = "The cursor of the last event that you have seen"),
        ("types" = Option<Vec<String>>, Query, description = "Only these types"),
        ("job_id" = Option<Uuid>, Query, description = "Only of this job"),
        ("limit" = Option<u32>, Query, description = "1 to 200")
    ),
    responses((status = 200, description = "Events", body = EventList))
)]
pub async fn list(request: HttpRequest, principal: Allowed<Events>) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request);
    let since = match query.one("since")? {
        None => Cursor::START,
        Some(text) => Cursor::decode(&text).ok_or_else(invalid_cursor)?,
    };
    let job_id = match query.one("job_id")? {
        None => None,
        Some(text) => Some(
            text.parse::<JobId>()
                .map_err(|_| Problem::parameter(FieldError::new("job_id", "invalid_id", "is not an id of a job")))?,
        ),
    };
    let types = within_scopes(query.words("types")?, principal.scopes)?;
    let filter = EventFilter { types, job_id };
    let limit = query.limit()?;
    query.finish()?;
    // One more than asked for, within the largest page, tells whether there is more.
    let read = Limit::new((limit.get() + 1).min(Limit::MAX)).map_err(Problem::parameter)?;
    let mut events = State::of(&request)
        .events
        .read_after(principal.user_id, since, &filter, read)
        .await?;
    let size = usize::try_from(limit.get()).unwrap_or(usize::MAX);
    let more = events.len() > size || (read == limit && events.len() == size);
    events.truncate(size);
    let next = events.last().filter(|_| more).map(|event| event.cursor.encode());
    Ok(envelope_list(&events, next))
}
