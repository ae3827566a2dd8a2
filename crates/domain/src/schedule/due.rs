//! What the engine must do when a planned instant has come, late or not; and which instants a backfill runs.
//!
//! A decision only: nothing is read or written. Instants are handled in order and each ends in exactly one decision,
//! whatever the size of the backlog. The instants of an interval are counted by arithmetic, and so are whole hours of a
//! cron expression where nothing can run any more (paused, caught up never, before the window). What is left of a cron
//! backlog is looked at one by one: no more than [`MAX_STEPS`] in a call, which then says where to go on.

mod backlog;

pub use backlog::{Backfill, backfill};

use super::{CompiledSchedule, When};
use crate::{
    clock::Timestamp,
    job::{CatchUp, CatchUpPolicy},
    words,
};
use backlog::Backlog;
use chrono::TimeDelta;

/// How many cron instants one call looks at; those that are counted without a look do not matter.
pub const MAX_STEPS: usize = 10_000;

/// An instant found at most so many seconds after it came due runs normally.
pub const ON_TIME_SECONDS: i64 = 60;

/// What is known when an instant has come.
#[derive(Debug, Clone, Copy)]
pub struct DueInput<'a> {
    /// The job's schedule.
    pub compiled: &'a CompiledSchedule,
    /// When the schedule was made or last changed.
    pub anchor: Timestamp,
    /// The job's id, for [`CompiledSchedule::due_at`].
    pub job_seed: [u8; 16],
    /// The job's next planned instant: the first that nothing was decided about yet.
    pub planned: Timestamp,
    /// The present.
    pub now: Timestamp,
    /// Since when the job is paused, if it is. Every instant that has come due is then `Paused`, earlier ones too:
    /// somebody who paused a job does not want to see it start.
    pub paused: Option<Timestamp>,
    /// What happens to instants that were missed.
    pub catch_up: CatchUp,
}

/// Why an instant does not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MissedReason {
    /// It was found late, and the policy is `none`.
    CatchUpOff,
    /// It was found later than the window allows.
    OutsideWindow,
    /// The policy is `last`, and a later one runs.
    NotTheLast,
    /// The policy is `all`, and `max_runs` later ones run.
    OverMaxRuns,
}

words!(MissedReason {
    CatchUpOff = "catch_up_off",
    OutsideWindow = "outside_window",
    NotTheLast = "not_the_last",
    OverMaxRuns = "over_max_runs",
});

/// How an instant ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// A run is made.
    Run {
        /// Whether it is made up for, more than [`ON_TIME_SECONDS`] after it came due.
        late: bool,
    },
    /// No run is made.
    Missed {
        /// Why not.
        reason: MissedReason,
    },
    /// No run is made: the job is paused.
    Paused,
}

/// The outcome of one instant, or of several in a row that make no run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// What happens.
    pub outcome: Outcome,
    /// The instant; of several the first.
    pub planned_at: Timestamp,
    /// Of several the last.
    pub last_planned_at: Option<Timestamp>,
    /// How many instants, at least 1.
    pub count: u32,
}

/// What to do now, and when to look again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuePlan {
    /// In the order of their instants.
    pub decisions: Vec<Decision>,
    /// The first instant that nothing is decided about. It lies in the past when the backlog is longer than one call
    /// may look at, or when jitter delays it: ask again at once, or at its `due_at`. `None` when the schedule is over.
    pub next: Option<Timestamp>,
}

impl DuePlan {
    /// Notes the outcome of `count` instants in a row; without a run it joins the one before.
    fn push(&mut self, outcome: Outcome, first: Timestamp, last: Timestamp, count: u32) {
        let makes_runs = matches!(outcome, Outcome::Run { .. });
        match self.decisions.last_mut() {
            Some(before) if before.outcome == outcome && !makes_runs && before.count.checked_add(count).is_some() => {
                before.last_planned_at = Some(last);
                before.count += count;
            }
            _ => self.decisions.push(Decision {
                outcome,
                planned_at: first,
                last_planned_at: (count > 1).then_some(last),
                count,
            }),
        }
    }
}

