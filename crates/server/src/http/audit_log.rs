//! `GET /audit-log`

pub mod dto;
pub mod export;

use dto::AuditEntryOut;
use export::Format;

use actix_web::{HttpRequest, HttpResponse};
use scheduler_domain::{ports::AuditFilter, validate::FieldError};
use uuid::Uuid;

use super::{auth::Allowed, page, problem::Problem, query::Query, scopes::AccountRead};
use crate::{list_schema, state::State};

list_schema!(
    /// Entries.
    AuditEntryList,
    AuditEntryOut
);

fn id(query: &mut Query, name: &'static str) -> Result<Option<Uuid>, Problem> {
    let Some(text) = query.one(name)? else { return Ok(None) };
    match Uuid::try_parse(&text) {
        Ok(id) if text.len() == 36 => Ok(Some(id)),
        _ => Err(Problem::parameter(FieldError::new(name, "invalid_id", "is not an id"))),
    }
}

/// Who did what
///
/// Log-ins and failed ones, what was made, changed and deleted, and by which log-in or API key, from where. Of an
/// administrator who changed the account neither name nor address is told. Kept as long as history is.
///
/// `format=csv` and `format=ndjson` export everything that fits the filters, without pages.
#[utoipa::path(
    get, path = "/api/v1/audit-log", operation_id = "listAuditLog", tag = "Accounts",
    security(("bearer" = []), ("api_key" = ["account:read"])),
    params(
        ("action" = Option<Vec<dto::ActionWord>>, Query, description = "Any of these"),
        ("actor_id" = Option<Uuid>, Query, description = "By this session or API key"),
        ("target_id" = Option<Uuid>, Query, description = "Done to this job, run, webhook, API key, session or account"),
        ("created_after" = Option<String>, Query, description = "An instant; exclusive"),
        ("created_before" = Option<String>, Query, description = "An instant; exclusive"),
        ("format" = Option<Format>, Query, description = "`json` (default), or an export"),
        ("limit" = Option<u32>, Query, description = "1 to 200"), ("cursor" = Option<String>, Query)
    ),
    responses((status = 200, description = "Newest first", content(
        (AuditEntryList = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")
    )))
)]
pub async fn handle(request: HttpRequest, principal: Allowed<AccountRead>) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request);
    let filter = AuditFilter {
        actions: query.words("action")?,
        actor_id: id(&mut query, "actor_id")?,
        target_id: id(&mut query, "target_id")?,
        after: query.instant("created_after")?,
        before: query.instant("created_before")?,
    };
    let format: Format = query.word("format")?.unwrap_or(Format::Json);
    let scope = format!("audit-log {filter:?}");
    let (limit, after) = (query.limit()?, query.cursor(&scope)?);
    query.finish()?;
    let log = State::of(&request).audit.clone();
    if format != Format::Json {
        return Ok(export::answer(log, principal.user_id, filter, format));
    }
    let page = log.list(principal.user_id, &filter, after.as_ref(), limit).await?;
    Ok(page::answer(page, &scope, AuditEntryOut::from))
}
