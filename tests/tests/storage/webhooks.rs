//! Obligations of `EndpointStore` and `DeliveryStore`.

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

fn endpoint(database: &Database, owner: UserId, created: Timestamp) -> Endpoint {
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
async fn two_events(database: &Database, owner: UserId, now: Timestamp) {
    create_running(database, owner, spec("a job"), now).await;
}

pub(super) fn asking(now: Timestamp) -> ClaimDeliveries {
    ClaimDeliveries {
        now,
        lease_until: now + TimeDelta::seconds(60),
        max: 64,
        per_endpoint: 8,
        busy: Vec::new(),
        after: None,
    }
}

async fn claim(database: &Database, now: Timestamp) -> Vec<DueDelivery> {
    database.stores.deliveries.claim_due(&asking(now)).await.unwrap()
}

fn result(due: &DueDelivery, now: Timestamp, after: AfterAttempt, effect: EndpointEffect) -> DeliveryResult {
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

async fn record(
    database: &Database,
    due: &DueDelivery,
    now: Timestamp,
    after: AfterAttempt,
    effect: EndpointEffect,
) -> bool {
    let result = result(due, now, after, effect);
    database.stores.deliveries.record(&result, now).await.unwrap()
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
        endpoints.delete(eve, id, None).await,
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

async fn each_event_is_put_into_the_outbox_once_for_each_endpoint_that_wants_it(database: Database) {
    let (ada, eve) = (somebody(&database, "ada").await, somebody(&database, "eve").await);
    let everything = added(&database, ada).await;
    let mut picky = endpoint(&database, ada, t0());
    picky.types = EventSelection {
        all: false,
        named: vec![EventType::RunQueued],
    };
    let mut off = endpoint(&database, ada, t0());
    off.enabled = false;
    for endpoint in [&picky, &off, &endpoint(&database, eve, t0())] {
        database.stores.endpoints.insert(endpoint).await.unwrap();
    }
    two_events(&database, ada, t0()).await;
    assert!(
        database
            .listener
            .take()
            .iter()
            .any(|committed| committed.has_deliveries)
    );

    let claimed = claim(&database, t0()).await;
    let mut seen: Vec<_> = claimed
        .iter()
        .map(|due| (due.endpoint.webhook_id, due.event.kind))
        .collect();
    seen.sort_by_key(|(id, kind)| (*id, format!("{kind:?}")));
    let mut expected = vec![
        (everything.webhook_id, EventType::JobCreated),
        (everything.webhook_id, EventType::RunQueued),
        (picky.webhook_id, EventType::RunQueued),
    ];
    expected.sort_by_key(|(id, kind)| (*id, format!("{kind:?}")));
    assert_eq!(seen, expected);
    for due in &claimed {
        assert_eq!(
            (due.delivery.event_id, due.delivery.kind),
            (due.event.event_id, due.event.kind)
        );
        assert!(due.event.data.contains("a job"));
        assert_eq!(due.tries, 0);
    }
    assert!(
        claim(&database, at(59)).await.is_empty(),
        "what is leased is nobody else's"
    );
    assert_eq!(
        claim(&database, at(60)).await.len(),
        3,
        "and everybody's when the lease ends"
    );
}

async fn results_need_their_lease(database: Database) {
    let owner = somebody(&database, "ada").await;
    added(&database, owner).await;
    two_events(&database, owner, t0()).await;
    let first = claim(&database, t0()).await.remove(0);
    let second = claim(&database, at(60)).await;
    let second = second
        .into_iter()
        .find(|due| due.delivery.delivery_id == first.delivery.delivery_id)
        .unwrap();
    assert!(
        !record(
            &database,
            &first,
            at(61),
            AfterAttempt::GiveUp,
            EndpointEffect::Disable("late".to_owned())
        )
        .await
    );
    assert!(
        record(
            &database,
            &second,
            at(61),
            AfterAttempt::RetryAt(at(90)),
            EndpointEffect::Failing
        )
        .await
    );
    assert!(
        !record(
            &database,
            &second,
            at(61),
            AfterAttempt::Delivered,
            EndpointEffect::Healthy
        )
        .await,
        "once only"
    );
    let delivery = database
        .stores
        .deliveries
        .find(owner, first.delivery.delivery_id)
        .await
        .unwrap();
    assert_eq!(
        (delivery.status, delivery.next_attempt_at),
        (DeliveryStatus::Pending, Some(at(90)))
    );
    assert_eq!(
        delivery.attempts,
        [result(&second, at(61), AfterAttempt::GiveUp, EndpointEffect::Healthy).attempt]
    );
    let endpoint = database
        .stores
        .endpoints
        .find(owner, first.endpoint.webhook_id)
        .await
        .unwrap();
    assert_eq!((endpoint.enabled, endpoint.failing_since), (true, Some(at(61))));
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

async fn one_endpoint_with_a_long_backlog_takes_no_place_from_another(database: Database) {
    let (ada, eve) = (somebody(&database, "ada").await, somebody(&database, "eve").await);
    let busy = added(&database, ada).await.webhook_id;
    for second in 0..10 {
        two_events(&database, ada, at(second)).await;
    }
    let quiet = added(&database, eve).await.webhook_id;
    two_events(&database, eve, at(20)).await;

    let ask = ClaimDeliveries {
        max: 3,
        per_endpoint: 2,
        ..asking(at(30))
    };
    let claimed = database.stores.deliveries.claim_due(&ask).await.unwrap();
    let of = |claimed: &[DueDelivery], id| claimed.iter().filter(|due| due.endpoint.webhook_id == id).count();
    assert_eq!(claimed.len(), 3);
    assert!(
        of(&claimed, busy) >= 1 && of(&claimed, quiet) >= 1,
        "one each before a second of either"
    );

    let full = ClaimDeliveries {
        per_endpoint: 2,
        busy: vec![(busy, 2)],
        ..asking(at(30))
    };
    assert_eq!(of(&database.stores.deliveries.claim_due(&full).await.unwrap(), busy), 0);

    // With one place, they take turns.
    let turn = async |after| {
        let ask = ClaimDeliveries {
            max: 1,
            after: Some(after),
            ..asking(at(600))
        };
        database
            .stores
            .deliveries
            .claim_due(&ask)
            .await
            .unwrap()
            .remove(0)
            .endpoint
            .webhook_id
    };
    assert_eq!((turn(busy).await, turn(quiet).await), (quiet, busy));
    assert_eq!((turn(busy).await, turn(quiet).await), (quiet, busy));
}

async fn the_oldest_comes_first_and_nothing_twice_to_many_claimers(database: Database) {
    let owner = somebody(&database, "ada").await;
    added(&database, owner).await;
    for second in 0..20 {
        two_events(&database, owner, at(second)).await;
    }
    let first = claim(&database, at(30)).await;
    let cursors: Vec<_> = first.iter().map(|due| due.event.at).collect();
    assert!(cursors.is_sorted() && first.len() == 8, "{cursors:?}");

    let (other, _) = database.another_node().await;
    let mut claimers = Vec::new();
    for number in 0..6 {
        let store = if number % 2 == 0 {
            database.stores.deliveries.clone()
        } else {
            other.deliveries.clone()
        };
        claimers.push(tokio::spawn(async move {
            let mut mine = Vec::new();
            loop {
                let claimed = store.claim_due(&asking(at(30))).await.unwrap();
                if claimed.is_empty() {
                    return mine;
                }
                mine.extend(claimed.into_iter().map(|due| due.delivery.delivery_id));
            }
        }));
    }
    let mut all: Vec<_> = first.iter().map(|due| due.delivery.delivery_id).collect();
    for claimer in claimers {
        all.extend(claimer.await.unwrap());
    }
    // A claimer may have found nothing while another held the rows.
    loop {
        let claimed = claim(&database, at(30)).await;
        if claimed.is_empty() {
            break;
        }
        all.extend(claimed.into_iter().map(|due| due.delivery.delivery_id));
    }
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!((count, all.len()), (40, 40));
}

async fn a_test_event_goes_to_its_endpoint_and_nowhere_else(database: Database) {
    let owner = somebody(&database, "ada").await;
    let mut asked = endpoint(&database, owner, t0());
    asked.types = EventSelection {
        all: false,
        named: vec![EventType::RunFailed],
    };
    database.stores.endpoints.insert(&asked).await.unwrap();
    added(&database, owner).await;
    database.listener.take();
    let sent = database
        .stores
        .deliveries
        .send_test(owner, asked.webhook_id, at(1))
        .await
        .unwrap();
    assert_eq!(
        (sent.kind, sent.status, sent.webhook_id),
        (EventType::WebhookTest, DeliveryStatus::Pending, asked.webhook_id)
    );
    let committed = database.listener.take();
    assert!(
        committed.iter().any(|what| what.has_deliveries),
        "the deliverer is woken"
    );
    assert!(
        committed.iter().all(|what| what.events.is_empty()),
        "and nobody else hears of it"
    );
    let claimed = claim(&database, at(1)).await;
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].delivery, sent);
    assert!(claimed[0].event.envelope().contains("webhook.test"));
    // The numbers of the stream go on behind it.
    two_events(&database, owner, at(2)).await;
    let events = &database.listener.take()[0].events;
    assert_eq!(events[0].cursor.0, claimed[0].event.cursor.0 + 1);
}

async fn a_replay_begins_the_schedule_anew_and_keeps_the_log(database: Database) {
    let owner = somebody(&database, "ada").await;
    added(&database, owner).await;
    two_events(&database, owner, t0()).await;
    let deliveries = &database.stores.deliveries;
    let due = claim(&database, t0()).await.remove(0);
    let id = due.delivery.delivery_id;
    let under_way = deliveries.replay(owner, id, at(1)).await.unwrap();
    assert_eq!(under_way.next_attempt_at, Some(at(60)), "an attempt is under way");
    assert!(
        record(
            &database,
            &due,
            at(2),
            AfterAttempt::RetryAt(at(3_600)),
            EndpointEffect::Failing
        )
        .await
    );
    assert_eq!(
        deliveries.replay(owner, id, at(3)).await.unwrap().next_attempt_at,
        Some(at(3)),
        "due now"
    );
    let due = claim(&database, at(3)).await.remove(0);
    assert_eq!(due.tries, 1, "that was no new beginning");
    assert!(record(&database, &due, at(4), AfterAttempt::GiveUp, EndpointEffect::Failing).await);
    database.listener.take();
    let again = deliveries.replay(owner, id, at(5)).await.unwrap();
    assert_eq!(
        (again.status, again.next_attempt_at, again.attempts.len()),
        (DeliveryStatus::Pending, Some(at(5)), 2)
    );
    assert!(database.listener.take().iter().any(|what| what.has_deliveries));
    let due = claim(&database, at(5)).await.remove(0);
    assert_eq!(
        (due.delivery.delivery_id, due.tries, due.delivery.attempts.len()),
        (id, 0, 2)
    );
    assert_eq!(due.delivery.event_id, again.event_id);
    assert!(record(&database, &due, at(6), AfterAttempt::Delivered, EndpointEffect::Healthy).await);
    database.execute("DELETE FROM events").await;
    assert!(
        matches!(deliveries.replay(owner, id, at(7)).await, Err(StoreError::NotFound)),
        "its event is gone"
    );
}

async fn what_is_due_next_is_known_for_an_hour(database: Database) {
    let owner = somebody(&database, "ada").await;
    added(&database, owner).await;
    let deliveries = &database.stores.deliveries;
    assert_eq!(deliveries.next_due(t0()).await.unwrap(), None);
    two_events(&database, owner, t0()).await;
    assert_eq!(deliveries.next_due(at(5)).await.unwrap(), Some(t0()));
    for due in claim(&database, t0()).await {
        assert!(
            record(
                &database,
                &due,
                at(1),
                AfterAttempt::RetryAt(at(86_400)),
                EndpointEffect::Failing
            )
            .await
        );
    }
    assert_eq!(deliveries.next_due(at(1)).await.unwrap(), Some(at(3_601)));
    assert_eq!(deliveries.next_due(at(86_000)).await.unwrap(), Some(at(86_400)));
}

async fn deleting_an_endpoint_takes_its_deliveries_with_it(database: Database) {
    let owner = somebody(&database, "ada").await;
    let (gone, kept) = (added(&database, owner).await, added(&database, owner).await);
    two_events(&database, owner, t0()).await;
    let late = claim(&database, t0()).await;
    let endpoints = &database.stores.endpoints;
    let conflict = endpoints.delete(owner, gone.webhook_id, Some(7)).await;
    assert!(matches!(conflict, Err(StoreError::VersionConflict { current: 1 })));
    endpoints.delete(owner, gone.webhook_id, Some(1)).await.unwrap();
    assert!(matches!(
        endpoints.delete(owner, gone.webhook_id, None).await,
        Err(StoreError::NotFound)
    ));
    assert_eq!(switched_on(&database).await, 1);
    for due in late {
        let held = record(&database, &due, at(1), AfterAttempt::Delivered, EndpointEffect::Healthy).await;
        assert_eq!(held, due.endpoint.webhook_id == kept.webhook_id);
    }
    assert_eq!(database.number("SELECT COUNT(*) FROM webhook_deliveries").await, 2);
}

async fn old_deliveries_that_have_ended_are_deleted_in_batches(database: Database) {
    let owner = somebody(&database, "ada").await;
    added(&database, owner).await;
    for second in 0..3 {
        two_events(&database, owner, at(second)).await;
    }
    let claimed = claim(&database, at(9)).await;
    for (number, due) in claimed.iter().enumerate() {
        let after = if number == 0 {
            AfterAttempt::RetryAt(at(90))
        } else {
            AfterAttempt::Delivered
        };
        assert!(record(&database, due, at(10), after, EndpointEffect::Healthy).await);
    }
    let deliveries = &database.stores.deliveries;
    assert_eq!(deliveries.delete_ended(at(2), 2).await.unwrap(), 2);
    assert_eq!(deliveries.delete_ended(at(2), 2).await.unwrap(), 1);
    assert_eq!(deliveries.delete_ended(at(2), 2).await.unwrap(), 0);
    assert_eq!(
        database.number("SELECT COUNT(*) FROM webhook_deliveries").await,
        3,
        "one pending, two too young"
    );
}

async fn pages_of_deliveries_are_newest_first(database: Database) {
    let owner = somebody(&database, "ada").await;
    let id = added(&database, owner).await.webhook_id;
    for second in 0..3 {
        two_events(&database, owner, at(second)).await;
    }
    let deliveries = &database.stores.deliveries;
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = deliveries.list(owner, id, after.as_ref(), limit(4)).await.unwrap();
        seen.extend(page.data.into_iter().map(|delivery| delivery.delivery_id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 6);
    assert!(seen.is_sorted_by(|a, b| a > b));
}

on_both!(
    an_endpoint_comes_back_as_it_was_written
    endpoints_of_others_are_not_found
    a_user_has_fifty_endpoints_at_most_also_when_asked_at_once
    each_event_is_put_into_the_outbox_once_for_each_endpoint_that_wants_it
    results_need_their_lease
    failing_is_remembered_from_its_beginning_until_a_success
    switching_off_ends_what_is_pending
    one_endpoint_with_a_long_backlog_takes_no_place_from_another
    the_oldest_comes_first_and_nothing_twice_to_many_claimers
    a_test_event_goes_to_its_endpoint_and_nowhere_else
    a_replay_begins_the_schedule_anew_and_keeps_the_log
    what_is_due_next_is_known_for_an_hour
    deleting_an_endpoint_takes_its_deliveries_with_it
    old_deliveries_that_have_ended_are_deleted_in_batches
    pages_of_deliveries_are_newest_first
);
