//! A fresh database for a test: a SQLite file, or a database of its own on the server that `TEST_MYSQL_URL` names.

use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query, sql_types::Text};
use mysql_async::prelude::Queryable;
use scheduler_domain::{
    clock::SeededRandom,
    ports::{CommitListener, Committed},
};
use scheduler_storage::{Store, StoreConfig, Stores};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Mysql,
}

/// The server for MySQL tests, such as `mysql://root@127.0.0.1:3306`; a database name is not part of it.
pub fn mysql_server() -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is how the test run is told of its servers"
    )]
    let (url, required) = (
        std::env::var("TEST_MYSQL_URL").ok(),
        std::env::var("REQUIRE_MYSQL").ok(),
    );
    if url.is_none() {
        assert!(
            required.as_deref() != Some("1"),
            "REQUIRE_MYSQL=1, but TEST_MYSQL_URL is not set"
        );
        println!("skipped: TEST_MYSQL_URL is not set (tests/mariadb.sh start prints one)");
    }
    url.map(|url| url.trim_end_matches('/').to_owned())
}

/// Hears of every commit.
#[derive(Default)]
pub struct Recorder(pub Mutex<Vec<Committed>>);

impl CommitListener for Recorder {
    fn committed(&self, what: &Committed) {
        self.0.lock().unwrap().push(what.clone());
    }
}

impl Recorder {
    /// What was committed since the last call.
    pub fn take(&self) -> Vec<Committed> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// A database that is gone when the test is over.
pub struct Database {
    pub backend: Backend,
    /// The ports.
    pub stores: Stores,
    pub listener: Arc<Recorder>,
    pub random: Arc<SeededRandom>,
    pub url: String,
    place: Place,
}

enum Place {
    File(#[expect(dead_code, reason = "the folder lives as long as this")] tempfile::TempDir),
    Server { url: String, name: String },
}

impl Database {
    /// A database without tables; `None`, with a word about it, when there is no server for it.
    pub async fn bare(backend: Backend) -> Option<Self> {
        match backend {
            Backend::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let file = folder.path().join("jobs.db");
                Some(Self::in_file(&file, folder).await)
            }
            Backend::Mysql => Some(Self::on_server(mysql_server()?).await),
        }
    }

    /// A SQLite file, which need not be in the folder that is removed with this.
    pub async fn in_file(file: &std::path::Path, folder: tempfile::TempDir) -> Self {
        Self::open(
            Backend::Sqlite,
            format!("sqlite://{}", file.display()),
            Place::File(folder),
        )
        .await
    }

    /// A fresh database on a certain server.
    pub async fn on_server(server: String) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        administer(
            &server,
            &[
                format!("DROP DATABASE IF EXISTS {name}"),
                format!("CREATE DATABASE {name}"),
            ],
        )
        .await;
        let url = format!("{server}/{name}");
        Self::open(Backend::Mysql, url, Place::Server { url: server, name }).await
    }

    async fn open(backend: Backend, url: String, place: Place) -> Self {
        let listener = Arc::new(Recorder::default());
        let random = Arc::new(SeededRandom::new(7));
        let stores = Store::connect(&StoreConfig::new(&url), random.clone(), listener.clone())
            .await
            .unwrap();
        Self {
            backend,
            stores,
            listener,
            random,
            url,
            place,
        }
    }

    /// A database with all tables.
    pub async fn fresh(backend: Backend) -> Option<Self> {
        let database = Self::bare(backend).await?;
        database.stores.migrations.migrate().await.unwrap();
        Some(database)
    }

    /// A second program on the same database, as another node is.
    pub async fn another_node(&self) -> (Stores, Arc<Recorder>) {
        let listener = Arc::new(Recorder::default());
        let random = Arc::new(SeededRandom::new(self.random_seed()));
        let stores = Store::connect(&StoreConfig::new(&self.url), random, listener.clone())
            .await
            .unwrap();
        (stores, listener)
    }

    fn random_seed(&self) -> u64 {
        u64::from_le_bytes(scheduler_domain::clock::random_bytes(&*self.random))
    }

