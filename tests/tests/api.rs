//! The HTTP API, asked like a client would, on SQLite and on the MySQL or MariaDB that `TEST_MYSQL_URL` names.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod api {
    mod accounts;
    mod admin;
    mod api_keys;
    mod audit_log;
    mod bad_input;
    mod batch;
    mod bulk;
    mod change_jobs;
    mod cookies;
    mod create_jobs;
    mod dashboard;
    mod documented;
    mod enumeration;
    mod events;
    mod external_ids;
    mod health;
    mod heartbeats;
    mod http_jobs;
    mod idempotency;
    mod limits;
    mod links;
    mod list_jobs;
    mod log_in;
    mod notices;
    mod operation;
    mod protocol;
    mod recovery;
    mod reset;
    mod run_jobs;
    mod runs;
    mod schedules;
    mod scopes;
    mod sessions;
    mod setup;
    mod tenants;
    mod users;
    mod workers;
}
