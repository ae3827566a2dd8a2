//! The program as a value: built from a configuration, run until it is stopped.

mod banner;
mod build;

pub use build::{key_ring, notify_config};

use crate::{
    bulk::BulkWorker,
    config::Config,
    heartbeat::Heart,
    http::{middleware, routes},
    notices::NoticeTeller,
    state::State,
    worker::CronWorker,
    ws::follower::Follower,
};
use actix_web::{HttpServer, web};
use scheduler_domain::ids::NodeId;
use scheduler_engine::{
    deliver::Deliverer,
    runs::{RunEngine, Scheduler},
};
use scheduler_notify::QueuedPostbox;
use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};
use tokio::{signal::unix::SignalKind, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::data_dir::DataDir;

/// How long a client may take to send its headers (OWASP: slow headers must not hold a place for ever).
const HEADERS_WITHIN: Duration = Duration::from_secs(10);

/// The program, ready to run.
pub struct App {
    state: web::Data<State>,
    listener: TcpListener,
    address: SocketAddr,
    engine: RunEngine,
    scheduler: Scheduler,
    deliverer: Deliverer,
    follower: Follower,
    cron: CronWorker,
    bulk: BulkWorker,
    notices: NoticeTeller,
    postbox: Arc<QueuedPostbox>,
    data_dir: DataDir,
    heart: Heart,
    /// What to print at the start.
    setup_token: Option<String>,
}

impl App {
    /// Wires the program: opens the database and migrates it, binds the address. Nothing runs yet.
    pub async fn build(config: Config) -> anyhow::Result<Self> {
        build::build(config).await
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// This node.
    pub fn node(&self) -> NodeId {
        self.data_dir.node
    }

    /// The state, for tests that look inside.
    pub fn state(&self) -> web::Data<State> {
        self.state.clone()
    }

    /// Tells the person at the terminal where to go.
    pub fn print_banner(&self) {
        banner::print(&self.state, self.address, self.setup_token.as_deref());
    }

    /// Runs until `stop`, then takes no more work, lets work under way end, and returns when nothing is left.
    pub async fn run_until_stopped(self, stop: CancellationToken) -> anyhow::Result<()> {
        let state = self.state.clone();
        let grace = Duration::from_secs(u64::from(state.config.shutdown_seconds));
        let server = HttpServer::new({
            let state = self.state.clone();
            move || {
                actix_web::App::new()
                    .app_data(state.clone())
                    .configure(routes::configure)
                    .wrap(actix_web::middleware::Compress::default())
                    .wrap(actix_web::middleware::from_fn(middleware::around))
            }
        })
        .workers(std::thread::available_parallelism().map_or(2, usize::from).min(8))
        .client_request_timeout(HEADERS_WITHIN)
        // A client that closes its side is gone: a worker that waits for runs must not be given one any more.
        .h1_allow_half_closed(false)
        .shutdown_timeout(5)
        .disable_signals()
        .listen(self.listener)?
        .run();
        let http = server.handle();
        let serving = tokio::spawn(server);

        let work = stop.child_token();
        let sockets = CancellationToken::new();
        let mut tasks = JoinSet::new();
        tasks.spawn(self.engine.run(work.clone()));
        tasks.spawn(self.scheduler.run(work.clone()));
        tasks.spawn(self.deliverer.run(work.clone()));
        tasks.spawn(self.cron.run(work.clone()));
        tasks.spawn(self.bulk.run(work.clone()));
        tasks.spawn(self.notices.run(work.clone()));
        tasks.spawn(state.polls.clone().run(state.workers.queue.clone(), work.clone()));
        let following = tokio::spawn(self.follower.run(sockets.clone()));
        // It beats until the last run has ended.
        let mut heart = self.heart;
        heart.start().await;
        let beating = tokio::spawn(heart.run(sockets.clone()));
        state.readiness.serve();

        stop.cancelled().await;
        state.readiness.withdraw();
        state.polls.close();
        tracing::info!("stopping: no more work is taken");
        // The engine gives its runs the whole grace; what does not end by itself afterwards is cut off.
        let patience = grace + Duration::from_secs(8);
        if tokio::time::timeout(patience, async { while tasks.join_next().await.is_some() {} })
            .await
            .is_err()
        {
            tracing::warn!("some work did not end in time and was cut off");
            tasks.abort_all();
        }
        sockets.cancel();
        state.hub.close_all();
        http.stop(true).await;
        let _ = following.await;
        let _ = beating.await;
        self.postbox.shutdown().await;
        drop(self.data_dir);
        serving.await??;
        tracing::info!("stopped");
        Ok(())
    }
}

/// A token that is cancelled by SIGTERM or SIGINT; a second signal ends the process at once.
pub fn stop_on_signals() -> anyhow::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let mut terminate = tokio::signal::unix::signal(SignalKind::terminate())?;
    let mut interrupt = tokio::signal::unix::signal(SignalKind::interrupt())?;
    let token = stop.clone();
    tokio::spawn(async move {
        for attempt in 0.. {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if attempt > 0 {
                std::process::exit(130);
            }
            token.cancel();
        }
    });
    Ok(stop)
}
