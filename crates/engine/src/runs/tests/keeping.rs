use super::world::{World, executors, node, pass, settings, simulated};
use crate::runs::{EngineSettings, EngineSignals, RunEngine};
use chrono::TimeDelta;
use scheduler_domain::{
    clock::Clock,
    ids::NodeId,
    job::SimulatedOutcome,
    ports::{MockHttpCaller, MockRunQueue},
    run::{LeaseToken, Reason, RunStatus},
};
use std::{sync::Arc, time::Duration};

#[tokio::test(start_paused = true)]
async fn a_long_run_keeps_its_lease() {
    let world = World::new(settings());
    let run = world.add_lasting(300_000);
    world.start();
    pass(Duration::from_secs(301)).await;
    let run = world.run(run);
    assert_eq!((run.status, run.crashes, run.attempt), (RunStatus::Completed, 0, 1));
}

#[tokio::test(start_paused = true)]
async fn leases_are_renewed_after_a_third_of_their_time() {
    let world = World::new(settings());
    world.add_lasting(300_000);
    world.start();
    pass(Duration::from_millis(9_999)).await;
    assert_eq!(world.state(|state| state.renewals), 0);
    pass(Duration::from_millis(2)).await;
    assert_eq!(world.state(|state| state.renewals), 1);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_whose_lease_is_lost_stops_at_the_next_renewal() {
    let world = World::new(settings());
    let run = world.add_lasting(300_000);
    world.engine.claim_tick().await;
    world.take_lease(run);
    world.engine.renew_tick().await;
    pass(Duration::from_millis(1)).await;
    assert_eq!(world.engine.under_way(), 0);
    pass(Duration::from_secs(400)).await;
    assert_eq!(world.status(run), RunStatus::Queued);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_stops_when_its_node_claims_the_run_anew() {
    let world = World::new(settings());
    let run = world.add_lasting(60_000);
    world.engine.claim_tick().await;
    pass(Duration::from_secs(30)).await;
    world.take_lease(run);
    world.engine.claim_tick().await;
    assert_eq!(world.engine.under_way(), 1);
    tokio::spawn(world.engine.clone().completer_loop(world.stop.clone()));
    // The first attempt would have ended now; the second one ends later.
    pass(Duration::from_secs(31)).await;
    assert!(world.state(|state| state.finishes.is_empty()));
    pass(Duration::from_secs(30)).await;
    assert_eq!(world.status(run), RunStatus::Completed);
    assert_eq!(world.engine.under_way(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_lost_lease_does_not_stop_a_later_attempt_of_the_same_run() {
    let world = World::new(settings());
    let run = world.add_lasting(60_000);
    let signals = EngineSignals::default();
    let mut queue = MockRunQueue::new();
    let slots = signals.slots.clone();
    let (old, new) = (LeaseToken([1; 16]), LeaseToken([2; 16]));
    let orders = Arc::new(std::sync::Mutex::new(None));
    let entered = orders.clone();
    queue.expect_renew().times(1).returning(move |leases, _, _| {
        // While the answer is on its way, this node claims the run anew.
        *entered.lock().unwrap() = Some(slots.enter(run, new));
        Ok(leases.iter().map(|(run_id, _)| *run_id).collect())
    });
    let _first = signals.slots.enter(run, old);
    let executors = executors(Arc::new(MockHttpCaller::new()), world.clock.clone());
    let engine = RunEngine::new(Arc::new(queue), world.clock.clone(), settings(), signals, executors);
    engine.renew_tick().await;
    let orders = orders.lock().unwrap().take().unwrap();
    assert_eq!(*orders.borrow(), crate::runs::slots::Order::Work);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_starts_takes_back_what_it_held_and_no_more() {
    let world = World::new(EngineSettings {
        reap_every: Duration::from_secs(3_600),
        ..settings()
    });
    let (own, foreign) = (world.add_lasting(0), world.add_lasting(0));
    let until = world.clock.now() + TimeDelta::days(1);
    let other = NodeId::from_uuid(uuid::Uuid::from_u128(8));
    world.state(|state| {
        for (run, holder) in [(own, node()), (foreign, other)] {
            let row = state.row(run);
            (row.run.status, row.run.attempt) = (RunStatus::Running, 1);
            row.lease = Some((LeaseToken([9; 16]), holder, until));
        }
    });
    world.start();
    pass(Duration::from_millis(10)).await;
    assert_eq!(world.state(|state| state.freed.clone()), [node()]);
    let own = world.run(own);
    assert_eq!((own.status, own.crashes), (RunStatus::Completed, 1));
    assert_eq!(world.status(foreign), RunStatus::Running);
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_node_is_gone_is_taken_back_within_five_seconds() {
    let world = World::new(settings());
    let run = world.add_lasting(3_000);
    let gone = NodeId::from_uuid(uuid::Uuid::from_u128(8));
    let until = world.clock.now() + TimeDelta::seconds(30);
    world.state(|state| {
        let row = state.row(run);
        (row.run.status, row.run.attempt) = (RunStatus::Running, 1);
        row.lease = Some((LeaseToken([9; 16]), gone, until));
    });
    world.start();
    pass(Duration::from_secs(29)).await;
    assert_eq!(world.run(run).crashes, 0);
    pass(Duration::from_secs(10)).await;
    let run = world.run(run);
    assert_eq!((run.status, run.crashes), (RunStatus::Completed, 1));
}

#[tokio::test(start_paused = true)]
async fn a_retry_is_queued_at_its_instant() {
    let world = World::new(settings());
    let run = world.add(simulated(100, SimulatedOutcome::Failed), None, 2);
    world.start();
    pass(Duration::from_millis(101)).await;
    assert_eq!(world.status(run), RunStatus::Retrying);
    let due = world.run(run).retry_at.unwrap();
    let left = (due - world.clock.now()).to_std().unwrap();
    pass(left.checked_sub(Duration::from_millis(1)).unwrap()).await;
    assert_eq!(world.status(run), RunStatus::Retrying);
    pass(Duration::from_millis(5)).await;
    world.signals.claimable();
    pass(Duration::from_millis(200)).await;
    let run = world.run(run);
    assert_eq!(
        (run.status, run.attempt, run.reason),
        (RunStatus::Failed, 2, Some(Reason::AttemptsExhausted))
    );
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_is_planned_sooner_than_all_others_wakes_the_loop() {
    let world = World::new(EngineSettings {
        poll_every: Duration::from_secs(3_600),
        ..settings()
    });
    world.start();
    pass(Duration::from_millis(10)).await;
    let run = world.add_lasting(0);
    let due = world.clock.now() + TimeDelta::seconds(10);
    world.state(|state| {
        let row = state.row(run);
        (row.run.status, row.run.attempt, row.run.retry_at) = (RunStatus::Retrying, 1, Some(due));
    });
    world.signals.retry_planned();
    pass(Duration::from_millis(9_990)).await;
    assert_eq!(world.status(run), RunStatus::Retrying);
    pass(Duration::from_millis(20)).await;
    assert_eq!(world.status(run), RunStatus::Queued);
}

#[tokio::test(start_paused = true)]
async fn a_database_that_is_away_is_not_asked_for_retries_all_the_time() {
    let world = World::new(settings());
    let run = world.add_lasting(0);
    let due = world.clock.now();
    world.state(|state| {
        let row = state.row(run);
        (row.run.status, row.run.attempt, row.run.retry_at) = (RunStatus::Retrying, 1, Some(due));
        state.away = true;
    });
    world.start();
    pass(Duration::from_secs(10)).await;
    let asked = world.state(|state| state.retries_looked_for);
    assert!((9..=11).contains(&asked), "{asked}");
}
