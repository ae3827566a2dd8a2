use super::{
    assert_refused, ready,
    world::{Diary, PASSWORD, World, client},
};
use crate::{
    error::Refusal,
    mail::{Message, OtpPurpose, Recipient},
    ports::Redemption,
    usecase::accounts::{Accounts, ResetFor},
    user::{Email, User, UserStatus},
};
use std::sync::Arc;

const NEW: &str = "granite under heather";

fn whose() -> ResetFor {
    ResetFor::Email(Email::parse("", "ada@example.com").unwrap())
}

/// Ada, the id of her reset and its code.
fn asked() -> (Accounts, Arc<Diary>, User, String, String) {
    let world = World::new();
    let ada = world.ada(UserStatus::Active);
    let (accounts, diary, _) = world.accounts();
    let ticket = ready(accounts.start_reset(&whose(), None, &client())).unwrap();
    let code = diary.code();
    (accounts, diary, ada, ticket.challenge_id.as_str().to_owned(), code)
}

fn refused_code(result: Result<(), Refusal>) -> String {
    match result {
        Err(Refusal::Invalid(errors)) => format!("{} {}", errors[0].pointer, errors[0].code),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_reset_sets_the_password_ends_every_session_and_tells_the_owner() {
    let (accounts, diary, ada, id, code) = asked();
    ready(accounts.reset_password(&id, &code, NEW, &client())).unwrap();
    let redeemed = diary.redeemed.lock().unwrap();
    let [(user_id, Redemption::ResetPassword { password_hash })] = redeemed.as_slice() else {
        panic!("{redeemed:?}");
    };
    assert_eq!(
        (*user_id, password_hash.as_str()),
        (ada.user_id, "hash of granite under heather")
    );
    assert_eq!(*diary.over_users.lock().unwrap(), [ada.user_id]);
    let posted = diary.posted();
    assert!(
        matches!(posted.as_slice(), [(Recipient::Email(to), Message::PasswordChanged { .. })] if *to == ada.email),
        "{posted:?}"
    );
}

#[test]
fn an_unknown_unverified_or_deactivated_address_gets_a_decoy_and_no_mail() {
    for status in [None, Some(UserStatus::Unverified), Some(UserStatus::Deactivated)] {
        let world = World::new();
        if let Some(status) = status {
            world.ada(status);
        }
        let (accounts, diary, _) = world.accounts();
        ready(accounts.start_reset(&whose(), None, &client())).unwrap();
        let challenge = diary.challenge();
        assert_eq!(
            (challenge.user_id, challenge.purpose),
            (None, OtpPurpose::PasswordReset)
        );
        assert_eq!(diary.posted(), []);
    }
}

#[test]
fn a_weak_password_is_refused_without_costing_a_try() {
    let (accounts, diary, _, id, code) = asked();
    let result = ready(accounts.reset_password(&id, &code, "password12", &client()));
    assert_eq!(refused_code(result), "/new_password password_too_common");
    assert_eq!(diary.challenge().attempts, 0);
    ready(accounts.reset_password(&id, &code, NEW, &client())).unwrap();
}

#[test]
fn whether_a_password_is_made_of_the_name_is_told_only_with_the_right_code() {
    let (accounts, diary, _, id, code) = asked();
    let contextual = "AdaLovelace1";
    let wrong = if code == "00000000" { "00000001" } else { "00000000" };
    let result = ready(accounts.reset_password(&id, wrong, contextual, &client()));
    assert_refused!(result, Refusal::OtpInvalid);
    let result = ready(accounts.reset_password(&id, &code, contextual, &client()));
    assert_eq!(refused_code(result), "/new_password password_contextual");
    assert!(
        diary.redeemed.lock().unwrap().is_empty(),
        "the code is not used up by that"
    );
    ready(accounts.reset_password(&id, &code, NEW, &client())).unwrap();
}

#[test]
fn a_refused_reset_ends_no_session_and_sends_no_mail() {
    let (accounts, diary, _, id, code) = asked();
    ready(accounts.reset_password(&id, &code, NEW, &client())).unwrap();
    diary.posted();
    diary.over_users.lock().unwrap().clear();
    let result = ready(accounts.reset_password(&id, &code, NEW, &client()));
    assert_refused!(result, Refusal::OtpInvalid);
    assert_eq!(diary.posted(), []);
    assert!(diary.over_users.lock().unwrap().is_empty());
}

#[test]
fn the_code_of_a_log_in_resets_nothing() {
    let (accounts, diary, ..) = asked();
    let ticket = ready(accounts.log_in("ada@example.com", PASSWORD, &client())).unwrap();
    let code = diary.code();
    let result = ready(accounts.reset_password(ticket.challenge_id.as_str(), &code, NEW, &client()));
    assert_refused!(result, Refusal::OtpInvalid);
    assert!(diary.redeemed.lock().unwrap().is_empty());
}

#[test]
fn an_account_deleted_or_deactivated_meanwhile_is_refused_like_a_wrong_code() {
    for gone in [true, false] {
        let (accounts, diary, _, id, code) = asked();
        if gone {
            diary.people.lock().unwrap().clear();
        } else {
            diary.people.lock().unwrap()[0].user.status = UserStatus::Deactivated;
        }
        let result = ready(accounts.reset_password(&id, &code, NEW, &client()));
        assert_refused!(result, Refusal::OtpInvalid);
        assert_eq!(diary.posted(), []);
    }
}

#[test]
fn a_new_reset_replaces_the_older_one() {
    let (_, diary, ..) = asked();
    assert_eq!(*diary.replacing.lock().unwrap(), [true]);
}
