//! What every request handler can reach.

use crate::{
    config::Config, http::client::Proxies, keys::KeyCache, polls::Polls, rate_limit::Buckets, readiness::Readiness,
    sessions::SessionCache, setup::SetupLink, tokens::AccessTokens, worker::SweptCounts, ws::hub::Hub,
};
use actix_web::{HttpRequest, web::Data};
use scheduler_domain::{
    clock::{Clock, Random, Timestamp},
    ports::{
        AuditLog, DeliveryStore, EndpointStore, EngineView, EventStore, Health, HttpCaller, IdempotencyStore, JobStore,
        NoticeStore, RunHistory, SessionStore, UserStore, Vault,
    },
    usecase::{
        accounts::Accounts, api_keys::ApiKeys, bulk::Bulk, jobs::Jobs, links::Links, schedules::Schedules,
        workers::Workers,
    },
};
use scheduler_engine::{health::EngineHealth, runs::RunEngine};
use scheduler_notify::{DeveloperMailbox, Notify};
use std::sync::Arc;

/// The wired program, shared by every worker thread.
#[expect(missing_docs, reason = "each field is the part of its type")]
pub struct State {
    pub config: Config,
    /// Scheme, host and port under which browsers know this installation.
    pub origin: String,
    pub proxies: Proxies,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub accounts: Accounts,
    pub api_keys: ApiKeys,
    pub jobs: Jobs,
    /// Schedules.
    pub schedules: Schedules,
    pub workers: Workers,
    /// Secret addresses of jobs.
    pub links: Links,
    /// Operations on many jobs.
    pub bulk: Bulk,
    /// Told when there is a new operation on many jobs.
    pub new_bulk: Arc<tokio::sync::Notify>,
    pub polls: Arc<Polls>,
    pub users: Arc<dyn UserStore>,
    pub session_store: Arc<dyn SessionStore>,
    pub idempotency: Arc<dyn IdempotencyStore>,
    pub audit: Arc<dyn AuditLog>,
    pub job_store: Arc<dyn JobStore>,
    pub history: Arc<dyn RunHistory>,
    pub events: Arc<dyn EventStore>,
    pub endpoints: Arc<dyn EndpointStore>,
    pub deliveries: Arc<dyn DeliveryStore>,
    /// What people are told about their jobs.
    pub notices: Arc<dyn NoticeStore>,
    pub health: Arc<dyn Health>,
    pub view: Arc<dyn EngineView>,
    pub engine: RunEngine,
    pub engine_health: Arc<EngineHealth>,
    pub swept: Arc<SweptCounts>,
    /// When the process started.
    pub started_at: Timestamp,
    pub caller: Arc<dyn HttpCaller>,
    pub vault: Arc<dyn Vault>,
    pub tokens: AccessTokens,
    pub sessions: Arc<SessionCache>,
    pub keys: Arc<KeyCache>,
    pub buckets: Arc<Buckets>,
    pub hub: Arc<Hub>,
    pub setup: Arc<SetupLink>,
    pub mailbox: Option<Arc<DeveloperMailbox>>,
    /// Mails that somebody waits for; all others go through the postbox.
    pub notify: Arc<Notify>,
    pub readiness: Readiness,
}

impl State {
    /// The state that the application was built with.
    ///
    /// # Panics
    /// In a request of an application that has none, which `App` never makes.
    #[expect(
        clippy::expect_used,
        reason = "App::build sets it before the first request; without it nothing works"
    )]
    pub fn of(request: &HttpRequest) -> &Self {
        request.app_data::<Data<Self>>().expect("the application has its state")
    }

    /// Whether browsers come over TLS.
    pub fn is_https(&self) -> bool {
        self.origin.starts_with("https://")
    }
}
