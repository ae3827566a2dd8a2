//! The log as a file: read page after page while it is sent, so that it never lies in memory as a whole.

use actix_web::{HttpResponse, http::header, web::Bytes};
use futures_util::stream;
use scheduler_domain::{
    error::StoreError,
    ids::UserId,
    page::{Limit, PageKey},
    ports::{AuditFilter, AuditLog},
    words,
};
use serde::Serialize;
use std::{fmt::Write, sync::Arc};
use utoipa::ToSchema;

use super::dto::AuditEntryOut;

/// How the log is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AuditLogFormat)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A page.
    Json,
    /// RFC 4180, with a heading.
    Csv,
    /// One entry a line.
    Ndjson,
}

words!(Format {
    Json = "json",
    Csv = "csv",
    Ndjson = "ndjson",
});

const HEADING: &str = "at,action,actor_type,actor_user_id,actor_id,target_type,target_id,target_name,ip,user_agent,\
                       request_id,changes,audit_id,bulk_operation_id\r\n";

/// Where an export stands.
struct Export {
    log: Arc<dyn AuditLog>,
    owner: UserId,
    filter: AuditFilter,
    format: Format,
    after: Option<PageKey>,
    /// What has to be sent before the first page; `None` once it was.
    heading: Option<&'static str>,
    is_over: bool,
}

/// Everything that fits the filter.
pub(super) fn answer(log: Arc<dyn AuditLog>, owner: UserId, filter: AuditFilter, format: Format) -> HttpResponse {
    let (kind, name) = match format {
        Format::Csv => ("text/csv; charset=utf-8; header=present", "audit-log.csv"),
        Format::Json | Format::Ndjson => ("application/x-ndjson", "audit-log.ndjson"),
    };
    let export = Export {
        log,
        owner,
        filter,
        format,
        after: None,
        heading: (format == Format::Csv).then_some(HEADING),
        is_over: false,
    };
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .streaming(Box::pin(stream::try_unfold(export, Export::next)))
}

impl Export {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, StoreError> {
        if self.is_over {
            return Ok(None);
        }
        let limit = Limit::new(Limit::MAX).unwrap_or(Limit::DEFAULT);
        let page = self
            .log
            .list(self.owner, &self.filter, self.after.as_ref(), limit)
            .await?;
        let mut text = self.heading.take().unwrap_or_default().to_owned();
        for entry in page.data.into_iter().map(AuditEntryOut::from) {
            match self.format {
                Format::Csv => row(&entry, &mut text),
                Format::Json | Format::Ndjson => {
                    let _ = writeln!(text, "{}", serde_json::to_string(&entry).unwrap_or_default());
                }
            }
        }
        self.is_over = page.next.is_none();
        self.after = page.next;
        Ok(Some((text.into(), self)))
    }
}

fn row(entry: &AuditEntryOut, out: &mut String) {
    let id = |id: Option<uuid::Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let target = entry.target.as_ref();
    let changes = if entry.changes.is_empty() {
        String::new()
    } else {
        serde_json::to_string(&entry.changes).unwrap_or_default()
    };
    let cells = [
        entry.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
        entry.action.to_owned(),
        entry.actor.kind.to_owned(),
        id(entry.actor.user_id),
        id(entry.actor.session_id.or(entry.actor.api_key_id)),
        target.map(|target| target.kind.to_owned()).unwrap_or_default(),
        id(target.map(|target| target.id)),
        target.map(|target| text(&target.name)).unwrap_or_default(),
        text(&entry.ip),
        text(&entry.user_agent),
        text(&entry.request_id),
        changes,
        entry.audit_id.to_string(),
        id(entry.bulk_operation_id),
    ];
    let cells: Vec<String> = cells.iter().map(|value| cell(value)).collect();
    let _ = write!(out, "{}\r\n", cells.join(","));
}

/// A cell of RFC 4180. What a spreadsheet would take for a formula begins with an apostrophe: names come from everywhere.
fn cell(value: &str) -> String {
    let guard = if value.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        "'"
    } else {
        ""
    };
    if guard.is_empty() && !value.contains([',', '"', '\r', '\n']) {
        value.to_owned()
    } else {
        format!("\"{guard}{}\"", value.replace('"', "\"\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_no_formulas() {
        for (value, expected) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=1+1", "\"'=1+1\""),
            ("@SUM(1)", "\"'@SUM(1)\""),
            ("", ""),
        ] {
            assert_eq!(cell(value), expected);
        }
    }
}
