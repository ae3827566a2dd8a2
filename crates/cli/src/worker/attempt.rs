//! One attempt, from the claim to what the server is told about its end.

use super::{
    agent::Agent,
    command::{Exit, Guarded},
    heard::Heard,
    keeper::{Keeper, Lease, running_out},
    orders::{Orders, Why},
    outcome::{Outcome, result_in},
    pauses::Pauses,
    protocol::{Claimed, Failure, Held},
    said::Stream,
    scratch::Scratch,
    variables::variables,
};
use crate::client::Request;
use serde_json::json;
use std::{io, sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, timeout, timeout_at},
};

/// How long what a command has printed may take to arrive after everything in its group has ended. Whatever left the group
/// and holds the pipes is not waited for.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// The longest pause between two attempts to tell how it ended.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How an attempt went for the agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Went {
    Through,
    /// This machine could not begin it: claiming the next one at once would only repeat that.
    NotBegun,
}

/// An attempt that is ours.
#[derive(Debug)]
pub(super) struct Attempt {
    agent: Arc<Agent>,
    claimed: Claimed,
    held: Held,
    lease: Arc<watch::Sender<Lease>>,
    orders: Arc<Orders>,
    began: Instant,
}

impl Attempt {
    /// A run that was claimed just now, with `left` of its lease.
    pub(super) fn new(agent: Arc<Agent>, claimed: Claimed, left: Duration, orders: Arc<Orders>) -> Self {
        let began = Instant::now();
        let held = Held {
            client: agent.client.clone(),
            run_id: claimed.run.run_id.clone(),
            lease_token: claimed.lease_token.clone(),
        };
        let is_last = left + Duration::from_secs(1) < agent.options.lease;
        let until = began + left;
        Self {
            lease: Arc::new(watch::Sender::new(Lease { until, is_last })),
            agent,
            claimed,
            held,
            orders,
            began,
        }
    }

    /// Carries it out.
    pub(super) async fn carry_out(self) -> Went {
        let (name, attempt, most) = (
            &self.claimed.job.job_name,
            self.claimed.attempt,
            self.claimed.run.max_attempts,
        );
        // Attempts that ended with a lost lease do not count, so there may be more of them.
        let of = if attempt <= most {
            format!(" of {most}")
        } else {
            String::new()
        };
        self.say("run_started", &format!("({name:?}, attempt {attempt}{of}) started"));
        let heard = Arc::new(Heard::default());
        // Ends with this function, however that is left.
        let mut keeper = JoinSet::new();
        keeper.spawn(self.keeper(&heard).keep());
        let mut sender = JoinSet::new();
        sender.spawn({
            let (heard, held) = (heard.clone(), self.held.clone());
            async move { heard.journal.send(&held).await }
        });
        let mut readers = JoinSet::new();
        let mut guarded = match self.start(&heard, &mut readers).await {
            Ok(guarded) => guarded,
            Err(error) => {
                self.say(
                    "not_begun",
                    &format!("given back: this machine cannot start a process: {error}"),
                );
                self.tell(&Outcome::Release).await;
                return Went::NotBegun;
            }
        };
        let exit = self.ending(&mut guarded).await;
        let _ = timeout(LAST_WORDS, async { while readers.join_next().await.is_some() {} }).await;
        readers.abort_all();
        heard.journal.close();
        if self.flushed(&mut sender, &heard).await {
            keeper.abort_all();
            let complaints = heard.complaints();
            let result = result_in(&guarded.scratch().result());
            let result = result.map(|in_file| in_file.or_else(|| heard.result()));
            let outcome = Outcome::of(
                &exit,
                self.orders.present(),
                result,
                &complaints,
                &self.agent.options.no_retry,
            );
            self.tell(&outcome).await;
        } else {
            self.say_lost();
        }
        Went::Through
    }

    fn keeper(&self, heard: &Heard) -> Keeper {
        Keeper {
            held: self.held.clone(),
            orders: self.orders.clone(),
            untold: heard.untold.clone(),
            lease: self.lease.clone(),
            length: self.agent.options.lease,
            kill_after: self.agent.options.kill_after,
        }
    }

    async fn start(&self, heard: &Arc<Heard>, readers: &mut JoinSet<()>) -> io::Result<Guarded> {
        let scratch = Scratch::make()?;
        let payload = self.claimed.payload.as_ref().map_or("null", |payload| payload.get());
        let variables = variables(&self.claimed, payload, &scratch, &self.agent.options.name);
        let started = Guarded::start(&self.agent.command, scratch, variables, payload.as_bytes()).await;
        let (guarded, (output, errors)) = started?;
        readers.spawn(heard.clone().listen(output, Stream::Output));
        readers.spawn(heard.clone().listen(errors, Stream::Errors));
        Ok(guarded)
    }

