//! `GET /nodes`: the server processes of the installation, for administrators.

use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use scheduler_domain::{clock::Timestamp, health::Node, page::Page};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    http::{auth::Admin, page, problem::Problem, query::Query},
    list_schema,
    state::State,
};

/// A server process.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Node)]
pub struct NodeOut {
    node_id: Uuid,
    /// Its machine.
    name: String,
    version: String,
    started_at: DateTime<Utc>,
    /// The latest sign of life; one comes every 5 s.
    seen_at: DateTime<Utc>,
    /// When it ended in good order; null while it works, and when it ended otherwise.
    #[schema(required)]
    stopped_at: Option<DateTime<Utc>>,
    /// Whether it was seen within the last 15 s and has not said that it ended.
    alive: bool,
    /// Runs that it carries out.
    running: u32,
    /// Runs that it may carry out at once.
    concurrency: u32,
}

impl NodeOut {
    pub(super) fn of(node: &Node, now: Timestamp) -> Self {
        Self {
            node_id: node.node_id.as_uuid(),
            name: node.name.clone(),
            version: node.version.clone(),
            started_at: node.started_at,
            seen_at: node.seen_at,
            stopped_at: node.stopped_at,
            alive: node.is_alive(now),
            running: node.running,
            concurrency: node.concurrency,
        }
    }
}

list_schema!(
    /// Server processes.
    NodeList,
    NodeOut
);

/// List nodes
///
/// Those at work, and those of the last day that are gone.
#[utoipa::path(
    get, path = "/api/v1/nodes", operation_id = "listNodes", tag = "Administration",
    responses((status = 200, description = "Every node; always one page", body = NodeList))
)]
pub async fn list(request: HttpRequest, _: Admin) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let now = state.clock.now();
    let nodes = Page {
        data: state.view.nodes().await?,
        next: None,
    };
    Ok(page::answer(nodes, "nodes", |node| NodeOut::of(&node, now)))
}
