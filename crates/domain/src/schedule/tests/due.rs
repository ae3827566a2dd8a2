//! What happens to instants that have come, on time or late, and which instants a backfill runs.

use super::*;
use crate::{
    job::{CatchUp, CatchUpPolicy},
    schedule::due::{Decision, DueInput, DuePlan, MAX_STEPS, MissedReason, Outcome, backfill, plan},
};
use chrono::TimeDelta;
use proptest::prelude::*;

mod backfill;
mod model;

const RUN: Outcome = Outcome::Run { late: false };
const LATE: Outcome = Outcome::Run { late: true };

const fn missed(reason: MissedReason) -> Outcome {
    Outcome::Missed { reason }
}

const fn catch_up(policy: CatchUpPolicy, window_seconds: u32, max_runs: u32) -> CatchUp {
    CatchUp {
        policy,
        window_seconds,
        max_runs,
    }
}

const NONE: CatchUp = catch_up(CatchUpPolicy::None, 86_400, 100);
const LAST: CatchUp = catch_up(CatchUpPolicy::Last, 86_400, 100);
const ALL: CatchUp = catch_up(CatchUpPolicy::All, 86_400, 100);

/// Anchor of every schedule here: midnight, so that grids fall on whole minutes.
fn anchor() -> Timestamp {
    at("2026-05-01 00:00")
}

fn every(seconds: u32) -> CompiledSchedule {
    Schedule::every(seconds).compile().unwrap()
}

fn input<'a>(compiled: &'a CompiledSchedule, planned: &str, now: &str, catch_up: CatchUp) -> DueInput<'a> {
    DueInput {
        compiled,
        anchor: anchor(),
        job_seed: [7; 16],
        planned: at(planned),
        now: at(now),
        paused: None,
        catch_up,
    }
}

/// `05-01 12:00:00`, and of several `… to 05-01 12:10:00 x 11`, each with its outcome.
fn told(plan: &DuePlan) -> Vec<String> {
    let show = |at: Timestamp| at.format("%m-%d %H:%M:%S").to_string();
    let tell = |decision: &Decision| {
        let more = decision
            .last_planned_at
            .map(|last| format!(" to {} x {}", show(last), decision.count));
        format!(
            "{}{} {:?}",
            show(decision.planned_at),
            more.unwrap_or_default(),
            decision.outcome
        )
    };
    plan.decisions.iter().map(tell).collect()
}

#[test]
fn an_instant_found_within_a_minute_runs_normally() {
    let hourly = every(3_600);
    for (policy, now) in [(NONE, "12:00:00"), (LAST, "12:00:59"), (ALL, "12:01:00")] {
        let plan = plan(&input(
            &hourly,
            "2026-05-01 12:00",
            &format!("2026-05-01 {now}"),
            policy,
        ));
        assert_eq!(told(&plan), ["05-01 12:00:00 Run { late: false }"], "{now}");
        assert_eq!(plan.next, Some(at("2026-05-01 13:00")));
    }
    let mut late = input(&hourly, "2026-05-01 12:00", "2026-05-01 12:01", LAST);
    late.now += TimeDelta::microseconds(1);
    assert_eq!(told(&plan(&late)), ["05-01 12:00:00 Run { late: true }"]);
}

#[test]
fn nothing_happens_before_its_time() {
    let hourly = every(3_600);
    let early = plan(&input(&hourly, "2026-05-01 12:00", "2026-05-01 11:59:59", ALL));
    assert_eq!(
        early,
        DuePlan {
            decisions: Vec::new(),
            next: Some(at("2026-05-01 12:00"))
        }
    );
}

#[test]
fn several_instants_within_a_minute_are_runs_of_their_own() {
    let plan = plan(&input(&every(20), "2026-05-01 12:00", "2026-05-01 12:00:45", NONE));
    assert_eq!(
        told(&plan),
        [
            "05-01 12:00:00 Run { late: false }",
            "05-01 12:00:20 Run { late: false }",
            "05-01 12:00:40 Run { late: false }"
        ]
    );
    assert!(
        plan.decisions
            .iter()
            .all(|one| one.count == 1 && one.last_planned_at.is_none())
    );
}

