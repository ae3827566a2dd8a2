//! What the database's complaints mean. diesel-async hands on the text of an error but not its number, so the texts are
//! read; MySQL sessions are set to English for that.

use diesel::result::{DatabaseErrorKind, Error as Diesel};
use scheduler_domain::error::StoreError;

/// Why a unit of work stopped.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The answer of a port.
    Store(StoreError),
    /// Others were in the way: roll back and do it all again.
    Retry(String),
    /// The connection is gone; nothing is known about what it was doing.
    Lost(String),
    /// A unique key is taken; holds the text, which names the key.
    Unique(String),
}

/// Texts of errors after which the whole transaction is tried again: MySQL 1213, 1205, 1020 (MariaDB's snapshot
/// check), and a busy SQLite.
const RETRY: &[&str] = &[
    "Deadlock found when trying to get lock",
    "Lock wait timeout exceeded",
    "Record has changed since last read",
    "database is locked",
    "database table is locked",
];

/// Texts of a broken connection.
const LOST: &[&str] = &[
    "Input/output error",
    "Connection to the server is closed",
    "Packet out of order",
    "Unexpected packet",
    "Server shutdown in progress",
    "Connection was killed",
    "Connection reset",
    "Broken pipe",
    "server has gone away",
];

/// Texts of a database that is there but cannot do it now: disk full (1021, 1114, SQLITE_FULL), read-only (1290, 1836,
/// 1792, SQLITE_READONLY), too many connections (1040, 1203), I/O errors.
const UNAVAILABLE: &[&str] = &[
    "Disk full",
    "The table",
    "No space left",
    "database or disk is full",
    "disk I/O error",
    "attempt to write a readonly database",
    "unable to open database file",
    "read-only",
    "read only",
    "Too many connections",
    "max_user_connections",
    "Got error 28",
    "Error writing file",
    "Query execution was interrupted",
    "WSREP has not yet prepared node",
];

fn one_of(text: &str, list: &[&str]) -> bool {
    list.iter().any(|known| text.contains(known))
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Diesel> for Fault {
    fn from(error: Diesel) -> Self {
        match &error {
            Diesel::NotFound => Self::Store(StoreError::NotFound),
            Diesel::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => Self::Unique(info.message().to_owned()),
            Diesel::BrokenTransactionManager => Self::Lost(error.to_string()),
            Diesel::DatabaseError(kind, info) => {
                let text = info.message();
                if one_of(text, RETRY) || matches!(kind, DatabaseErrorKind::SerializationFailure) {
                    Self::Retry(text.to_owned())
                } else if one_of(text, LOST)
                    || matches!(
                        kind,
                        DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand
                    )
                {
                    Self::Lost(text.to_owned())
                } else if is_unavailable(text) || matches!(kind, DatabaseErrorKind::ReadOnlyTransaction) {
                    Self::Store(StoreError::Unavailable(text.to_owned()))
                } else {
                    Self::Store(StoreError::Driver(text.to_owned()))
                }
            }
            _ => Self::Store(StoreError::Driver(error.to_string())),
        }
    }
}

fn is_unavailable(text: &str) -> bool {
    // "The table 'x' is full" (1114); other complaints begin with the same words.
    one_of(text, UNAVAILABLE) && (!text.contains("The table") || text.contains("is full"))
}

impl Fault {
    /// What the caller of a port hears.
    pub(crate) fn into_store_error(self) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::Retry(text) | Self::Lost(text) => StoreError::Unavailable(text),
            Self::Unique(text) => StoreError::Driver(text),
        }
    }

    /// Names the field when the unique key `index` (or, for SQLite, the columns `columns`) is what was violated.
    pub(crate) fn taken(self, index: &str, columns: &str, field: &'static str) -> Self {
        match self {
            Self::Unique(text) if text.contains(index) || text.contains(columns) => {
                Self::Store(StoreError::Taken(field))
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Fault {
        Diesel::DatabaseError(DatabaseErrorKind::Unknown, Box::new(text.to_owned())).into()
    }

    #[test]
    fn texts_of_the_databases_are_told_apart() {
        assert!(matches!(
            fault("Deadlock found when trying to get lock; try restarting transaction"),
            Fault::Retry(_)
        ));
        assert!(matches!(
            fault("Driver error: `Connection to the server is closed.'"),
            Fault::Lost(_)
        ));
        for full in [
            "The table 'runs' is full",
            "Disk full (/tmp/x); waiting for someone to free some space...",
            "database or disk is full",
            "attempt to write a readonly database",
            "The MySQL server is running with the --read-only option so it cannot execute this statement",
        ] {
            assert!(
                matches!(fault(full), Fault::Store(StoreError::Unavailable(_))),
                "{full}"
            );
        }
        assert!(matches!(
            fault("The table 'x' does not exist"),
            Fault::Store(StoreError::Driver(_))
        ));
    }
}
