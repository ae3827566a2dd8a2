//! Every query, written once and compiled for each database. Nothing here names one of them.

mod db;
mod deliveries;
mod emit;
mod endpoints;
mod health;
mod otps;
mod sessions;
mod unwritten;
mod update;
mod users;

pub(crate) use db::{Db, Pools, Tx};

use super::{Conn, Source, Sql, Target, dialect, migrate};
