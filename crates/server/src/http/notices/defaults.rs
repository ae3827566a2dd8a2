//! `GET /me/notices`, `PATCH /me/notices`

use actix_web::{HttpRequest, HttpResponse};
use scheduler_domain::validate::Problems;

use super::dto::{PolicyIn, PolicyOut};
use crate::{
    http::{
        auth::{Allowed, Principal},
        body::RawBody,
        problem::Problem,
        query::Query,
        scopes::AccountRead,
    },
    state::State,
};

/// What you are told
///
/// By e-mail, about every job that has no `notices` of its own.
#[utoipa::path(
    get, path = "/api/v1/me/notices", operation_id = "getNoticeDefaults", tag = "Notices",
    security(("bearer" = []), ("api_key" = ["account:read"])),
    responses((status = 200, description = "The switches", body = PolicyOut))
)]
pub async fn get(request: HttpRequest, principal: Allowed<AccountRead>) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let policy = State::of(&request).notices.defaults(principal.user_id).await?;
    Ok(HttpResponse::Ok().json(PolicyOut::from(policy)))
}

/// Change what you are told
///
/// It holds at once, for what is still to be told as well.
#[utoipa::path(
    patch, path = "/api/v1/me/notices", operation_id = "changeNoticeDefaults", tag = "Notices",
    request_body(content = PolicyIn, example = json!({"failure": true, "remind_hours": 24})),
    responses((status = 200, description = "The switches as they are now", body = PolicyOut))
)]
pub async fn change(request: HttpRequest, principal: Principal, body: RawBody) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let body: PolicyIn = body.json()?;
    let mut problems = Problems::new();
    let now = state.notices.defaults(principal.user_id).await?;
    let policy = body.read("", now, &mut problems);
    problems.finish().map_err(Problem::invalid)?;
    state
        .notices
        .set_defaults(principal.user_id, &policy, state.clock.now())
        .await?;
    Ok(HttpResponse::Ok().json(PolicyOut::from(policy)))
}
