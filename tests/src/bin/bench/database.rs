//! The databases that are measured.

use anyhow::{Context, ensure};
use mysql_async::{Conn, prelude::Queryable};
use std::path::Path;
use url::Url;

/// A kind of database, with the server where there is one.
#[derive(Debug, Clone)]
pub(crate) enum Database {
    /// A file in the data folder.
    Sqlite,
    /// A MySQL or MariaDB server on this machine; its user may create databases.
    Mysql(Url),
}

impl Database {
    /// The server that `text` names. Only one on this machine is measured.
    pub(crate) fn mysql(text: &str) -> anyhow::Result<Self> {
        let url = Url::parse(text).context("TEST_MYSQL_URL")?;
        let is_here = matches!(url.host_str(), Some("127.0.0.1" | "localhost"));
        ensure!(is_here, "TEST_MYSQL_URL must name a server on 127.0.0.1");
        Ok(Self::Mysql(url))
    }

    /// For the table.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Mysql(_) => "MariaDB/MySQL",
        }
    }

    /// A fresh, empty database called `name`, as `SCHED_DATABASE_URL` wants it.
    pub(crate) async fn fresh(&self, name: &str, data_dir: &Path) -> anyhow::Result<String> {
        let Self::Mysql(server) = self else {
            return Ok(format!("sqlite://{}", data_dir.join("scheduler.db").display()));
        };
        execute(server, &format!("CREATE DATABASE {name} CHARACTER SET utf8mb4")).await?;
        let mut url = server.clone();
        url.set_path(name);
        Ok(url.into())
    }

    /// Removes what [`Self::fresh`] made.
    pub(crate) async fn remove(&self, name: &str) -> anyhow::Result<()> {
        match self {
            Self::Sqlite => Ok(()),
            Self::Mysql(server) => execute(server, &format!("DROP DATABASE {name}")).await,
        }
    }
}

async fn execute(server: &Url, statement: &str) -> anyhow::Result<()> {
    let mut connection = Conn::from_url(server.as_str()).await?;
    connection.query_drop(statement).await?;
    connection.disconnect().await?;
    Ok(())
}
