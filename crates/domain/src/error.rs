//! The errors that cross the ports. No HTTP status lives here: the server maps each variant once.

use crate::validate::FieldError;

/// Why a store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No such row for this owner. A foreign row is reported in the same way.
    #[error("not found")]
    NotFound,
    /// The resource changed since it was read; holds the version that it has now.
    #[error("the resource has version {current} now")]
    VersionConflict {
        /// The version stored now.
        current: i64,
    },
    /// A unique value is taken; holds the name of the field.
    #[error("{0} is taken")]
    Taken(&'static str),
    /// The guard of a write (state, lease token) no longer holds; nothing was changed.
    #[error("the lease was lost")]
    LeaseLost,
    /// The database cannot be reached, is read-only, full, or too busy. Trying again later may help.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// A row that the rules cannot read: a bug, or a hand that changed the database.
    #[error("inconsistent data in {table}.{column} of row {row}: {why}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The key of the row, as text.
        row: String,
        /// What is wrong with it.
        why: String,
    },
    /// Any other failure of the database.
    #[error("database: {0}")]
    Driver(String),
}

/// Why a use case refused.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The input breaks rules; every broken one is named.
    #[error("the input is not valid")]
    Invalid(Vec<FieldError>),
    /// Wrong e-mail and password pair, or an account that may not log in. Never says which.
    #[error("wrong e-mail or password")]
    InvalidCredentials,
    /// Wrong, used, expired or unknown OTP or challenge. Never says which.
    #[error("wrong or expired code")]
    OtpInvalid,
    /// No session, or one that is over.
    #[error("not logged in")]
    Unauthenticated,
    /// The role does not allow it.
    #[error("not allowed")]
    Forbidden,
    /// The state machine forbids it; holds the words that it would allow now.
    #[error("not possible in the present state")]
    InvalidTransition {
        /// What the resource is now.
        from: String,
        /// What was asked for.
        wanted: String,
        /// What would be possible now.
        allowed: Vec<String>,
    },
    /// The job's overlap policy `skip` does not allow a second run beside the one under way.
    #[error("a run of this job is under way")]
    OverlapSkipped,
    /// Too many requests of this kind; holds the seconds to wait.
    #[error("too many requests; try again in {retry_after_seconds} s")]
    RateLimited {
        /// Whole seconds until another try can succeed, at least 1.
        retry_after_seconds: u64,
    },
    /// Something the use case needs besides the database is overloaded (the pool that hashes passwords).
    #[error("overloaded; try again shortly")]
    Overloaded,
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<FieldError> for Refusal {
    fn from(error: FieldError) -> Self {
        Self::Invalid(vec![error])
    }
}
