//! Every query, written once and compiled for each database. Nothing here names one of them.

mod batch;
mod claim;
mod db;
mod deliveries;
mod emit;
mod endpoints;
mod events;
mod health;
mod history;
mod job_list;
mod jobs;
mod logs;
mod otps;
mod queue;
mod sessions;
mod update;
mod users;
mod workers;

pub(crate) use db::{Db, Pools, Tx};

use super::{Conn, Source, Sql, Target, dialect, migrate};
