use super::{
    assert_refused, ready,
    world::{PASSWORD, World, client},
};
use crate::{
    error::{Refusal, StoreError},
    mail::{Message, OtpPurpose, Recipient},
    ports::{Credentials, Redemption},
    usecase::accounts::SignUp,
    user::UserStatus,
};
use chrono::TimeDelta;

fn grace() -> SignUp {
    SignUp {
        full_name: "  Grace Hopper ".into(),
        email: "Grace@Example.com".into(),
        password: PASSWORD.into(),
        phone: Some("+44 1632 960 962".into()),
    }
}

fn as_ada() -> SignUp {
    SignUp {
        email: "ada@example.com".into(),
        ..grace()
    }
}

#[test]
fn a_new_address_gets_an_unverified_account_and_a_code() {
    let (accounts, diary, _) = World::new().accounts();
    let ticket = ready(accounts.sign_up(&grace(), &client())).unwrap();
    let people = diary.people.lock().unwrap().clone();
    let [Credentials { user, password_hash }] = people.as_slice() else {
        panic!("{people:?}");
    };
    assert_eq!(user.status, UserStatus::Unverified);
    assert_eq!(
        (user.full_name.as_str(), user.email.as_str()),
        ("Grace Hopper", "grace@example.com")
    );
    assert_eq!(password_hash, &format!("hash of {PASSWORD}"));
    let challenge = diary.challenge();
    assert_eq!(
        (challenge.user_id, challenge.purpose),
        (Some(user.user_id), OtpPurpose::SignUp)
    );
    assert_eq!(ticket.challenge_id, challenge.challenge_id);
    let posted = diary.posted();
    assert!(
        matches!(posted.as_slice(), [(Recipient::Email(to), Message::Otp { minutes: 5, .. })] if *to == user.email),
        "{posted:?}"
    );
}

#[test]
fn verifying_a_sign_up_activates_the_account_and_logs_in() {
    let (accounts, diary, _) = World::new().accounts();
    let ticket = ready(accounts.sign_up(&grace(), &client())).unwrap();
    let code = diary.code();
    ready(accounts.verify_otp(ticket.challenge_id.as_str(), &code, &client())).unwrap();
    let redeemed = diary.redeemed.lock().unwrap();
    assert!(matches!(
        redeemed.as_slice(),
        [(_, Redemption::LogIn { activate: true, .. })]
    ));
}

#[test]
fn a_known_address_gets_a_decoy_of_the_same_shape_and_its_owner_a_mail() {
    let world = World::new();
    let ada = world.ada(UserStatus::Active);
    let (accounts, diary, _) = world.accounts();
    let known = ready(accounts.sign_up(&as_ada(), &client())).unwrap();
    let steps_for_known = diary.steps().join("\n").replace("ada@", "grace@");
    assert_eq!(
        diary.posted(),
        [(
            Recipient::Email(ada.email),
            Message::AccountExists {
                full_name: "Ada Lovelace".into()
            }
        )]
    );
    let decoy = diary.challenge();
    assert_eq!(decoy.user_id, None);
    assert!(decoy.pending.is_some(), "the row takes the same work");
    let new = ready(accounts.sign_up(&grace(), &client())).unwrap();
    assert_eq!(
        (new.expires_at, new.resend_after),
        (known.expires_at, known.resend_after)
    );
    assert_eq!(new.challenge_id.as_str().len(), known.challenge_id.as_str().len());
    assert_eq!(diary.steps().join("\n"), steps_for_known);
}

#[test]
fn the_details_of_an_unverified_address_travel_with_the_challenge() {
    let world = World::new();
    let ada = world.ada(UserStatus::Unverified);
    let (accounts, diary, _) = world.accounts();
    let sign_up = SignUp {
        password: "another mountain range".into(),
        ..as_ada()
    };
    ready(accounts.sign_up(&sign_up, &client())).unwrap();
    let challenge = diary.challenge();
    assert_eq!(challenge.user_id, Some(ada.user_id));
    let pending = challenge.pending.unwrap();
    assert_eq!(pending.full_name, "Grace Hopper");
    assert_eq!(pending.password_hash, "hash of another mountain range");
    assert_eq!(pending.phone.as_deref(), Some("+441632960962"));
    assert!(!pending.admin);
    let people = diary.people.lock().unwrap();
    assert_eq!(people.len(), 1);
    assert_eq!(
        people[0].password_hash,
        format!("hash of {PASSWORD}"),
        "nothing is changed before the code is entered"
    );
}

