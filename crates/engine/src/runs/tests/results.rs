use super::world::{World, pass, settings};
use crate::runs::EngineSettings;
use scheduler_domain::{error::StoreError, ids::RunId, run::RunStatus};
use std::time::Duration;

fn many() -> EngineSettings {
    EngineSettings {
        concurrency: 100,
        ..settings()
    }
}

fn all_completed(world: &World, runs: &[RunId]) -> bool {
    runs.iter().all(|run| world.status(*run) == RunStatus::Completed)
}

#[tokio::test(start_paused = true)]
async fn what_comes_in_during_a_commit_goes_into_the_next_one_together() {
    let world = World::new(many());
    world.state(|state| state.finish_takes = Duration::from_millis(20));
    let runs: Vec<_> = (0..50).map(|index| world.add_lasting(100 + index % 10)).collect();
    world.start();
    pass(Duration::from_millis(200)).await;
    assert!(all_completed(&world, &runs));
    let batches = world.state(|state| state.batches.clone());
    assert!(batches.len() <= 2, "{batches:?}");
    assert_eq!(batches.iter().sum::<usize>(), 50);
}

#[tokio::test(start_paused = true)]
async fn an_idle_completer_writes_at_once() {
    let world = World::new(many());
    let run = world.add_lasting(100);
    world.start();
    pass(Duration::from_millis(101)).await;
    assert_eq!(world.status(run), RunStatus::Completed);
    assert_eq!(world.state(|state| state.batches.clone()), [1]);
}

#[tokio::test(start_paused = true)]
async fn results_wait_for_a_database_that_is_away_and_none_is_lost() {
    let world = World::new(many());
    let runs: Vec<_> = (0..20).map(|_| world.add_lasting(100)).collect();
    world.start();
    pass(Duration::from_millis(50)).await;
    world.state(|state| state.away = true);
    pass(Duration::from_secs(20)).await;
    assert_eq!(world.engine.under_way(), 20, "their leases are kept");
    world.state(|state| state.away = false);
    pass(Duration::from_secs(3)).await;
    assert!(all_completed(&world, &runs));
    assert_eq!(world.engine.under_way(), 0);
    assert_eq!(world.state(|state| state.finishes.len()), 20, "each is written once");
}

#[tokio::test(start_paused = true)]
async fn a_result_that_is_refused_does_not_take_the_others_with_it() {
    let world = World::new(many());
    let runs: Vec<_> = (0..20).map(|_| world.add_lasting(100)).collect();
    world.state(|state| state.poison = Some(runs[7]));
    world.start();
    pass(Duration::from_secs(2)).await;
    let (bad, good): (Vec<_>, Vec<_>) = runs.iter().partition(|run| **run == runs[7]);
    assert!(all_completed(&world, &good));
    assert_eq!(world.status(bad[0]), RunStatus::Running);
    assert_eq!(
        world.engine.under_way(),
        0,
        "it gives its slot back, and its lease will end"
    );
}

#[tokio::test(start_paused = true)]
async fn inconsistent_data_in_one_row_does_not_take_the_others_with_it() {
    let world = World::new(many());
    let runs: Vec<_> = (0..5).map(|_| world.add_lasting(100)).collect();
    world.state(|state| {
        state.finish_errors.push_back(StoreError::Inconsistent {
            table: "runs",
            column: "status",
            row: "1".into(),
            why: "?".into(),
        });
    });
    world.start();
    pass(Duration::from_millis(101)).await;
    assert!(all_completed(&world, &runs));
    assert_eq!(world.state(|state| state.batches.clone()), [1; 5]);
}

#[tokio::test(start_paused = true)]
async fn a_single_failure_of_the_driver_is_tried_again() {
    let world = World::new(many());
    let run = world.add_lasting(100);
    world.state(|state| state.finish_errors.push_back(StoreError::Driver("?".into())));
    world.start();
    pass(Duration::from_millis(151)).await;
    assert_eq!(world.status(run), RunStatus::Completed);
}

#[tokio::test(start_paused = true)]
async fn a_result_that_comes_after_its_lease_changes_nothing_and_frees_the_slot() {
    let world = World::new(many());
    world.state(|state| state.finish_takes = Duration::from_millis(20));
    let run = world.add_lasting(100);
    world.start();
    pass(Duration::from_millis(110)).await;
    world.cancel(run);
    pass(Duration::from_millis(11)).await;
    assert_eq!(world.status(run), RunStatus::Cancelled);
    assert_eq!(world.engine.under_way(), 0);
}
