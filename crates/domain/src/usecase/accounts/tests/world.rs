//! Doubles of the ports with a memory: what they are asked stands in the [`Diary`].

use crate::{
    audit::Action,
    clock::{Clock, ManualClock, SeededRandom, Timestamp},
    error::{Refusal, StoreError},
    ids::{SessionId, UserId},
    mail::{Message, Recipient},
    otp::{Challenge, OTP_TRIES},
    ports::{
        Credentials, Limited, MockAuditTrail, MockOtpStore, MockPasswordHasher, MockPostbox, MockRateLimiter,
        MockSessionStore, MockUserStore, Redemption,
    },
    usecase::accounts::{AccountSettings, Accounts, ClientInfo, MockSessionWatch},
    user::{Email, Phone, Role, User, UserStatus},
};
use chrono::TimeDelta;
use std::sync::{Arc, Mutex};

pub(super) const PASSWORD: &str = "seven lamps over water";
pub(super) const PRESENT_KEY: [u8; 32] = [1; 32];
pub(super) const FORMER_KEY: [u8; 32] = [2; 32];

/// What the doubles hold and what they were asked.
#[derive(Default)]
pub(super) struct Diary {
    pub(super) people: Mutex<Vec<Credentials>>,
    pub(super) challenges: Mutex<Vec<Challenge>>,
    /// Whether each challenge, in order, replaced the older ones.
    pub(super) replacing: Mutex<Vec<bool>>,
    pub(super) redeemed: Mutex<Vec<(UserId, Redemption)>>,
    pub(super) posted: Mutex<Vec<(Recipient, Message)>>,
    pub(super) over_users: Mutex<Vec<UserId>>,
    pub(super) over_sessions: Mutex<Vec<SessionId>>,
    pub(super) deeds: Mutex<Vec<(UserId, Action)>>,
    /// Limits, look-ups and hashes in the order in which they were asked for.
    pub(super) steps: Mutex<Vec<String>>,
}

impl Diary {
    fn note(&self, step: impl Into<String>) {
        self.steps.lock().unwrap().push(step.into());
    }

    pub(super) fn steps(&self) -> Vec<String> {
        std::mem::take(&mut *self.steps.lock().unwrap())
    }

    pub(super) fn challenge(&self) -> Challenge {
        self.challenges.lock().unwrap().last().unwrap().clone()
    }

    /// The messages since the last look.
    pub(super) fn posted(&self) -> Vec<(Recipient, Message)> {
        std::mem::take(&mut *self.posted.lock().unwrap())
    }

    /// The code of the one message since the last look.
    pub(super) fn code(&self) -> String {
        match self.posted().as_slice() {
            [(_, Message::Otp { code, .. })] => code.clone(),
            other => panic!("not one code: {other:?}"),
        }
    }

    fn person(&self, found: impl Fn(&User) -> bool) -> Option<Credentials> {
        self.people
            .lock()
            .unwrap()
            .iter()
            .find(|known| found(&known.user))
            .cloned()
    }
}

/// The doubles. What a test expects goes before what they do by themselves.
pub(super) struct World {
    pub(super) users: MockUserStore,
    pub(super) otps: MockOtpStore,
    pub(super) sessions: MockSessionStore,
    pub(super) hasher: MockPasswordHasher,
    pub(super) limiter: MockRateLimiter,
    pub(super) settings: AccountSettings,
    pub(super) has_sms: bool,
    pub(super) clock: Arc<ManualClock>,
    pub(super) random: Arc<SeededRandom>,
    pub(super) diary: Arc<Diary>,
}