#[test]
fn jitter_delays_the_time_by_which_late_is_measured() {
    let jittered = Schedule {
        jitter_seconds: 600,
        ..Schedule::every(3_600)
    };
    let jittered = jittered.compile().unwrap();
    let base = input(&jittered, "2026-05-01 12:00", "2026-05-01 12:00", LAST);
    let due = jittered.due_at(base.job_seed, base.planned);
    assert!(
        due > base.planned && due < base.planned + TimeDelta::seconds(600),
        "take another seed"
    );
    let outcomes = |now: Timestamp| {
        let found = plan(&DueInput { now, ..base });
        (
            found.decisions.iter().map(|one| one.outcome).collect::<Vec<_>>(),
            found.next,
        )
    };
    let (this, following) = (Some(base.planned), Some(at("2026-05-01 13:00")));
    let micro = TimeDelta::microseconds(1);
    assert_eq!(outcomes(due - micro), (vec![], this));
    assert_eq!(outcomes(due), (vec![RUN], following));
    assert_eq!(outcomes(due + TimeDelta::seconds(60)), (vec![RUN], following));
    assert_eq!(outcomes(due + TimeDelta::seconds(60) + micro), (vec![LATE], following));
    // The window counts from the planned instant.
    let strict = DueInput {
        catch_up: catch_up(CatchUpPolicy::Last, 60, 1),
        now: due + TimeDelta::seconds(61),
        ..base
    };
    assert_eq!(plan(&strict).decisions[0].outcome, missed(MissedReason::OutsideWindow));
}

#[test]
fn none_misses_all_that_is_late_and_runs_what_is_on_time() {
    let plan = plan(&input(&every(300), "2026-05-01 09:00", "2026-05-01 12:00:10", NONE));
    assert_eq!(
        told(&plan),
        [
            "05-01 09:00:00 to 05-01 11:55:00 x 36 Missed { reason: CatchUpOff }",
            "05-01 12:00:00 Run { late: false }"
        ]
    );
    assert_eq!(plan.next, Some(at("2026-05-01 12:05")));
}

#[test]
fn last_runs_the_newest_late_one() {
    let daily = cron("0 9 * * *", "Europe/Berlin");
    let found = plan(&input(&daily, "2026-05-02 07:00", "2026-05-05 08:30", LAST));
    assert_eq!(
        told(&found),
        [
            "05-02 07:00:00 to 05-04 07:00:00 x 3 Missed { reason: OutsideWindow }",
            "05-05 07:00:00 Run { late: true }"
        ]
    );
    assert_eq!(found.next, Some(at("2026-05-06 07:00")));
    // One late instant alone is a decision without a last one.
    let found = plan(&input(&daily, "2026-05-02 07:00", "2026-05-03 07:00:20", LAST));
    assert_eq!(
        told(&found),
        [
            "05-02 07:00:00 Missed { reason: OutsideWindow }",
            "05-03 07:00:00 Run { late: false }"
        ]
    );
    let found = plan(&input(&daily, "2026-05-02 07:00", "2026-05-03 06:59", LAST));
    assert_eq!(told(&found), ["05-02 07:00:00 Run { late: true }"]);
}

#[test]
fn all_runs_the_newest_up_to_max_runs_within_the_window() {
    let policy = catch_up(CatchUpPolicy::All, 3_600, 3);
    for schedule in [every(600), cron("*/10 * * * *", "UTC")] {
        let plan = plan(&input(&schedule, "2026-05-01 10:00", "2026-05-01 12:05", policy));
        assert_eq!(
            told(&plan),
            [
                "05-01 10:00:00 to 05-01 11:00:00 x 7 Missed { reason: OutsideWindow }",
                "05-01 11:10:00 to 05-01 11:30:00 x 3 Missed { reason: OverMaxRuns }",
                "05-01 11:40:00 Run { late: true }",
                "05-01 11:50:00 Run { late: true }",
                "05-01 12:00:00 Run { late: true }"
            ]
        );
        assert_eq!(plan.next, Some(at("2026-05-01 12:10")));
    }
}

#[test]
fn the_window_holds_the_instant_at_its_edge() {
    let hourly = every(3_600);
    let edge = |window| {
        let policy = catch_up(CatchUpPolicy::All, window, 9);
        told(&plan(&input(&hourly, "2026-05-01 10:00", "2026-05-01 10:30", policy))).remove(0)
    };
    assert_eq!(edge(1_800), "05-01 10:00:00 Run { late: true }");
    assert_eq!(edge(1_799), "05-01 10:00:00 Missed { reason: OutsideWindow }");
    assert_eq!(edge(0), "05-01 10:00:00 Missed { reason: OutsideWindow }");
}

