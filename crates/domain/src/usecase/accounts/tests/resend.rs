use super::{
    assert_refused, ready,
    world::{PASSWORD, World, client},
};
use crate::{
    clock::Clock,
    error::Refusal,
    mail::{Channel, Message, Recipient},
    ports::Limited,
    usecase::accounts::{ResetFor, SignUp},
    user::{Email, Phone, UserStatus},
};
use chrono::TimeDelta;

const SPACING: TimeDelta = TimeDelta::seconds(30);

#[test]
fn a_resend_keeps_the_challenge_and_replaces_the_code() {
    let world = World::new();
    world.ada(UserStatus::Active);
    let (accounts, diary, clock) = world.accounts();
    let first = ready(accounts.log_in("ada@example.com", PASSWORD, &client())).unwrap();
    let (id, old) = (first.challenge_id.as_str(), diary.code());
    clock.advance(SPACING);
    let second = ready(accounts.resend(id, None, &client())).unwrap();
    assert_eq!(second.challenge_id, first.challenge_id);
    assert_eq!(second.expires_at, clock.now() + TimeDelta::seconds(300));
    assert_eq!(second.resend_after, clock.now() + SPACING);
    let new = diary.code();
    assert_ne!(new, old);
    assert_refused!(ready(accounts.verify_otp(id, &old, &client())), Refusal::OtpInvalid);
    ready(accounts.verify_otp(id, &new, &client())).unwrap();
}

#[test]
fn a_resend_gives_no_tries_back() {
    let world = World::new();
    world.ada(UserStatus::Active);
    let (accounts, diary, clock) = world.accounts();
    let ticket = ready(accounts.log_in("ada@example.com", PASSWORD, &client())).unwrap();
    let _ = ready(accounts.verify_otp(ticket.challenge_id.as_str(), "", &client()));
    clock.advance(SPACING);
    ready(accounts.resend(ticket.challenge_id.as_str(), None, &client())).unwrap();
    assert_eq!(diary.challenge().attempts, 1);
}

#[test]
fn a_code_is_sent_again_only_after_the_spacing_unless_that_is_off() {
    for (spacing, waits) in [(true, true), (false, false)] {
        let mut world = World::new();
        world.ada(UserStatus::Active);
        world.settings.resend_spacing = spacing;
        let (accounts, diary, clock) = world.accounts();
        let ticket = ready(accounts.log_in("ada@example.com", PASSWORD, &client())).unwrap();
        assert_eq!(ticket.resend_after > clock.now(), waits);
        diary.posted();
        clock.advance(SPACING - TimeDelta::microseconds(1));
        let result = ready(accounts.resend(ticket.challenge_id.as_str(), None, &client()));
        if waits {
            assert_refused!(result, Refusal::RateLimited { retry_after_seconds: 1 });
            assert_eq!(diary.posted(), []);
        } else {
            result.unwrap();
        }
    }
}

#[test]
fn the_resend_of_a_decoy_sends_nothing_and_answers_the_same() {
    let world = World::new();
    world.ada(UserStatus::Active);
    let (accounts, diary, clock) = world.accounts();
    let mut answers = Vec::new();
    for address in ["ada@example.com", "nobody@example.com"] {
        let whose = ResetFor::Email(Email::parse("", address).unwrap());
        let ticket = ready(accounts.start_reset(&whose, None, &client())).unwrap();
        clock.advance(SPACING);
        diary.posted();
        let again = ready(accounts.resend(ticket.challenge_id.as_str(), None, &client())).unwrap();
        assert_eq!(again.challenge_id, ticket.challenge_id);
        answers.push((
            again.expires_at - clock.now(),
            again.resend_after - clock.now(),
            diary.posted().len(),
        ));
    }
    let (real, decoy) = (answers[0], answers[1]);
    assert_eq!((real.0, real.1), (decoy.0, decoy.1));
    assert_eq!((real.2, decoy.2), (1, 0));
}

#[test]
fn a_resend_that_lost_the_race_sends_nothing() {
    let mut world = World::new();
    world.ada(UserStatus::Active);
    world.otps.expect_resend().times(1).returning(|_, _, _, _, _| Ok(false));
    let (accounts, diary, clock) = world.accounts();
    let ticket = ready(accounts.log_in("ada@example.com", PASSWORD, &client())).unwrap();
    diary.posted();
    clock.advance(SPACING);
    let result = ready(accounts.resend(ticket.challenge_id.as_str(), None, &client()));
    assert_refused!(result, Refusal::RateLimited { retry_after_seconds: 1 });
    assert_eq!(diary.posted(), []);
}

