//! The one place where the time of day comes from.

use chrono::{DateTime, Utc};

/// The present instant.
#[expect(clippy::disallowed_methods, reason = "this is the clock of the program")]
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now()
}