    /// Waits for the end of the command, and orders it where there is a reason.
    async fn ending(&self, guarded: &mut Guarded) -> Exit {
        let (length, kill_after) = (self.agent.options.lease, self.agent.options.kill_after);
        let mut orders = self.orders.watch();
        loop {
            tokio::select! {
                exit = guarded.ended() => return exit,
                (why, left) = running_out(&self.lease, length, kill_after), if self.is_ours() => self.orders.end(why, left),
                Ok(()) = orders.changed() => {
                    let end = *orders.borrow_and_update();
                    if let Some(end) = end {
                        guarded.end(end.kill_at.saturating_duration_since(Instant::now())).await;
                    }
                }
            }
        }
    }

    fn is_ours(&self) -> bool {
        self.orders.present().is_none_or(|end| !end.why.is_lost())
    }

    /// Sends the last lines and the last progress. False, when the run is lost by then.
    async fn flushed(&self, sender: &mut JoinSet<()>, heard: &Heard) -> bool {
        let flush = async {
            while sender.join_next().await.is_some() {}
            drop(heard.untold.flush(&self.held).await);
        };
        tokio::select! {
            () = self.orders.lost() => {}
            () = flush => {}
            // The lines are lost then.
            _ = running_out(&self.lease, self.agent.options.lease, Duration::ZERO) => {}
        }
        self.is_ours()
    }

    /// Tells how it ended, again and again while the server is away. The command is at its end, so trying for longer than
    /// the lease lasts harms nobody: if the run is another's by then, the server says so.
    async fn tell(&self, outcome: &Outcome) {
        let until = self.lease.borrow().until.max(Instant::now() + self.agent.options.lease);
        let mut told = match outcome.request(&self.held) {
            Ok(request) => self.insist(&request, until).await,
            Err(failure) => Err(failure),
        };
        let mut outcome = outcome;
        let refused;
        if let (Outcome::Complete(Some(_)), Err(Failure::Refused(error))) = (outcome, &told)
            && error.status() == Some(422)
        {
            refused = Outcome::refused(&error.to_string());
            outcome = &refused;
            if let Ok(request) = refused.request(&self.held) {
                told = self.insist(&request, until).await;
            }
        }
        match told {
            Ok(status) => {
                let why = outcome
                    .message()
                    .map(|message| format!(": {message}"))
                    .unwrap_or_default();
                self.say(
                    "run_ended",
                    &format!("{status} after {:.1} s{why}", self.began.elapsed().as_secs_f64()),
                );
            }
            Err(Failure::LeaseLost) => {
                self.orders.end(Why::LeaseLost, Duration::ZERO);
                self.say_lost();
            }
            Err(Failure::Away(error) | Failure::Refused(error)) => self.say(
                "run_unreported",
                &format!("ended, but the server could not be told ({error}); it will be given to a worker again"),
            ),
        }
    }

    /// Sends until there is an answer, whose status it returns.
    async fn insist(&self, request: &Request, until: Instant) -> Result<String, Failure> {
        let mut pauses = Pauses::up_to(LONGEST_PAUSE);
        loop {
            let failure = match timeout_at(until, self.held.send(request)).await {
                Ok(Ok(answer)) => {
                    let run = answer.json()?;
                    return Ok(run["status"].as_str().unwrap_or("ended").to_owned());
                }
                Ok(Err(failure @ Failure::Away(_))) => failure,
                Ok(Err(failure)) => return Err(failure),
                Err(_) => {
                    return Err(Failure::Away(crate::error::Error::Unreachable {
                        what: "no answer in time".into(),
                        hint: None,
                    }));
                }
            };
            let pause = pauses.next();
            if Instant::now() + pause > until {
                return Err(failure);
            }
            sleep(pause).await;
        }
    }

    fn say_lost(&self) {
        let why = match self.orders.present().map(|end| end.why) {
            Some(Why::TimedOut) => "its time is up (timeout_seconds of the job)",
            Some(Why::Silent) => "the server could not be reached for a whole lease",
            _ => "the lease is lost: the run is not ours any more",
        };
        self.say(
            "run_lost",
            &format!("lost after {:.1} s: {why}", self.began.elapsed().as_secs_f64()),
        );
    }

    fn say(&self, event: &str, text: &str) {
        let more = json!({
            "run_id": self.held.run_id,
            "job_id": self.claimed.job.job_id,
            "job_name": self.claimed.job.job_name,
            "attempt": self.claimed.attempt,
            "seconds": self.began.elapsed().as_secs_f64(),
        });
        self.agent
            .report
            .say(event, &format!("run {} {text}", self.held.run_id), more);
    }
}
