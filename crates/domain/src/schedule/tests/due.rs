//! What happens to instants that have come, on time or late, and which instants a backfill runs.

use super::*;
use crate::{
    job::{CatchUp, CatchUpPolicy},
    schedule::due::{Decision, DueInput, DuePlan, MAX_STEPS, MissedReason, Outcome, backfill, plan},
};
use chrono::TimeDelta;
use proptest::prelude::*;
use std::time::{Duration, Instant};

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
    let (seconds, started) = (every(1), Instant::now());
    for (policy, runs) in [(NONE, 0), (LAST, 1), (ALL, 100)] {
        let plan = plan(&input(&seconds, "2026-05-01 00:00:01", "2026-05-31 00:00:00", policy));
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
    let took = started.elapsed();
    assert!(took < Duration::from_millis(100), "took {took:?}");
}

/// Asks again and again at one `now` until nothing that came due is left; answers the decisions and how many calls.
fn handle(mut input: DueInput<'_>) -> (Vec<Decision>, Option<Timestamp>, usize) {
    let mut decisions = Vec::new();
    for calls in 1..200 {
        let plan = plan(&input);
        let last = plan
            .decisions
            .last()
            .map(|one| one.last_planned_at.unwrap_or(one.planned_at));
        assert!(
            plan.next.is_none_or(|next| last.is_none_or(|last| next > last)),
            "{plan:?}"
        );
        decisions.extend(plan.decisions);
        match plan.next {
            Some(next) if input.compiled.due_at(input.job_seed, next) <= input.now => {
                assert!(next > input.planned, "no step forward from {next}");
                input.planned = next;
            }
            next => return (decisions, next, calls),
        }
    }
    panic!("no end in sight");
}

/// One outcome per instant.
fn spread(decisions: &[Decision], instants: &[Timestamp]) -> Vec<(Timestamp, Outcome)> {
    let mut left = instants.iter().copied();
    let mut found = Vec::new();
    for decision in decisions {
        assert!(decision.count > 0);
        assert_eq!(decision.last_planned_at.is_some(), decision.count > 1, "{decision:?}");
        let covered: Vec<Timestamp> = left.by_ref().take(decision.count as usize).collect();
        assert_eq!(covered.len(), decision.count as usize, "too many covered: {decision:?}");
        assert_eq!(covered.first(), Some(&decision.planned_at));
        assert_eq!(
            covered.last().copied(),
            decision.last_planned_at.or(Some(decision.planned_at))
        );
        if matches!(decision.outcome, Outcome::Run { .. }) {
            assert_eq!(decision.count, 1, "a run is one instant");
        }
        found.extend(covered.into_iter().map(|at| (at, decision.outcome)));
    }
    assert_eq!(left.next(), None, "nothing is left out");
    found
}

/// The same rule said once more, instant by instant.
fn expected(input: &DueInput<'_>, instants: &[Timestamp]) -> Vec<(Timestamp, Outcome)> {
    let late = |at: &Timestamp| input.compiled.due_at(input.job_seed, *at) < input.now - TimeDelta::seconds(60);
    let window = TimeDelta::seconds(i64::from(input.catch_up.window_seconds));
    let mut newer = 0;
    let mut found: Vec<_> = instants
        .iter()
        .rev()
        .map(|at| {
            let outcome = if input.paused.is_some() {
                Outcome::Paused
            } else if !late(at) {
                RUN
            } else if input.catch_up.policy == CatchUpPolicy::None {
                missed(MissedReason::CatchUpOff)
            } else if input.now - *at > window {
                missed(MissedReason::OutsideWindow)
            } else {
                newer += 1;
                match input.catch_up.policy {
                    CatchUpPolicy::Last if newer > 1 => missed(MissedReason::NotTheLast),
                    CatchUpPolicy::All if newer > input.catch_up.max_runs => missed(MissedReason::OverMaxRuns),
                    _ => LATE,
                }
            };
            (*at, outcome)
        })
        .collect();
    found.reverse();
    found
}

fn agrees(input: DueInput<'_>) -> usize {
    let due = |at: Timestamp| input.compiled.due_at(input.job_seed, at) <= input.now;
    let instants: Vec<Timestamp> = input
        .compiled
        .instants_after(input.anchor, input.planned - TimeDelta::microseconds(1))
        .take_while(|at| due(*at))
        .collect();
    let (decisions, next, calls) = handle(input);
    assert_eq!(spread(&decisions, &instants), expected(&input, &instants));
    let last = instants
        .last()
        .copied()
        .unwrap_or(input.planned - TimeDelta::microseconds(1));
    assert_eq!(next, input.compiled.next_after(input.anchor, last));
    calls
}

