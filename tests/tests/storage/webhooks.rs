//! Obligations of `EndpointStore`, and of the results that change endpoints.

use super::{
    people::{at, limit, somebody, t0},
    work::{create_running, spec},
};
use chrono::TimeDelta;
use scheduler_domain::{
    clock::Timestamp,
    error::StoreError,
    event::EventType,
    ids::{UserId, WebhookId},
    ports::{ClaimDeliveries, DeliveryResult},
    webhook::{
        AfterAttempt, DeliveryAttempt, DeliveryStatus, DueDelivery, Endpoint, EndpointEffect, EventSelection,
        MAX_ENDPOINTS, SealedSecret,
    },
};
use scheduler_tests::databases::Database;

pub(super) fn endpoint(database: &Database, owner: UserId, created: Timestamp) -> Endpoint {
    Endpoint {
        webhook_id: WebhookId::new(created, &*database.random),
        user_id: owner,
        url: "https://example.com/ü".to_owned(),
        types: EventSelection {
            all: true,
            named: vec![EventType::RunLog],
        },
        description: Some("Für Ada".to_owned()),
        sealed_headers: Some("sealed".to_owned()),
        secrets: vec![
            SealedSecret {
                sealed: "new".to_owned(),
                expires_at: None,
            },
            SealedSecret {
                sealed: "old".to_owned(),
                expires_at: Some(at(86_400)),
            },
        ],
        enabled: true,
        disabled_reason: None,
        failing_since: None,
        version: 1,
        created_at: created,
        updated_at: created,
    }
}

pub(super) async fn added(database: &Database, owner: UserId) -> Endpoint {
    let endpoint = endpoint(database, owner, t0());
    database.stores.endpoints.insert(&endpoint).await.unwrap();
    endpoint
}

/// Makes two events that everybody wants: `job.created` and `run.queued`.
pub(super) async fn two_events(database: &Database, owner: UserId, now: Timestamp) {
    create_running(database, owner, spec("a job"), now).await;
}

pub(super) fn asking(now: Timestamp) -> ClaimDeliveries {
    ClaimDeliveries {
        now,
        lease_until: now + TimeDelta::seconds(60),
        max: 64,
        per_endpoint: 8,
        busy: Vec::new(),
        places: Vec::new(),
        after: None,
    }
}

pub(super) async fn claim(database: &Database, now: Timestamp) -> Vec<DueDelivery> {
    database.stores.deliveries.claim_due(&asking(now)).await.unwrap()
}

pub(super) fn result(due: &DueDelivery, now: Timestamp, after: AfterAttempt, effect: EndpointEffect) -> DeliveryResult {
    DeliveryResult {
        delivery_id: due.delivery.delivery_id,
        lease: due.lease,
        attempt: DeliveryAttempt {
            attempt: 1,
            at: now,
            status_code: Some(500),
            duration_ms: 12,
            request_headers: vec![("webhook-id".to_owned(), "x".to_owned())],
            response_body: Some("ouch ü".to_owned()),
            error: Some("answered 500".to_owned()),
        },
        after,
        effect,
    }
}

pub(super) async fn record(
    database: &Database,
    due: &DueDelivery,
    now: Timestamp,
    after: AfterAttempt,
    effect: EndpointEffect,
) -> bool {
    let result = result(due, now, after, effect);
    let held = database.stores.deliveries.record(&[result], now).await.unwrap();
    held == [true]
}

async fn switched_on(database: &Database) -> i64 {
    database.number("SELECT SUM(endpoints) FROM user_streams").await
}

async fn an_endpoint_comes_back_as_it_was_written(database: Database) {
    let owner = somebody(&database, "ada").await;
    let stored = added(&database, owner).await;
    let endpoints = &database.stores.endpoints;
    assert_eq!(endpoints.find(owner, stored.webhook_id).await.unwrap(), stored);
    assert_eq!(switched_on(&database).await, 1);

    let mut changed = stored.clone();
    changed.url = "https://example.org/".to_owned();
    changed.types = EventSelection::ALL;
    changed.description = None;
    changed.version = 2;
    changed.updated_at = at(5);
    endpoints.replace(&changed, 1).await.unwrap();
    assert_eq!(endpoints.find(owner, stored.webhook_id).await.unwrap(), changed);
    let late = endpoints.replace(&changed, 1).await;
    assert!(
        matches!(late, Err(StoreError::VersionConflict { current: 2 })),
        "{late:?}"
    );
}

