use super::*;
use crate::{
    clock::{ManualClock, SeededRandom},
    ids::{JobId, UserId},
    notice::{BACK_OFF, Facts, Incident, Notice, NoticeKind, Trouble},
    ports::{MockNoticeStore, MockNotifier, MockUserStore},
    user::{Email, Role, UserStatus},
};
use std::{
    pin::pin,
    sync::Mutex,
    task::{Context, Poll, Waker},
};

fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a double waited"),
    }
}

fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::days(20_000)
}

fn user(status: UserStatus) -> User {
    User {
        user_id: UserId::new(now(), &SeededRandom::new(1)),
        full_name: "Ada".to_owned(),
        email: Email::parse("", "ada@example.com").unwrap(),
        phone: None,
        role: Role::Customer,
        status,
        last_login: None,
        time_zone: "Europe/Vienna".to_owned(),
        email_verified_at: Some(now()),
        created_at: now(),
        updated_at: now(),
    }
}

fn due(number: u64, kind: NoticeKind, tries: u32) -> DueNotice {
    let facts = Facts {
        job_name: format!("job {number}"),
        at: now(),
        run_id: None,
        attempt: 1,
        max_attempts: 1,
        error: None,
        retry_at: None,
        planned_at: None,
        last_planned_at: None,
        instants: 0,
        reason: None,
    };
    DueNotice {
        notice: Notice {
            notice_id: NoticeId::new(now(), &SeededRandom::new(100 + number)),
            owner: user(UserStatus::Active).user_id,
            job_id: JobId::new(now(), &SeededRandom::new(number)),
            kind,
            facts: facts.clone(),
            incident: Incident {
                opened_at: now(),
                troubles: vec![Trouble::FinalFailure],
                failures: 1,
                latest: facts,
            },
            before: Vec::new(),
            created_at: now(),
        },
        tries,
        policy: None,
        next_run_at: None,
        job_exists: true,
    }
}

fn failed(count: u64) -> Vec<DueNotice> {
    (0..count)
        .map(|number| due(number, NoticeKind::FinalFailure, 0))
        .collect()
}

struct World {
    defaults: NoticePolicy,
    told_at: Vec<Timestamp>,
    status: UserStatus,
    outcome: Result<(), NotifyError>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            defaults: NoticePolicy::default(),
            told_at: Vec::new(),
            status: UserStatus::Active,
            outcome: Ok(()),
        }
    }
}

impl World {
    /// One step over these notices: how many each mail told, and what became of each notice.
    fn step(self, notices: Vec<DueNotice>) -> (Vec<usize>, Vec<Settled>) {
        let (mails, settled) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Vec::new())));
        let order: Vec<NoticeId> = notices.iter().map(|due| due.notice.notice_id).collect();
        let round = Round {
            owner: user(self.status).user_id,
            defaults: self.defaults,
            notices,
            told_at: self.told_at,
        };
        let mut store = MockNoticeStore::new();
        store.expect_claim().return_once(move |_, _, _| Ok(Some(round)));
        let kept = settled.clone();
        store.expect_settle().times(1).returning(move |_, settled| {
            kept.lock().unwrap().extend(settled);
            Ok(())
        });
        let mut users = MockUserStore::new();
        let status = self.status;
        users.expect_find().returning(move |_| Ok(user(status)));
        let mut notifier = MockNotifier::new();
        let (kept, outcome) = (mails.clone(), self.outcome);
        notifier.expect_deliver().returning(move |_, message| {
            if let Message::Jobs { notices, .. } = message {
                kept.lock().unwrap().push(notices.len());
            }
            outcome.clone()
        });
        let notices = Notices {
            store: Arc::new(store),
            users: Arc::new(users),
            notifier: Arc::new(notifier),
            clock: Arc::new(ManualClock::at(now())),
            random: Arc::new(SeededRandom::new(9)),
        };
        assert!(ready(notices.step()).unwrap());
        let settled = settled.lock().unwrap();
        let of = |id: &NoticeId| settled.iter().find(|(other, _)| other == id).unwrap().1.clone();
        assert_eq!(settled.len(), order.len(), "each notice is settled, once");
        (mails.lock().unwrap().clone(), order.iter().map(of).collect())
    }
}

