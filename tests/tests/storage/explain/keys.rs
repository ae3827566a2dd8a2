//! API keys, the audit log, and answers that are kept for repetitions, beside those of 3,000 other requests.

use super::{is_along, starts_at_the_page};
use crate::storage::people::{at, limit};
use scheduler_domain::{
    api_key::{KeyText, NewApiKey},
    audit::Action,
    ids::{ApiKeyId, UserId},
    ports::AuditFilter,
};
use scheduler_tests::databases::{Backend, Database};

pub(super) async fn keys(database: &Database, owner: UserId) {
    let store = &database.stores.api_keys;
    let new = NewApiKey {
        name: "deploy".to_owned(),
        scopes: vec!["worker".to_owned()],
        expires_at: None,
    };
    let mut newest = None;
    for second in 0..30 {
        let (id, text) = (
            ApiKeyId::new(at(second), &*database.random),
            KeyText::draw(&*database.random),
        );
        let key = new.checked(id, owner, &text, at(second)).unwrap();
        store.insert(&key).await.unwrap();
        newest = Some(key);
    }
    let newest = newest.unwrap();
    store.find_live(newest.hash, at(60)).await.unwrap().unwrap();
    is_along(database, "idx_api_keys_hash", &["`key_hash` = "]).await;
    let page = store.list(owner, None, limit(5)).await.unwrap();
    is_along(database, "idx_api_keys_user", &["FROM `api_keys`", "ORDER BY"]).await;
    store.list(owner, page.next, limit(5)).await.unwrap();
    is_along(database, "idx_api_keys_user", &["FROM `api_keys`", "ORDER BY"]).await;
    idempotency(database).await;
}

async fn idempotency(database: &Database) {
    let hash = match database.backend {
        Backend::Sqlite => "CAST(run_id || run_id AS BLOB)",
        Backend::Mysql => "CONCAT(run_id, run_id)",
    };
    database
        .execute(&format!(
            "INSERT INTO idempotency_keys (user_id, key_hash, fingerprint, status, created_at, expires_at) \
             SELECT user_id, {hash}, {hash}, 200, created_at, created_at FROM runs"
        ))
        .await;
    match database.backend {
        Backend::Sqlite => database.execute("ANALYZE").await,
        Backend::Mysql => database.execute("ANALYZE TABLE idempotency_keys, api_keys").await,
    }
    database.stores.idempotency.delete_expired(at(60), 5).await.unwrap();
    is_along(
        database,
        "idx_idempotency_expires",
        &["FROM `idempotency_keys`", "ORDER BY"],
    )
    .await;
}

/// Every filter has its index, also for what is rare among 3,000 entries.
pub(super) async fn audit(database: &Database, owner: UserId) {
    let copy =
        "SELECT run_id, user_id, created_at, 'job.created', 'session', user_id, user_id, 'job', job_id FROM runs";
    database
        .execute(&format!(
            "INSERT INTO audit_log (audit_id, user_id, recorded_at, action, actor_type, actor_user_id, actor_id, target_type, \
             target_id) {copy} WHERE finished_at IS NOT NULL"
        ))
        .await;
    match database.backend {
        Backend::Sqlite => database.execute("ANALYZE").await,
        Backend::Mysql => database.execute("ANALYZE TABLE audit_log").await,
    }
    let log = &database.stores.audit;
    let all = AuditFilter::default();
    let words = ["SELECT audit_id FROM audit_log", "ORDER BY"];
    let first = log.list(owner, &all, None, limit(20)).await.unwrap();
    is_along(database, "idx_audit_user", &words).await;
    log.list(owner, &all, first.next.as_ref(), limit(20)).await.unwrap();
    starts_at_the_page(database, "idx_audit_user", &words).await;
    let id = Some(owner.as_uuid());
    let filters = [
        ("idx_audit_action", vec![Action::JobDeleted], None, None),
        ("idx_audit_actor", Vec::new(), id, None),
        ("idx_audit_target", Vec::new(), None, id),
    ];
    for (index, actions, actor_id, target_id) in filters {
        let filter = AuditFilter {
            actions,
            actor_id,
            target_id,
            ..AuditFilter::default()
        };
        log.list(owner, &filter, None, limit(20)).await.unwrap();
        is_along(database, index, &words).await;
    }
    log.delete_old(at(60), 5).await.unwrap();
    let primary = match database.backend {
        Backend::Sqlite => "sqlite_autoindex_audit_log_1",
        Backend::Mysql => "PRIMARY",
    };
    is_along(database, primary, &["FROM `audit_log`", "ORDER BY"]).await;
}
