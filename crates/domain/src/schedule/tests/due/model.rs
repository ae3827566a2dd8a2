//! The plan held against a slow model: every instant is decided once, and as the rule says.

use super::*;

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
