//! Accounts, for administrators.

use actix_web::{HttpRequest, HttpResponse};
use scheduler_domain::{
    user::{Role, UserStatus, Word},
    validate::Problems,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::accounts::dto::UserOut;
use crate::{
    http::{auth::Admin, body::RawBody, page, path, problem::Problem, query::Query},
    list_schema,
    state::State,
};

list_schema!(
    /// Accounts.
    UserList,
    UserOut
);

/// List accounts
#[utoipa::path(
    get, path = "/api/v1/users", operation_id = "listUsers", tag = "Administration",
    params(
        ("q" = Option<String>, Query, description = "A part of name or address"),
        ("limit" = Option<u32>, Query, description = "1 to 200"), ("cursor" = Option<String>, Query)
    ),
    responses((status = 200, description = "Newest first", body = UserList))
)]
pub async fn list(request: HttpRequest, _: Admin) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request);
    let q = query.one("q")?.filter(|q| !q.trim().is_empty());
    let scope = format!("users?q={}", q.as_deref().unwrap_or_default());
    let (limit, after) = (query.limit()?, query.cursor(&scope)?);
    query.finish()?;
    let page = State::of(&request)
        .users
        .list(q.as_deref(), after.as_ref(), limit)
        .await?;
    Ok(page::answer(page, &scope, UserOut::from))
}

/// One account
#[utoipa::path(
    get, path = "/api/v1/users/{user_id}", operation_id = "getUser", tag = "Administration",
    params(("user_id" = Uuid, Path)),
    responses((status = 200, description = "The account", body = UserOut))
)]
pub async fn get(request: HttpRequest, _: Admin) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let user = State::of(&request).users.find(path::id(&request)?).await?;
    Ok(HttpResponse::Ok().json(UserOut::from(user)))
}

/// What to change; absent fields stay as they are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserPatch {
    /// `customer` or `admin`
    #[serde(default)]
    role: Option<String>,
    /// `Active` or `Deactivated`; deactivation ends every session at once.
    #[serde(default)]
    status: Option<String>,
}

/// Change role or status
///
/// Nobody can change their own, so that there is always an administrator left.
#[utoipa::path(
    patch, path = "/api/v1/users/{user_id}", operation_id = "changeUser", tag = "Administration",
    params(("user_id" = Uuid, Path)), request_body = UserPatch,
    responses((status = 200, description = "The account as it is now", body = UserOut))
)]
pub async fn change(request: HttpRequest, admin: Admin, body: RawBody) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let user = state.users.find(path::id(&request)?).await?;
    let body: UserPatch = body.json()?;
    let mut problems = Problems::new();
    let role = body.role.and_then(|word| problems.take(Role::parse("/role", &word)));
    let status = body
        .status
        .and_then(|word| problems.take(UserStatus::parse("/status", &word)));
    problems.finish().map_err(Problem::invalid)?;
    let user = state
        .accounts
        .administer(admin.0.user_id, user.user_id, role, status)
        .await?;
    Ok(HttpResponse::Ok().json(UserOut::from(user)))
}
