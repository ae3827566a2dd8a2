//! Wiring, in the order in which things need each other.

use super::{App, banner};
use crate::{
    audit_trail::QueuedTrail,
    bulk::BulkWorker,
    config::{Config, MailMode},
    data_dir::{DataDir, make_database_private},
    heartbeat::Heart,
    http::client::Proxies,
    keys::KeyCache,
    notices::NoticeTeller,
    passwords::BcryptPool,
    polls::Polls,
    rate_limit::Buckets,
    readiness::Readiness,
    secrets::{self, AeadVault, KeyRing},
    sessions::SessionCache,
    setup::SetupLink,
    state::State,
    system::{SystemClock, SystemRandom},
    tokens::AccessTokens,
    wiring::Fanout,
    worker::{CronWorker, Housekeeping, Kept, SweptCounts},
    ws::{follower::Follower, hub::Hub},
};
use actix_web::web;
use anyhow::Context;
use chrono::TimeDelta;
use scheduler_domain::{
    clock::{Clock, Random},
    job::PayloadLimits,
    net_guard::Guard,
    usecase::{
        accounts::{AccountSettings, Accounts},
        api_keys::ApiKeys,
        bulk::Bulk,
        jobs::Jobs,
        links::Links,
        notices::Notices,
        schedules::Schedules,
        workers::Workers,
    },
};
use scheduler_engine::{
    deliver::{DeliverPorts, DeliverSettings, Deliverer},
    outbound::GuardedCaller,
    runs::{EngineSettings, EngineSignals, Executors, RunEngine, Scheduler},
};
use scheduler_notify::{MailConfig, Notify, NotifyConfig, QueuedPostbox};
use scheduler_storage::{Store, StoreConfig, Stores};
use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

/// The keys: from the configuration, or from the data folder.
pub fn key_ring(config: &Config, random: &dyn Random) -> anyhow::Result<KeyRing> {
    let secret = match &config.secret {
        Some(secret) => secret.clone(),
        None => secrets::load_or_create(&config.data_dir, random)?,
    };
    KeyRing::new(&secret, config.secret_previous.as_deref())
}

/// What notify wants to know.
pub fn notify_config(config: &Config, origin: &str) -> NotifyConfig {
    NotifyConfig {
        mail: match &config.mail {
            MailMode::Smtp(url) => MailConfig::Smtp {
                url: url.as_str().into(),
            },
            MailMode::File(dir) => MailConfig::File { dir: dir.clone() },
            MailMode::Developer => MailConfig::Developer,
        },
        from: config.mail_from.clone(),
        public_url: origin.to_owned(),
        sms_url: config.sms_url.as_deref().map(Into::into),
    }
}

/// Opens the address; when nobody chose it and it is taken, one of the next twenty.
fn bind(config: &Config) -> anyhow::Result<TcpListener> {
    let mut address = config.listen;
    loop {
        match TcpListener::bind(address) {
            Ok(listener) => return Ok(listener),
            Err(error)
                if error.kind() == std::io::ErrorKind::AddrInUse
                    && !config.listen_is_explicit
                    && address.port() < config.listen.port() + 20 =>
            {
                address.set_port(address.port() + 1);
            }
            Err(error) => {
                return Err(error)
                    .with_context(|| format!("cannot listen on {address}; choose another address with --listen"));
            }
        }
    }
}

/// The set of rules for accounts.
fn accounts(
    config: &Config,
    stores: &Stores,
    ring: &KeyRing,
    postbox: Arc<dyn scheduler_domain::ports::Postbox>,
    limiter: Arc<Buckets>,
    sessions: Arc<SessionCache>,
) -> anyhow::Result<Accounts> {
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let threads = std::thread::available_parallelism().map_or(1, |cores| (cores.get() / 2).max(1));
    let hasher = BcryptPool::new(
        ring.each(|keys| keys.pepper),
        config.password_cost,
        threads,
        random.clone(),
    )?;
    Ok(Accounts {
        users: stores.users.clone(),
        otps: stores.otps.clone(),
        sessions: stores.sessions.clone(),
        hasher: Arc::new(hasher),
        postbox,
        limiter,
        watch: sessions,
        trail: Arc::new(QueuedTrail::start(stores.audit.clone())),
        clock: Arc::new(SystemClock),
        random,
        settings: AccountSettings {
            otp_ttl: config.otp_ttl,
            resend_spacing: config.rate_limits,
            otp_keys: ring.each(|keys| keys.otp),
            refresh_keys: ring.each(|keys| keys.refresh),
        },
    })
}

