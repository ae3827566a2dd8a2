//! Streams of events.

use super::{
    people::{at, limit, somebody},
    work::{claim_some, create, create_running, end, queue_up, spec, start},
};
use scheduler_domain::{
    event::{Cursor, EventType},
    ids::UserId,
    ports::EventFilter,
    run::Trigger,
};
use scheduler_tests::databases::Database;
use std::collections::HashMap;

on_both! {
    streams_have_no_gaps_under_parallel_writers
    a_reader_goes_on_where_it_stopped
    the_history_of_a_job_is_its_own
    old_events_go_and_leave_a_mark
    a_delivery_is_written_for_each_endpoint_that_wants_the_event
}

async fn streams_have_no_gaps_under_parallel_writers(database: Database) {
    let mut owners = Vec::new();
    for name in ["ada", "bob", "cleo", "dan"] {
        owners.push(somebody(&database, name).await);
    }
    let (other, other_listener) = database.another_node().await;
    let writers = (0..12i64).map(|writer| {
        let (jobs, queue) = if writer % 2 == 0 {
            (database.stores.jobs.clone(), database.stores.queue.clone())
        } else {
            (other.jobs.clone(), other.queue.clone())
        };
        let owner = owners[usize::try_from(writer).unwrap() % 4];
        let news: Vec<_> = (0..8)
            .map(|number| scheduler_domain::ports::NewJob {
                timing: scheduler_domain::ports::Timing::default(),
                job_id: scheduler_domain::ids::JobId::new(at(number), &*database.random),
                spec: spec("job"),
                run: Some(super::work::new_run(&database, owner, at(number))),
            })
            .collect();
        tokio::spawn(async move {
            for new in news {
                jobs.create(owner, new, at(writer)).await.unwrap();
                // Claims and ends touch the streams of several users at once.
                let claimed = queue.claim(&super::work::claim(1, 3, at(1_000))).await.unwrap();
                let ends = claimed
                    .iter()
                    .map(|one| super::work::finish(one, Trigger::Succeed, at(1_001)))
                    .collect();
                queue.finish(ends).await.unwrap();
            }
        })
    });
    for writer in futures_util::future::join_all(writers).await {
        writer.unwrap();
    }
    let mut told: HashMap<UserId, Vec<i64>> = HashMap::new();
    for what in database.listener.take().into_iter().chain(other_listener.take()) {
        told.entry(what.owner)
            .or_default()
            .extend(what.events.iter().map(|event| event.cursor.0));
    }
    for owner in owners {
        let mut stream = Vec::new();
        let mut since = Cursor::START;
        loop {
            let some = database
                .stores
                .events
                .read_after(owner, since, &EventFilter::default(), limit(50))
                .await
                .unwrap();
            let Some(last) = some.last() else { break };
            since = last.cursor;
            stream.extend(some.iter().map(|event| event.cursor.0));
        }
        let expected: Vec<i64> = (1..=i64::try_from(stream.len()).unwrap()).collect();
        assert_eq!(stream, expected, "a gap");
        assert!(stream.len() >= 48);
        let mut heard = told.remove(&owner).unwrap();
        heard.sort_unstable();
        assert_eq!(heard, expected, "the listeners heard each event once");
        assert_eq!(database.stores.events.bounds(owner).await.unwrap().last, since);
    }
}

async fn a_reader_goes_on_where_it_stopped(database: Database) {
    let events = &database.stores.events;
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    let (job, _) = create_running(&database, ada, spec("job"), at(0)).await;
    let (other, _) = create_running(&database, ada, spec("other"), at(1)).await;
    create(&database, bob, spec("his"), at(1)).await;
    let all = EventFilter::default();
    let first = events.read_after(ada, Cursor::START, &all, limit(3)).await.unwrap();
    let rest = events.read_after(ada, first[2].cursor, &all, limit(3)).await.unwrap();
    assert_eq!((first.len(), rest.len(), rest[0].cursor), (3, 1, Cursor(4)));
    assert!(
        events
            .read_after(ada, Cursor(4), &all, limit(3))
            .await
            .unwrap()
            .is_empty()
    );
    let queued = EventFilter {
        types: vec![EventType::RunQueued],
        job_id: None,
    };
    assert_eq!(
        events
            .read_after(ada, Cursor::START, &queued, limit(9))
            .await
            .unwrap()
            .len(),
        2
    );
    let of_job = EventFilter {
        types: Vec::new(),
        job_id: Some(job.job_id),
    };
    let found = events.read_after(ada, Cursor::START, &of_job, limit(9)).await.unwrap();
    assert!(found.len() == 2 && found.iter().all(|event| event.job_id == Some(job.job_id)));
    let foreign = EventFilter {
        types: Vec::new(),
        job_id: Some(other.job_id),
    };
    assert!(
        events
            .read_after(bob, Cursor::START, &foreign, limit(9))
            .await
            .unwrap()
            .is_empty()
    );
    let mut heads = events.heads(&[ada, bob]).await.unwrap();
    heads.sort_unstable();
    let mut expected = vec![(ada, Cursor(4)), (bob, Cursor(1))];
    expected.sort_unstable();
    assert_eq!(heads, expected);
}

