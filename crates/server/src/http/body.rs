//! Request bodies: taken whole first, read later, so that a handler can say 404 before it says 415 or 422.

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload as BodyStream,
    http::header,
    web::{Bytes, BytesMut},
};
use futures_util::{StreamExt, future::LocalBoxFuture};
use scheduler_domain::{
    job::{Payload, json_depth},
    validate::FieldError,
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, IgnoredAny},
};
use std::time::Duration;

use super::problem::{Code, Problem};
use crate::state::State;

/// Arrays and objects within one another, over the whole body.
const MAX_DEPTH: usize = 100;
/// How long a body may take.
const READ_TIME: Duration = Duration::from_secs(30);

/// A body as it came.
#[derive(Debug)]
pub struct RawBody {
    content_type: Option<String>,
    bytes: Result<Bytes, Problem>,
}

impl FromRequest for RawBody {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut BodyStream) -> Self::Future {
        let content_type = request
            .headers()
            .get(header::CONTENT_TYPE)
            .map(|value| value.to_str().unwrap_or("?").to_owned());
        let limit = State::of(request).config.max_body_bytes;
        let announced = announced(request.headers());
        let payload = payload.take();
        Box::pin(async move {
            let bytes = whole(payload, announced, limit).await;
            Ok(Self { content_type, bytes })
        })
    }
}

/// How long the body is going to be, if the client says so.
pub fn announced(headers: &header::HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The whole body, within `limit` bytes and 30 s.
pub async fn whole(payload: BodyStream, announced: Option<u64>, limit: usize) -> Result<Bytes, Problem> {
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(too_large(limit));
    }
    match tokio::time::timeout(READ_TIME, read(payload, limit)).await {
        Ok(read) => read,
        Err(_) => Err(Problem::new(
            Code::RequestTimeout,
            "the body did not arrive within 30 s",
        )),
    }
}

async fn read(mut payload: BodyStream, limit: usize) -> Result<Bytes, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| Problem::new(Code::MalformedJson, format!("the body broke off: {error}")))?;
        if bytes.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

fn too_large(limit: usize) -> Problem {
    Problem::new(Code::BodyTooLarge, format!("the body is larger than {limit} bytes"))
}

impl RawBody {
    /// Reads the body as JSON of type `T`.
    pub fn json<T: DeserializeOwned>(self) -> Result<T, Problem> {
        let bytes = self.bytes?;
        if bytes.is_empty() {
            return Err(malformed("it is empty"));
        }
        let is_json = self.content_type.as_deref().is_some_and(is_json);
        if !is_json {
            let detail = match &self.content_type {
                None => "the body needs \"Content-Type: application/json\"".to_owned(),
                Some(other) => format!(
                    "the body is \"{}\"; it must be application/json",
                    scheduler_domain::validate::excerpt(other)
                ),
            };
            return Err(Problem::new(Code::UnsupportedMediaType, detail));
        }
        let text = std::str::from_utf8(&bytes).map_err(|error| malformed(&format!("it is not UTF-8: {error}")))?;
        if json_depth(text) > MAX_DEPTH {
            let message = format!("nests more than {MAX_DEPTH} levels");
            return Err(Problem::invalid(vec![FieldError::new("", "too_deep", message)]));
        }
        if text.trim_start().starts_with('[') {
            // Left alone, serde would take the items of an array for the fields of an object, in their order.
            serde_json::from_str::<IgnoredAny>(text).map_err(|error| malformed(&error.to_string()))?;
            let message = "has the wrong type: an array, where an object is expected";
            return Err(Problem::invalid(vec![FieldError::new("", "wrong_type", message)]));
        }
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| explain(&error))?;
        deserializer.end().map_err(|error| malformed(&error.to_string()))?;
        Ok(value)
    }

    /// Reads a body of any kind for a payload: JSON as it is, other text as a JSON string, nothing as `None`.
    pub fn any(self) -> Result<Option<Payload>, Problem> {
        let bytes = self.bytes?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(None);
        }
        let Ok(text) = std::str::from_utf8(&bytes) else {
            let message = "must be text in UTF-8";
            return Err(Problem::invalid(vec![FieldError::new("", "not_text", message)]));
        };
        match Payload::from_json(text.to_owned()) {
            Ok(payload) => Ok(Some(payload)),
            Err(error) if self.content_type.as_deref().is_some_and(is_json) => Err(malformed(&error.to_string())),
            Err(_) => Ok(Payload::of(&text).ok()),
        }
    }

    /// Like [`json`](Self::json), but no body at all is the default.
    pub fn json_or_default<T: DeserializeOwned + Default>(self) -> Result<T, Problem> {
        match &self.bytes {
            Ok(bytes) if bytes.is_empty() => Ok(T::default()),
            _ => self.json(),
        }
    }
}

