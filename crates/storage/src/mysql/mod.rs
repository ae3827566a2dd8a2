//! MySQL and MariaDB.

mod connect;
pub(crate) mod dialect;
mod migrate;
#[path = "../queries/mod.rs"]
mod queries;

pub(crate) type Conn = diesel_async::AsyncMysqlConnection;
/// The SQL that is spoken.
pub(crate) type Sql = diesel::mysql::Mysql;

/// What a URL of this database comes down to.
pub(crate) type Target = str;

pub(crate) use connect::Source;
pub(crate) use queries::Db;
