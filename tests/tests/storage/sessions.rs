//! Log-ins.

use super::{
    accounts::log_in,
    people::{at, limit, somebody, t0},
};
use scheduler_domain::{
    error::StoreError,
    session::{EndReason, SESSION_IDLE},
};
use scheduler_tests::databases::Database;

on_both! {
    a_rotation_wins_once
    grace_is_used_once
    sessions_end_one_by_one_and_only_by_their_owner
    the_list_shows_what_is_under_way
    old_sessions_are_deleted_in_batches
}

async fn a_rotation_wins_once(database: Database) {
    let sessions = &database.stores.sessions;
    let ada = somebody(&database, "ada").await;
    let id = log_in(&database, ada).await;
    let first = sessions.find_live(id, at(1)).await.unwrap().unwrap().session;
    let second = first.rotated(at(60));
    let tries = (0..10).map(|_| {
        let (sessions, second) = (sessions.clone(), second.clone());
        tokio::spawn(async move { sessions.rotate(&second).await.unwrap() })
    });
    let won = futures_util::future::join_all(tries)
        .await
        .into_iter()
        .filter(|won| *won.as_ref().unwrap())
        .count();
    assert_eq!(won, 1);
    assert_eq!(sessions.find_live(id, at(61)).await.unwrap().unwrap().session, second);
    assert!(!sessions.rotate(&second).await.unwrap());
    sessions.end(ada, id, EndReason::LoggedOut, at(62)).await.unwrap();
    assert!(!sessions.rotate(&second.rotated(at(63))).await.unwrap());
}

async fn grace_is_used_once(database: Database) {
    let sessions = &database.stores.sessions;
    let ada = somebody(&database, "ada").await;
    let id = log_in(&database, ada).await;
    assert!(!sessions.use_grace(id, 1).await.unwrap());
    assert!(sessions.use_grace(id, 0).await.unwrap());
    assert!(!sessions.use_grace(id, 0).await.unwrap());
    let session = sessions.find_live(id, at(1)).await.unwrap().unwrap().session;
    assert!(session.grace_used);
    assert!(sessions.rotate(&session.rotated(at(2))).await.unwrap());
    assert!(
        sessions.use_grace(id, 1).await.unwrap(),
        "the next generation has its own"
    );
}

async fn sessions_end_one_by_one_and_only_by_their_owner(database: Database) {
    let sessions = &database.stores.sessions;
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    let (one, two) = (log_in(&database, ada).await, log_in(&database, ada).await);
    let foreign = sessions.end(bob, one, EndReason::EndedByUser, at(1)).await;
    assert!(matches!(foreign, Err(StoreError::NotFound)));
    sessions.end(ada, one, EndReason::LoggedOut, at(1)).await.unwrap();
    assert!(matches!(
        sessions.end(ada, one, EndReason::LoggedOut, at(1)).await,
        Err(StoreError::NotFound)
    ));
    assert!(sessions.find_live(one, at(2)).await.unwrap().is_none());
    assert!(sessions.find_live(two, at(2)).await.unwrap().is_some());
    let unknown = super::people::session(&database, ada).session_id;
    assert_eq!(
        sessions.over(&[one, two, unknown], at(2)).await.unwrap(),
        [one, unknown]
    );
    assert_eq!(sessions.over(&[two], t0() + SESSION_IDLE).await.unwrap(), [two]);
}

async fn the_list_shows_what_is_under_way(database: Database) {
    let sessions = &database.stores.sessions;
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    log_in(&database, bob).await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(log_in(&database, ada).await);
    }
    sessions.end(ada, ids[0], EndReason::LoggedOut, at(1)).await.unwrap();
    let first = sessions.list(ada, at(2), None, limit(3)).await.unwrap();
    let second = sessions.list(ada, at(2), first.next.clone(), limit(3)).await.unwrap();
    let mut seen: Vec<_> = first
        .data
        .iter()
        .chain(&second.data)
        .map(|session| session.session_id)
        .collect();
    assert!(second.next.is_none() && seen.windows(2).all(|pair| pair[0] > pair[1]));
    seen.sort_unstable();
    ids.remove(0);
    ids.sort_unstable();
    assert_eq!(seen, ids);
}

async fn old_sessions_are_deleted_in_batches(database: Database) {
    let sessions = &database.stores.sessions;
    let ada = somebody(&database, "ada").await;
    let (ended, live) = (log_in(&database, ada).await, log_in(&database, ada).await);
    sessions.end(ada, ended, EndReason::LoggedOut, at(10)).await.unwrap();
    assert_eq!(sessions.delete_ended(at(10), 9).await.unwrap(), 0);
    assert_eq!(sessions.delete_ended(at(11), 9).await.unwrap(), 1);
    assert!(sessions.find_live(live, at(11)).await.unwrap().is_some());
    assert_eq!(
        sessions
            .delete_ended(t0() + SESSION_IDLE + SESSION_IDLE, 9)
            .await
            .unwrap(),
        1
    );
}