async fn endpoints_of_others_are_not_found(database: Database) {
    let (ada, eve) = (somebody(&database, "ada").await, somebody(&database, "eve").await);
    let stored = added(&database, ada).await;
    two_events(&database, ada, t0()).await;
    let delivery = claim(&database, t0()).await.remove(0).delivery.delivery_id;
    let (endpoints, deliveries) = (&database.stores.endpoints, &database.stores.deliveries);
    let mut stolen = stored.clone();
    stolen.user_id = eve;
    let id = stored.webhook_id;
    assert!(matches!(endpoints.find(eve, id).await, Err(StoreError::NotFound)));
    assert!(matches!(endpoints.replace(&stolen, 1).await, Err(StoreError::NotFound)));
    assert!(matches!(
        endpoints.delete(eve, id, None, at(9)).await,
        Err(StoreError::NotFound)
    ));
    assert!(matches!(
        deliveries.list(eve, id, None, limit(5)).await,
        Err(StoreError::NotFound)
    ));
    assert!(matches!(
        deliveries.find(eve, delivery).await,
        Err(StoreError::NotFound)
    ));
    assert!(matches!(
        deliveries.event_of(eve, delivery).await,
        Err(StoreError::NotFound)
    ));
    assert!(matches!(
        deliveries.replay(eve, delivery, t0()).await,
        Err(StoreError::NotFound)
    ));
    assert!(matches!(
        deliveries.send_test(eve, id, t0()).await,
        Err(StoreError::NotFound)
    ));
    assert_eq!(endpoints.find(ada, id).await.unwrap(), stored);
    assert!(endpoints.list(eve, None, limit(5)).await.unwrap().data.is_empty());
}

