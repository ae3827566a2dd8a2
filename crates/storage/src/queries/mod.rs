//! Every query, written once and compiled for each database. Nothing here names one of them.

mod api_keys;
mod audit;
mod batch;
mod births;
mod bulk;
mod claim;
mod db;
mod deliveries;
mod emit;
mod endpoints;
mod events;
mod fair;
mod fire;
mod group;
mod health;
mod history;
mod idempotency;
mod incidents;
mod insert;
mod job_list;
mod jobs;
mod keys_in;
mod links;
mod logs;
mod nodes;
mod notices;
mod otps;
mod ping;
mod queue;
mod retention;
mod schedules;
mod sessions;
mod shared_commit;
mod statement;
mod update;
mod users;
mod workers;
mod write;

pub(crate) use db::{Db, Pools, Tx};

use super::{Conn, Source, Sql, Target, dialect, migrate};
