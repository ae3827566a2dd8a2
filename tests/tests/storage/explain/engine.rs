//! The statements of the engine: schedules, workers, the outbox.

use super::super::{logs, schedules, webhooks, work, workers};
use super::*;

/// Of more than 3,000 jobs with a schedule, one is due.
pub(super) async fn schedules(database: &Database, owner: scheduler_domain::ids::UserId) {
    database
        .execute("UPDATE jobs SET due_at = '2099-01-01 00:00:00.000001', next_run_at = '2099-01-01 00:00:00.000001'")
        .await;
    match database.backend {
        Backend::Sqlite => database.execute("ANALYZE").await,
        Backend::Mysql => database.execute("ANALYZE TABLE jobs").await,
    }
    let job = schedules::made(database, owner, schedules::every(10, Overlap::Allow), at(0)).await;
    let store = &database.stores.schedules;
    store.next_due_at().await.unwrap();
    let next = plan(database, &["min(", "due_at"]).await;
    assert!(
        next.contains("idx_jobs_due") || next.contains("optimized away"),
        "next_due_at:\n{next}"
    );
    assert_eq!(store.fire_due(at(10), 100, None).await.unwrap().runs, 1);
    is_along(database, "idx_jobs_due", &["`due_at` <= ", "ORDER BY `jobs`.`due_at`"]).await;
    store.upcoming(owner, at(86_400), 20).await.unwrap();
    is_along(database, "idx_jobs_next", &["`next_run_at` <= ", "ORDER BY"]).await;
    store.occurrences(owner, job.job_id, None, limit(20)).await.unwrap();
    is_along(database, "idx_occurrences_instant", &["SELECT occurrence_id", "DESC"]).await;
    database
        .stores
        .retention
        .delete_occurrences(at(-100), 10)
        .await
        .unwrap();
    is_along(database, "idx_occurrences_age", &["recorded_at", "ORDER BY"]).await;
    database
        .execute("UPDATE jobs SET due_at = NULL, next_run_at = NULL")
        .await;
    database
        .stores
        .jobs
        .delete(owner, job.job_id, None, at(11))
        .await
        .unwrap();
}

/// Workers at a queue in which 3,000 runs of theirs have ended, 40 wait and one is Running.
pub(super) async fn workers(database: &Database, owner: scheduler_domain::ids::UserId) {
    database
        .execute("UPDATE runs SET queue = 'default' WHERE finished_at IS NOT NULL")
        .await;
    for second in 0..41 {
        let job = workers::queued_in("default");
        work::create_running(database, owner, job, at(second)).await;
    }
    match database.backend {
        Backend::Sqlite => database.execute("ANALYZE").await,
        Backend::Mysql => database.execute("ANALYZE TABLE runs").await,
    }
    let stores = &database.stores;
    stores.workers.limit(owner, "default", Some(100), at(50)).await.unwrap();
    is_along(database, "idx_runs_worker", &["SELECT `runs`.`worker_key`", "ORDER BY"]).await;
    let claim = workers::asking(owner, &["default", "other"], 1, at(51));
    let claimed = stores.workers.claim(&claim).await.unwrap().remove(0);
    is_along(
        database,
        "idx_runs_status",
        &["SELECT `runs`.`run_id` FROM", "`runs`.`queue` = "],
    )
    .await;
    is_along(database, "idx_runs_worker", &["SELECT `runs`.`worker_key`", "ORDER BY"]).await;
    is_along(
        database,
        "idx_runs_worker",
        &["`worker_key` IS NOT NULL", "`payload`", "ORDER BY"],
    )
    .await;
    let beat = scheduler_domain::ports::Beat {
        progress: Some(1),
        message: None,
    };
    let held = workers::held(owner, &claimed);
    stores.workers.heartbeat(held, &beat, at(52)).await.unwrap();
    is_along(database, "idx_events_job", &["`occurred_at`", "DESC"]).await;
    stores
        .log
        .append(held, &logs::lines(&["a"; 300]), at(53))
        .await
        .unwrap();
    stores.log.read(owner, held.run_id, &[], 200, limit(20)).await.unwrap();
    is_along(database, "PRIMARY", &["run_logs", "ORDER BY"]).await;
}

/// Deliveries to many endpoints: 3,000 that have ended, 500 that wait, one that is due.
pub(super) async fn outbox(database: &Database, owner: scheduler_domain::ids::UserId) {
    let columns = "delivery_id, webhook_id, user_id, event_seq, event_id, type, status, next_attempt_at, attempts, attempt_count, \
        created_at, finished_at";
    for select in [
        "job_id, created_by, created_by, 1, job_id, 'job.created', 'Delivered', NULL, '[]', 1, created_at, created_at FROM jobs",
        "run_id, job_id, user_id, 1, run_id, 'run.started', 'Pending', '2099-01-01 00:00:00.000001', '[]', 1, created_at, NULL \
         FROM runs WHERE finished_at IS NOT NULL LIMIT 500",
    ] {
        database
            .execute(&format!("INSERT INTO webhook_deliveries ({columns}) SELECT {select}"))
            .await;
    }
    match database.backend {
        Backend::Sqlite => database.execute("ANALYZE").await,
        Backend::Mysql => database.execute("ANALYZE TABLE webhook_deliveries").await,
    }
    let webhook = webhooks::added(database, owner).await.webhook_id;
    let deliveries = &database.stores.deliveries;
    deliveries.send_test(owner, webhook, at(0)).await.unwrap();
    assert_eq!(deliveries.claim_due(&webhooks::asking(at(1))).await.unwrap().len(), 1);
    is_along(
        database,
        "idx_webhook_deliveries_due",
        &["webhook_deliveries", "`webhook_id` > ", "ORDER BY"],
    )
    .await;
    is_along(
        database,
        "idx_webhook_deliveries_due",
        &["webhook_deliveries", " webhook_id = ", "ORDER BY next_attempt_at"],
    )
    .await;
    assert!(
        deliveries
            .claim_due(&webhooks::asking(at(-1)))
            .await
            .unwrap()
            .is_empty()
    );
    is_along(
        database,
        "idx_webhook_deliveries_next",
        &["webhook_deliveries", "`next_attempt_at` <= "],
    )
    .await;
    deliveries.next_due(at(1)).await.unwrap();
    is_along(
        database,
        "idx_webhook_deliveries_next",
        &["webhook_deliveries", "IS NOT NULL"],
    )
    .await;
    let page = deliveries.list(owner, webhook, None, limit(1)).await.unwrap();
    is_along(
        database,
        "idx_webhook_deliveries_endpoint",
        &["webhook_deliveries", "DESC"],
    )
    .await;
    assert_eq!(page.data.len(), 1);
}