async fn the_history_of_a_job_is_its_own(database: Database) {
    let ada = somebody(&database, "ada").await;
    let (job, _) = create_running(&database, ada, spec("job"), at(0)).await;
    create_running(&database, ada, spec("other"), at(0)).await;
    for claimed in claim_some(&database, 9, at(1)).await {
        end(&database, &claimed, Trigger::Succeed, at(2)).await;
    }
    start(&database, ada, job.job_id, at(3)).await.unwrap();
    let first = database
        .stores
        .events
        .job_events(ada, job.job_id, None, limit(3))
        .await
        .unwrap();
    let second = database
        .stores
        .events
        .job_events(ada, job.job_id, first.next.as_ref(), limit(3))
        .await
        .unwrap();
    let kinds: Vec<_> = first.data.iter().chain(&second.data).map(|event| event.kind).collect();
    use EventType as E;
    assert_eq!(
        kinds,
        [
            E::RunQueued,
            E::RunCompleted,
            E::RunStarted,
            E::RunQueued,
            E::JobCreated
        ]
    );
    assert!(second.next.is_none());
}

/// Deletes what is older than 500 s, in one call.
async fn sweep(database: &Database) -> u32 {
    let swept = database.stores.events.delete_events(None, at(500), 50).await.unwrap();
    assert_eq!(swept.next, None);
    swept.deleted
}

async fn old_events_go_and_leave_a_mark(database: Database) {
    let events = &database.stores.events;
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    queue_up(&database, ada, 3).await;
    queue_up(&database, bob, 1).await;
    create(&database, ada, spec("new"), at(1_000)).await;
    let (mut deleted, mut place) = (Vec::new(), None);
    loop {
        let swept = events.delete_events(place, at(500), 5).await.unwrap();
        deleted.push(swept.deleted);
        place = swept.next;
        if place.is_none() {
            break;
        }
    }
    assert_eq!(deleted.iter().sum::<u32>(), 8, "{deleted:?}");
    assert!(deleted.len() > 1 && deleted[0] >= 5, "in batches: {deleted:?}");
    assert_eq!(sweep(&database).await, 0);
    let bounds = events.bounds(ada).await.unwrap();
    assert_eq!((bounds.pruned_up_to, bounds.last), (Cursor(6), Cursor(7)));
    let left = events
        .read_after(ada, Cursor::START, &EventFilter::default(), limit(9))
        .await
        .unwrap();
    assert_eq!(left.len(), 1);
}

async fn a_delivery_is_written_for_each_endpoint_that_wants_the_event(database: Database) {
    let ada = somebody(&database, "ada").await;
    let endpoint = |id: u8, types: &str, enabled: u8| {
        let user = ada.as_uuid().simple().to_string();
        format!(
            "INSERT INTO webhook_endpoints (webhook_id, user_id, url, types, secrets, enabled, version, created_at, updated_at) \
             VALUES (x'{id:032x}', x'{user}', 'https://example.com', '{types}', '[]', {enabled}, 1, '2026-01-01', '2026-01-01')"
        )
    };
    for (id, types, enabled) in [(1, r#"["*"]"#, 1), (2, r#"["run.completed"]"#, 1), (3, r#"["*"]"#, 0)] {
        database.execute(&endpoint(id, types, enabled)).await;
    }
    database.execute("UPDATE user_streams SET endpoints = 2").await;
    create_running(&database, ada, spec("job"), at(0)).await;
    assert!(database.listener.take()[0].has_deliveries);
    let claimed = claim_some(&database, 9, at(1)).await.remove(0);
    end(&database, &claimed, Trigger::Succeed, at(2)).await;
    let by_endpoint = async |id: u8| {
        database
            .number(&format!(
                "SELECT COUNT(*) FROM webhook_deliveries WHERE webhook_id = x'{id:032x}'"
            ))
            .await
    };
    assert_eq!(
        (by_endpoint(1).await, by_endpoint(2).await, by_endpoint(3).await),
        (4, 1, 0)
    );
    // An event that is on its way stays.
    assert_eq!(sweep(&database).await, 0);
    database
        .execute("UPDATE webhook_deliveries SET status = 'Delivered', next_attempt_at = NULL, finished_at = created_at")
        .await;
    assert_eq!(sweep(&database).await, 4);
}
