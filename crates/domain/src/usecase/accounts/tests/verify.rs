use super::{
    assert_refused, ready,
    world::{Diary, FORMER_KEY, PASSWORD, PRESENT_KEY, World, client},
};
use crate::{
    audit::Action,
    error::Refusal,
    mail::OtpPurpose,
    otp::{Challenge, ChallengeId, OtpCode},
    ports::Redemption,
    session::PresentedToken,
    usecase::accounts::Accounts,
    user::{User, UserStatus},
};
use chrono::TimeDelta;
use std::sync::Arc;

/// Ada, with her challenge and its code.
struct Asked {
    accounts: Accounts,
    diary: Arc<Diary>,
    clock: Arc<crate::clock::ManualClock>,
    ada: User,
    challenge_id: String,
    code: String,
}

impl Asked {
    fn new() -> Self {
        let world = World::new();
        let ada = world.ada(UserStatus::Active);
        let (accounts, diary, clock) = world.accounts();
        let ticket = ready(accounts.log_in("ada@example.com", PASSWORD, &client())).unwrap();
        let code = diary.code();
        Self {
            accounts,
            diary,
            clock,
            ada,
            challenge_id: ticket.challenge_id.as_str().to_owned(),
            code,
        }
    }

    fn verify(&self, code: &str) -> Result<crate::usecase::accounts::LoggedIn, Refusal> {
        ready(self.accounts.verify_otp(&self.challenge_id, code, &client()))
    }

    fn wrong(&self) -> &'static str {
        if self.code == "00000000" {
            "00000001"
        } else {
            "00000000"
        }
    }

    /// Changes the challenge where it is stored.
    fn alter(&self, change: impl Fn(&mut Challenge)) {
        change(&mut self.diary.challenges.lock().unwrap()[0]);
    }
}

#[test]
fn the_right_code_logs_in_with_a_session_of_its_own() {
    let asked = Asked::new();
    let logged_in = asked.verify(&asked.code).unwrap();
    assert_eq!(logged_in.user, asked.ada);
    let session = logged_in.session;
    assert_eq!((session.user_id, session.generation), (asked.ada.user_id, 0));
    assert_eq!(session.ip.as_deref(), Some("192.0.2.7"));
    assert_eq!(
        session.user_agent.map(|agent| agent.len()),
        Some(300),
        "cut to what is stored"
    );
    let token = PresentedToken::parse(&logged_in.refresh_token).unwrap();
    assert_eq!(token.session_id, session.session_id);
    let redeemed = asked.diary.redeemed.lock().unwrap();
    let [
        (
            user_id,
            Redemption::LogIn {
                session: stored,
                activate: false,
            },
        ),
    ] = redeemed.as_slice()
    else {
        panic!("{redeemed:?}");
    };
    assert_eq!((*user_id, stored.session_id), (asked.ada.user_id, session.session_id));
}

#[test]
fn blanks_and_hyphens_in_a_code_do_not_matter() {
    let asked = Asked::new();
    let (head, tail) = asked.code.split_at(4);
    asked.verify(&format!("{head} - {tail}")).unwrap();
}

#[test]
fn a_wrong_or_malformed_code_is_refused_and_costs_a_try() {
    let asked = Asked::new();
    for (tries, code) in [asked.wrong(), "", "1234", "abcdefgh"].into_iter().enumerate() {
        assert_refused!(asked.verify(code), Refusal::OtpInvalid);
        assert_eq!(asked.diary.challenge().attempts as usize, tries + 1);
    }
    let failed = vec![(asked.ada.user_id, Action::OtpFailed); 4];
    assert_eq!(*asked.diary.deeds.lock().unwrap(), failed);
    asked.verify(&asked.code).unwrap();
    assert_eq!(*asked.diary.deeds.lock().unwrap(), failed);
}

