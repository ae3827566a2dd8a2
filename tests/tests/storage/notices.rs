//! Incidents, and the outbox of notices.

use super::{
    people::{at, limit, somebody},
    schedules::{every, made},
    work::{FAIL, claim_some, create, end, retrying, spec, start},
};
use chrono::TimeDelta;
use scheduler_domain::{
    error::StoreError,
    event::EventType,
    ids::{NoticeId, UserId},
    job::{Executor, Job, JobSpec, Overlap},
    notice::{Incident, NoticeKind, NoticePolicy, NoticeStatus, Trouble},
    ports::{NoticeEntry, Round, Settled},
    run::{LeaseToken, Trigger},
};
use scheduler_tests::databases::Database;
use serde_json::Value;

on_both! {
    one_incident_lasts_from_the_first_failure_to_the_first_success
    successes_write_nothing_while_all_is_well
    attempts_count_only_where_somebody_wants_to_hear_of_them
    missed_instants_are_one_incident_however_many
    late_runs_are_told_to_who_asked
    silence_is_an_incident_and_a_ping_ends_it
    many_jobs_that_fail_at_once_are_counted_exactly
    a_job_that_is_deleted_has_no_incident
    a_round_is_of_one_person_and_taken_once
    what_could_not_be_told_is_due_again
    a_reminder_comes_while_the_incident_lasts
    what_somebody_wants_is_kept_and_written_down
    old_notices_are_deleted_and_waiting_ones_are_not
}

const LEASE: LeaseToken = LeaseToken([7; 16]);
const ANOTHER: LeaseToken = LeaseToken([8; 16]);

/// Runs a job once, to this end.
async fn run(database: &Database, job: &Job, trigger: Trigger, second: i64) {
    start(database, job.created_by, job.job_id, at(second)).await.unwrap();
    let claimed = claim_some(database, 1, at(second)).await;
    end(database, &claimed[0], trigger, at(second)).await;
}

async fn incident(database: &Database, job: &Job) -> Option<Incident> {
    let store = &database.stores.notices;
    store.incident(job.created_by, job.job_id).await.unwrap()
}

/// The outbox of somebody, oldest first.
async fn outbox(database: &Database, owner: UserId) -> Vec<NoticeEntry> {
    let page = database.stores.notices.list(owner, None, limit(200)).await.unwrap();
    let mut entries = page.data;
    entries.sort_by_key(|entry| entry.notice.created_at);
    entries
}

async fn kinds(database: &Database, owner: UserId) -> Vec<NoticeKind> {
    let entries = outbox(database, owner).await;
    entries.into_iter().map(|entry| entry.notice.kind).collect()
}

/// What the events since the last call said of incidents.
fn told_in_events(database: &Database) -> Vec<(EventType, String)> {
    let events = database.listener.take().into_iter().flat_map(|what| what.events);
    events
        .filter_map(|event| {
            let data: Value = serde_json::from_str(&event.data).unwrap();
            Some((event.kind, data.get("incident")?["change"].as_str()?.to_owned()))
        })
        .collect()
}

async fn open_count(database: &Database) -> String {
    database.query("SELECT SUM(incidents) FROM user_streams").await[0][0].clone()
}

async fn one_incident_lasts_from_the_first_failure_to_the_first_success(database: Database) {
    let ada = somebody(&database, "ada").await;
    let job = create(&database, ada, spec("Nightly"), at(0)).await;
    database.listener.take();
    for second in [1, 2, 3] {
        run(&database, &job, FAIL, second).await;
    }
    let open = incident(&database, &job).await.unwrap();
    assert_eq!(
        (open.opened_at, open.failures, &open.troubles),
        (at(1), 3, &vec![Trouble::FinalFailure])
    );
    assert_eq!((open.latest.at, open.latest.job_name.as_str()), (at(3), "Nightly"));
    assert_eq!(open_count(&database).await, "1");
    for second in [10, 11] {
        run(&database, &job, Trigger::Succeed, second).await;
    }
    assert_eq!(incident(&database, &job).await, None);
    assert_eq!(open_count(&database).await, "0");
    run(&database, &job, FAIL, 20).await;
    assert_eq!(
        told_in_events(&database),
        [
            (EventType::RunFailed, "opened".to_owned()),
            (EventType::RunCompleted, "closed".to_owned()),
            (EventType::RunFailed, "opened".to_owned()),
        ]
    );
    assert_eq!(
        kinds(&database, ada).await,
        [NoticeKind::FinalFailure, NoticeKind::Recovery, NoticeKind::FinalFailure]
    );
    let over = &outbox(&database, ada).await[1].notice;
    assert_eq!((over.incident.failures, over.created_at), (3, at(10)));
    let bob = somebody(&database, "bob").await;
    let foreign = database.stores.notices.incident(bob, job.job_id).await;
    assert!(matches!(foreign, Err(StoreError::NotFound)));
}