/// Decides about every instant from `planned` on that has come due.
///
/// - Found within [`ON_TIME_SECONDS`] of its `due_at`, an instant runs; each such instant is a decision of its own.
/// - Older ones fall under `catch_up`. Its window counts back from `now` to the planned instant, inclusive.
/// - `last` and `all` choose among *all* late instants within the window, also when several calls are needed.
pub fn plan(input: &DueInput<'_>) -> DuePlan {
    let mut plan = DuePlan {
        decisions: Vec::new(),
        next: Some(input.planned),
    };
    let due = |at: Timestamp| input.compiled.due_at(input.job_seed, at);
    let jitter = TimeDelta::seconds(i64::from(input.compiled.schedule().jitter_seconds));
    let on_time = TimeDelta::seconds(ON_TIME_SECONDS);
    // Before this instant everything came due, and was found, too late to run normally.
    let recent = input.now - jitter - on_time;
    let first = match settle(input, recent, &mut plan) {
        Settled::UpTo(first) => first,
        Settled::Enough => return plan,
    };
    let backlog = Backlog::gather(input.compiled, input.anchor, first, recent);
    let mut tail = Vec::new();
    let mut next = backlog.next;
    if backlog.is_whole() {
        while let Some(at) = next.filter(|at| due(*at) <= input.now)
            && tail.len() < MAX_STEPS
        {
            tail.push(at);
            next = input.compiled.next_after(input.anchor, at);
        }
    }
    if input.paused.is_some() {
        backlog.give_all(Outcome::Paused, &mut plan);
        for at in tail {
            plan.push(Outcome::Paused, at, at, 1);
        }
        plan.next = next;
        return plan;
    }
    let fresh_from = tail.partition_point(|at| due(*at) < input.now - on_time);
    let (stale, fresh) = tail.split_at(fresh_from);
    plan.next = catch_up(input, &backlog, stale, next, &mut plan);
    for at in fresh {
        plan.push(Outcome::Run { late: false }, *at, *at, 1);
    }
    plan
}

/// How far [`settle`] came.
enum Settled {
    /// The instant from which on each deserves a look.
    UpTo(Timestamp),
    /// Nothing more is to be done in this call.
    Enough,
}

/// Decides about the cron instants that cannot run whatever comes after them.
fn settle(input: &DueInput<'_>, recent: Timestamp, plan: &mut DuePlan) -> Settled {
    let window = TimeDelta::seconds(i64::from(input.catch_up.window_seconds));
    let (outcome, until) = match (input.paused, input.catch_up.policy) {
        (Some(_), _) => (Outcome::Paused, recent),
        (None, CatchUpPolicy::None) => {
            let reason = MissedReason::CatchUpOff;
            (Outcome::Missed { reason }, recent)
        }
        (None, CatchUpPolicy::Last | CatchUpPolicy::All) => {
            let reason = MissedReason::OutsideWindow;
            (Outcome::Missed { reason }, recent.min(input.now - window))
        }
    };
    let is_cron = matches!(input.compiled.schedule().when, When::Cron { .. });
    if !is_cron || input.planned >= until {
        return Settled::UpTo(input.planned);
    }
    let mut after = input.compiled.instants(input.anchor, input.planned);
    let (more, last) = after.pass(until, MAX_STEPS);
    plan.push(
        outcome,
        input.planned,
        last.unwrap_or(input.planned),
        more.saturating_add(1),
    );
    plan.next = after.next();
    match plan.next {
        Some(next) if next >= until => Settled::UpTo(next),
        _ => Settled::Enough,
    }
}

/// Decides about the late instants: the backlog and then `stale`. Answers the first instant left undecided, where
/// `next` is the first that nobody looked at.
fn catch_up(
    input: &DueInput<'_>,
    backlog: &Backlog,
    stale: &[Timestamp],
    next: Option<Timestamp>,
    plan: &mut DuePlan,
) -> Option<Timestamp> {
    let (wanted, passed_over) = match input.catch_up.policy {
        CatchUpPolicy::None => (0, MissedReason::CatchUpOff),
        CatchUpPolicy::Last => (1, MissedReason::NotTheLast),
        CatchUpPolicy::All => (u64::from(input.catch_up.max_runs), MissedReason::OverMaxRuns),
    };
    let stale_count = stale.len() as u64;
    let total = backlog.count() + stale_count;
    // The window is of no interest to a policy that runs nothing.
    let outside = if wanted == 0 {
        0
    } else {
        let opens = input.now - TimeDelta::seconds(i64::from(input.catch_up.window_seconds));
        backlog.count_before(opens) + stale.iter().filter(|at| **at < opens).count() as u64
    };
    let chosen = wanted.min(total - outside);
    let missed = |reason| Outcome::Missed { reason };
    let mut give = |from: u64, to: u64, outcome: Outcome| {
        let split = backlog.count();
        backlog.give(from.min(split), to.min(split), outcome, plan);
        for index in from.max(split)..to.max(split) {
            if let Some(at) = usize::try_from(index - split).ok().and_then(|index| stale.get(index)) {
                plan.push(outcome, *at, *at, 1);
            }
        }
    };
    give(0, outside, missed(MissedReason::OutsideWindow));
    give(outside, total - chosen, missed(passed_over));
    if backlog.is_whole() {
        give(total - chosen, total, Outcome::Run { late: true });
        return next;
    }
    // More late instants follow, so whether these are among the newest is known only at a later call.
    if chosen > 0 { backlog.at(total - chosen) } else { next }
}
