//! The closed set of codes that a failure may have, each with its one status.

use actix_web::http::StatusCode;
use serde::{Serialize, Serializer};

macro_rules! codes {
    ($($name:ident = $word:literal, $status:ident;)+) => {
        /// What kind of failure it is. `docs/api/errors.md` explains each, and a test holds the two against each other.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "docs/api/errors.md explains each")]
        pub enum Code {
            $($name,)+
        }

        impl Code {
            /// Every code, by status.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The word on the wire.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// The status that it is always sent with.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)+ }
            }
        }
    };
}

codes! {
    MalformedJson = "malformed_json", BAD_REQUEST;
    InvalidParameter = "invalid_parameter", BAD_REQUEST;
    InvalidCursor = "invalid_cursor", BAD_REQUEST;
    Unauthenticated = "unauthenticated", UNAUTHORIZED;
    InvalidCredentials = "invalid_credentials", UNAUTHORIZED;
    OtpInvalid = "otp_invalid", UNAUTHORIZED;
    Forbidden = "forbidden", FORBIDDEN;
    InsufficientScope = "insufficient_scope", FORBIDDEN;
    NotFound = "not_found", NOT_FOUND;
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED;
    NotAcceptable = "not_acceptable", NOT_ACCEPTABLE;
    RequestTimeout = "request_timeout", REQUEST_TIMEOUT;
    InvalidTransition = "invalid_transition", CONFLICT;
    OverlapSkipped = "overlap_skipped", CONFLICT;
    LeaseLost = "lease_lost", CONFLICT;
    IdempotencyInProgress = "idempotency_in_progress", CONFLICT;
    ExternalIdTaken = "external_id_taken", CONFLICT;
    VersionConflict = "version_conflict", PRECONDITION_FAILED;
    BodyTooLarge = "body_too_large", PAYLOAD_TOO_LARGE;
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE;
    ValidationFailed = "validation_failed", UNPROCESSABLE_ENTITY;
    IdempotencyMismatch = "idempotency_mismatch", UNPROCESSABLE_ENTITY;
    RateLimited = "rate_limited", TOO_MANY_REQUESTS;
    Internal = "internal", INTERNAL_SERVER_ERROR;
    Unavailable = "unavailable", SERVICE_UNAVAILABLE;
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}