pub(super) fn client() -> ClientInfo {
    ClientInfo {
        ip: "192.0.2.7".into(),
        user_agent: Some("x".repeat(400)),
    }
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            users: MockUserStore::new(),
            otps: MockOtpStore::new(),
            sessions: MockSessionStore::new(),
            hasher: MockPasswordHasher::new(),
            limiter: MockRateLimiter::new(),
            settings: AccountSettings {
                otp_ttl: TimeDelta::seconds(300),
                resend_spacing: true,
                otp_keys: vec![PRESENT_KEY, FORMER_KEY],
                refresh_keys: vec![PRESENT_KEY, FORMER_KEY],
            },
            has_sms: false,
            clock: Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH + TimeDelta::days(20_000))),
            random: Arc::new(SeededRandom::new(11)),
            diary: Arc::default(),
        }
    }

    /// Adds Ada, whose password is [`PASSWORD`].
    pub(super) fn ada(&self, status: UserStatus) -> User {
        let now = self.clock.now();
        let user = User {
            user_id: UserId::new(now, &*self.random),
            full_name: "Ada Lovelace".into(),
            email: Email::parse("", "ada@example.com").unwrap(),
            phone: Some(Phone::parse("", "+441632960961").unwrap()),
            role: Role::Customer,
            status,
            last_login: None,
            time_zone: "UTC".into(),
            email_verified_at: None,
            created_at: now,
            updated_at: now,
        };
        self.diary.people.lock().unwrap().push(Credentials {
            user: user.clone(),
            password_hash: format!("hash of {PASSWORD}"),
        });
        user
    }

    /// Refuses the limits that `which` picks.
    pub(super) fn refuse(&mut self, which: fn(&Limited) -> bool) {
        let diary = self.diary.clone();
        self.limiter
            .expect_take()
            .withf(move |what, _| which(what))
            .returning(move |what, _| {
                diary.note(format!("{what:?}"));
                Err(Refusal::RateLimited { retry_after_seconds: 7 })
            });
    }

    pub(super) fn accounts(mut self) -> (Accounts, Arc<Diary>, Arc<ManualClock>) {
        self.remember_users();
        self.remember_challenges();
        self.remember_hashes();
        let diary = self.diary.clone();
        self.limiter.expect_take().returning(move |what, _| {
            diary.note(format!("{what:?}"));
            Ok(())
        });
        let mut postbox = MockPostbox::new();
        let diary = self.diary.clone();
        postbox
            .expect_post()
            .returning(move |to, message| diary.posted.lock().unwrap().push((to, message)));
        postbox.expect_has_sms().return_const(self.has_sms);
        let mut watch = MockSessionWatch::new();
        let diary = self.diary.clone();
        watch
            .expect_session_ended()
            .returning(move |id| diary.over_sessions.lock().unwrap().push(id));
        let diary = self.diary.clone();
        watch
            .expect_sessions_of_user_ended()
            .returning(move |id| diary.over_users.lock().unwrap().push(id));
        let mut trail = MockAuditTrail::new();
        let diary = self.diary.clone();
        trail
            .expect_note()
            .returning(move |deed| diary.deeds.lock().unwrap().push((deed.owner, deed.action)));
        let accounts = Accounts {
            users: Arc::new(self.users),
            otps: Arc::new(self.otps),
            sessions: Arc::new(self.sessions),
            hasher: Arc::new(self.hasher),
            postbox: Arc::new(postbox),
            limiter: Arc::new(self.limiter),
            watch: Arc::new(watch),
            trail: Arc::new(trail),
            clock: self.clock.clone(),
            random: self.random,
            settings: self.settings,
        };
        (accounts, self.diary, self.clock)
    }

    fn remember_users(&mut self) {
        let diary = self.diary.clone();
        self.users.expect_find_by_email().returning(move |email| {
            diary.note("find");
            Ok(diary.person(|user| user.email == *email))
        });
        let diary = self.diary.clone();
        self.users
            .expect_find_by_phone()
            .returning(move |phone| Ok(diary.person(|user| user.phone.as_ref() == Some(phone))));
        let diary = self.diary.clone();
        self.users.expect_find().returning(move |id| {
            diary
                .person(|user| user.user_id == id)
                .map(|known| known.user)
                .ok_or(StoreError::NotFound)
        });
        let diary = self.diary.clone();
        self.users.expect_insert().returning(move |user, hash| {
            diary.people.lock().unwrap().push(Credentials {
                user: user.clone(),
                password_hash: hash.to_owned(),
            });
            Ok(())
        });
    }

    fn remember_challenges(&mut self) {
        let diary = self.diary.clone();
        self.otps.expect_insert().returning(move |challenge, replacing| {
            diary.note("insert challenge");
            diary.challenges.lock().unwrap().push(challenge.clone());
            diary.replacing.lock().unwrap().push(replacing);
            Ok(())
        });
        let live = |challenge: &&mut Challenge, now| challenge.expires_at > now && challenge.attempts < OTP_TRIES;
        let diary = self.diary.clone();
        self.otps.expect_find_live().returning(move |id, now| {
            let mut challenges = diary.challenges.lock().unwrap();
            let found = challenges.iter_mut().find(|challenge| challenge.challenge_id == *id);
            Ok(found.filter(|found| live(found, now)).map(|found| found.clone()))
        });
        let diary = self.diary.clone();
        self.otps.expect_take_try().returning(move |id, now| {
            diary.note("take a try");
            let mut challenges = diary.challenges.lock().unwrap();
            let found = challenges.iter_mut().find(|challenge| challenge.challenge_id == *id);
            Ok(found.filter(|found| live(found, now)).map(|found| {
                found.attempts += 1;
                found.clone()
            }))
        });
        let diary = self.diary.clone();
        self.otps
            .expect_resend()
            .returning(move |otp_id, read_sent_at, otp, now, expires_at| {
                let mut challenges = diary.challenges.lock().unwrap();
                let found = challenges
                    .iter_mut()
                    .find(|challenge| challenge.otp_id == otp_id && challenge.sent_at == read_sent_at);
                Ok(found
                    .map(|found| (found.otp, found.sent_at, found.expires_at) = (otp.clone(), now, expires_at))
                    .is_some())
            });
        let diary = self.diary.clone();
        self.otps.expect_redeem().returning(move |otp_id, user_id, what, _| {
            let mut challenges = diary.challenges.lock().unwrap();
            let before = challenges.len();
            challenges.retain(|challenge| challenge.otp_id != otp_id);
            let user = diary.person(|user| user.user_id == user_id).map(|known| known.user);
            if before == challenges.len() || user.as_ref().is_none_or(|user| user.status == UserStatus::Deactivated) {
                return Ok(None);
            }
            diary.redeemed.lock().unwrap().push((user_id, what.clone()));
            Ok(user)
        });
    }

    fn remember_hashes(&mut self) {
        let diary = self.diary.clone();
        self.hasher.expect_hash().returning(move |password| {
            diary.note("hash");
            Ok(format!("hash of {password}"))
        });
        let diary = self.diary.clone();
        self.hasher.expect_verify().returning(move |password, hash| {
            diary.note("verify");
            Ok(hash.is_some_and(|hash| hash == format!("hash of {password}")))
        });
        self.hasher
            .expect_is_outdated()
            .returning(|hash| !hash.starts_with("hash of "));
    }
}
