//! The request of one attempt, with its values filled in.

use super::{
    HttpCall,
    check::{MAX_HEADER_VALUE, has_dot_segment},
    is_json, media_type,
    render::{Context, RenderError},
    template::Template,
};
use crate::{run::Run, user::Word};
use chrono::SecondsFormat;
use std::collections::BTreeMap;

/// How long a URL may become.
const MAX_URL: usize = 16 * 1_024;

/// How large a body may become.
const MAX_BODY: usize = 1_024 * 1_024;

/// A request, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// The method.
    pub method: &'static str,
    /// The URL.
    pub url: String,
    /// The headers, names in lower case: ours, then the user's.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl HttpCall {
    /// The request for the attempt that the run is at. `secrets` are the opened values ([`HttpCall::opened`]).
    pub fn request(
        &self,
        run: &Run,
        secrets: &BTreeMap<String, String>,
        version: &str,
    ) -> Result<HttpRequest, RenderError> {
        let own = self.own_headers(run, secrets)?;
        let (body, default_type) = self.rendered_body(run, &own)?;
        let mut headers = ours(run, version);
        headers.retain(|(name, _)| !own.iter().any(|(chosen, _)| chosen == name));
        if let Some(default_type) = default_type
            && !own.iter().any(|(name, _)| name == "content-type")
        {
            headers.push(("content-type".to_owned(), default_type.to_owned()));
        }
        headers.extend(own);
        Ok(HttpRequest {
            method: self.method.word(),
            url: self.rendered_url(run)?,
            headers,
            body,
        })
    }

    fn rendered_url(&self, run: &Run) -> Result<String, RenderError> {
        let template = parsed(&self.url);
        let url = template.render("url", Context::Percent, run, MAX_URL)?;
        if !template.is_literal() && has_dot_segment(&url) {
            return Err(RenderError::UnsafePath);
        }
        Ok(url)
    }

    fn own_headers(&self, run: &Run, secrets: &BTreeMap<String, String>) -> Result<Vec<(String, String)>, RenderError> {
        let rendered = |(name, value): (&String, &String)| {
            let place = format!("header {name}");
            let value = parsed(value).render(&place, Context::Header, run, MAX_HEADER_VALUE)?;
            Ok((name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        self.headers.iter().chain(secrets).map(rendered).collect()
    }

    /// The body, and the type that it has when the user has not said it.
    fn rendered_body(
        &self,
        run: &Run,
        own: &[(String, String)],
    ) -> Result<(Vec<u8>, Option<&'static str>), RenderError> {
        const JSON: &str = "application/json";
        let Some(body) = &self.body else {
            return Ok(match &run.payload {
                Some(payload) if self.method.carries_payload() => (payload.as_str().into(), Some(JSON)),
                _ => (Vec::new(), None),
            });
        };
        let chosen = own.iter().find(|(name, _)| name == "content-type");
        let kind = chosen.map(|(_, value)| media_type(value)).unwrap_or_default();
        let (text, context, default_type) = match body.as_text() {
            None => (body.json().to_owned(), Context::Json, JSON),
            Some(text) if is_json(&kind) => (text, Context::Json, JSON),
            Some(text) if kind == "application/x-www-form-urlencoded" => (text, Context::Percent, JSON),
            Some(text) => (text, Context::Text, "text/plain; charset=utf-8"),
        };
        let rendered = parsed(&text).render("body", context, run, MAX_BODY)?;
        Ok((rendered.into_bytes(), Some(default_type)))
    }
}

/// A template that was checked when it was entered. One that cannot be read is sent as it is: that is visible.
fn parsed(text: &str) -> Template<'_> {
    Template::parse("", text).unwrap_or_else(|_| Template::literal(text))
}

/// What every request tells about its run.
fn ours(run: &Run, version: &str) -> Vec<(String, String)> {
    let mut headers = vec![
        ("user-agent".to_owned(), format!("job-scheduler/{version}")),
        ("idempotency-key".to_owned(), run.run_id.to_string()),
        ("x-scheduler-job-id".to_owned(), run.job_id.to_string()),
        ("x-scheduler-run-id".to_owned(), run.run_id.to_string()),
        ("x-scheduler-attempt".to_owned(), run.attempt.to_string()),
    ];
    if let Some(planned_at) = run.trigger.planned_at {
        let text = planned_at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        headers.push(("x-scheduler-planned-at".to_owned(), text));
    }
    headers
}
