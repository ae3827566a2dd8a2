//! Obligations of `DeliveryStore`: the outbox.

use super::{
    people::{at, limit, somebody, t0},
    webhooks::{added, asking, claim, endpoint, record, result, two_events},
};
use scheduler_domain::{
    error::StoreError,
    event::EventType,
    ports::ClaimDeliveries,
    webhook::{AfterAttempt, DeliveryStatus, DueDelivery, EndpointEffect, EventSelection},
};
use scheduler_tests::databases::Database;

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
    let more = ClaimDeliveries {
        places: vec![(busy, 5)],
        ..full
    };
    let claimed = database.stores.deliveries.claim_due(&more).await.unwrap();
    assert_eq!(of(&claimed, busy), 3, "five places, of which two are taken");

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
    let event = deliveries.event_of(owner, id).await.unwrap();
    assert_eq!(event.map(|event| event.event_id), Some(again.event_id));
    database.execute("DELETE FROM events").await;
    assert_eq!(deliveries.event_of(owner, id).await.unwrap(), None);
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
    each_event_is_put_into_the_outbox_once_for_each_endpoint_that_wants_it
    results_need_their_lease
    one_endpoint_with_a_long_backlog_takes_no_place_from_another
    the_oldest_comes_first_and_nothing_twice_to_many_claimers
    a_test_event_goes_to_its_endpoint_and_nowhere_else
    a_replay_begins_the_schedule_anew_and_keeps_the_log
    what_is_due_next_is_known_for_an_hour
    old_deliveries_that_have_ended_are_deleted_in_batches
    pages_of_deliveries_are_newest_first
);
