use super::{
    assert_refused, ready,
    world::{PASSWORD, World, client},
};
use crate::{error::Refusal, ports::Limited, usecase::accounts::SignUp, user::UserStatus};

#[test]
fn a_log_in_is_limited_by_client_then_by_pair_then_by_mailbox() {
    let world = World::new();
    world.ada(UserStatus::Active);
    let (accounts, diary, _) = world.accounts();
    ready(accounts.log_in("Ada@Example.com", PASSWORD, &client())).unwrap();
    assert_eq!(
        diary.steps(),
        [
            r#"LogInFrom("192.0.2.7")"#,
            r#"LogIn("192.0.2.7 ada@example.com")"#,
            "find",
            "verify",
            r#"MessagesTo("ada@example.com")"#,
            "insert challenge",
        ]
    );
}

#[test]
fn the_limits_of_log_ins_tell_nothing_about_the_password() {
    let limits: [fn(&Limited) -> bool; 2] = [
        |what| matches!(what, Limited::LogInFrom(_)),
        |what| matches!(what, Limited::LogIn(_)),
    ];
    for limit in limits {
        for (known, password) in [(true, PASSWORD), (true, "not the password"), (false, PASSWORD)] {
            let mut world = World::new();
            if known {
                world.ada(UserStatus::Active);
            }
            world.refuse(limit);
            let (accounts, diary, _) = world.accounts();
            let result = ready(accounts.log_in("ada@example.com", password, &client()));
            assert_refused!(result, Refusal::RateLimited { retry_after_seconds: 7 });
            let steps = diary.steps();
            assert!(
                !steps.iter().any(|step| step == "find" || step == "verify"),
                "{steps:?}"
            );
        }
    }
}

#[test]
fn a_full_mailbox_is_told_only_to_who_knows_the_password() {
    for (password, limited) in [(PASSWORD, true), ("not the password", false)] {
        let mut world = World::new();
        world.ada(UserStatus::Active);
        world.refuse(|what| matches!(what, Limited::MessagesTo(_)));
        let (accounts, diary, _) = world.accounts();
        let result = ready(accounts.log_in("ada@example.com", password, &client()));
        assert_eq!(
            matches!(result, Err(Refusal::RateLimited { .. })),
            limited,
            "{result:?}"
        );
        assert_eq!(matches!(result, Err(Refusal::InvalidCredentials)), !limited);
        assert!(diary.challenges.lock().unwrap().is_empty());
    }
}

#[test]
fn a_sign_up_is_limited_before_a_password_is_hashed_for_it() {
    let mut world = World::new();
    world.refuse(|what| matches!(what, Limited::MessagesTo(_)));
    let (accounts, diary, _) = world.accounts();
    let sign_up = SignUp {
        full_name: "Grace Hopper".into(),
        email: "grace@example.com".into(),
        password: PASSWORD.into(),
        phone: None,
    };
    assert_refused!(
        ready(accounts.sign_up(&sign_up, &client())),
        Refusal::RateLimited { .. }
    );
    assert_eq!(
        diary.steps(),
        [
            r#"OtpFrom("192.0.2.7")"#,
            r#"Otp("192.0.2.7 grace@example.com")"#,
            r#"MessagesTo("grace@example.com")"#,
        ]
    );
    assert!(diary.people.lock().unwrap().is_empty());
}

#[test]
fn a_refused_try_of_a_code_burns_none() {
    let mut world = World::new();
    world.ada(UserStatus::Active);
    world.refuse(|what| matches!(what, Limited::Otp(_)));
    let (accounts, diary, _) = world.accounts();
    let ticket = ready(accounts.log_in("ada@example.com", PASSWORD, &client())).unwrap();
    let result = ready(accounts.verify_otp(ticket.challenge_id.as_str(), "00000000", &client()));
    assert_refused!(result, Refusal::RateLimited { .. });
    assert_eq!(diary.challenge().attempts, 0);
}