#[test]
fn a_long_cron_backlog_takes_several_calls_and_ends_the_same() {
    let seconds = cron("* * * * * *", "Europe/Berlin");
    let windows = [2_000, 40_000];
    for policy in [CatchUpPolicy::None, CatchUpPolicy::Last, CatchUpPolicy::All] {
        for window in windows {
            let input = input(
                &seconds,
                "2026-05-01 10:00",
                "2026-05-01 14:00",
                catch_up(policy, window, 1_000),
            );
            agrees(input);
            let first = plan(&input);
            let sum: u32 = first.decisions.iter().map(|one| one.count).sum();
            assert!(sum as usize >= MAX_STEPS - 1_000, "{policy:?}: {sum}");
        }
    }
}

#[test]
fn what_cannot_run_any_more_is_counted_by_the_hour() {
    let started = Instant::now();
    for (expression, in_thirty_days) in [("* * * * * *", 30 * 86_400), ("*/7 5-40 */2 * * *", 30 * 12 * 36 * 9)] {
        let schedule = cron(expression, "UTC");
        let mut input = input(&schedule, "2026-05-01 00:00", "2026-05-31 00:00", LAST);
        input.planned = schedule
            .next_after(anchor(), anchor() - TimeDelta::microseconds(1))
            .unwrap();
        let first = plan(&input);
        assert_eq!(first.decisions[0].outcome, missed(MissedReason::OutsideWindow));
        assert_eq!(first.decisions[0].count, in_thirty_days / 30 * 29, "{expression}");
        for off in [true, false] {
            let mut input = input;
            if off {
                input.catch_up = NONE;
            } else {
                input.paused = Some(input.now);
            }
            let found = plan(&input);
            assert!(found.next > Some(input.now), "one call is enough");
            let sum: u32 = found.decisions.iter().map(|one| one.count).sum();
            let at_midnight =
                u32::from(schedule.next_after(anchor(), input.now - TimeDelta::seconds(1)) == Some(input.now));
            assert_eq!(sum, in_thirty_days + at_midnight, "{expression}");
        }
    }
    let took = started.elapsed();
    assert!(took < Duration::from_secs(1), "took {took:?}");
}

#[test]
fn hours_are_counted_whole_only_where_they_are() {
    let paused = |schedule: &CompiledSchedule, planned: &str, now: &str| {
        let mut input = input(schedule, planned, now, NONE);
        input.paused = Some(input.now);
        agrees(input);
        told(&plan(&input))
    };
    // Three times of a gap are one instant, although an hour of the pattern holds three.
    let gap = cron("0,20,40 2 * * *", "Europe/Berlin");
    assert_eq!(
        paused(&gap, "2026-03-29 01:00", "2026-03-29 12:00"),
        ["03-29 01:00:00 Paused"]
    );
    assert_eq!(
        paused(&gap, "2026-03-28 01:40", "2026-03-30 12:00"),
        ["03-28 01:40:00 to 03-30 00:40:00 x 5 Paused"]
    );
    // The schedule ends within an hour.
    let mut ending = Schedule::cron("*/10 * * * *", "UTC");
    ending.end_at = Some(at("2026-05-01 12:30"));
    let ending = ending.compile().unwrap();
    assert_eq!(
        paused(&ending, "2026-05-01 10:00", "2026-05-01 15:00"),
        ["05-01 10:00:00 to 05-01 12:30:00 x 16 Paused"]
    );
}

fn any_schedule() -> impl Strategy<Value = Schedule> {
    let kinds = prop_oneof![
        (1_u32..5_000).prop_map(Schedule::every),
        (1_u32..90).prop_map(Schedule::every),
        prop::sample::select(vec![
            "* * * * * *",
            "*/7 * * * * *",
            "* * * * *",
            "*/20 * * * *",
            "*/5 10-50/3 1-4 * * *",
            "30 2 * * *",
            "0 9 * * MON-FRI",
        ])
        .prop_map(|expression| Schedule::cron(expression, "Europe/Berlin")),
    ];
    (kinds, 0_u32..400, prop::option::weighted(0.3, 0_i64..200_000)).prop_map(|(mut schedule, jitter, end)| {
        let step = schedule.compile().unwrap().step().map_or(60, |step| step.num_seconds());
        if matches!(&schedule.when, When::Cron { expression, .. } if expression.split(' ').count() == 6) {
            schedule.jitter_seconds = 0;
        } else {
            schedule.jitter_seconds = jitter.min(u32::try_from(step).unwrap() - 1);
        }
        schedule.end_at = end.map(|seconds| at("2026-10-23 22:00") + TimeDelta::seconds(seconds));
        schedule
    })
}