fn is_json(content_type: &str) -> bool {
    let kind = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

fn malformed(why: &str) -> Problem {
    Problem::new(Code::MalformedJson, format!("the body is not JSON: {why}"))
}

/// Makes of serde's error one that names the field.
pub fn explain(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    match field_of("", error) {
        Ok(field) => Problem::invalid(vec![field]),
        Err(syntax) => malformed(&syntax),
    }
}

/// The field below `prefix` that serde's error is about; or what is wrong with the syntax.
pub fn field_of(prefix: &str, error: &serde_path_to_error::Error<serde_json::Error>) -> Result<FieldError, String> {
    let inner = error.inner();
    let text = inner.to_string();
    let message = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(message, _)| message);
    let parent = format!("{prefix}{}", pointer(error.path()));
    // JSON like 1e999 is well formed; serde_json calls it a mistake of syntax all the same.
    if message == "number out of range" {
        return Ok(FieldError::new(parent, "out_of_range", "is out of range"));
    }
    if !inner.is_data() {
        return Err(text);
    }
    let mut quoted = message.split('`').skip(1).step_by(2);
    Ok(if message.starts_with("unknown field") {
        let name = quoted.next().unwrap_or_default();
        let known: Vec<String> = quoted.map(str::to_owned).collect();
        let last = format!("/{}", escaped(name));
        // The path may already end with the unknown name.
        let parent = parent.strip_suffix(&last).unwrap_or(&parent).to_owned();
        let message = format!("is not known here; known are: {}", known.join(", "));
        let mut field = FieldError::new(format!("{parent}{last}"), "unknown_field", message);
        field.allowed = Some(known);
        field
    } else if message.starts_with("unknown variant") {
        let known: Vec<String> = quoted.skip(1).map(str::to_owned).collect();
        let mut field = FieldError::new(parent, "unknown_word", message.replace('`', "\""));
        field.allowed = Some(known);
        field
    } else if message.starts_with("missing field") {
        let name = quoted.next().unwrap_or_default();
        FieldError::new(format!("{parent}/{name}"), "required", "is required")
    } else if message.starts_with("invalid type") || message.starts_with("invalid value") {
        FieldError::new(parent, "wrong_type", format!("has the wrong type: {message}"))
    } else {
        FieldError::new(parent, "invalid", message)
    })
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        let name = match segment {
            Segment::Seq { index } => index.to_string(),
            Segment::Map { key } => escaped(key),
            Segment::Enum { variant } => variant.clone(),
            Segment::Unknown => continue,
        };
        pointer.push('/');
        pointer.push_str(&name);
    }
    pointer
}

/// A name as a step of a JSON pointer (RFC 6901, section 3).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// For PATCH: tells a field that is absent (`None`) from one that is null (`Some(None)`).
pub fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::ResponseError;

    #[derive(Debug, Deserialize, Default)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code)]
    struct Outer {
        name: String,
        #[serde(default)]
        inner: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code)]
    struct Inner {
        list: Vec<u32>,
    }

    fn refused(text: &str) -> serde_json::Value {
        let body = RawBody {
            content_type: Some("application/json".into()),
            bytes: Ok(Bytes::from(text.to_owned())),
        };
        let problem = body.json::<Outer>().unwrap_err();
        let mut value = serde_json::to_value(&problem).unwrap();
        value["http"] = problem.status_code().as_u16().into();
        value
    }

    #[test]
    fn a_wrong_field_is_named_by_its_pointer() {
        let cases = [
            (r#"{"name":1}"#, "/name", "wrong_type"),
            ("{}", "/name", "required"),
            (r#"{"name":"x","nme":1}"#, "/nme", "unknown_field"),
            (r#"{"name":"x","inner":{"list":[1,-2]}}"#, "/inner/list/1", "wrong_type"),
            (
                r#"{"name":"x","inner":{"list":[],"x/y":1}}"#,
                "/inner/x~1y",
                "unknown_field",
            ),
            ("[]", "", "wrong_type"),
            (
                r#"{"name":"x","inner":{"list":[1,1e999]}}"#,
                "/inner/list/1",
                "out_of_range",
            ),
        ];
        for (text, pointer, code) in cases {
            let problem = refused(text);
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{text}: {problem}");
            assert_eq!(problem["errors"][0]["code"], code, "{text}: {problem}");
            assert_eq!(problem["http"], 422);
        }
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        for text in [
            "",
            "{",
            "{\"name\":\"x\"} x",
            "nonsense",
            "{\"name\":\"\\ud800\"}",
            "[1,2",
        ] {
            let problem = refused(text);
            assert!(
                problem["code"] == "malformed_json" || problem["code"] == "validation_failed",
                "{text}: {problem}"
            );
        }
        assert_eq!(refused("{\"name\":")["code"], "malformed_json");
    }

    #[test]
    fn deep_nesting_is_refused_without_recursion() {
        let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
        assert_eq!(refused(&deep)["errors"][0]["code"], "too_deep");
    }

    #[test]
    fn another_type_is_415_and_an_empty_body_can_be_a_default() {
        assert_eq!(refused("")["code"], "malformed_json");
        let text = RawBody {
            content_type: Some("text/plain".into()),
            bytes: Ok(Bytes::from("{}")),
        };
        assert_eq!(text.json::<Outer>().unwrap_err().status_code(), 415);
        let empty = RawBody {
            content_type: None,
            bytes: Ok(Bytes::new()),
        };
        assert!(empty.json_or_default::<Outer>().is_ok());
    }
}