#[test]
fn the_right_code_after_five_wrong_ones_is_as_wrong() {
    let asked = Asked::new();
    for _ in 0..5 {
        assert_refused!(asked.verify(asked.wrong()), Refusal::OtpInvalid);
    }
    assert_refused!(asked.verify(&asked.code), Refusal::OtpInvalid);
    assert!(asked.diary.redeemed.lock().unwrap().is_empty());
}

#[test]
fn a_code_works_once() {
    let asked = Asked::new();
    asked.verify(&asked.code).unwrap();
    assert_refused!(asked.verify(&asked.code), Refusal::OtpInvalid);
}

#[test]
fn of_two_uses_at_once_the_slower_is_refused() {
    let mut world = World::new();
    world.ada(UserStatus::Active);
    world.otps.expect_redeem().times(1).returning(|_, _, _, _| Ok(None));
    let (accounts, diary, _) = world.accounts();
    let ticket = ready(accounts.log_in("ada@example.com", PASSWORD, &client())).unwrap();
    let result = ready(accounts.verify_otp(ticket.challenge_id.as_str(), &diary.code(), &client()));
    assert_refused!(result, Refusal::OtpInvalid);
}

#[test]
fn an_expired_code_is_refused() {
    let asked = Asked::new();
    asked.clock.advance(TimeDelta::seconds(300));
    assert_refused!(asked.verify(&asked.code), Refusal::OtpInvalid);
}

#[test]
fn no_code_answers_a_decoy() {
    let asked = Asked::new();
    asked.alter(|challenge| challenge.user_id = None);
    assert_refused!(asked.verify(&asked.code), Refusal::OtpInvalid);
}

#[test]
fn the_code_of_a_reset_does_not_log_in() {
    let asked = Asked::new();
    asked.alter(|challenge| challenge.purpose = OtpPurpose::PasswordReset);
    assert_refused!(asked.verify(&asked.code), Refusal::OtpInvalid);
    assert!(asked.diary.redeemed.lock().unwrap().is_empty());
}

#[test]
fn unknown_and_malformed_challenges_are_refused_like_wrong_codes() {
    let asked = Asked::new();
    let unknown = "A".repeat(22);
    let multibyte = "ä".repeat(40);
    for id in ["", "x", unknown.as_str(), multibyte.as_str()] {
        let result = ready(asked.accounts.verify_otp(id, &asked.code, &client()));
        assert_refused!(result, Refusal::OtpInvalid);
    }
    assert_eq!(asked.diary.challenge().attempts, 0);
}

#[test]
fn a_code_sealed_before_the_secret_changed_still_works() {
    let asked = Asked::new();
    let reseal = |key: [u8; 32]| {
        let code = OtpCode::parse(&asked.code).unwrap();
        let id = ChallengeId::parse(&asked.challenge_id).unwrap();
        asked.alter(|challenge| challenge.otp = code.seal(&key, &id));
    };
    reseal([9; 32]);
    assert_refused!(asked.verify(&asked.code), Refusal::OtpInvalid);
    reseal(FORMER_KEY);
    asked.verify(&asked.code).unwrap();
}

#[test]
fn new_codes_are_sealed_under_the_present_key() {
    let asked = Asked::new();
    let code = OtpCode::parse(&asked.code).unwrap();
    let challenge = asked.diary.challenge();
    assert!(challenge.answered_by(&code.seal(&PRESENT_KEY, &challenge.challenge_id)));
}

#[test]
fn an_account_deactivated_meanwhile_is_refused_like_a_wrong_code() {
    let asked = Asked::new();
    asked.diary.people.lock().unwrap()[0].user.status = UserStatus::Deactivated;
    assert_refused!(asked.verify(&asked.code), Refusal::OtpInvalid);
}

#[test]
fn an_account_deleted_meanwhile_is_refused_like_a_wrong_code() {
    let asked = Asked::new();
    asked.diary.people.lock().unwrap().clear();
    assert_refused!(asked.verify(&asked.code), Refusal::OtpInvalid);
}