fn any_catch_up() -> impl Strategy<Value = CatchUp> {
    let policies = prop::sample::select(vec![CatchUpPolicy::None, CatchUpPolicy::Last, CatchUpPolicy::All]);
    let window = prop_oneof![0_u32..4_000, 0_u32..200_000];
    (policies, window, 1_u32..300).prop_map(|(policy, window, runs)| catch_up(policy, window, runs))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Over a night on which clocks go back; the server looks now and then, sometimes after hours.
    #[test]
    fn every_instant_is_decided_once_and_as_the_rule_says(
        schedule in any_schedule(),
        catch_up in any_catch_up(),
        paused in prop::bool::weighted(0.1),
        seed in any::<[u8; 16]>(),
        sleeps in prop::collection::vec(prop_oneof![3 => 0_i64..200, 1 => 0_i64..30_000], 1..6),
    ) {
        let compiled = schedule.compile().unwrap();
        let anchor = at("2026-10-23 22:00");
        let Some(first) = compiled.next_after(anchor, anchor) else { return Ok(()) };
        let mut input = DueInput {
            compiled: &compiled,
            anchor,
            job_seed: seed,
            planned: first,
            now: anchor,
            paused: paused.then_some(anchor),
            catch_up,
        };
        let (mut decisions, mut over) = (Vec::new(), false);
        for sleep in sleeps {
            input.now += TimeDelta::seconds(sleep) + TimeDelta::microseconds(sleep % 3);
            agrees(input);
            let (made, next, _) = handle(input);
            decisions.extend(made);
            match next {
                Some(next) => input.planned = next,
                None => { over = true; break }
            }
        }
        let end = (!over).then_some(input.planned);
        let all: Vec<Timestamp> = compiled
            .instants_after(anchor, anchor)
            .take_while(|at| end.is_none_or(|end| *at < end))
            .collect();
        prop_assert_eq!(spread(&decisions, &all).len(), all.len());
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

#[test]
fn a_backfill_holds_both_ends_and_the_oldest_up_to_max() {
    let hourly = cron("0 * * * *", "UTC");
    let found = backfill(&hourly, anchor(), at("2026-04-01 10:00"), at("2026-04-01 15:00"), 4);
    assert_eq!((found.planned, found.truncated), (6, false));
    assert_eq!(found.first, Some(at("2026-04-01 10:00")));
    assert_eq!(found.last, Some(at("2026-04-01 15:00")));
    let wanted: Vec<_> = (10..14).map(|hour| at(&format!("2026-04-01 {hour}:00"))).collect();
    assert_eq!(found.instants, wanted);
}

#[test]
fn a_backfill_over_nothing_is_empty() {
    let hourly = cron("0 * * * *", "UTC");
    let stretches = [
        ("2026-04-01 10:01", "2026-04-01 10:59"),
        ("2026-04-01 12:00", "2026-04-01 10:00"),
    ];
    for (from, to) in stretches {
        let found = backfill(&hourly, anchor(), at(from), at(to), 10);
        assert_eq!((found.planned, found.first, found.last), (0, None, None));
        assert!(found.instants.is_empty());
    }
    // An interval without a start has no grid before it was made.
    let found = backfill(&every(60), anchor(), at("2026-04-30 10:00"), at("2026-05-01 00:02"), 10);
    assert_eq!(found.instants, [at("2026-05-01 00:01"), at("2026-05-01 00:02")]);
}

#[test]
fn a_long_backfill_says_that_it_is_cut() {
    let (seconds, from) = (every(1), at("2026-05-01 00:00:01"));
    let step = |count: usize| from + TimeDelta::seconds(i64::try_from(count).unwrap() - 1);
    let whole = backfill(&seconds, anchor(), from, step(MAX_STEPS), 3);
    assert_eq!((whole.planned, whole.truncated), (MAX_STEPS, false));
    assert_eq!((whole.last, whole.instants.len()), (Some(step(MAX_STEPS)), 3));
    let cut = backfill(&seconds, anchor(), from, at("2026-06-01 00:00"), MAX_STEPS + 5);
    assert_eq!((cut.planned, cut.truncated), (MAX_STEPS, true));
    assert_eq!((cut.last, cut.instants.len()), (Some(step(MAX_STEPS)), MAX_STEPS));
}
