//! Log-ins of the caller, one a device.

use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use scheduler_domain::{ids::SessionId, session::Session};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    http::{auth::Principal, page, path, problem::Problem, query::Query},
    list_schema,
    state::State,
};

/// A log-in on one device.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionOut {
    session_id: Uuid,
    /// Whether it is the one of the token that asks.
    current: bool,
    created_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    #[schema(required)]
    user_agent: Option<String>,
    #[schema(required)]
    ip: Option<String>,
}

impl SessionOut {
    fn new(session: Session, current: Option<SessionId>) -> Self {
        Self {
            session_id: session.session_id.as_uuid(),
            current: Some(session.session_id) == current,
            created_at: session.created_at,
            last_used_at: session.last_used_at,
            expires_at: session.expires_at,
            user_agent: session.user_agent,
            ip: session.ip,
        }
    }
}

list_schema!(
    /// Sessions.
    SessionList,
    SessionOut
);

const SCOPE: &str = "sessions";

/// List the own sessions
#[utoipa::path(
    get, path = "/api/v1/sessions", operation_id = "listSessions", tag = "Accounts",
    params(("limit" = Option<u32>, Query, description = "1 to 200"), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "Sessions that are under way, newest first", body = SessionList))
)]
pub async fn list(request: HttpRequest, principal: Principal) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request);
    let (limit, after) = (query.limit()?, query.cursor(SCOPE)?);
    query.finish()?;
    let state = State::of(&request);
    let page = state
        .session_store
        .list(principal.user_id, state.clock.now(), after, limit)
        .await?;
    Ok(page::answer(page, SCOPE, |session| {
        SessionOut::new(session, principal.session_id())
    }))
}

/// End a session
#[utoipa::path(
    delete, path = "/api/v1/sessions/{session_id}", operation_id = "endSession", tag = "Accounts",
    params(("session_id" = Uuid, Path)),
    responses((status = 204, description = "It is over, on every node; its sockets are closed"))
)]
pub async fn end(request: HttpRequest, principal: Principal) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let session_id = path::id(&request)?;
    State::of(&request)
        .accounts
        .end_session(principal.user_id, session_id)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
