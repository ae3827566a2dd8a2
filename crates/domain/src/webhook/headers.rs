//! The headers of a delivery: ours, the owner's, and how they are shown.

use crate::{
    ids::EventId,
    validate::{FieldError, Problems, excerpt},
};

/// How many own headers an endpoint may have.
pub const MAX_HEADERS: usize = 20;

/// How long a value may be.
pub const MAX_HEADER_VALUE: usize = 1_000;

/// What is shown in place of a secret; sent back in a change, it keeps the value.
pub const MASK: &str = "***";

/// Names that are ours to set, or that belong to a single connection.
const REFUSED: &[&str] = &[
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// Beginnings of names that are not to be set.
const REFUSED_PREFIXES: &[&str] = &["proxy-", "webhook-", "sec-", ":"];

/// Parts of names whose values are credentials.
const SECRET_PARTS: &[&str] = &[
    "auth",
    "cookie",
    "token",
    "secret",
    "password",
    "passwd",
    "api-key",
    "apikey",
    "api_key",
    "access-key",
    "credential",
    "session",
];

/// Whether the value of this header is a credential, to be encrypted and masked.
pub fn is_secret_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_PARTS.iter().any(|part| name.contains(part))
}

/// The headers with credentials masked, as people see them.
pub fn shown_headers(headers: &[(String, String)]) -> Vec<(String, String)> {
    let shown = |(name, value): &(String, String)| {
        let value = if is_secret_header(name) { MASK } else { value };
        (name.clone(), value.to_owned())
    };
    headers.iter().map(shown).collect()
}

/// Puts back what was shown as [`MASK`], so that a change that sends it back keeps the value.
pub fn keep_masked(new: &mut [(String, String)], old: &[(String, String)]) {
    for (name, value) in new.iter_mut().filter(|(_, value)| value == MASK) {
        if let Some((_, kept)) = old.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            value.clone_from(kept);
        }
    }
}

/// Which headers somebody may set.
pub(crate) struct HeaderRules {
    /// How many.
    pub(crate) max: usize,
    /// How many bytes a value may have.
    pub(crate) max_value: usize,
    /// Names that are ours to set, or that belong to a single connection, in lower case.
    pub(crate) refused: &'static [&'static str],
    /// Beginnings of such names.
    pub(crate) refused_prefixes: &'static [&'static str],
}

/// The rules for deliveries.
const DELIVERIES: HeaderRules = HeaderRules {
    max: MAX_HEADERS,
    max_value: MAX_HEADER_VALUE,
    refused: REFUSED,
    refused_prefixes: REFUSED_PREFIXES,
};

/// Names every header that cannot be sent. `pointer` is that of the object that holds them.
pub fn check_headers(pointer: &str, headers: &[(String, String)]) -> Result<(), Vec<FieldError>> {
    DELIVERIES.check(pointer, headers)
}

/// The pointer to a header in the object at `pointer`.
pub(crate) fn header_pointer(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", excerpt(name).replace('~', "~0").replace('/', "~1"))
}

impl HeaderRules {
    /// Names every header that breaks a rule. `pointer` is that of the object that holds them.
    pub(crate) fn check(&self, pointer: &str, headers: &[(String, String)]) -> Result<(), Vec<FieldError>> {
        let mut problems = Problems::new();
        if headers.len() > self.max {
            problems.push(FieldError::new(
                pointer,
                "too_many",
                format!("has {} headers; at most {} are allowed", headers.len(), self.max),
            ));
        }
        for (index, (name, value)) in headers.iter().enumerate() {
            let at = header_pointer(pointer, name);
            problems.take(self.check_name(&at, name));
            problems.take(self.check_value(&at, value));
            let twin = headers
                .iter()
                .take(index)
                .any(|(other, _)| other.eq_ignore_ascii_case(name));
            if twin {
                problems.push(FieldError::new(
                    at,
                    "duplicate",
                    "is given twice; letter case makes no difference",
                ));
            }
        }
        problems.finish()
    }

    fn check_name(&self, at: &str, name: &str) -> Result<(), FieldError> {
        let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        if name.is_empty() || name.len() > 100 || !name.bytes().all(token) {
            let message = "is not a header name: 1 to 100 letters, digits and !#$%&'*+-.^_`|~ are allowed";
            return Err(FieldError::new(at, "invalid_header_name", message));
        }
        let lower = name.to_ascii_lowercase();
        let refused = self.refused.contains(&lower.as_str())
            || self.refused_prefixes.iter().any(|prefix| lower.starts_with(prefix));
        if refused {
            let message = format!("{name} is set by the scheduler or by the connection and cannot be chosen");
            return Err(FieldError::new(at, "header_not_allowed", message));
        }
        Ok(())
    }

