//! `GET /queues`, `PUT /queues/{queue}`

use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use scheduler_domain::{page::Page, ports::Queue};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    auth::Allowed,
    body::{RawBody, present},
    page,
    problem::Problem,
    query::Query,
    scopes::{RunsRead, RunsWrite},
};
use crate::{list_schema, state::State};

/// A queue that workers serve.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Queue)]
pub struct QueueOut {
    #[schema(example = "default")]
    name: String,
    /// How many of its runs may be Running at once; null for any number, 0 stops the queue.
    #[schema(required)]
    max_running: Option<u32>,
    /// Runs that could be claimed, counted among the 10,000 oldest of yours that wait.
    waiting: u32,
    /// Runs that are Running, counted among the 10,000 oldest of yours that are.
    running: u32,
}

impl From<Queue> for QueueOut {
    fn from(queue: Queue) -> Self {
        Self {
            name: queue.name,
            max_running: queue.max_running,
            waiting: queue.waiting,
            running: queue.running,
        }
    }
}

list_schema!(
    /// Queues, all on one page.
    QueueList,
    QueueOut
);

/// Your queues
///
/// Those with a limit, or with runs that wait or are Running, by name. A queue comes into being when a job names it.
#[utoipa::path(
    get, path = "/api/v1/queues", operation_id = "listQueues", tag = "Workers",
    security(("bearer" = []), ("api_key" = ["runs:read"])),
    responses((status = 200, description = "The queues", body = QueueList))
)]
pub async fn list(request: HttpRequest, principal: Allowed<RunsRead>) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let data = State::of(&request).workers.queues(principal.user_id).await?;
    Ok(page::answer(Page { data, next: None }, "queues", QueueOut::from))
}

/// What holds for a queue.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QueueLimit {
    /// How many of its runs may be Running at once, 0 to 100,000; null for any number.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<u32>, required, minimum = 0, maximum = 100_000)]
    max_running: Option<Option<i64>>,
}

/// Limit a queue
///
/// What is Running already goes on; workers get no more until there is room.
#[utoipa::path(
    put, path = "/api/v1/queues/{queue}", operation_id = "limitQueue", tag = "Workers",
    security(("bearer" = []), ("api_key" = ["runs:write"])),
    params(("queue" = String, Path, description = "1 to 100 visible ASCII characters")),
    request_body(content = QueueLimit, example = json!({"max_running": 4})),
    responses(
        (status = 200, description = "The queue", body = QueueOut),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn limit(
    request: HttpRequest,
    principal: Allowed<RunsWrite>,
    body: RawBody,
) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    // Decoded here: a name may have a slash in it.
    let name = web::Path::<String>::extract(&request).await;
    let name = name.map_err(|_| Problem::not_found())?.into_inner();
    let body: QueueLimit = body.json()?;
    let queue = State::of(&request)
        .workers
        .limit(principal.user_id, &name, body.max_running.flatten())
        .await?;
    Ok(HttpResponse::Ok().json(QueueOut::from(queue)))
}
