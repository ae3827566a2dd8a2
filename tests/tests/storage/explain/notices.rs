//! Notices, beside 3,000 that were told long ago.

use super::{is_along, starts_at_the_page};
use crate::storage::{
    people::{at, limit},
    schedules::{every, made},
};
use scheduler_domain::{ids::UserId, job::Overlap, run::LeaseToken};
use scheduler_tests::databases::{Backend, Database};

const LEASE: LeaseToken = LeaseToken([7; 16]);

pub(super) async fn notices(database: &Database, owner: UserId) {
    // What was missed waits to be told; its facts do for all others.
    made(database, owner, every(100, Overlap::Allow), at(0)).await;
    database.stores.schedules.fire_due(at(1_050), 100, None).await.unwrap();
    let facts = "(SELECT facts FROM (SELECT facts FROM notices LIMIT 1) one)";
    database
        .execute(&format!(
            "INSERT INTO notices (notice_id, user_id, job_id, kind, facts, created_at, status, sent_at) \
             SELECT run_id, user_id, job_id, 'recovery', {facts}, created_at, 'Sent', created_at FROM runs"
        ))
        .await;
    // Every other job has an incident that is to be told again some day: beside one row, an index is of no use.
    database
        .execute(
            "INSERT INTO incidents (job_id, user_id, opened_at, troubles, failures, latest, remind_at) \
             SELECT jobs.job_id, user_id, opened_at, troubles, failures, latest, '2027-01-01 00:00:00' FROM jobs, \
             (SELECT user_id, opened_at, troubles, failures, latest FROM incidents LIMIT 1) one \
             WHERE jobs.job_id NOT IN (SELECT job_id FROM (SELECT job_id FROM incidents) others)",
        )
        .await;
    match database.backend {
        Backend::Sqlite => database.execute("ANALYZE").await,
        Backend::Mysql => database.execute("ANALYZE TABLE notices, incidents").await,
    }
    let store = &database.stores.notices;
    let words = ["SELECT notice_id FROM notices", "ORDER BY"];
    let page = store.list(owner, None, limit(5)).await.unwrap();
    is_along(database, "idx_notices_user", &words).await;
    store.list(owner, page.next, limit(5)).await.unwrap();
    starts_at_the_page(database, "idx_notices_user", &words).await;
    // The rest on SQLite alone: all of these rows are one owner's, and from samples of them MySQL takes now this, now that of
    // several ways that are equally short here.
    if database.backend == Backend::Sqlite {
        rounds(database).await;
    }
}

/// What is due, what was told lately, what is told again, what is old.
async fn rounds(database: &Database) {
    let store = &database.stores.notices;
    let late = at(1_000_000);
    let round = store.claim(late, late, LEASE).await.unwrap();
    assert!(round.is_some(), "nothing was missed");
    is_along(database, "idx_notices_due", &["SELECT `notices`.`user_id`", "ORDER BY"]).await;
    is_along(
        database,
        // Or `idx_notices_due_owner`: with few that are due one is as good as the other.
        "idx_notices_due",
        &["`notices`.`facts`", "`due_at` <= ", "ORDER BY"],
    )
    .await;
    is_along(database, "idx_notices_sent", &["SELECT DISTINCT `notices`.`sent_at`"]).await;
    store.remind(late, 5).await.unwrap();
    is_along(database, "idx_incidents_remind", &["FROM `incidents`", "`remind_at`"]).await;
    store.delete_old(at(60), 5).await.unwrap();
    is_along(
        database,
        "sqlite_autoindex_notices_1",
        &["`notices`.`due_at` IS NULL", "ORDER BY"],
    )
    .await;
}
