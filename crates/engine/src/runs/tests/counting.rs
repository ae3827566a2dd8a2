use super::world::{World, pass, settings, simulated};
use chrono::TimeDelta;
use scheduler_domain::{job::SimulatedOutcome, run::TriggerKind};
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn claims_starts_and_commits_are_measured() {
    let world = World::new(settings());
    for _ in 0..6 {
        world.add(simulated(1_000, SimulatedOutcome::Completed), None, 1);
    }
    pass(Duration::from_millis(250)).await;
    world.start();
    pass(Duration::from_secs(5)).await;
    let health = world.signals.health();
    let totals = health.totals();
    assert_eq!(
        (totals.claim_batch.count(), totals.claim_batch.max()),
        (3, Some(2)),
        "four places, half of them at a time, then the rest"
    );
    assert_eq!((totals.completion_batch.count(), health.completion_batch.sum()), (2, 6));
    assert_eq!((totals.queue_wait.count(), totals.scheduler_lag.count()), (6, 0));
    let waited = totals.queue_wait.percentile(50).unwrap();
    assert!((250_000..=290_000).contains(&waited), "{waited}");
    assert_eq!((world.engine.free_places(), world.engine.under_way()), (4, 0));
}

#[tokio::test(start_paused = true)]
async fn scheduled_runs_are_measured_from_their_planned_instant() {
    let world = World::new(settings());
    let run = world.add(simulated(0, SimulatedOutcome::Completed), None, 1);
    world.state(|state| {
        let run = &mut state.row(run).run;
        run.trigger.kind = TriggerKind::Schedule;
        run.trigger.planned_at = Some(run.created_at - TimeDelta::milliseconds(40));
    });
    world.engine.claim_tick().await;
    let totals = world.signals.health().totals();
    assert_eq!(
        (totals.scheduler_lag.max(), totals.queue_wait.count()),
        (Some(40_000), 0)
    );
}

#[tokio::test(start_paused = true)]
async fn lost_leases_and_late_results_are_counted() {
    let world = World::new(settings());
    let (lost, late) = (world.add_lasting(300_000), world.add_lasting(20_000));
    world.engine.claim_tick().await;
    world.take_lease(lost);
    world.engine.renew_tick().await;
    let health = world.signals.health();
    assert_eq!((health.leases_lost.get(), health.leases_reaped.get()), (1, 0));
    // The other one's lease ends, a reaper takes it, and its result comes all the same.
    tokio::spawn(world.engine.clone().completer_loop(world.stop.clone()));
    world.take_lease(late);
    pass(Duration::from_secs(25)).await;
    assert_eq!(health.late_results.get(), 1);
    world.engine.claim_tick().await;
    pass(Duration::from_secs(31)).await;
    assert_eq!(world.engine.reap_tick().await, 1);
    assert_eq!((health.leases_reaped.get(), health.totals().lease_losses), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn what_the_database_refuses_is_counted() {
    let world = World::new(settings());
    world.add_lasting(1_000);
    world.state(|state| state.away = true);
    world.engine.claim_tick().await;
    assert_eq!(world.signals.health().claim_errors.get(), 1);
    assert_eq!(world.signals.health().totals().claim_batch.count(), 0);
}
