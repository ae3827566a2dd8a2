//! Requests that may be sent again.

use super::people::{at, somebody};
use scheduler_domain::{
    api_key::Scope,
    clock::{Timestamp, random_bytes},
    idempotency::{AT_WORK, Fingerprint, IdempotencyKey, KEPT, KeptAnswer, RequestName, Verdict},
    ids::UserId,
    ports::WorkClaim,
};
use scheduler_tests::databases::Database;

on_both! {
    of_many_at_once_one_proceeds
    the_answer_is_repeated_until_it_expires
    what_was_given_up_can_be_made_again
    whoever_took_over_from_the_dead_is_not_undone_by_them
    expired_requests_are_deleted_in_batches
}

const SAID: Fingerprint = Fingerprint([7; 32]);

fn name(owner: UserId, key: &str) -> RequestName {
    let key = IdempotencyKey::parse(key.as_bytes()).unwrap();
    RequestName::new(owner, false, "POST /jobs", &key)
}

fn claim(database: &Database) -> WorkClaim {
    WorkClaim(random_bytes(&*database.random))
}

fn answer(body: &str) -> KeptAnswer {
    KeptAnswer {
        status: 201,
        headers: vec![("location".to_owned(), "/api/v1/jobs/1".to_owned())],
        body: body.to_owned(),
        any_of: vec![Scope::JobsWrite, Scope::RunsWrite],
    }
}

async fn begin(database: &Database, name: RequestName, claim: WorkClaim, now: Timestamp) -> Verdict {
    database.stores.idempotency.begin(name, SAID, claim, now).await.unwrap()
}

async fn of_many_at_once_one_proceeds(database: Database) {
    let name = name(somebody(&database, "ada").await, "k");
    let tries = (0..12).map(|_| {
        let (store, claim) = (database.stores.idempotency.clone(), claim(&database));
        tokio::spawn(async move { store.begin(name, SAID, claim, at(0)).await.unwrap() })
    });
    let verdicts: Vec<Verdict> = futures_util::future::join_all(tries)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let proceeds = verdicts.iter().filter(|verdict| **verdict == Verdict::Proceed).count();
    let waits = verdicts
        .iter()
        .filter(|verdict| **verdict == Verdict::InProgress)
        .count();
    assert_eq!((proceeds, waits), (1, 11));
}

async fn the_answer_is_repeated_until_it_expires(database: Database) {
    let store = &database.stores.idempotency;
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    let (named, mine) = (name(ada, "k"), claim(&database));
    assert_eq!(begin(&database, named, mine, at(0)).await, Verdict::Proceed);
    let kept = answer("{\"text\":\"ü 🦀\"}");
    store.answer(named, mine, &kept).await.unwrap();
    let again = claim(&database);
    assert_eq!(
        begin(&database, named, again, at(1)).await,
        Verdict::Repeat(kept.clone())
    );
    let other = store.begin(named, Fingerprint([8; 32]), again, at(1)).await.unwrap();
    assert_eq!(other, Verdict::Mismatch);
    assert_eq!(begin(&database, name(bob, "k"), again, at(1)).await, Verdict::Proceed);
    assert_eq!(begin(&database, name(ada, "K"), again, at(1)).await, Verdict::Proceed);
    assert_eq!(begin(&database, named, again, at(0) + KEPT).await, Verdict::Proceed);
    // From then on it is another request, which the first one's worker has nothing to do with.
    store.answer(named, mine, &kept).await.unwrap();
    assert_eq!(
        begin(&database, named, claim(&database), at(1) + KEPT).await,
        Verdict::InProgress
    );
}

async fn what_was_given_up_can_be_made_again(database: Database) {
    let store = &database.stores.idempotency;
    let (named, mine) = (name(somebody(&database, "ada").await, "k"), claim(&database));
    begin(&database, named, mine, at(0)).await;
    store.give_up(named, claim(&database)).await.unwrap();
    assert_eq!(begin(&database, named, mine, at(1)).await, Verdict::InProgress);
    store.give_up(named, mine).await.unwrap();
    assert_eq!(begin(&database, named, mine, at(2)).await, Verdict::Proceed);
    store.answer(named, mine, &answer("{}")).await.unwrap();
    store.give_up(named, mine).await.unwrap();
    assert!(matches!(begin(&database, named, mine, at(3)).await, Verdict::Repeat(_)));
}

async fn whoever_took_over_from_the_dead_is_not_undone_by_them(database: Database) {
    let store = &database.stores.idempotency;
    let named = name(somebody(&database, "ada").await, "k");
    let (dead, alive) = (claim(&database), claim(&database));
    begin(&database, named, dead, at(0)).await;
    assert_eq!(
        begin(&database, named, alive, at(-1) + AT_WORK).await,
        Verdict::InProgress
    );
    assert_eq!(begin(&database, named, alive, at(0) + AT_WORK).await, Verdict::Proceed);
    store.answer(named, dead, &answer("late")).await.unwrap();
    store.give_up(named, dead).await.unwrap();
    let third = claim(&database);
    assert_eq!(
        begin(&database, named, third, at(1) + AT_WORK).await,
        Verdict::InProgress
    );
    store.answer(named, alive, &answer("right")).await.unwrap();
    assert_eq!(
        begin(&database, named, third, at(2) + AT_WORK).await,
        Verdict::Repeat(answer("right"))
    );
}

async fn expired_requests_are_deleted_in_batches(database: Database) {
    let store = &database.stores.idempotency;
    let ada = somebody(&database, "ada").await;
    for second in 0..5 {
        begin(&database, name(ada, &second.to_string()), claim(&database), at(second)).await;
    }
    let border = at(4) + KEPT;
    assert_eq!(store.delete_expired(border, 3).await.unwrap(), 3);
    assert_eq!(store.delete_expired(border, 3).await.unwrap(), 1);
    assert_eq!(store.delete_expired(border, 3).await.unwrap(), 0);
    assert_eq!(database.query("SELECT COUNT(*) FROM idempotency_keys").await[0][0], "1");
}
