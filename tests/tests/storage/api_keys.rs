//! API keys.

use super::people::{at, limit, somebody};
use chrono::TimeDelta;
use scheduler_domain::{
    api_key::{ApiKey, KeyText, MAX_API_KEYS, NewApiKey},
    clock::Timestamp,
    error::StoreError,
    ids::{ApiKeyId, UserId},
    page::Limit,
    run::{Asker, RunTrigger, TriggerKind},
    user::{Role, UserStatus},
};
use scheduler_tests::databases::Database;

on_both! {
    a_key_is_found_by_its_hash_until_it_ends
    a_key_of_a_user_who_is_switched_off_is_over
    keys_are_listed_newest_first_and_deleted_only_by_their_owner
    there_is_room_for_a_hundred_also_when_they_are_made_at_once
    a_use_is_noted_and_never_taken_back
    a_run_remembers_the_key_that_asked_for_it
}

fn key(database: &Database, owner: UserId, made_at: Timestamp, life: Option<TimeDelta>) -> ApiKey {
    let new = NewApiKey {
        name: "deploy".to_owned(),
        scopes: vec!["jobs:read".to_owned(), "worker".to_owned()],
        expires_at: life.map(|life| made_at + life),
    };
    let (id, text) = (
        ApiKeyId::new(made_at, &*database.random),
        KeyText::draw(&*database.random),
    );
    new.checked(id, owner, &text, made_at).unwrap()
}

async fn insert(database: &Database, owner: UserId, made_at: Timestamp) -> ApiKey {
    let key = key(database, owner, made_at, None);
    database.stores.api_keys.insert(&key).await.unwrap();
    key
}

async fn a_key_is_found_by_its_hash_until_it_ends(database: Database) {
    let keys = &database.stores.api_keys;
    let ada = somebody(&database, "ada").await;
    let (endless, short) = (
        insert(&database, ada, at(0)).await,
        key(&database, ada, at(0), Some(TimeDelta::seconds(10))),
    );
    keys.insert(&short).await.unwrap();
    let found = keys.find_live(endless.hash, at(1_000)).await.unwrap().unwrap();
    assert_eq!((found.key, found.role), (endless.clone(), Role::Customer));
    assert_eq!(keys.find_live(short.hash, at(9)).await.unwrap().unwrap().key, short);
    assert!(keys.find_live(short.hash, at(10)).await.unwrap().is_none());
    let unknown = KeyText::draw(&*database.random).hash();
    assert!(keys.find_live(unknown, at(1)).await.unwrap().is_none());
    let ids = [
        endless.api_key_id,
        short.api_key_id,
        ApiKeyId::new(at(0), &*database.random),
    ];
    assert_eq!(keys.over(&ids, at(9)).await.unwrap(), ids[2..]);
    assert_eq!(keys.over(&ids, at(10)).await.unwrap(), ids[1..]);
    assert!(keys.over(&[], at(10)).await.unwrap().is_empty());
}

async fn a_key_of_a_user_who_is_switched_off_is_over(database: Database) {
    let stores = &database.stores;
    let ada = somebody(&database, "ada").await;
    let key = insert(&database, ada, at(0)).await;
    let switch = async |role, status| {
        stores.users.administer(ada, role, Some(status), at(1)).await.unwrap();
        stores.api_keys.find_live(key.hash, at(2)).await.unwrap()
    };
    assert!(switch(None, UserStatus::Deactivated).await.is_none());
    assert_eq!(stores.api_keys.over(&[key.api_key_id], at(2)).await.unwrap().len(), 1);
    let back = switch(Some(Role::Admin), UserStatus::Active).await.unwrap();
    assert_eq!(back.role, Role::Admin);
}

async fn keys_are_listed_newest_first_and_deleted_only_by_their_owner(database: Database) {
    let keys = &database.stores.api_keys;
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    let mut made = Vec::new();
    for second in [0, 1, 1, 2] {
        made.push(insert(&database, ada, at(second)).await);
    }
    made.sort_by_key(|key| std::cmp::Reverse((key.created_at, key.api_key_id)));
    let first = keys.list(ada, None, limit(3)).await.unwrap();
    assert_eq!(first.data, made[..3]);
    let rest = keys.list(ada, first.next, limit(3)).await.unwrap();
    assert_eq!((rest.data.as_slice(), rest.next), (&made[3..], None));
    assert!(keys.list(bob, None, Limit::DEFAULT).await.unwrap().data.is_empty());
    let foreign = keys.delete(bob, made[0].api_key_id, at(5)).await;
    assert!(matches!(foreign, Err(StoreError::NotFound)));
    keys.delete(ada, made[0].api_key_id, at(5)).await.unwrap();
    let again = keys.delete(ada, made[0].api_key_id, at(5)).await;
    assert!(matches!(again, Err(StoreError::NotFound)));
    assert!(keys.find_live(made[0].hash, at(5)).await.unwrap().is_none());
    assert_eq!(keys.list(ada, None, Limit::DEFAULT).await.unwrap().data, made[1..]);
}

async fn there_is_room_for_a_hundred_also_when_they_are_made_at_once(database: Database) {
    let ada = somebody(&database, "ada").await;
    for _ in 0..MAX_API_KEYS - 1 {
        insert(&database, ada, at(0)).await;
    }
    let tries = (0..4).map(|_| {
        let (keys, key) = (database.stores.api_keys.clone(), key(&database, ada, at(1), None));
        tokio::spawn(async move { keys.insert(&key).await })
    });
    let (mut made, mut refused) = (0, 0);
    for one in futures_util::future::join_all(tries).await {
        match one.unwrap() {
            Ok(()) => made += 1,
            Err(StoreError::Taken("api_keys")) => refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!((made, refused), (1, 3));
}

async fn a_use_is_noted_and_never_taken_back(database: Database) {
    let keys = &database.stores.api_keys;
    let ada = somebody(&database, "ada").await;
    let key = insert(&database, ada, at(0)).await;
    for (used_at, noted) in [(10, 10), (20, 20), (15, 20)] {
        keys.note_use(key.api_key_id, at(used_at)).await.unwrap();
        let found = keys.find_live(key.hash, at(30)).await.unwrap().unwrap();
        assert_eq!(found.key.last_used_at, Some(at(noted)));
    }
    keys.delete(ada, key.api_key_id, at(30)).await.unwrap();
    keys.note_use(key.api_key_id, at(40)).await.unwrap();
}

async fn a_run_remembers_the_key_that_asked_for_it(database: Database) {
    let ada = somebody(&database, "ada").await;
    let key = insert(&database, ada, at(0)).await;
    let job = super::work::create(&database, ada, super::work::spec("nightly"), at(0)).await;
    let asker = Asker {
        user_id: ada,
        api_key_id: Some(key.api_key_id),
    };
    let new = scheduler_domain::ports::NewRun {
        trigger: RunTrigger::asked_by(asker),
        ..super::work::new_run(&database, ada, at(1))
    };
    let run_id = new.run_id;
    database.stores.jobs.start(ada, job.job_id, new, at(1)).await.unwrap();
    let run = database.stores.history.find_run(ada, run_id).await.unwrap();
    assert_eq!(run.trigger.kind, TriggerKind::Api);
    assert_eq!(run.trigger.api_key_id, Some(key.api_key_id));
}