    fn check_value(&self, at: &str, value: &str) -> Result<(), FieldError> {
        if value.len() > self.max_value {
            let message = format!("has {} bytes; at most {} are allowed", value.len(), self.max_value);
            return Err(FieldError::new(at, "too_long", message));
        }
        // Visible ASCII, blanks and tabs: what every server reads in the same way.
        if !value.bytes().all(|b| matches!(b, b' '..=b'~' | b'\t')) || value.trim() != value {
            let message = "may hold visible ASCII characters, with blanks only between them; no line breaks";
            return Err(FieldError::new(at, "invalid_header_value", message));
        }
        Ok(())
    }
}

/// The headers of an attempt, names in lower case: ours, then the owner's.
pub fn delivery_headers(
    event_id: EventId,
    timestamp_seconds: i64,
    signature: &str,
    version: &str,
    own: &[(String, String)],
) -> Vec<(String, String)> {
    let mut headers = vec![
        ("content-type".to_owned(), "application/json".to_owned()),
        ("user-agent".to_owned(), format!("job-scheduler/{version}")),
        ("webhook-id".to_owned(), event_id.to_string()),
        ("webhook-timestamp".to_owned(), timestamp_seconds.to_string()),
        ("webhook-signature".to_owned(), signature.to_owned()),
    ];
    headers.extend(
        own.iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value.clone())),
    );
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(name: &str, value: &str) -> Result<(), String> {
        check_headers("/headers", &[(name.to_owned(), value.to_owned())]).map_err(|errors| errors[0].code.clone())
    }

    #[test]
    fn our_names_and_those_of_the_connection_are_refused_in_any_case() {
        for name in [
            "Host",
            "Connection",
            "Transfer-Encoding",
            "TE",
            "Upgrade",
            "Proxy-Authorization",
            "Content-Length",
            "Content-Type",
            "User-Agent",
            "webhook-id",
            "Webhook-Signature",
        ] {
            assert_eq!(check(name, "x"), Err("header_not_allowed".to_owned()), "{name}");
        }
        assert_eq!(check("X-Api-Key", "s3cret value"), Ok(()));
        assert_eq!(check("Authorization", "Bearer x"), Ok(()));
    }

    #[test]
    fn line_breaks_cannot_smuggle_headers() {
        for value in ["a\r\nHost: x", "a\nb", "\u{0}", "é", " a"] {
            assert_eq!(check("X-A", value), Err("invalid_header_value".to_owned()), "{value:?}");
        }
        for name in ["", "a b", "a:b", "a\r\nb", "ä"] {
            assert_eq!(check(name, "x"), Err("invalid_header_name".to_owned()), "{name:?}");
        }
        assert_eq!(check("X-A", &"x".repeat(1_001)), Err("too_long".to_owned()));
    }

    #[test]
    fn there_are_at_most_twenty_and_none_twice() {
        let many: Vec<_> = (0..21).map(|n| (format!("x-{n}"), String::new())).collect();
        assert_eq!(check_headers("/headers", &many).unwrap_err()[0].code, "too_many");
        let twins = [("X-A", "1"), ("x-a", "2")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        let errors = check_headers("/headers", &twins).unwrap_err();
        assert_eq!(
            (errors[0].pointer.as_str(), errors[0].code.as_str()),
            ("/headers/x-a", "duplicate")
        );
    }

    #[test]
    fn credentials_are_masked_and_the_mask_keeps_them() {
        let own = [("authorization", "Bearer x"), ("x-api-key", "k"), ("x-team", "blue")]
            .map(|(n, v)| (n.to_owned(), v.to_owned()));
        let all = delivery_headers(EventId::from_uuid(uuid::Uuid::nil()), 7, "v1,abc", "1.2.3", &own);
        let shown = shown_headers(&all);
        let value = |name: &str| shown.iter().find(|(n, _)| n == name).unwrap().1.as_str();
        assert_eq!(
            (value("authorization"), value("x-api-key"), value("x-team")),
            ("***", "***", "blue")
        );
        assert_eq!(
            (value("webhook-signature"), value("user-agent")),
            ("v1,abc", "job-scheduler/1.2.3")
        );

        let mut new = shown_headers(&own);
        keep_masked(&mut new, &own);
        assert_eq!(new, own);
    }

    proptest! {
        #[test]
        fn what_passes_can_be_sent(name in ".{0,30}", value in ".{0,60}") {
            if check(&name, &value).is_ok() {
                prop_assert!(name.bytes().all(|b| b.is_ascii_graphic()));
                prop_assert!(value.bytes().all(|b| b == b'\t' || (b' '..=b'~').contains(&b)));
            }
        }
    }
}
