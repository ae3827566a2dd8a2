use super::{
    assert_refused, ready,
    world::{PASSWORD, World, client},
};
use crate::{
    audit::Action,
    error::Refusal,
    mail::{Message, OtpPurpose, Recipient},
    user::UserStatus,
};

#[test]
fn the_right_password_sends_a_code_to_the_address() {
    let world = World::new();
    let ada = world.ada(UserStatus::Active);
    let (accounts, diary, _) = world.accounts();
    let ticket = ready(accounts.log_in(" ADA@example.com", PASSWORD, &client())).unwrap();
    let challenge = diary.challenge();
    assert_eq!(
        (challenge.user_id, challenge.purpose),
        (Some(ada.user_id), OtpPurpose::LogIn)
    );
    assert_eq!(challenge.pending, None);
    assert_eq!(ticket.challenge_id, challenge.challenge_id);
    let posted = diary.posted();
    assert!(
        matches!(posted.as_slice(), [(Recipient::Email(to), Message::Otp { purpose: OtpPurpose::LogIn, .. })] if *to == ada.email),
        "{posted:?}"
    );
}

#[test]
fn a_new_log_in_replaces_the_challenges_of_older_ones() {
    let world = World::new();
    world.ada(UserStatus::Active);
    let (accounts, diary, _) = world.accounts();
    ready(accounts.log_in("ada@example.com", PASSWORD, &client())).unwrap();
    assert_eq!(*diary.replacing.lock().unwrap(), [true]);
}

#[test]
fn wrong_unknown_and_deactivated_are_one_refusal_after_the_same_steps() {
    let mut seen = Vec::new();
    for (status, password) in [
        (Some(UserStatus::Active), "not the password"),
        (None, PASSWORD),
        (Some(UserStatus::Deactivated), PASSWORD),
        (Some(UserStatus::Deactivated), "not the password"),
    ] {
        let world = World::new();
        let ada = status.map(|status| world.ada(status).user_id);
        let (accounts, diary, _) = world.accounts();
        let result = ready(accounts.log_in("ada@example.com", password, &client()));
        assert_refused!(result, Refusal::InvalidCredentials);
        assert_eq!(diary.posted(), []);
        assert!(diary.challenges.lock().unwrap().is_empty());
        // Only the owner of an account is told of tries.
        let told: Vec<_> = ada.into_iter().map(|ada| (ada, Action::LoginFailed)).collect();
        assert_eq!(*diary.deeds.lock().unwrap(), told);
        seen.push(diary.steps());
    }
    seen.dedup();
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_eq!(seen[0].last().map(String::as_str), Some("verify"));
}

#[test]
fn an_unknown_address_is_hashed_for_as_long_as_a_known_one() {
    let mut world = World::new();
    world
        .hasher
        .expect_verify()
        .withf(|password, hash| password == PASSWORD && hash.is_none())
        .times(1)
        .returning(|_, _| Ok(false));
    let (accounts, _, _) = world.accounts();
    let result = ready(accounts.log_in("ada@example.com", PASSWORD, &client()));
    assert_refused!(result, Refusal::InvalidCredentials);
    // The double checks on drop that it was asked once.
}

#[test]
fn an_unverified_account_may_log_in_and_proves_its_address_by_that() {
    let world = World::new();
    world.ada(UserStatus::Unverified);
    let (accounts, diary, _) = world.accounts();
    let ticket = ready(accounts.log_in("ada@example.com", PASSWORD, &client())).unwrap();
    let code = diary.code();
    ready(accounts.verify_otp(ticket.challenge_id.as_str(), &code, &client())).unwrap();
    let redeemed = diary.redeemed.lock().unwrap();
    assert!(matches!(
        redeemed.as_slice(),
        [(_, crate::ports::Redemption::LogIn { activate: true, .. })]
    ));
}

#[test]
fn an_outdated_hash_is_renewed_by_the_right_password_only() {
    for (right, renewals) in [(true, 1), (false, 0)] {
        let mut world = World::new();
        let ada = world.ada(UserStatus::Active);
        world.diary.people.lock().unwrap()[0].password_hash = "old hash".into();
        world
            .hasher
            .expect_verify()
            .withf(|_, hash| *hash == Some("old hash"))
            .returning(move |_, _| Ok(right));
        world
            .users
            .expect_set_password_hash()
            .withf(move |user_id, hash, _| *user_id == ada.user_id && hash == format!("hash of {PASSWORD}"))
            .times(renewals)
            .returning(|_, _, _| Ok(()));
        let (accounts, _, _) = world.accounts();
        let result = ready(accounts.log_in("ada@example.com", PASSWORD, &client()));
        assert_eq!(result.is_ok(), right, "{result:?}");
    }
}

#[test]
fn a_present_hash_is_left_alone() {
    let mut world = World::new();
    world.ada(UserStatus::Active);
    world.users.expect_set_password_hash().never();
    let (accounts, diary, _) = world.accounts();
    ready(accounts.log_in("ada@example.com", PASSWORD, &client())).unwrap();
    assert!(!diary.steps().contains(&"hash".to_owned()));
}

#[test]
fn an_overloaded_hash_pool_says_so_and_sends_nothing() {
    let mut world = World::new();
    world.ada(UserStatus::Active);
    world.hasher.expect_verify().returning(|_, _| Err(Refusal::Overloaded));
    let (accounts, diary, _) = world.accounts();
    assert_refused!(
        ready(accounts.log_in("ada@example.com", PASSWORD, &client())),
        Refusal::Overloaded
    );
    assert_eq!(diary.posted(), []);
}
