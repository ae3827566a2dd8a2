//! For those who operate the server: health, readiness, what the dashboard needs to know before a log-in.

pub mod mailbox;
pub mod metrics;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    http::{problem::Problem, query::Query},
    state::State,
};

/// Alive
#[utoipa::path(
    get, path = "/healthz", operation_id = "getHealth", tag = "Operation", security(()),
    responses((status = 200, description = "The process answers", content_type = "text/plain", body = String))
)]
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("ok\n")
}

/// One condition of readiness.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReadinessCheck)]
pub struct Check {
    /// What was looked at.
    name: &'static str,
    ok: bool,
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// Whether the node should get traffic.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Readiness)]
pub struct ReadyOut {
    ready: bool,
    checks: Vec<Check>,
}

/// Ready
///
/// 200 when the schema is migrated, the database answers and the engine works; 503 with the reason otherwise, also while
/// the node shuts down.
#[utoipa::path(
    get, path = "/readyz", operation_id = "getReadiness", tag = "Operation", security(()),
    responses((status = 200, description = "Ready", body = ReadyOut), (status = 503, description = "Not ready", body = ReadyOut))
)]
pub async fn readyz(request: HttpRequest) -> HttpResponse {
    let state = State::of(&request);
    let check = |name, result: Result<(), String>| Check {
        name,
        ok: result.is_ok(),
        message: result.err(),
    };
    let database = state
        .health
        .ping()
        .await
        .map_err(|_| "the database does not answer".to_owned());
    let migrated = match state.health.pending_migrations().await {
        Ok(pending) if pending.is_empty() => Ok(()),
        Ok(pending) => Err(format!(
            "{} migrations are not applied; run: job-scheduler migrate",
            pending.len()
        )),
        Err(_) => Err("unknown while the database does not answer".to_owned()),
    };
    let engine = if state.readiness.is_serving() {
        Ok(())
    } else {
        Err("the node is starting or stopping".to_owned())
    };
    let checks = vec![
        check("database", database),
        check("migrations", migrated),
        check("engine", engine),
    ];
    let ready = checks.iter().all(|check| check.ok);
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let mut response = HttpResponse::build(status);
    if !ready {
        response.insert_header((header::RETRY_AFTER, "2"));
    }
    response.json(ReadyOut { ready, checks })
}

/// What a client may know before a log-in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Meta)]
pub struct MetaOut {
    version: &'static str,
    /// Whether there is no administrator yet.
    setup_required: bool,
    /// `developer` (nothing is sent), `smtp` or `file`.
    mail_mode: &'static str,
    /// Whether `/dev/mailbox` shows the mails to you.
    dev_mailbox: bool,
    /// Whether SMS can be sent.
    sms: bool,
    /// `open`
    sign_up: &'static str,
}

/// About this installation
#[utoipa::path(
    get, path = "/api/v1/meta", operation_id = "getMeta", tag = "Operation", security(()),
    responses((status = 200, description = "What a client may know before a log-in", body = MetaOut))
)]
pub async fn meta(request: HttpRequest) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    Ok(HttpResponse::Ok().json(MetaOut {
        version: env!("CARGO_PKG_VERSION"),
        setup_required: !state.users.has_admin().await?,
        mail_mode: state.config.mail.word(),
        dev_mailbox: mailbox::may_see(&request),
        sms: state.accounts.postbox.has_sms(),
        sign_up: "open",
    }))
}