    /// Runs a query past the program; each row's columns as text, `NULL` for what is not there.
    pub async fn query(&self, sql: &str) -> Vec<Vec<String>> {
        match &self.place {
            Place::File(_) => self.query_sqlite(sql),
            Place::Server { .. } => {
                let mut conn = mysql_async::Conn::from_url(&self.url).await.unwrap();
                let rows: Vec<mysql_async::Row> =
                    conn.query(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
                conn.disconnect().await.unwrap();
                rows.into_iter().map(texts).collect()
            }
        }
    }

    /// One number.
    pub async fn number(&self, sql: &str) -> i64 {
        let rows = self.query(sql).await;
        rows.first()
            .and_then(|row| row.first())
            .unwrap()
            .parse()
            .unwrap_or_else(|_| panic!("{sql}: {rows:?}"))
    }

    /// Changes something past the program.
    pub async fn execute(&self, sql: &str) {
        match &self.place {
            Place::File(_) => {
                sql_query(sql)
                    .execute(&mut self.sqlite())
                    .unwrap_or_else(|error| panic!("{sql}: {error}"));
            }
            Place::Server { .. } => administer(&self.url, &[sql.to_owned()]).await,
        }
    }

    fn sqlite(&self) -> SqliteConnection {
        let mut conn = SqliteConnection::establish(self.url.trim_start_matches("sqlite://")).unwrap();
        sql_query("PRAGMA busy_timeout = 5000").execute(&mut conn).unwrap();
        conn
    }

    /// diesel wants names for columns, so all of a row become one text.
    fn query_sqlite(&self, sql: &str) -> Vec<Vec<String>> {
        #[derive(QueryableByName)]
        struct Line {
            #[diesel(sql_type = Text)]
            line: String,
        }
        #[derive(QueryableByName)]
        struct Plan {
            #[diesel(sql_type = Text)]
            detail: String,
        }
        let mut conn = self.sqlite();
        if sql.starts_with("EXPLAIN") {
            let plan: Vec<Plan> = sql_query(sql)
                .load(&mut conn)
                .unwrap_or_else(|error| panic!("{sql}: {error}"));
            return plan.into_iter().map(|step| vec![step.detail]).collect();
        }
        let columns = sql.split_once("SELECT ").unwrap().1.split_once(" FROM ").unwrap();
        let parts: Vec<String> = columns
            .0
            .split(", ")
            .map(|part| {
                format!(
                    "COALESCE(CASE typeof({part}) WHEN 'blob' THEN hex({part}) ELSE CAST({part} AS TEXT) END, 'NULL')"
                )
            })
            .collect();
        let sql = format!("SELECT {} AS line FROM {}", parts.join(" || char(31) || "), columns.1);
        let lines: Vec<Line> = sql_query(&sql)
            .load(&mut conn)
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
        lines
            .into_iter()
            .map(|line| line.line.split('\u{1f}').map(str::to_owned).collect())
            .collect()
    }
}

fn texts(row: mysql_async::Row) -> Vec<String> {
    let value = |value| match value {
        mysql_async::Value::NULL => "NULL".to_owned(),
        value => mysql_async::from_value_opt::<String>(value.clone()).unwrap_or_else(|_| value.as_sql(true)),
    };
    row.unwrap().into_iter().map(value).collect()
}

/// Runs statements on a server.
pub async fn administer(url: &str, statements: &[String]) {
    let mut conn = mysql_async::Conn::from_url(url).await.unwrap();
    for statement in statements {
        conn.query_drop(statement)
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    conn.disconnect().await.unwrap();
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Place::Server { url, name } = &self.place {
            let (url, drop) = (url.clone(), vec![format!("DROP DATABASE IF EXISTS {name}")]);
            // A runtime of its own: this one may be going down.
            let dropped = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .unwrap();
                runtime.block_on(administer(&url, &drop));
            });
            if dropped.join().is_err() {
                eprintln!("the database {name} was not dropped");
            }
        }
    }
}