async fn successes_write_nothing_while_all_is_well(database: Database) {
    let ada = somebody(&database, "ada").await;
    let job = create(&database, ada, spec("Nightly"), at(0)).await;
    database.listener.take();
    run(&database, &job, Trigger::Succeed, 1).await;
    assert_eq!(told_in_events(&database), []);
    assert_eq!(outbox(&database, ada).await, []);
    assert_eq!(database.query("SELECT COUNT(*) FROM incidents").await[0][0], "0");
}

async fn attempts_count_only_where_somebody_wants_to_hear_of_them(database: Database) {
    let ada = somebody(&database, "ada").await;
    let quiet = create(&database, ada, retrying("quiet", 3), at(0)).await;
    run(&database, &quiet, FAIL, 1).await;
    assert_eq!(incident(&database, &quiet).await, None);
    let wanted = JobSpec {
        notices: Some(NoticePolicy {
            failure: true,
            ..NoticePolicy::default()
        }),
        ..retrying("wanted", 3)
    };
    let wanted = create(&database, ada, wanted, at(2)).await;
    run(&database, &wanted, FAIL, 3).await;
    assert_eq!(incident(&database, &wanted).await.unwrap().troubles, [Trouble::Failure]);
    // Only for that job.
    run(&database, &quiet, FAIL, 4).await;
    assert_eq!(incident(&database, &quiet).await, None);
    assert_eq!(kinds(&database, ada).await, [NoticeKind::Failure]);
}

async fn missed_instants_are_one_incident_however_many(database: Database) {
    let ada = somebody(&database, "ada").await;
    let job = made(&database, ada, every(100, Overlap::Allow), at(0)).await;
    // 100 to 800 are missed; 900 is caught up, and 1000, which is 50 s old, runs.
    let fire = &database.stores.schedules;
    fire.fire_due(at(1_050), 100, None).await.unwrap();
    let open = incident(&database, &job).await.unwrap();
    assert_eq!((open.failures, &open.troubles), (8, &vec![Trouble::Missed]));
    let notice = &outbox(&database, ada).await[0].notice;
    assert_eq!(notice.kind, NoticeKind::Missed);
    assert_eq!(
        (
            notice.facts.planned_at,
            notice.facts.last_planned_at,
            notice.facts.instants
        ),
        (Some(at(100)), Some(at(800)), 8)
    );
    let claimed = claim_some(&database, 1, at(1_051)).await;
    end(&database, &claimed[0], Trigger::Succeed, at(1_052)).await;
    assert_eq!(incident(&database, &job).await, None);
}

async fn late_runs_are_told_to_who_asked(database: Database) {
    let ada = somebody(&database, "ada").await;
    let unasked = made(&database, ada, every(10_000, Overlap::Allow), at(0)).await;
    let fire = &database.stores.schedules;
    fire.fire_due(at(10_100), 100, None).await.unwrap();
    assert_eq!(incident(&database, &unasked).await, None);
    let policy = NoticePolicy {
        late: true,
        ..NoticePolicy::default()
    };
    let store = &database.stores.notices;
    store.set_defaults(ada, &policy, at(10_200)).await.unwrap();
    fire.fire_due(at(20_100), 100, None).await.unwrap();
    assert_eq!(incident(&database, &unasked).await.unwrap().troubles, [Trouble::Late]);
    let notice = &outbox(&database, ada).await[0].notice;
    assert_eq!(
        (notice.kind, notice.facts.planned_at),
        (NoticeKind::Late, Some(at(20_000)))
    );
    for claimed in claim_some(&database, 10, at(20_101)).await {
        end(&database, &claimed, Trigger::Succeed, at(20_102)).await;
    }
    // That it went well is no news.
    assert_eq!(incident(&database, &unasked).await, None);
    assert_eq!(kinds(&database, ada).await, [NoticeKind::Late]);
    // A run on time is not late.
    fire.fire_due(at(30_030), 100, None).await.unwrap();
    assert_eq!(incident(&database, &unasked).await, None);
}

async fn silence_is_an_incident_and_a_ping_ends_it(database: Database) {
    let ada = somebody(&database, "ada").await;
    let monitor = JobSpec {
        executor: Executor::Heartbeat { grace_seconds: 30 },
        ..every(100, Overlap::Skip)
    };
    let job = made(&database, ada, monitor, at(0)).await;
    for second in [131, 231] {
        database.stores.schedules.fire_due(at(second), 100, None).await.unwrap();
    }
    let open = incident(&database, &job).await.unwrap();
    assert_eq!((open.failures, &open.troubles), (2, &vec![Trouble::Missed]));
    database.stores.schedules.ping(ada, job.job_id, at(290)).await.unwrap();
    assert_eq!(incident(&database, &job).await, None);
    assert_eq!(kinds(&database, ada).await, [NoticeKind::Missed, NoticeKind::Recovery]);
}

