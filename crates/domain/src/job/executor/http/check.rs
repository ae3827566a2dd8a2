//! What a request must be like to be accepted.

use super::{HttpCall, HttpMethod, template::Template};
use crate::{
    net_guard::{Guard, TargetError},
    validate::{FieldError, Problems, excerpt},
    webhook::{HeaderRules, header_pointer},
};

/// How long a URL may be, placeholders as written.
const MAX_URL: usize = 2_048;

/// How large a body may be, placeholders as written.
const MAX_BODY: usize = 256 * 1_024;

/// How long a header value may be.
pub(super) const MAX_HEADER_VALUE: usize = 8 * 1_024;

const HEADERS: HeaderRules = HeaderRules {
    max: 50,
    max_value: MAX_HEADER_VALUE,
    refused: &[
        "connection",
        "content-length",
        "expect",
        "host",
        "idempotency-key",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ],
    refused_prefixes: &["proxy-", "x-scheduler-", ":"],
};

impl HttpCall {
    /// Names every field that is out of bounds. Where the URL leads is judged when it is called.
    pub fn validate(&self, pointer: &str) -> Result<(), Vec<FieldError>> {
        let mut problems = Problems::new();
        problems.take(self.check_url(&format!("{pointer}/url")));
        self.check_headers(&format!("{pointer}/headers"), &mut problems);
        self.check_secret_names(&format!("{pointer}/secret_headers"), &mut problems);
        problems.take(self.check_body(&format!("{pointer}/body")));
        problems.finish()
    }

    fn check_url(&self, at: &str) -> Result<(), FieldError> {
        let length = self.url.chars().count();
        if length > MAX_URL {
            let message = format!("has {length} characters; at most {MAX_URL} are allowed");
            return Err(FieldError::new(at, "too_long", message));
        }
        let template = Template::parse(at, &self.url)?;
        let probe = template.with("1");
        match Guard::default().vet_url(&probe) {
            // Which addresses are open is the business of the moment of the call.
            Ok(_) | Err(TargetError::Address(_) | TargetError::ThisMachine | TargetError::Resolved) => {}
            Err(error) => return Err(FieldError::new(at, error.code(), error.to_string())),
        }
        if template.is_literal() {
            return Ok(());
        }
        // A value that chooses the host would choose who gets the headers, secret ones included.
        if origin(&template.with("\u{1}")).is_none_or(|origin| origin.contains('\u{1}')) {
            let message = "placeholders may stand in path and query only, not in scheme, host and port";
            return Err(FieldError::new(at, "placeholder_not_allowed", message));
        }
        if has_dot_segment(&probe) {
            let message = "must not contain the path segments \".\" and \"..\" beside placeholders";
            return Err(FieldError::new(at, "placeholder_not_allowed", message));
        }
        Ok(())
    }

    fn check_headers(&self, at: &str, problems: &mut Problems) {
        let clear = self.headers.iter().map(|(name, value)| (name.clone(), value.clone()));
        // What is sealed was checked before; its names count.
        let sealed = self.sealed_headers.keys().map(|name| (name.clone(), String::new()));
        let all: Vec<(String, String)> = clear.chain(sealed).collect();
        for error in HEADERS.check(at, &all).err().unwrap_or_default() {
            problems.push(error);
        }
        for (name, value) in &self.headers {
            problems.take(Template::parse(&header_pointer(at, name), value));
        }
    }

    fn check_secret_names(&self, at: &str, problems: &mut Problems) {
        for (index, name) in self.secret_headers.iter().enumerate() {
            let mut known = self.headers.keys().chain(self.sealed_headers.keys());
            if !known.any(|header| header.eq_ignore_ascii_case(name)) {
                let message = format!("\"{}\" is none of the headers", excerpt(name));
                problems.push(FieldError::new(format!("{at}/{index}"), "unknown_header", message));
            }
        }
    }

    fn check_body(&self, at: &str) -> Result<(), FieldError> {
        let Some(body) = &self.body else { return Ok(()) };
        if self.method == HttpMethod::Head {
            let message = "a HEAD request has no body; leave body out or choose another method";
            return Err(FieldError::new(at, "not_applicable", message));
        }
        let size = body.json().len();
        if size > MAX_BODY {
            let message = format!("is {size} bytes of JSON; at most {MAX_BODY} are allowed");
            return Err(FieldError::new(at, "too_large", message));
        }
        match body.as_text() {
            Some(text) => Template::parse(at, &text).map(drop),
            None => Template::parse(at, body.json()).map(drop),
        }
    }
}

/// Scheme, host and port as they are written; `None` when nothing ends them.
fn origin(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '\\', '?', '#'])?;
    url.get(..scheme.len() + 3 + end)
}

/// Whether the path has a segment that means another place, however its dots are written.
pub(super) fn has_dot_segment(url: &str) -> bool {
    let path = origin(url)
        .and_then(|origin| url.strip_prefix(origin))
        .unwrap_or_default();
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.split(['/', '\\']).any(|segment| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        plain == "." || plain == ".."
    })
}
