use super::world::{World, executors, pass, settings, simulated};
use crate::runs::EngineSettings;
use scheduler_domain::{
    error::StoreError,
    job::SimulatedOutcome,
    ports::{MockHttpCaller, MockRunQueue},
    run::{Reason, RunStatus},
};
use std::{sync::Arc, time::Duration};

#[tokio::test(start_paused = true)]
async fn a_node_claims_at_most_as_many_runs_as_it_has_free_slots() {
    let world = World::new(settings());
    let runs: Vec<_> = (0..6).map(|_| world.add_lasting(3_000)).collect();
    assert_eq!(world.engine.claim_tick().await, 2, "half of its slots at a time");
    assert_eq!(world.engine.claim_tick().await, 2);
    assert_eq!(world.engine.under_way(), 4);
    assert_eq!(world.engine.claim_tick().await, 0);
    assert_eq!(
        world.state(|state| state.claims.clone()),
        [2, 2],
        "a full node does not even ask"
    );
    assert_eq!(world.status(runs[4]), RunStatus::Queued);
}

#[tokio::test(start_paused = true)]
async fn a_freed_slot_is_taken_at_once() {
    let world = World::new(settings());
    let runs: Vec<_> = (0..5).map(|_| world.add_lasting(3_000)).collect();
    world.start();
    pass(Duration::from_millis(3_001)).await;
    assert_eq!(world.status(runs[0]), RunStatus::Completed);
    assert_eq!(world.status(runs[4]), RunStatus::Running);
}

#[tokio::test(start_paused = true)]
async fn a_signal_starts_a_run_without_waiting_for_the_poll() {
    let hour = Duration::from_secs(3_600);
    let world = World::new(EngineSettings {
        poll_every: hour,
        ..settings()
    });
    world.start();
    pass(Duration::from_secs(1)).await;
    let run = world.add_lasting(3_000);
    pass(Duration::from_secs(1)).await;
    assert_eq!(world.status(run), RunStatus::Queued, "nobody has told");
    world.signals.claimable();
    pass(Duration::from_millis(1)).await;
    assert_eq!(world.status(run), RunStatus::Running);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_nobody_told_of_is_found_by_the_poll() {
    let world = World::new(settings());
    world.start();
    pass(Duration::from_millis(100)).await;
    let run = world.add_lasting(3_000);
    pass(Duration::from_secs(1)).await;
    assert_eq!(world.status(run), RunStatus::Running);
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_fails_is_made_again() {
    let world = World::new(settings());
    world.state(|state| state.away = true);
    let run = world.add_lasting(0);
    world.start();
    pass(Duration::from_secs(3)).await;
    assert_eq!(world.status(run), RunStatus::Queued);
    world.state(|state| state.away = false);
    pass(Duration::from_millis(1_100)).await;
    assert_eq!(world.status(run), RunStatus::Completed);
}

#[tokio::test(start_paused = true)]
async fn a_failed_claim_takes_no_slot() {
    let mut queue = MockRunQueue::new();
    queue
        .expect_claim()
        .withf(|claim| claim.max == 2 && (claim.lease_until - claim.now).num_seconds() == 30)
        .times(2)
        .returning(|_| Err(StoreError::Unavailable("away".into())));
    let world = World::new(settings());
    let engine = crate::runs::RunEngine::new(
        Arc::new(queue),
        world.clock.clone(),
        settings(),
        crate::runs::EngineSignals::default(),
        executors(Arc::new(MockHttpCaller::new()), world.clock.clone()),
    );
    for _ in 0..2 {
        assert_eq!(engine.claim_tick().await, 0);
        assert_eq!(engine.under_way(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_simulated_run_completes_after_its_duration() {
    let world = World::new(settings());
    let run = world.add_lasting(3_000);
    world.start();
    pass(Duration::from_millis(2_999)).await;
    assert_eq!(world.status(run), RunStatus::Running);
    pass(Duration::from_millis(2)).await;
    assert_eq!(world.status(run), RunStatus::Completed);
    assert_eq!(world.engine.under_way(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_simulated_failure_says_what_it_is() {
    let world = World::new(settings());
    let run = world.add(simulated(100, SimulatedOutcome::Failed), None, 1);
    world.start();
    pass(Duration::from_millis(101)).await;
    let run = world.run(run);
    assert_eq!(
        (run.status, run.reason),
        (RunStatus::Failed, Some(Reason::AttemptsExhausted))
    );
    assert_eq!(run.error.unwrap().code, "simulated_failure");
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_takes_too_long_is_ended() {
    let world = World::new(settings());
    let run = world.add(simulated(60_000, SimulatedOutcome::Completed), Some(2), 1);
    world.start();
    pass(Duration::from_millis(2_001)).await;
    let run = world.run(run);
    assert_eq!((run.status, run.reason), (RunStatus::Failed, Some(Reason::TimedOut)));
    assert_eq!(run.error.unwrap().code, "timeout");
    assert_eq!(world.engine.under_way(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_attempt_stops_and_writes_nothing() {
    let world = World::new(settings());
    let run = world.add_lasting(3_000);
    world.start();
    pass(Duration::from_millis(100)).await;
    world.cancel(run);
    pass(Duration::from_millis(1)).await;
    assert_eq!(
        world.engine.under_way(),
        0,
        "the slot is free before the run would have ended"
    );
    pass(Duration::from_secs(10)).await;
    assert_eq!(world.status(run), RunStatus::Cancelled);
    assert!(world.state(|state| state.finishes.is_empty()));
}

#[tokio::test(start_paused = true)]
async fn no_slot_leaks_whether_loops_or_single_steps_are_at_work() {
    let looped = World::new(settings());
    let stepped = World::new(settings());
    for world in [&looped, &stepped] {
        for duration_ms in 0..40 {
            let outcome = if duration_ms % 3 == 0 {
                SimulatedOutcome::Failed
            } else {
                SimulatedOutcome::Completed
            };
            world.add(
                simulated(duration_ms * 10, outcome),
                (duration_ms % 5 == 0).then_some(1),
                1,
            );
        }
    }
    looped.start();
    let stop = stepped.stop.clone();
    tokio::spawn(stepped.engine.clone().completer_loop(stop));
    for _ in 0..200 {
        stepped.engine.claim_tick().await;
        assert!(stepped.engine.under_way() <= 4);
        pass(Duration::from_millis(50)).await;
    }
    let ended = |world: &World| world.state(|state| state.rows.iter().map(|row| row.run.status).collect::<Vec<_>>());
    assert!(ended(&looped).iter().all(|status| status.is_final()));
    assert_eq!(ended(&looped), ended(&stepped));
    assert_eq!((looped.engine.under_way(), stepped.engine.under_way()), (0, 0));
}