async fn a_user_has_fifty_endpoints_at_most_also_when_asked_at_once(database: Database) {
    let owner = somebody(&database, "ada").await;
    let wanted = MAX_ENDPOINTS + 5;
    let inserts = (0..wanted).map(|_| {
        let (store, endpoint) = (database.stores.endpoints.clone(), endpoint(&database, owner, t0()));
        tokio::spawn(async move { store.insert(&endpoint).await })
    });
    let mut taken = 0;
    for insert in inserts.collect::<Vec<_>>() {
        match insert.await.unwrap() {
            Ok(()) => {}
            Err(StoreError::Taken("webhooks")) => taken += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(taken, 5);
    assert_eq!(switched_on(&database).await, i64::try_from(MAX_ENDPOINTS).unwrap());
    let endpoints = &database.stores.endpoints;
    let first = endpoints.list(owner, None, limit(30)).await.unwrap();
    let second = endpoints.list(owner, first.next.as_ref(), limit(30)).await.unwrap();
    assert_eq!((first.data.len(), second.data.len(), second.next), (30, 20, None));
    let mut ids: Vec<_> = first
        .data
        .iter()
        .chain(&second.data)
        .map(|endpoint| endpoint.webhook_id)
        .collect();
    assert!(ids.is_sorted_by(|a, b| a > b), "newest first");
    ids.dedup();
    assert_eq!(ids.len(), MAX_ENDPOINTS);
}

async fn failing_is_remembered_from_its_beginning_until_a_success(database: Database) {
    let owner = somebody(&database, "ada").await;
    let id = added(&database, owner).await.webhook_id;
    two_events(&database, owner, t0()).await;
    let since = async || database.stores.endpoints.find(owner, id).await.unwrap().failing_since;
    let claimed = claim(&database, t0()).await;
    assert!(
        record(
            &database,
            &claimed[0],
            at(1),
            AfterAttempt::RetryAt(at(2)),
            EndpointEffect::Unchanged
        )
        .await
    );
    assert_eq!(since().await, None);
    assert!(
        record(
            &database,
            &claimed[1],
            at(1),
            AfterAttempt::RetryAt(at(2)),
            EndpointEffect::Failing
        )
        .await
    );
    assert_eq!(since().await, Some(at(1)));
    let claimed = claim(&database, at(2)).await;
    assert_eq!(claimed.iter().map(|due| due.tries).collect::<Vec<_>>(), [1, 1]);
    assert!(
        record(
            &database,
            &claimed[0],
            at(3),
            AfterAttempt::RetryAt(at(4)),
            EndpointEffect::Failing
        )
        .await
    );
    assert_eq!(since().await, Some(at(1)));
    assert!(
        record(
            &database,
            &claimed[1],
            at(3),
            AfterAttempt::Delivered,
            EndpointEffect::Healthy
        )
        .await
    );
    assert_eq!(since().await, None);
    let version = database.stores.endpoints.find(owner, id).await.unwrap().version;
    assert_eq!(version, 1, "attempts are no changes that a reader must know of");
}

async fn switching_off_ends_what_is_pending(database: Database) {
    let owner = somebody(&database, "ada").await;
    let stored = added(&database, owner).await;
    two_events(&database, owner, t0()).await;
    let due = claim(&database, t0()).await;
    assert!(
        record(
            &database,
            &due[0],
            at(1),
            AfterAttempt::GiveUp,
            EndpointEffect::Disable("410 Gone".to_owned())
        )
        .await
    );
    assert!(
        !record(
            &database,
            &due[1],
            at(1),
            AfterAttempt::Delivered,
            EndpointEffect::Healthy
        )
        .await
    );
    let mut endpoint = database.stores.endpoints.find(owner, stored.webhook_id).await.unwrap();
    assert_eq!(
        (endpoint.enabled, endpoint.disabled_reason.as_deref(), endpoint.version),
        (false, Some("410 Gone"), 2)
    );
    assert_eq!(switched_on(&database).await, 0);
    let listed = database
        .stores
        .deliveries
        .list(owner, stored.webhook_id, None, limit(9))
        .await
        .unwrap();
    assert!(
        listed
            .data
            .iter()
            .all(|delivery| delivery.status == DeliveryStatus::Failed),
        "{listed:?}"
    );
    two_events(&database, owner, at(2)).await;
    assert_eq!(claim(&database, at(9)).await.len(), 0);
    assert_eq!(database.stores.deliveries.next_due(at(9)).await.unwrap(), None);

    // On again by hand, off again by hand.
    endpoint.enable(true);
    endpoint.version = 3;
    database.stores.endpoints.replace(&endpoint, 2).await.unwrap();
    assert_eq!(switched_on(&database).await, 1);
    two_events(&database, owner, at(10)).await;
    endpoint.enable(false);
    endpoint.version = 4;
    database.stores.endpoints.replace(&endpoint, 3).await.unwrap();
    assert_eq!(
        (switched_on(&database).await, claim(&database, at(99)).await.len()),
        (0, 0)
    );
}

async fn deleting_an_endpoint_takes_its_deliveries_with_it(database: Database) {
    let owner = somebody(&database, "ada").await;
    let (gone, kept) = (added(&database, owner).await, added(&database, owner).await);
    two_events(&database, owner, t0()).await;
    let late = claim(&database, t0()).await;
    let endpoints = &database.stores.endpoints;
    let conflict = endpoints.delete(owner, gone.webhook_id, Some(7), at(9)).await;
    assert!(matches!(conflict, Err(StoreError::VersionConflict { current: 1 })));
    endpoints.delete(owner, gone.webhook_id, Some(1), at(9)).await.unwrap();
    assert!(matches!(
        endpoints.delete(owner, gone.webhook_id, None, at(9)).await,
        Err(StoreError::NotFound)
    ));
    assert_eq!(switched_on(&database).await, 1);
    for due in late {
        let held = record(&database, &due, at(1), AfterAttempt::Delivered, EndpointEffect::Healthy).await;
        assert_eq!(held, due.endpoint.webhook_id == kept.webhook_id);
    }
    assert_eq!(database.number("SELECT COUNT(*) FROM webhook_deliveries").await, 2);
}

on_both!(
    an_endpoint_comes_back_as_it_was_written
    endpoints_of_others_are_not_found
    a_user_has_fifty_endpoints_at_most_also_when_asked_at_once
    failing_is_remembered_from_its_beginning_until_a_success
    switching_off_ends_what_is_pending
    deleting_an_endpoint_takes_its_deliveries_with_it
);
