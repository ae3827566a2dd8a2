//! Diesel repositories: the ports of the domain over MySQL, MariaDB and SQLite.
//!
//! Each query is written once, in `queries/`, and compiled twice: the modules `mysql` and `sqlite` each define the
//! connection type and a small dialect, and include the same files. Nothing above the ports knows which one is behind.
//!
//! How a write happens (`queries/unit_of_work.rs`): the caller's arguments and a plain function go into a task of their
//! own, so that a request that is dropped never leaves a transaction open. The function changes rows and notes events
//! and counters in [`effects`]; near the end these are written under the lock of the user's stream, the transaction
//! commits, and only then the [`CommitListener`] hears of it. Deadlocks and lock waits run the whole function again.
//!
//! **Order of locks**, the same in every transaction: accounts (`users`, then `manage_otp`, `sessions`, `api_keys`); or `queues` by
//! name, then `runs` by id, then `jobs` by id, then `user_streams` by id, then what belongs to a locked stream (`run_stats`, `events`,
//! `webhook_deliveries`, `incidents`, `notices`). New rows may be inserted at any time: nobody else can wait for them. One exception: a run that
//! waits behind another is locked after its job; it can deadlock with its own cancellation, and is then tried again.
#![warn(missing_docs)]
#![expect(
    clippy::duplicate_mod,
    reason = "queries are written once and compiled for both databases"
)]

pub mod acting;
mod config;
mod effects;
mod error;
mod fairness;
mod floor;
mod key;
mod migrate;
mod moment;
mod mysql;
mod paging;
mod pool;
mod rows;
mod schema;
mod sqlite;
mod transitions;
mod value;

pub use config::StoreConfig;
pub use migrate::names as migration_names;

use config::Target;
use scheduler_domain::{
    clock::Random,
    error::StoreError,
    ports::{
        ApiKeyStore, AuditLog, BulkStore, CommitListener, DeliveryStore, EndpointStore, EngineView, EventStore, Health,
        IdempotencyStore, JobStore, LinkStore, NoticeStore, OtpStore, Retention, RunHistory, RunLog, RunQueue,
        ScheduleStore, SessionStore, UserStore, WorkerQueue,
    },
};
use std::sync::Arc;

/// Every port of the storage, over one database.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port of its type")]
pub struct Stores {
    pub users: Arc<dyn UserStore>,
    pub otps: Arc<dyn OtpStore>,
    pub sessions: Arc<dyn SessionStore>,
    pub api_keys: Arc<dyn ApiKeyStore>,
    pub idempotency: Arc<dyn IdempotencyStore>,
    pub audit: Arc<dyn AuditLog>,
    pub jobs: Arc<dyn JobStore>,
    pub history: Arc<dyn RunHistory>,
    pub events: Arc<dyn EventStore>,
    pub queue: Arc<dyn RunQueue>,
    pub schedules: Arc<dyn ScheduleStore>,
    pub workers: Arc<dyn WorkerQueue>,
    pub log: Arc<dyn RunLog>,
    pub endpoints: Arc<dyn EndpointStore>,
    pub deliveries: Arc<dyn DeliveryStore>,
    pub bulk: Arc<dyn BulkStore>,
    pub links: Arc<dyn LinkStore>,
    pub notices: Arc<dyn NoticeStore>,
    pub health: Arc<dyn Health>,
    pub view: Arc<dyn EngineView>,
    pub retention: Arc<dyn Retention>,
    pub migrations: Arc<dyn Migrations>,
    pub settings: Arc<dyn Settings>,
}

/// Changes of the schema. [`Store::connect`] makes none by itself.
#[async_trait::async_trait]
pub trait Migrations: Send + Sync + 'static {
    /// Applies what is pending and answers the names; two nodes that do it at once take turns.
    async fn migrate(&self) -> Result<Vec<String>, StoreError>;

    /// Takes the newest one back and answers its name. For developers and tests; data is lost.
    async fn revert_last(&self) -> Result<String, StoreError>;
}

/// What the database is set to, for `doctor` and tests.
#[async_trait::async_trait]
pub trait Settings: Send + Sync + 'static {
    /// Names and values on a live connection, one that writes or one that reads.
    async fn settings(&self, writing: bool) -> Result<Vec<(String, String)>, StoreError>;
}

/// Where the stores come from.
pub struct Store;

impl Store {
    /// Connects to the database of the configuration and checks that it can do what is needed: version, isolation,
    /// durability. The schema may still be missing or old: see [`Stores::migrations`] and [`Health`].
    pub async fn connect(
        config: &StoreConfig,
        random: Arc<dyn Random>,
        listener: Arc<dyn CommitListener>,
    ) -> Result<Stores, StoreError> {
        match config.target()? {
            Target::Sqlite(path) => {
                let db = sqlite::Db::connect(config, &path, random, listener).await?;
                Ok(db.into_stores())
            }
            Target::Mysql(url) => {
                let db = mysql::Db::connect(config, &url, random, listener).await?;
                Ok(db.into_stores())
            }
        }
    }
}