/// Otherwise anybody could fill a mailbox by signing up with its address and read off a resend whether it has an
/// account.
#[test]
fn a_full_mailbox_does_not_tell_a_real_challenge_from_a_decoy() {
    let mut world = World::new();
    world.ada(UserStatus::Active);
    let (accounts, diary, clock) = {
        let full = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let switch = full.clone();
        world
            .limiter
            .expect_take()
            .withf(move |what, _| {
                matches!(what, Limited::MessagesTo(to) if to.contains('@'))
                    && full.load(std::sync::atomic::Ordering::SeqCst)
            })
            .returning(|_, _| Err(Refusal::RateLimited { retry_after_seconds: 9 }));
        let (accounts, diary, clock) = world.accounts();
        let sign_up = SignUp {
            full_name: "Grace Hopper".into(),
            email: "ada@example.com".into(),
            password: PASSWORD.into(),
            phone: None,
        };
        ready(accounts.sign_up(&sign_up, &client())).unwrap();
        ready(accounts.log_in("ada@example.com", PASSWORD, &client())).unwrap();
        switch.store(true, std::sync::atomic::Ordering::SeqCst);
        (accounts, diary, clock)
    };
    clock.advance(SPACING);
    let code = match diary.posted().pop() {
        Some((_, Message::Otp { code, .. })) => code,
        other => panic!("{other:?}"),
    };
    let challenges = diary.challenges.lock().unwrap().clone();
    let answers: Vec<_> = challenges
        .iter()
        .map(|challenge| {
            let ticket = ready(accounts.resend(challenge.challenge_id.as_str(), None, &client())).unwrap();
            (ticket.expires_at, ticket.resend_after)
        })
        .collect();
    assert_eq!(answers[0], answers[1]);
    assert_eq!(diary.posted(), []);
    // Nothing new was sent, so what was sent before goes on working.
    ready(accounts.verify_otp(challenges[1].challenge_id.as_str(), &code, &client())).unwrap();
}

#[test]
fn real_and_decoy_resends_are_counted_by_their_challenge() {
    let world = World::new();
    world.ada(UserStatus::Active);
    let (accounts, diary, clock) = world.accounts();
    for address in ["ada@example.com", "nobody@example.com"] {
        let whose = ResetFor::Email(Email::parse("", address).unwrap());
        let ticket = ready(accounts.start_reset(&whose, None, &client())).unwrap();
        clock.advance(SPACING);
        diary.steps();
        ready(accounts.resend(ticket.challenge_id.as_str(), None, &client())).unwrap();
        let id = ticket.challenge_id.as_str();
        assert_eq!(diary.steps()[2], format!("MessagesTo({id:?})"));
    }
}

#[test]
fn unknown_expired_and_orphaned_challenges_are_refused_alike() {
    let world = World::new();
    world.ada(UserStatus::Active);
    let (accounts, diary, clock) = world.accounts();
    let ticket = ready(accounts.log_in("ada@example.com", PASSWORD, &client())).unwrap();
    let id = ticket.challenge_id.as_str();
    for unknown in ["x", "AAAAAAAAAAAAAAAAAAAAAA"] {
        assert_refused!(ready(accounts.resend(unknown, None, &client())), Refusal::OtpInvalid);
    }
    clock.advance(SPACING);
    let people = std::mem::take(&mut *diary.people.lock().unwrap());
    assert_refused!(ready(accounts.resend(id, None, &client())), Refusal::OtpInvalid);
    *diary.people.lock().unwrap() = people;
    clock.advance(TimeDelta::seconds(300));
    assert_refused!(ready(accounts.resend(id, None, &client())), Refusal::OtpInvalid);
}

#[test]
fn a_code_takes_the_channel_that_is_asked_for_if_there_is_one() {
    for has_sms in [false, true] {
        let mut world = World::new();
        let ada = world.ada(UserStatus::Active);
        world.has_sms = has_sms;
        let (accounts, diary, clock) = world.accounts();
        let ticket = ready(accounts.log_in("ada@example.com", PASSWORD, &client())).unwrap();
        diary.posted();
        clock.advance(SPACING);
        let result = ready(accounts.resend(ticket.challenge_id.as_str(), Some(Channel::Sms), &client()));
        if has_sms {
            result.unwrap();
            let (to, _) = diary.posted().remove(0);
            assert_eq!(Some(to), ada.phone.map(Recipient::Phone));
        } else {
            let Err(Refusal::Invalid(errors)) = result else {
                panic!("{result:?}");
            };
            assert_eq!(
                (errors[0].pointer.as_str(), errors[0].code.as_str()),
                ("/channel", "not_available")
            );
        }
    }
}

#[test]
fn a_reset_by_telephone_goes_to_the_telephone_or_else_to_the_address() {
    for has_sms in [false, true] {
        let mut world = World::new();
        let ada = world.ada(UserStatus::Active);
        world.has_sms = has_sms;
        let (accounts, diary, _) = world.accounts();
        let whose = ResetFor::Phone(Phone::parse("", "+441632960961").unwrap());
        ready(accounts.start_reset(&whose, None, &client())).unwrap();
        let (to, _) = diary.posted().remove(0);
        assert_eq!(matches!(to, Recipient::Phone(_)), has_sms);
        assert_eq!(diary.challenge().user_id, Some(ada.user_id));
    }
}