#[expect(
    clippy::too_many_lines,
    reason = "one list of what is made from what, in the order of need"
)]
pub(super) async fn build(config: Config) -> anyhow::Result<App> {
    let (clock, random): (Arc<dyn Clock>, Arc<dyn Random>) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let file = config.database_file();
    let data_dir = DataDir::take(&config.data_dir, file.is_some(), &*clock, &*random)?;
    if let Some(file) = &file {
        make_database_private(file)?;
    }
    let ring = key_ring(&config, &*random)?;
    let listener = bind(&config)?;
    let address = listener.local_addr()?;
    let origin = config.public_url.clone().unwrap_or_else(|| format!("http://{address}"));

    let hub = Arc::new(Hub::default());
    let signals = EngineSignals::default();
    let polls = Arc::new(Polls::default());
    let new_deliveries = Arc::new(tokio::sync::Notify::new());
    let fanout = Fanout {
        hub: hub.clone(),
        engine: signals.clone(),
        deliveries: new_deliveries.clone(),
        polls: polls.clone(),
    };
    let stores = Store::connect(
        &StoreConfig::new(&config.database_url),
        random.clone(),
        Arc::new(fanout),
    )
    .await?;
    for name in stores.migrations.migrate().await? {
        tracing::info!(migration = %name, "the schema was brought up to date");
    }

    let notify = Arc::new(Notify::new(
        notify_config(&config, &origin),
        clock.clone(),
        random.clone(),
    )?);
    let mailbox = notify.developer_mailbox();
    if let Some(mailbox) = &mailbox {
        mailbox.on_otp(banner::print_code);
    }
    let postbox = Arc::new(QueuedPostbox::start(notify.clone(), clock.clone()));

    let buckets = Arc::new(Buckets::new(config.rate_limits));
    let keys = Arc::new(KeyCache::new(stores.api_keys.clone()));
    keys.close_sockets_of(hub.clone());
    let sessions = Arc::new(SessionCache::new(stores.sessions.clone(), keys.clone()));
    sessions.close_sockets_of(hub.clone());
    let accounts = accounts(
        &config,
        &stores,
        &ring,
        postbox.clone(),
        buckets.clone(),
        sessions.clone(),
    )?;
    let guard = Guard::new(config.allow_private_targets.parse()?, own_addresses(address));
    let caller = Arc::new(GuardedCaller::new(guard)?);
    let vault = Arc::new(AeadVault::new(ring.clone(), random.clone()));
    let settings = EngineSettings {
        concurrency: config.concurrency,
        per_user: config.user_concurrency,
        lease: Duration::from_secs(config.lease_seconds.into()),
        grace: engine_grace(config.shutdown_seconds),
        ..EngineSettings::for_node(data_dir.node)
    };
    let executors = Arc::new(Executors {
        caller: caller.clone(),
        vault: vault.clone(),
        clock: clock.clone(),
        random: random.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    });
    let engine = RunEngine::new(
        stores.queue.clone(),
        clock.clone(),
        settings,
        signals.clone(),
        executors,
    );
    signals.lead_to(engine.clone());
    let jobs = Jobs {
        store: stores.jobs.clone(),
        history: stores.history.clone(),
        clock: clock.clone(),
        random: random.clone(),
        dispatcher: Arc::new(engine.clone()),
        vault: vault.clone(),
        payload_limits: PayloadLimits {
            max_bytes: config.max_payload_bytes,
            ..PayloadLimits::default()
        },
    };

    let workers = Workers {
        queue: stores.workers.clone(),
        log: stores.log.clone(),
        clock: clock.clone(),
        payload_limits: jobs.payload_limits,
    };

    let ports = DeliverPorts {
        deliveries: stores.deliveries.clone(),
        users: stores.users.clone(),
        caller: caller.clone(),
        vault: vault.clone(),
        postbox: postbox.clone(),
        clock: clock.clone(),
        random: random.clone(),
    };
    let deliverer = Deliverer::new(
        ports,
        DeliverSettings::for_version(env!("CARGO_PKG_VERSION")),
        new_deliveries,
    )
    .counting_in(signals.health().clone());
    let swept = Arc::new(SweptCounts::default());
    let housekeeping = Housekeeping {
        otps: stores.otps.clone(),
        sessions: stores.sessions.clone(),
        runs: stores.queue.clone(),
        events: stores.events.clone(),
        deliveries: stores.deliveries.clone(),
        retention: stores.retention.clone(),
        bulk: stores.bulk.clone(),
        notices: stores.notices.clone(),
        view: stores.view.clone(),
        idempotency: stores.idempotency.clone(),
        audit: stores.audit.clone(),
        kept: Kept {
            history: TimeDelta::days(config.retention_days.into()),
            logs: TimeDelta::days(config.retention_log_days.into()),
            runs_per_user: config.retention_runs_per_user,
        },
        swept: swept.clone(),
    };
    let cron = CronWorker::new(housekeeping, clock.clone(), &config.otp_cleanup)?;
    let follower = Follower {
        hub: hub.clone(),
        events: stores.events.clone(),
        sessions: stores.sessions.clone(),
        api_keys: stores.api_keys.clone(),
        clock: clock.clone(),
    };
    let heart = Heart::new(
        stores.view.clone(),
        engine.clone(),
        signals.health().clone(),
        clock.clone(),
        (data_dir.node, config.concurrency),
    );
    let setup = Arc::new(SetupLink::default());
    let setup_token = if stores.users.has_admin().await? {
        None
    } else {
        Some(setup.issue(clock.now(), &*random))
    };

    let schedules = Schedules {
        store: stores.schedules.clone(),
        jobs_store: stores.jobs.clone(),
        jobs: jobs.clone(),
        clock: clock.clone(),
        random: random.clone(),
    };
    let bulk = Bulk {
        store: stores.bulk.clone(),
        jobs_store: stores.jobs.clone(),
        jobs: jobs.clone(),
        schedules: schedules.clone(),
        clock: clock.clone(),
        random: random.clone(),
    };
    let links = Links {
        store: stores.links.clone(),
        jobs_store: stores.jobs.clone(),
        schedules: stores.schedules.clone(),
        jobs: jobs.clone(),
        limiter: buckets.clone(),
        clock: clock.clone(),
        random: random.clone(),
    };
    let new_bulk = Arc::new(tokio::sync::Notify::new());
    let bulk_worker = BulkWorker::new(bulk.clone(), new_bulk.clone());
    let teller = NoticeTeller::new(Notices {
        store: stores.notices.clone(),
        users: stores.users.clone(),
        notifier: notify.clone(),
        clock: clock.clone(),
        random: random.clone(),
    });
    let due_instants = Scheduler::new(stores.schedules.clone(), engine.clone(), clock.clone(), signals.clone());

    let api_keys = ApiKeys {
        store: stores.api_keys,
        watch: keys.clone(),
        clock: clock.clone(),
        random: random.clone(),
    };
    let state = web::Data::new(State {
        tokens: AccessTokens::new(&ring, config.access_token),
        proxies: Proxies::parse(&config.trusted_proxies)?,
        origin,
        started_at: clock.now(),
        clock,
        random,
        accounts,
        api_keys,
        jobs,
        schedules,
        workers,
        bulk,
        links,
        new_bulk,
        polls,
        users: stores.users,
        session_store: stores.sessions,
        idempotency: stores.idempotency,
        audit: stores.audit,
        job_store: stores.jobs,
        history: stores.history,
        events: stores.events,
        endpoints: stores.endpoints,
        deliveries: stores.deliveries,
        notices: stores.notices,
        health: stores.health,
        view: stores.view,
        engine: engine.clone(),
        engine_health: signals.health().clone(),
        swept,
        caller,
        vault,
        sessions,
        keys,
        buckets,
        hub,
        setup,
        mailbox,
        notify,
        readiness: Readiness::default(),
        config,
    });
    Ok(App {
        state,
        listener,
        address,
        engine,
        scheduler: due_instants,
        deliverer,
        follower,
        cron,
        bulk: bulk_worker,
        notices: teller,
        postbox,
        data_dir,
        heart,
        setup_token,
    })
}

/// What is left for runs to end by themselves: handing back those that do not takes a few seconds of the whole.
fn engine_grace(shutdown_seconds: u32) -> Duration {
    const HAND_BACK_SECONDS: u32 = 6;
    Duration::from_secs(shutdown_seconds.saturating_sub(HAND_BACK_SECONDS).into())
}

/// Where outgoing calls must never lead: to ourselves.
fn own_addresses(address: SocketAddr) -> Vec<SocketAddr> {
    vec![address]
}