const SENT: fn() -> Settled = || Settled::Sent {
    at: now(),
    remind_at: None,
};

#[test]
fn a_few_are_a_mail_each_and_many_are_told_in_one() {
    assert_eq!(World::default().step(failed(3)), (vec![1, 1, 1], vec![SENT(); 3]));
    assert_eq!(World::default().step(failed(4)), (vec![4], vec![SENT(); 4]));
}

#[test]
fn who_was_written_to_often_is_told_later_what_happens_now() {
    let told_at: Vec<Timestamp> = (0..10).map(|minute| now() - TimeDelta::minutes(20 - minute)).collect();
    let world = World {
        told_at,
        ..World::default()
    };
    let until = now() - TimeDelta::minutes(20) + WINDOW;
    assert_eq!(world.step(failed(2)), (vec![], vec![Settled::Held(until); 2]));
}

#[test]
fn the_last_mail_of_the_window_tells_all() {
    let world = World {
        told_at: vec![now(); 9],
        ..World::default()
    };
    assert_eq!(world.step(failed(2)).0, [2]);
}

#[test]
fn the_policy_of_the_job_goes_before_that_of_its_owner() {
    let mut notices = failed(2);
    notices[0].policy = Some(NoticePolicy::SILENT);
    let (mails, settled) = World::default().step(notices);
    assert_eq!((mails, settled), (vec![1], vec![Settled::NotWanted, SENT()]));
    let mut notices = failed(2);
    notices[1].policy = Some(NoticePolicy::default());
    let world = World {
        defaults: NoticePolicy::SILENT,
        ..World::default()
    };
    assert_eq!(world.step(notices).1, [Settled::NotWanted, SENT()]);
}

#[test]
fn nothing_is_told_of_jobs_that_are_gone_or_to_people_who_are() {
    let mut notices = failed(1);
    notices[0].job_exists = false;
    assert_eq!(World::default().step(notices), (vec![], vec![Settled::NotWanted]));
    let world = World {
        status: UserStatus::Deactivated,
        ..World::default()
    };
    assert_eq!(world.step(failed(1)), (vec![], vec![Settled::NotWanted]));
}

#[test]
fn while_the_mail_server_is_away_it_is_asked_once_a_round_and_again_later() {
    let away = || Err(NotifyError::Temporary("away".to_owned()));
    let world = World {
        outcome: away(),
        ..World::default()
    };
    let first = Settled::Again(now() + TimeDelta::seconds(BACK_OFF[0]), "away".to_owned());
    assert_eq!(world.step(failed(2)), (vec![1], vec![first.clone(), first]));
    let world = World {
        outcome: away(),
        ..World::default()
    };
    let last = due(1, NoticeKind::FinalFailure, 8);
    assert_eq!(world.step(vec![last]).1, [Settled::Failed("away".to_owned())]);
}

#[test]
fn what_is_refused_is_not_tried_again() {
    let world = World {
        outcome: Err(NotifyError::Permanent("no".to_owned())),
        ..World::default()
    };
    assert_eq!(world.step(failed(1)).1, [Settled::Failed("no".to_owned())]);
}

#[test]
fn a_reminder_is_planned_when_the_trouble_was_told() {
    let defaults = NoticePolicy {
        remind_hours: Some(24),
        ..NoticePolicy::default()
    };
    let world = World {
        defaults,
        ..World::default()
    };
    let expected = Settled::Sent {
        at: now(),
        remind_at: Some(now() + TimeDelta::hours(24)),
    };
    assert_eq!(world.step(failed(1)).1, [expected]);
}