async fn many_jobs_that_fail_at_once_are_counted_exactly(database: Database) {
    let ada = somebody(&database, "ada").await;
    let mut jobs = Vec::new();
    for index in 0..40 {
        let job = create(&database, ada, spec(&format!("job {index}")), at(0)).await;
        start(&database, ada, job.job_id, at(1)).await.unwrap();
        jobs.push(job);
    }
    let claimed = claim_some(&database, 40, at(1)).await;
    let ends = claimed.iter().map(|run| end(&database, run, FAIL, at(2)));
    futures_util::future::join_all(ends).await;
    assert_eq!(open_count(&database).await, "40");
    assert_eq!(outbox(&database, ada).await.len(), 40);
    for job in &jobs {
        start(&database, ada, job.job_id, at(3)).await.unwrap();
    }
    let claimed = claim_some(&database, 40, at(3)).await;
    let ends: Vec<_> = claimed
        .iter()
        .map(|run| super::work::finish(run, Trigger::Succeed, at(4)))
        .collect();
    database.stores.queue.finish(ends).await.unwrap();
    assert_eq!(open_count(&database).await, "0");
    assert_eq!(database.query("SELECT COUNT(*) FROM incidents").await[0][0], "0");
    assert_eq!(outbox(&database, ada).await.len(), 80);
}

async fn a_job_that_is_deleted_has_no_incident(database: Database) {
    let ada = somebody(&database, "ada").await;
    let job = create(&database, ada, spec("Nightly"), at(0)).await;
    run(&database, &job, FAIL, 1).await;
    database.stores.jobs.delete(ada, job.job_id, None, at(2)).await.unwrap();
    assert_eq!(open_count(&database).await, "0");
    assert_eq!(database.query("SELECT COUNT(*) FROM incidents").await[0][0], "0");
    let round = claim(&database, 3, LEASE).await.unwrap();
    assert_eq!((round.notices.len(), round.notices[0].job_exists), (1, false));
}

async fn claim(database: &Database, second: i64, lease: LeaseToken) -> Option<Round> {
    let store = &database.stores.notices;
    store.claim(at(second), at(second + 300), lease).await.unwrap()
}

fn ids(round: &Round) -> Vec<NoticeId> {
    round.notices.iter().map(|due| due.notice.notice_id).collect()
}

async fn settle(database: &Database, lease: LeaseToken, round: &Round, settled: Settled) {
    let settled = ids(round).into_iter().map(|id| (id, settled.clone())).collect();
    database.stores.notices.settle(lease, settled).await.unwrap();
}

async fn a_round_is_of_one_person_and_taken_once(database: Database) {
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    let of_bob = create(&database, bob, spec("of bob"), at(0)).await;
    run(&database, &of_bob, FAIL, 1).await;
    for (second, name) in [(2, "one"), (3, "two")] {
        let job = create(&database, ada, spec(name), at(second)).await;
        run(&database, &job, FAIL, second).await;
    }
    assert_eq!(claim(&database, 0, LEASE).await, None, "nothing is due yet");
    let first = claim(&database, 5, LEASE).await.unwrap();
    assert_eq!((first.owner, first.notices.len()), (bob, 1), "he has waited longest");
    let (store, other) = (&database.stores.notices, database.another_node().await.0);
    let (one, two) = futures_util::join!(
        store.claim(at(5), at(305), LEASE),
        other.notices.claim(at(5), at(305), ANOTHER)
    );
    let (one, two) = (one.unwrap(), two.unwrap());
    let taken: Vec<&Round> = [&one, &two].into_iter().flatten().collect();
    assert_eq!(
        taken.iter().map(|round| round.notices.len()).sum::<usize>(),
        2,
        "each notice by one of them"
    );
    assert!(taken.iter().all(|round| round.owner == ada));
    assert_eq!(claim(&database, 6, LEASE).await, None);
    // Whoever took it fell silent: another one tells it.
    let again = claim(&database, 306, ANOTHER).await.unwrap();
    let owner = again.owner;
    settle(&database, LEASE, &again, Settled::NotWanted).await;
    let entries = outbox(&database, owner).await;
    assert!(
        entries.iter().all(|entry| entry.status == NoticeStatus::Pending),
        "a lease that is over settles nothing"
    );
}

