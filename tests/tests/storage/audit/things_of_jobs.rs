//! Secret addresses of jobs, and operations on many of them.

use super::*;
use scheduler_domain::{
    bulk::{BulkAction, BulkOperation, BulkParams, BulkStatus, BulkTarget},
    ids::BulkId,
    link::{Link, LinkHash, LinkKind},
    run::LeaseToken,
};

on_both! {
    addresses_are_written_down_by_the_end_of_their_secrets
    an_operation_on_many_jobs_goes_on_for_whoever_asked
}

async fn addresses_are_written_down_by_the_end_of_their_secrets(database: Database) {
    let ada = somebody(&database, "ada").await;
    let job = create(&database, ada, spec("nightly"), at(0)).await;
    let links = &database.stores.links;
    as_person(&database, ada, async {
        for (kind, end, second) in [
            (LinkKind::Inbound, "1111", 1),
            (LinkKind::Inbound, "2222", 2),
            (LinkKind::Heartbeat, "3333", 3),
            (LinkKind::Badge, "4444", 4),
        ] {
            let link = Link {
                job_id: job.job_id,
                owner: ada,
                kind,
                last4: end.to_owned(),
                created_at: at(second),
                last_used_at: None,
            };
            links.put(&[(link, LinkHash::of(end))]).await.unwrap();
        }
        for (kind, second) in [(LinkKind::Inbound, 5), (LinkKind::Heartbeat, 6), (LinkKind::Badge, 7)] {
            links.revoke(ada, job.job_id, kind, at(second)).await.unwrap();
        }
        links.revoke(ada, job.job_id, LinkKind::Badge, at(8)).await.unwrap_err();
    })
    .await;
    let log = log(&database, ada).await;
    let told: Vec<_> = log
        .iter()
        .map(|entry| {
            (
                entry.entry.deed.action,
                entry.entry.deed.at,
                change_text(entry).join(", "),
            )
        })
        .collect();
    let change = |before: &str, after: &str| format!("last4: {before} -> {after}");
    let expected = [
        (Action::InboundCreated, at(1), change("null", "\"1111\"")),
        (Action::InboundCreated, at(2), change("\"1111\"", "\"2222\"")),
        (Action::HeartbeatCreated, at(3), change("null", "\"3333\"")),
        (Action::BadgeCreated, at(4), change("null", "\"4444\"")),
        (Action::InboundRevoked, at(5), change("\"2222\"", "null")),
        (Action::HeartbeatRevoked, at(6), change("\"3333\"", "null")),
        (Action::BadgeRevoked, at(7), change("\"4444\"", "null")),
    ];
    assert_eq!(told, expected);
    let target = Target::new(TargetKind::Job, job.job_id.as_uuid(), Some("nightly"));
    assert!(
        log.iter()
            .all(|entry| entry.entry.deed.target.as_ref() == Some(&target))
    );
}

async fn an_operation_on_many_jobs_goes_on_for_whoever_asked(database: Database) {
    let ada = somebody(&database, "ada").await;
    let job = create(&database, ada, spec("nightly"), at(0)).await;
    let bulk = &database.stores.bulk;
    let new = BulkOperation {
        bulk_id: BulkId::new(at(1), &*database.random),
        owner: ada,
        asked: None,
        action: BulkAction::Delete,
        params: BulkParams::default(),
        target: BulkTarget::Ids(vec![job.job_id]),
        status: BulkStatus::Pending,
        matched: 1,
        matched_exactly: true,
        done: 0,
        failed: 0,
        errors: Vec::new(),
        after: None,
        created_at: at(1),
        finished_at: None,
    };
    as_person(&database, ada, bulk.insert(&new)).await.unwrap();
    let taken = bulk.claim(at(2), at(60), LeaseToken([1; 16])).await.unwrap().unwrap();
    // Much later, in a task that knows nobody.
    let acting = Acting::on_behalf_of(taken.asked.unwrap());
    let deleted = database.stores.jobs.delete(ada, job.job_id, None, at(3));
    acting::within(Some(Arc::new(acting)), deleted).await.unwrap();
    as_person(&database, ada, bulk.abort(ada, new.bulk_id, at(4)))
        .await
        .unwrap();
    // One that has ended is not aborted again.
    as_person(&database, ada, bulk.abort(ada, new.bulk_id, at(5)))
        .await
        .unwrap();
    let log = log(&database, ada).await;
    let told: Vec<_> = log
        .iter()
        .map(|entry| (entry.entry.deed.action, entry.entry.origin.bulk_id))
        .collect();
    let expected = [
        (Action::BulkCreated, None),
        (Action::JobDeleted, Some(new.bulk_id)),
        (Action::BulkAborted, None),
    ];
    assert_eq!(told, expected);
    assert_eq!(log[1].entry.actor, log[0].entry.actor);
    assert_eq!(log[1].entry.origin.request_id, origin().request_id);
    assert_eq!(
        change_text(&log[0]),
        [
            "action: null -> \"delete\"".to_owned(),
            format!("ids: null -> [\"{}\"]", job.job_id),
            "matched: null -> 1".to_owned(),
        ]
    );
    let target = log[0].entry.deed.target.clone().unwrap();
    assert_eq!(
        target,
        Target::new(TargetKind::BulkOperation, new.bulk_id.as_uuid(), Some("delete"))
    );
}
