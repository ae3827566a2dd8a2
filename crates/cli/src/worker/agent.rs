//! Claims runs as there is room for them, and stops when it is told to.

use super::{
    attempt::{Attempt, Went},
    command::CommandLine,
    orders::{Orders, Why},
    pauses::Pauses,
    protocol::{Claim, Claimed, Failure, POLL_SECONDS},
    report::Report,
    signals::{Phase, reached},
};
use crate::{
    client::Client,
    error::{Error, Result, exit},
};
use serde_json::json;
use std::{
    sync::{Arc, Weak},
    time::Duration,
};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout},
};

/// The longest pause between claims while the server is away.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// The pause after a run that this machine could not begin.
const NOT_BEGUN_PAUSE: Duration = Duration::from_secs(5);
/// What is left after the second signal to give runs back.
const LAST_CALLS: Duration = Duration::from_secs(2);

/// How an agent works.
#[derive(Debug)]
pub(super) struct Options {
    pub queues: Vec<String>,
    /// How many runs at once.
    pub concurrency: usize,
    pub lease: Duration,
    /// How long running commands may go on after the first signal.
    pub grace: Duration,
    /// Between SIGTERM and SIGKILL.
    pub kill_after: Duration,
    /// Exit codes after which another attempt makes no sense.
    pub no_retry: Vec<u8>,
    /// How people see it.
    pub name: String,
    /// Ends when no run waits.
    pub once: bool,
}

/// An agent.
#[derive(Debug)]
pub(super) struct Agent {
    pub client: Client,
    pub options: Options,
    pub command: CommandLine,
    pub report: Report,
}

/// The attempts under way.
#[derive(Debug, Default)]
struct UnderWay {
    tasks: JoinSet<Went>,
    orders: Vec<Weak<Orders>>,
}

impl UnderWay {
    fn begin(&mut self, agent: &Arc<Agent>, claimed: Claimed, left: Duration) {
        let orders = Arc::new(Orders::new());
        self.orders.retain(|orders| orders.strong_count() > 0);
        self.orders.push(Arc::downgrade(&orders));
        self.tasks
            .spawn(Attempt::new(agent.clone(), claimed, left, orders).carry_out());
    }

    /// Orders the end of all.
    fn end(&self, within: Duration) {
        for orders in self.orders.iter().filter_map(Weak::upgrade) {
            orders.end(Why::Stopping, within);
        }
    }

    /// Waits for the next end. `None`, when nothing is under way.
    async fn next(&mut self) -> Option<Went> {
        // An attempt that panicked is over as well; its lease ends.
        Some(self.tasks.join_next().await?.unwrap_or(Went::Through))
    }

    async fn all(&mut self) {
        while self.next().await.is_some() {}
    }
}

/// What to do after a look for work.
enum Look {
    Again,
    After(Duration),
    Done,
}

impl Agent {
    /// Works until it is told to stop, the server refuses it, or, with `once`, nothing is left to do.
    pub(super) async fn work(self: Arc<Self>, mut phase: watch::Receiver<Phase>) -> Result<()> {
        self.report.say(
            "started",
            &self.introduction(),
            json!({"worker_name": self.options.name}),
        );
        let mut under_way = UnderWay::default();
        let claimed = tokio::select! {
            refused = self.claim_on(&mut under_way) => refused,
            () = reached(&mut phase, Phase::Draining) => Ok(()),
        };
        self.drain(&mut under_way, &mut phase).await?;
        claimed
    }

    fn introduction(&self) -> String {
        let options = &self.options;
        let words = self.command.words.iter().map(|word| word.to_string_lossy());
        format!(
            "jobs {}: {} waits for runs of {} at {}, {} at once, lease {} s; command: {}",
            env!("CARGO_PKG_VERSION"),
            options.name,
            options.queues.join(", "),
            self.client.settings().url,
            options.concurrency,
            options.lease.as_secs(),
            words.collect::<Vec<_>>().join(" ")
        )
    }

    /// Claims and begins runs.
    async fn claim_on(self: &Arc<Self>, under_way: &mut UnderWay) -> Result<()> {
        let mut pauses = Pauses::up_to(LONGEST_PAUSE);
        let mut is_away = false;
        loop {
            while let Some(went) = under_way.tasks.try_join_next() {
                if matches!(went, Ok(Went::NotBegun)) {
                    sleep(NOT_BEGUN_PAUSE).await;
                }
            }
            if under_way.tasks.len() >= self.options.concurrency {
                if under_way.next().await == Some(Went::NotBegun) {
                    sleep(NOT_BEGUN_PAUSE).await;
                }
                continue;
            }
            match self.look(under_way, &mut pauses, &mut is_away).await? {
                Look::Again => {}
                Look::After(pause) => sleep(pause).await,
                Look::Done => {
                    if under_way.next().await.is_none() {
                        return Ok(());
                    }
                }
            }
        }
    }

    async fn look(self: &Arc<Self>, under_way: &mut UnderWay, pauses: &mut Pauses, is_away: &mut bool) -> Result<Look> {
        let claim = Claim {
            queues: &self.options.queues,
            max: self.options.concurrency - under_way.tasks.len(),
            wait_seconds: if self.options.once { 0 } else { POLL_SECONDS },
            lease_seconds: self.options.lease.as_secs(),
            worker_name: &self.options.name,
        };
        match claim.send(&self.client).await {
            Ok(claimed) => {
                *pauses = Pauses::up_to(LONGEST_PAUSE);
                if std::mem::take(is_away) {
                    self.report.say("server_back", "the server is back", json!({}));
                }
                let nothing = claimed.is_empty();
                for (claimed, left) in claimed {
                    under_way.begin(self, claimed, left);
                }
                Ok(if nothing && self.options.once {
                    Look::Done
                } else {
                    Look::Again
                })
            }
            Err(Failure::Away(error)) if !self.options.once => {
                if !std::mem::replace(is_away, true) {
                    self.report
                        .say("server_away", &format!("{error}; trying again"), json!({}));
                }
                Ok(Look::After(pauses.next()))
            }
            Err(Failure::Away(error) | Failure::Refused(error)) => Err(error),
            Err(Failure::LeaseLost) => Ok(Look::After(pauses.next())),
        }
    }

    /// Lets what is under way come to its end, as far as there is time; gives back the rest.
    async fn drain(&self, under_way: &mut UnderWay, phase: &mut watch::Receiver<Phase>) -> Result<()> {
        let count = under_way.tasks.len();
        if count > 0 {
            let text = format!(
                "stopping: nothing more is claimed; {count} under way may take {} s more (a second signal kills them)",
                self.options.grace.as_secs()
            );
            self.report.say("stopping", &text, json!({"under_way": count}));
        }
        let grace_ends = Instant::now() + self.options.grace;
        let orderly = async {
            tokio::select! {
                () = under_way.all() => return,
                () = sleep_until(grace_ends) => {}
            }
            under_way.end(self.options.kill_after);
            under_way.all().await;
        };
        let is_orderly = tokio::select! {
            () = orderly => true,
            () = reached(phase, Phase::Now) => false,
        };
        if !is_orderly {
            under_way.end(Duration::ZERO);
            let _ = timeout(LAST_CALLS, under_way.all()).await;
            return Err(Error::Exit(exit::INTERRUPTED));
        }
        self.report.say("stopped", "stopped", json!({}));
        Ok(())
    }
}