#[test]
fn a_paused_job_runs_nothing_on_time_or_late() {
    let hourly = every(3_600);
    for policy in [NONE, LAST, ALL] {
        let mut paused = input(&hourly, "2026-05-01 10:00", "2026-05-01 12:00:30", policy);
        paused.paused = Some(at("2026-05-01 11:30"));
        let plan = plan(&paused);
        assert_eq!(told(&plan), ["05-01 10:00:00 to 05-01 12:00:00 x 3 Paused"]);
        assert_eq!(plan.next, Some(at("2026-05-01 13:00")));
    }
}

#[test]
fn once_is_over_after_its_instant() {
    let once = Schedule::once(at("2026-05-01 12:00")).compile().unwrap();
    for (now, policy, outcome) in [
        ("2026-05-01 12:00:30", NONE, RUN),
        ("2026-05-01 13:00", LAST, LATE),
        ("2026-05-01 13:00", NONE, missed(MissedReason::CatchUpOff)),
        ("2026-06-01 13:00", ALL, missed(MissedReason::OutsideWindow)),
    ] {
        let plan = plan(&input(&once, "2026-05-01 12:00", now, policy));
        assert_eq!(plan.decisions.len(), 1);
        assert_eq!((plan.decisions[0].outcome, plan.next), (outcome, None), "{now}");
    }
}

#[test]
fn the_end_is_included_and_nothing_follows_it() {
    let mut ending = Schedule::every(600);
    ending.end_at = Some(at("2026-05-01 10:20"));
    let mut clocked = Schedule::cron("*/10 * * * *", "UTC");
    clocked.end_at = ending.end_at;
    for schedule in [ending, clocked] {
        let schedule = schedule.compile().unwrap();
        let late = plan(&input(&schedule, "2026-05-01 10:00", "2026-05-01 15:00", ALL));
        assert_eq!(late.decisions.len(), 3, "{:?}", told(&late));
        assert_eq!(late.decisions[2].planned_at, at("2026-05-01 10:20"));
        assert_eq!(late.next, None);
        let prompt = plan(&input(&schedule, "2026-05-01 10:20", "2026-05-01 10:20", ALL));
        assert_eq!(told(&prompt), ["05-01 10:20:00 Run { late: false }"]);
        assert_eq!(prompt.next, None);
    }
}

#[test]
fn thirty_days_of_seconds_are_counted_at_once() {
    let seconds = every(1);
    for (policy, runs) in [(NONE, 0), (LAST, 1), (ALL, 100)] {
        let plan = plan(&input(&seconds, "2026-05-01 00:00:01", "2026-05-31 00:00:00", policy));
        // What did not run shares rows.
        assert!(plan.decisions.len() < 170);
        let sum: u32 = plan.decisions.iter().map(|one| one.count).sum();
        assert_eq!(sum, 30 * 86_400);
        let late = plan.decisions.iter().filter(|one| one.outcome == LATE).count();
        let fresh = plan.decisions.iter().filter(|one| one.outcome == RUN).count();
        assert_eq!((late, fresh), (runs, 61));
        assert_eq!(plan.next, Some(at("2026-05-31 00:00:01")));
        if policy.policy != CatchUpPolicy::None {
            assert_eq!(plan.decisions[0].outcome, missed(MissedReason::OutsideWindow));
            assert_eq!(plan.decisions[0].count, 29 * 86_400 - 1);
            assert_eq!(plan.decisions[0].last_planned_at, Some(at("2026-05-29 23:59:59")));
        }
    }
}

#[test]
fn an_instant_of_an_older_form_of_the_schedule_is_decided_too() {
    // The stored instant lies beside the grid of 10 minutes.
    let plan = plan(&input(&every(600), "2026-05-01 10:03", "2026-05-01 10:35", ALL));
    assert_eq!(
        told(&plan),
        [
            "05-01 10:03:00 Run { late: true }",
            "05-01 10:10:00 Run { late: true }",
            "05-01 10:20:00 Run { late: true }",
            "05-01 10:30:00 Run { late: true }"
        ]
    );
}
