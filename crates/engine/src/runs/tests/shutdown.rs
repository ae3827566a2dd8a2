use super::world::{World, pass, settings};
use scheduler_domain::run::{Reason, RunStatus};
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_node_that_stops_claims_nothing_more_and_lets_runs_end() {
    let world = World::new(settings());
    let under_way = world.add_lasting(20_000);
    let engine = world.start();
    pass(Duration::from_millis(10)).await;
    world.stop.cancel();
    let late = world.add_lasting(0);
    world.signals.claimable();
    pass(Duration::from_secs(10)).await;
    assert!(!engine.is_finished());
    pass(Duration::from_secs(11)).await;
    assert!(engine.is_finished());
    assert_eq!(world.status(under_way), RunStatus::Completed);
    assert_eq!(world.status(late), RunStatus::Queued);
}

#[tokio::test(start_paused = true)]
async fn what_has_not_ended_after_the_grace_is_handed_back_and_burns_no_attempt() {
    let world = World::new(settings());
    let run = world.add_lasting(300_000);
    let engine = world.start();
    pass(Duration::from_millis(10)).await;
    world.stop.cancel();
    pass(Duration::from_secs(24)).await;
    assert_eq!(world.status(run), RunStatus::Running, "it has its grace");
    pass(Duration::from_millis(1_100)).await;
    let run = world.run(run);
    assert_eq!(
        (run.status, run.reason, run.attempt, run.crashes),
        (RunStatus::Queued, Some(Reason::HandedBack), 0, 0)
    );
    assert!(engine.is_finished());
}

#[tokio::test(start_paused = true)]
async fn leases_are_kept_while_runs_end() {
    let mut settings = settings();
    settings.grace = Duration::from_secs(120);
    let world = World::new(settings);
    let run = world.add_lasting(100_000);
    let engine = world.start();
    pass(Duration::from_millis(10)).await;
    world.stop.cancel();
    pass(Duration::from_secs(101)).await;
    assert!(engine.is_finished());
    assert_eq!(world.status(run), RunStatus::Completed);
    assert!(world.state(|state| state.renewals) >= 9);
}

#[tokio::test(start_paused = true)]
async fn an_idle_node_stops_at_once() {
    let world = World::new(settings());
    let engine = world.start();
    pass(Duration::from_millis(10)).await;
    world.stop.cancel();
    pass(Duration::from_millis(1)).await;
    assert!(engine.is_finished());
}

#[tokio::test(start_paused = true)]
async fn a_node_stops_although_the_database_is_away() {
    let world = World::new(settings());
    world.add_lasting(1_000);
    world.add_lasting(300_000);
    let engine = world.start();
    pass(Duration::from_millis(10)).await;
    world.state(|state| state.away = true);
    world.stop.cancel();
    pass(Duration::from_secs(32)).await;
    assert!(engine.is_finished());
    assert!(
        world.state(|state| state.finishes.is_empty()),
        "the leases give the runs back"
    );
}
