//! SQLite, embedded.

mod checkpoint;
mod connect;
pub(crate) mod dialect;
mod migrate;
#[path = "../queries/mod.rs"]
mod queries;
#[cfg(test)]
mod tests;

pub(crate) type Conn =
    diesel_async::sync_connection_wrapper::SyncConnectionWrapper<diesel::SqliteConnection, connect::Inline>;
/// The SQL that is spoken.
pub(crate) type Sql = diesel::sqlite::Sqlite;

/// What a URL of this database comes down to.
pub(crate) type Target = std::path::Path;

pub(crate) use connect::Source;
pub(crate) use queries::Db;
