//! API keys, and answers that are kept for repetitions, beside those of 3,000 other requests.

use super::is_along;
use crate::storage::people::{at, limit};
use scheduler_domain::{
    api_key::{KeyText, NewApiKey},
    ids::{ApiKeyId, UserId},
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