async fn what_could_not_be_told_is_due_again(database: Database) {
    let ada = somebody(&database, "ada").await;
    let job = create(&database, ada, spec("Nightly"), at(0)).await;
    run(&database, &job, FAIL, 1).await;
    let round = claim(&database, 2, LEASE).await.unwrap();
    assert_eq!(round.notices[0].tries, 0);
    settle(&database, LEASE, &round, Settled::Again(at(60), "away".to_owned())).await;
    assert_eq!(claim(&database, 59, LEASE).await, None);
    let round = claim(&database, 60, LEASE).await.unwrap();
    assert_eq!((round.notices[0].tries, round.told_at.len()), (1, 0));
    let entry = &outbox(&database, ada).await[0];
    assert_eq!(
        (entry.status, entry.error.as_deref()),
        (NoticeStatus::Pending, Some("away"))
    );
    settle(&database, LEASE, &round, Settled::Held(at(90))).await;
    let round = claim(&database, 90, LEASE).await.unwrap();
    assert_eq!(round.notices[0].tries, 1, "to wait is no try");
    let sent = Settled::Sent {
        at: at(91),
        remind_at: None,
    };
    settle(&database, LEASE, &round, sent).await;
    let entry = &outbox(&database, ada).await[0];
    assert_eq!(
        (entry.status, entry.sent_at, entry.error.as_deref()),
        (NoticeStatus::Sent, Some(at(91)), None)
    );
    assert_eq!(claim(&database, 10_000, LEASE).await, None);
    // The next round knows that somebody was written to.
    run(&database, &job, Trigger::Succeed, 100).await;
    assert_eq!(claim(&database, 101, LEASE).await.unwrap().told_at, [at(91)]);
}

async fn a_reminder_comes_while_the_incident_lasts(database: Database) {
    let ada = somebody(&database, "ada").await;
    let job = create(&database, ada, spec("Nightly"), at(0)).await;
    run(&database, &job, FAIL, 1).await;
    let round = claim(&database, 2, LEASE).await.unwrap();
    let told = |second: i64| Settled::Sent {
        at: at(second),
        remind_at: Some(at(second) + TimeDelta::hours(1)),
    };
    settle(&database, LEASE, &round, told(2)).await;
    run(&database, &job, FAIL, 50).await;
    let store = &database.stores.notices;
    assert_eq!(store.remind(at(3_601), 10).await.unwrap(), 0);
    assert_eq!(store.remind(at(3_602), 10).await.unwrap(), 1);
    assert_eq!(store.remind(at(3_603), 10).await.unwrap(), 0, "once");
    let round = claim(&database, 3_604, LEASE).await.unwrap();
    let reminder = &round.notices[0].notice;
    assert_eq!(
        (reminder.kind, reminder.incident.failures, reminder.facts.at),
        (NoticeKind::Reminder, 2, at(50))
    );
    settle(&database, LEASE, &round, told(3_604)).await;
    run(&database, &job, Trigger::Succeed, 4_000).await;
    assert_eq!(store.remind(at(100_000), 10).await.unwrap(), 0, "it is over");
}

async fn what_somebody_wants_is_kept_and_written_down(database: Database) {
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    let store = &database.stores.notices;
    assert_eq!(store.defaults(ada).await.unwrap(), NoticePolicy::default());
    let policy = NoticePolicy {
        missed: false,
        remind_hours: Some(24),
        ..NoticePolicy::default()
    };
    store.set_defaults(ada, &policy, at(1)).await.unwrap();
    assert_eq!(store.defaults(ada).await.unwrap(), policy);
    assert_eq!(store.defaults(bob).await.unwrap(), NoticePolicy::default());
    // Of a job, through all that becomes of it.
    let own = JobSpec {
        notices: Some(NoticePolicy::SILENT),
        ..spec("silent")
    };
    let job = create(&database, ada, own, at(2)).await;
    let jobs = &database.stores.jobs;
    let found = jobs.find(ada, job.job_id).await.unwrap();
    assert_eq!(found.spec.notices, Some(NoticePolicy::SILENT));
    run(&database, &job, FAIL, 3).await;
    let round = claim(&database, 4, LEASE).await.unwrap();
    assert_eq!(
        (round.defaults, round.notices[0].policy),
        (policy, Some(NoticePolicy::SILENT))
    );
    let inherits = JobSpec {
        notices: None,
        ..found.spec
    };
    let updated = jobs.update(ada, job.job_id, 1, &inherits, None, at(5)).await.unwrap();
    assert_eq!(updated.spec.notices, None);
}

async fn old_notices_are_deleted_and_waiting_ones_are_not(database: Database) {
    let ada = somebody(&database, "ada").await;
    let job = create(&database, ada, spec("Nightly"), at(0)).await;
    run(&database, &job, FAIL, 1).await;
    let round = claim(&database, 2, LEASE).await.unwrap();
    settle(&database, LEASE, &round, Settled::NotWanted).await;
    run(&database, &job, Trigger::Succeed, 3).await;
    let store = &database.stores.notices;
    assert_eq!(store.delete_old(at(1), 10).await.unwrap(), 0);
    assert_eq!(store.delete_old(at(1_000), 10).await.unwrap(), 1);
    assert_eq!(kinds(&database, ada).await, [NoticeKind::Recovery]);
}
