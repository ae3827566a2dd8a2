//! The HTTP API. One endpoint, one file: its types, its documentation, its handler.

pub mod accounts;
pub mod auth;
pub mod body;
pub mod client;
pub mod dashboard;
pub mod etag;
pub mod events;
pub mod jobs;
pub mod middleware;
pub mod nodes;
pub mod openapi;
pub mod operational;
pub mod origin;
pub mod page;
pub mod path;
pub mod problem;
pub mod query;
pub mod queues;
pub mod request_id;
pub mod routes;
pub mod runs;
pub mod sessions;
pub mod static_files;
pub mod users;
pub mod webhooks;
pub mod worker;
