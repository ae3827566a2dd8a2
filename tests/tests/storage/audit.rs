//! The audit log: what is done for somebody is written down with what it changes, in the same transaction.

use super::{
    people::{at, challenge, limit, session, somebody, t0},
    work::{create, create_running, new_run, spec},
};
use scheduler_domain::{
    audit::{Acting, Action, Actor, ActorKind, Changes, Deed, Entry, Origin, Target, TargetKind},
    clock::Timestamp,
    error::StoreError,
    ids::{JobId, SessionId, UserId, WebhookId},
    job::{JobSpec, Overlap},
    mail::OtpPurpose,
    page::Limit,
    ports::{AuditFilter, NewJob, ProfileChange, Redemption, Timing},
    session::EndReason,
    user::{Role, UserStatus},
    webhook::{Endpoint, EventSelection, SealedSecret},
};
use scheduler_storage::acting;
use scheduler_tests::databases::Database;
use std::sync::Arc;
use uuid::Uuid;

mod things_of_jobs;

on_both! {
    what_nobody_asked_for_is_not_written_down
    the_life_of_a_job_is_written_down_with_what_changed
    what_fails_leaves_no_entry
    jobs_of_many_people_are_made_in_one_group_and_each_has_its_maker
    accounts_and_log_ins_are_written_down
    an_administrator_is_named_only_to_themselves
    endpoints_are_written_down_without_their_secrets
    the_list_is_filtered_and_paged
    old_entries_are_deleted_in_batches
}

fn origin() -> Origin {
    Origin {
        ip: Some("192.0.2.7".to_owned()),
        user_agent: Some("tests/1".to_owned()),
        request_id: Some("r-1".to_owned()),
        bulk_id: None,
    }
}

/// Work for a person who is logged in.
async fn as_person<F: Future>(database: &Database, user_id: UserId, work: F) -> F::Output {
    let acting = Acting::from(origin());
    acting.identify(Actor::session(user_id, SessionId::new(t0(), &*database.random)));
    acting::within(Some(Arc::new(acting)), work).await
}

/// The log of a user, oldest first.
async fn log(database: &Database, owner: UserId) -> Vec<Entry> {
    let all = AuditFilter::default();
    let page = database.stores.audit.list(owner, &all, None, limit(200)).await.unwrap();
    assert_eq!(page.next, None);
    page.data.into_iter().rev().collect()
}

async fn actions(database: &Database, owner: UserId) -> Vec<Action> {
    let log = log(database, owner).await;
    log.into_iter().map(|entry| entry.entry.deed.action).collect()
}

fn change_text(entry: &Entry) -> Vec<String> {
    let changes = &entry.entry.deed.changes.0;
    changes
        .iter()
        .map(|change| format!("{}: {} -> {}", change.field, change.before, change.after))
        .collect()
}

async fn what_nobody_asked_for_is_not_written_down(database: Database) {
    let ada = somebody(&database, "ada").await;
    let (job, _) = create_running(&database, ada, spec("nightly"), at(0)).await;
    database.stores.jobs.delete(ada, job.job_id, None, at(1)).await.unwrap();
    assert_eq!(log(&database, ada).await, []);
}