#[test]
fn only_the_set_up_link_makes_an_administrator() {
    let (accounts, diary, _) = World::new().accounts();
    ready(accounts.sign_up_admin(&grace(), &client())).unwrap();
    assert!(diary.challenge().pending.unwrap().admin);
}

#[test]
fn of_two_sign_ups_at_once_the_slower_continues_with_the_account_of_the_faster() {
    for (status, proceeds) in [(UserStatus::Unverified, true), (UserStatus::Active, false)] {
        let mut world = World::new();
        let ada = world.ada(status);
        // The first look finds nobody; the insert then finds the address taken.
        world.users.expect_find_by_email().times(1).returning(|_| Ok(None));
        world
            .users
            .expect_insert()
            .times(1)
            .returning(|_, _| Err(StoreError::Taken("email")));
        let (accounts, diary, _) = world.accounts();
        ready(accounts.sign_up(&as_ada(), &client())).unwrap();
        assert_eq!(diary.challenge().user_id, proceeds.then_some(ada.user_id));
        let posted = diary.posted();
        assert_eq!(
            matches!(posted.as_slice(), [(_, Message::Otp { .. })]),
            proceeds,
            "{posted:?}"
        );
    }
}

#[test]
fn a_taken_address_whose_account_is_gone_again_gets_no_code_that_cannot_work() {
    let mut world = World::new();
    world
        .users
        .expect_insert()
        .returning(|_, _| Err(StoreError::Taken("email")));
    let (accounts, diary, _) = world.accounts();
    ready(accounts.sign_up(&as_ada(), &client())).unwrap();
    assert_eq!(diary.challenge().user_id, None);
    assert_eq!(diary.posted(), []);
}

#[test]
fn every_broken_field_is_named_before_anything_else_is_done() {
    let (accounts, diary, _) = World::new().accounts();
    let sign_up = SignUp {
        full_name: String::new(),
        email: "nobody".into(),
        password: "short".into(),
        phone: Some("12".into()),
    };
    let Err(Refusal::Invalid(errors)) = ready(accounts.sign_up(&sign_up, &client())) else {
        panic!("accepted");
    };
    let pointers: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(pointers, ["/full_name", "/email", "/password", "/phone"]);
    assert_eq!(diary.steps(), [""; 0]);
}

#[test]
fn a_blank_telephone_is_none() {
    let (accounts, diary, _) = World::new().accounts();
    let sign_up = SignUp {
        phone: Some("  ".into()),
        ..grace()
    };
    ready(accounts.sign_up(&sign_up, &client())).unwrap();
    assert_eq!(diary.people.lock().unwrap()[0].user.phone, None);
}

#[test]
fn a_database_that_is_away_is_no_known_address() {
    let mut world = World::new();
    world
        .users
        .expect_insert()
        .returning(|_, _| Err(StoreError::Unavailable("gone".into())));
    let (accounts, diary, _) = world.accounts();
    assert_refused!(
        ready(accounts.sign_up(&grace(), &client())),
        Refusal::Store(StoreError::Unavailable(_))
    );
    assert_eq!(diary.posted(), []);
}

#[test]
fn the_ticket_says_when_the_code_ends_and_can_be_sent_again() {
    let (accounts, _, clock) = World::new().accounts();
    let now = crate::clock::Clock::now(&*clock);
    let ticket = ready(accounts.sign_up(&grace(), &client())).unwrap();
    assert_eq!(ticket.expires_at, now + TimeDelta::seconds(300));
    assert_eq!(ticket.resend_after, now + TimeDelta::seconds(30));
}