async fn the_life_of_a_job_is_written_down_with_what_changed(database: Database) {
    let stores = &database.stores;
    let ada = somebody(&database, "ada").await;
    as_person(&database, ada, async {
        let job = create(&database, ada, spec("nightly"), at(0)).await;
        let changed = JobSpec {
            description: Some("of the warehouse".to_owned()),
            overlap: Overlap::Skip,
            ..spec("nightly")
        };
        stores
            .jobs
            .update(ada, job.job_id, 1, &changed, None, at(1))
            .await
            .unwrap();
        let pause = stores
            .schedules
            .pause(ada, job.job_id, ada, Some("moving".to_owned()), at(2));
        pause.await.unwrap();
        stores.schedules.pause(ada, job.job_id, ada, None, at(3)).await.unwrap();
        stores.schedules.resume(ada, job.job_id, at(4)).await.unwrap();
        let run = new_run(&database, ada, at(5));
        let run_id = run.run_id;
        stores.jobs.start(ada, job.job_id, run, at(5)).await.unwrap();
        stores.history.cancel_run(ada, run_id, at(6)).await.unwrap().unwrap();
        stores
            .history
            .cancel_run(ada, run_id, at(7))
            .await
            .unwrap()
            .unwrap_err();
        // The runs of a deleted job are cancelled with it: that is one deed.
        let run = new_run(&database, ada, at(8));
        stores.jobs.start(ada, job.job_id, run, at(8)).await.unwrap();
        stores.jobs.delete(ada, job.job_id, None, at(9)).await.unwrap();
    })
    .await;
    let log = log(&database, ada).await;
    let told: Vec<_> = log
        .iter()
        .map(|entry| (entry.entry.deed.action, entry.entry.deed.at))
        .collect();
    let expected = [
        (Action::JobCreated, at(0)),
        (Action::JobUpdated, at(1)),
        (Action::JobPaused, at(2)),
        (Action::JobResumed, at(4)),
        (Action::RunCancelled, at(6)),
        (Action::JobDeleted, at(9)),
    ];
    assert_eq!(told, expected);
    let mut changes = change_text(&log[1]);
    changes.sort();
    assert_eq!(
        changes,
        [
            "description: null -> \"of the warehouse\"",
            "overlap: \"allow\" -> \"skip\""
        ]
    );
    assert_eq!(change_text(&log[2]), ["pause_reason: null -> \"moving\""]);
    for entry in &log {
        assert_eq!(entry.entry.origin, origin());
        assert_eq!(
            (entry.entry.actor.kind, entry.entry.actor.user_id),
            (ActorKind::Session, Some(ada))
        );
        let target = entry.entry.deed.target.as_ref().unwrap();
        assert_eq!(target.name.as_deref(), Some("nightly"));
    }
}

async fn what_fails_leaves_no_entry(database: Database) {
    let stores = &database.stores;
    let ada = somebody(&database, "ada").await;
    let job = create(&database, ada, spec("nightly"), at(0)).await;
    as_person(&database, ada, async {
        let late = stores.jobs.delete(ada, job.job_id, Some(7), at(1)).await;
        assert!(matches!(late, Err(StoreError::VersionConflict { .. })));
        let missing = stores
            .jobs
            .delete(ada, JobId::new(at(0), &*database.random), None, at(1))
            .await;
        assert!(matches!(missing, Err(StoreError::NotFound)));
    })
    .await;
    assert_eq!(log(&database, ada).await, []);
}

async fn jobs_of_many_people_are_made_in_one_group_and_each_has_its_maker(database: Database) {
    let mut people = Vec::new();
    for name in ["ada", "bob", "cyn"] {
        people.push(somebody(&database, name).await);
    }
    let made = (0..60).map(|number| {
        let owner = people[number % 3];
        let (stores, random) = (database.stores.clone(), database.random.clone());
        let new = NewJob {
            timing: Timing::default(),
            job_id: JobId::new(at(0), &*random),
            spec: spec(&format!("job {number}")),
            run: None,
        };
        let acting = Acting::from(origin());
        acting.identify(Actor::session(owner, SessionId::new(t0(), &*random)));
        // A third of them is made for nobody.
        let acting = (number < 40).then(|| Arc::new(acting));
        tokio::spawn(acting::within(acting, async move {
            stores.jobs.create(owner, new, at(0)).await.unwrap();
        }))
    });
    for one in futures_util::future::join_all(made).await {
        one.unwrap();
    }
    for (index, owner) in people.iter().enumerate() {
        let log = log(&database, *owner).await;
        assert_eq!(log.len(), if index == 0 { 14 } else { 13 });
        for entry in log {
            assert_eq!(entry.entry.actor.user_id, Some(*owner));
            assert_eq!(entry.entry.deed.action, Action::JobCreated);
        }
    }
}

async fn accounts_and_log_ins_are_written_down(database: Database) {
    let stores = &database.stores;
    let ada = somebody(&database, "ada").await;
    let (code, began) = (
        challenge(&database, Some(ada), OtpPurpose::LogIn),
        session(&database, ada),
    );
    let session_id = began.session_id;
    // Nobody is known yet when somebody logs in.
    let stranger = Some(Arc::new(Acting::from(origin())));
    acting::within(stranger.clone(), async {
        stores.otps.insert(&code, true).await.unwrap();
        let log_in = Redemption::LogIn {
            session: began,
            activate: false,
        };
        stores
            .otps
            .redeem(code.otp_id, ada, &log_in, at(1))
            .await
            .unwrap()
            .unwrap();
    })
    .await;
    as_person(&database, ada, async {
        let name = ProfileChange {
            full_name: Some("Ada King".to_owned()),
            ..ProfileChange::default()
        };
        stores.users.change_profile(ada, &name, at(2)).await.unwrap();
        stores.users.change_profile(ada, &name, at(3)).await.unwrap();
        stores
            .sessions
            .end(ada, session_id, EndReason::LoggedOut, at(4))
            .await
            .unwrap();
    })
    .await;
    let code = challenge(&database, Some(ada), OtpPurpose::PasswordReset);
    acting::within(stranger, async {
        stores.otps.insert(&code, true).await.unwrap();
        let reset = Redemption::ResetPassword {
            password_hash: "hash".to_owned(),
        };
        stores
            .otps
            .redeem(code.otp_id, ada, &reset, at(5))
            .await
            .unwrap()
            .unwrap();
    })
    .await;
    let log = log(&database, ada).await;
    let told: Vec<_> = log
        .iter()
        .map(|entry| (entry.entry.deed.action, entry.entry.actor.kind))
        .collect();
    let expected = [
        (Action::LoginSucceeded, ActorKind::Session),
        (Action::UserChanged, ActorKind::Session),
        (Action::SessionEnded, ActorKind::Session),
        (Action::PasswordReset, ActorKind::Anonymous),
    ];
    assert_eq!(told, expected);
    assert_eq!(log[0].entry.actor, Actor::session(ada, session_id));
    assert_eq!(change_text(&log[2]), ["end_reason: null -> \"logged_out\""]);
    assert!(change_text(&log[1])[0].ends_with("-> \"Ada King\""));
    assert!(!format!("{log:?}").contains("hash"));
}

async fn an_administrator_is_named_only_to_themselves(database: Database) {
    let stores = &database.stores;
    let (ada, admin) = (somebody(&database, "ada").await, somebody(&database, "admin").await);
    as_person(&database, admin, async {
        stores
            .users
            .administer(ada, Some(Role::Admin), Some(UserStatus::Active), at(1))
            .await
            .unwrap();
    })
    .await;
    let (of_ada, of_admin) = (log(&database, ada).await, log(&database, admin).await);
    assert_eq!((of_ada.len(), of_admin.len()), (1, 1));
    assert_eq!(
        (of_ada[0].entry.actor, &of_ada[0].entry.origin),
        (Actor::ADMINISTRATOR, &Origin::default())
    );
    assert_eq!(of_admin[0].entry.actor.user_id, Some(admin));
    assert_eq!(of_admin[0].entry.origin, origin());
    for entry in [&of_ada[0], &of_admin[0]] {
        assert_eq!(change_text(entry), ["role: \"customer\" -> \"admin\""]);
        assert_eq!(entry.entry.deed.target.as_ref().unwrap().id, ada.as_uuid());
    }
}

async fn endpoints_are_written_down_without_their_secrets(database: Database) {
    let stores = &database.stores;
    let ada = somebody(&database, "ada").await;
    let secret = |text: &str| SealedSecret {
        sealed: text.to_owned(),
        expires_at: None,
    };
    let mut endpoint = Endpoint {
        webhook_id: WebhookId::new(at(0), &*database.random),
        user_id: ada,
        url: "https://example.com/hook".to_owned(),
        types: EventSelection::ALL,
        description: None,
        sealed_headers: Some("sealed-1".to_owned()),
        secrets: vec![secret("secret-1")],
        enabled: true,
        disabled_reason: None,
        failing_since: None,
        version: 1,
        created_at: at(0),
        updated_at: at(0),
    };
    as_person(&database, ada, async {
        stores.endpoints.insert(&endpoint).await.unwrap();
        endpoint.version = 2;
        endpoint.enabled = false;
        endpoint.sealed_headers = Some("sealed-2".to_owned());
        stores.endpoints.replace(&endpoint, 1).await.unwrap();
        endpoint.version = 3;
        endpoint.secrets = vec![secret("secret-2")];
        stores.endpoints.replace(&endpoint, 2).await.unwrap();
        stores
            .endpoints
            .delete(ada, endpoint.webhook_id, None, at(3))
            .await
            .unwrap();
    })
    .await;
    let expected = [
        Action::WebhookCreated,
        Action::WebhookUpdated,
        Action::WebhookSecretRotated,
        Action::WebhookDeleted,
    ];
    let mut told = actions(&database, ada).await;
    told.sort_by_key(|action| expected.iter().position(|one| one == action));
    assert_eq!(told, expected);
    let log = log(&database, ada).await;
    let updated = log
        .iter()
        .find(|entry| entry.entry.deed.action == Action::WebhookUpdated);
    let changes = change_text(updated.unwrap());
    assert_eq!(changes, ["enabled: true -> false", "headers: \"***\" -> \"***\""]);
    let text = format!("{log:?}");
    assert!(!text.contains("sealed-") && !text.contains("secret-"), "{text}");
}

/// Entries of two kinds, about two things, one a second.
async fn fill(database: &Database, owner: UserId, rows: i64) -> [Uuid; 2] {
    let targets = [1, 2].map(Uuid::from_u128);
    let entries: Vec<_> = (0..rows)
        .map(|second| {
            let pick = usize::from(second % 2 == 1);
            let action = [Action::LoginFailed, Action::OtpFailed][pick];
            let target = Target::new(TargetKind::User, targets[pick], None);
            let deed = Deed::new(owner, action, target, at(second));
            deed.with(Changes::default()).by(Actor::ANONYMOUS, origin())
        })
        .collect();
    for entries in entries.chunks(100) {
        database.stores.audit.append(entries).await.unwrap();
    }
    targets
}

async fn the_list_is_filtered_and_paged(database: Database) {
    let audit = &database.stores.audit;
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    let targets = fill(&database, ada, 20).await;
    fill(&database, bob, 4).await;
    let seconds = async |filter: AuditFilter, rows: u32| -> Vec<i64> {
        let (mut seconds, mut after) = (Vec::new(), None);
        loop {
            let page = audit.list(ada, &filter, after.as_ref(), limit(rows)).await.unwrap();
            assert!(page.data.len() <= rows as usize);
            seconds.extend(
                page.data
                    .iter()
                    .map(|entry| (entry.entry.deed.at - at(0)).num_seconds()),
            );
            after = page.next;
            if after.is_none() {
                return seconds;
            }
        }
    };
    let all: Vec<i64> = (0..20).rev().collect();
    let odd: Vec<i64> = all.iter().copied().filter(|second| second % 2 == 1).collect();
    assert_eq!(seconds(AuditFilter::default(), 7).await, all);
    let of = |actions: &[Action]| AuditFilter {
        actions: actions.to_vec(),
        ..AuditFilter::default()
    };
    assert_eq!(seconds(of(&[Action::OtpFailed]), 3).await, odd);
    let both = of(&[Action::OtpFailed, Action::LoginFailed, Action::JobCreated]);
    assert_eq!(seconds(both, 3).await, all);
    assert_eq!(seconds(of(&[Action::JobCreated]), 3).await, [0_i64; 0]);
    let about = AuditFilter {
        target_id: Some(targets[1]),
        after: Some(at(3)),
        before: Some(at(9)),
        ..AuditFilter::default()
    };
    assert_eq!(seconds(about.clone(), 2).await, [7, 5]);
    let nobody = AuditFilter {
        actor_id: Some(Uuid::from_u128(9)),
        ..about
    };
    assert_eq!(seconds(nobody, 2).await, [0_i64; 0]);
}

async fn old_entries_are_deleted_in_batches(database: Database) {
    let audit = &database.stores.audit;
    let ada = somebody(&database, "ada").await;
    fill(&database, ada, 10).await;
    let border: Timestamp = at(6);
    assert_eq!(audit.delete_old(border, 4).await.unwrap(), 4);
    assert_eq!(audit.delete_old(border, 4).await.unwrap(), 2);
    assert_eq!(audit.delete_old(border, 4).await.unwrap(), 0);
    let page = audit
        .list(ada, &AuditFilter::default(), None, Limit::DEFAULT)
        .await
        .unwrap();
    assert_eq!(page.data.len(), 4);
}
