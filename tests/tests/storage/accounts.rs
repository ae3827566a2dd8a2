//! Accounts.

use super::people::{at, limit, session, somebody, t0, user};
use scheduler_domain::{
    error::StoreError,
    ids::UserId,
    page::PageKey,
    ports::{ProfileChange, Redemption},
    user::{Email, Phone, Role, User, UserStatus},
};
use scheduler_tests::databases::Database;

on_both! {
    an_account_comes_back_as_it_was_written
    of_many_sign_ups_with_one_address_exactly_one_wins
    a_telephone_finds_only_the_one_active_account_that_has_it
    a_profile_changes_field_by_field
    deactivation_ends_every_session
    administrators_page_through_accounts_and_search_them
    a_new_hash_changes_nothing_else
    unknown_accounts_are_not_found
}

async fn an_account_comes_back_as_it_was_written(database: Database) {
    let users = &database.stores.users;
    let ada = User {
        full_name: "Ada 王 🦀".to_owned(),
        phone: Some(Phone::parse("", "+441632960961").unwrap()),
        last_login: Some(at(1)),
        ..user(&database, "ada")
    };
    users.insert(&ada, "hash").await.unwrap();
    assert_eq!(users.find(ada.user_id).await.unwrap(), ada);
    let found = users.find_by_email(&ada.email).await.unwrap().unwrap();
    assert_eq!((found.user, found.password_hash.as_str()), (ada, "hash"));
    assert!(
        users
            .find_by_email(&Email::parse("", "eve@example.com").unwrap())
            .await
            .unwrap()
            .is_none()
    );
}

async fn of_many_sign_ups_with_one_address_exactly_one_wins(database: Database) {
    let tries = (0..20).map(|_| {
        let (users, user) = (database.stores.users.clone(), user(&database, "ada"));
        tokio::spawn(async move { users.insert(&user, "hash").await })
    });
    let mut won = 0;
    for answer in futures_util::future::join_all(tries).await {
        match answer.unwrap() {
            Ok(()) => won += 1,
            Err(error) => assert!(matches!(error, StoreError::Taken("email")), "{error}"),
        }
    }
    assert_eq!(won, 1);
    assert_eq!(database.number("SELECT COUNT(*) FROM users").await, 1);
    assert_eq!(database.number("SELECT COUNT(*) FROM user_streams").await, 1);
}

async fn a_telephone_finds_only_the_one_active_account_that_has_it(database: Database) {
    let users = &database.stores.users;
    let phone = Phone::parse("", "+441632960961").unwrap();
    assert!(users.find_by_phone(&phone).await.unwrap().is_none());
    let one = User {
        phone: Some(phone.clone()),
        ..user(&database, "one")
    };
    let two = User {
        phone: Some(phone.clone()),
        ..user(&database, "two")
    };
    users.insert(&one, "hash").await.unwrap();
    assert_eq!(
        users.find_by_phone(&phone).await.unwrap().unwrap().user.user_id,
        one.user_id
    );
    users.insert(&two, "hash").await.unwrap();
    assert!(users.find_by_phone(&phone).await.unwrap().is_none());
    users
        .administer(one.user_id, None, Some(UserStatus::Deactivated), at(1))
        .await
        .unwrap();
    assert_eq!(
        users.find_by_phone(&phone).await.unwrap().unwrap().user.user_id,
        two.user_id
    );
}

async fn a_profile_changes_field_by_field(database: Database) {
    let users = &database.stores.users;
    let ada = User {
        phone: Some(Phone::parse("", "+441632960961").unwrap()),
        ..user(&database, "ada")
    };
    users.insert(&ada, "hash").await.unwrap();
    let change = ProfileChange {
        full_name: Some("Ada King".to_owned()),
        ..ProfileChange::default()
    };
    let changed = users.change_profile(ada.user_id, &change, at(5)).await.unwrap();
    assert_eq!(
        changed,
        User {
            full_name: "Ada King".to_owned(),
            updated_at: at(5),
            ..ada
        }
    );
    let change = ProfileChange {
        phone: Some(None),
        time_zone: Some("UTC".to_owned()),
        ..ProfileChange::default()
    };
    let changed = users.change_profile(changed.user_id, &change, at(6)).await.unwrap();
    assert_eq!((changed.phone.clone(), changed.time_zone.as_str()), (None, "UTC"));
    assert_eq!(users.find(changed.user_id).await.unwrap(), changed);
    assert_eq!(
        users.list(Some("ada king"), None, limit(9)).await.unwrap().data.len(),
        1
    );
}

async fn deactivation_ends_every_session(database: Database) {
    let (users, sessions) = (&database.stores.users, &database.stores.sessions);
    let ada = somebody(&database, "ada").await;
    let session = log_in(&database, ada).await;
    assert_eq!(
        sessions.find_live(session, at(1)).await.unwrap().unwrap().role,
        Role::Customer
    );
    let changed = users.administer(ada, Some(Role::Admin), None, at(2)).await.unwrap();
    assert_eq!((changed.role, changed.status), (Role::Admin, UserStatus::Active));
    assert!(users.has_admin().await.unwrap());
    assert_eq!(
        sessions.find_live(session, at(3)).await.unwrap().unwrap().role,
        Role::Admin
    );
    users
        .administer(ada, None, Some(UserStatus::Deactivated), at(4))
        .await
        .unwrap();
    assert!(!users.has_admin().await.unwrap());
    assert!(sessions.find_live(session, at(5)).await.unwrap().is_none());
    assert_eq!(sessions.over(&[session], at(5)).await.unwrap(), [session]);
    // Switched on again, the old session stays over.
    users
        .administer(ada, None, Some(UserStatus::Active), at(6))
        .await
        .unwrap();
    assert!(sessions.find_live(session, at(7)).await.unwrap().is_none());
}

/// Logs in with a code.
pub async fn log_in(database: &Database, user_id: UserId) -> scheduler_domain::ids::SessionId {
    let challenge = super::people::challenge(database, Some(user_id), scheduler_domain::mail::OtpPurpose::LogIn);
    let session = session(database, user_id);
    let session_id = session.session_id;
    database.stores.otps.insert(&challenge, true).await.unwrap();
    let what = Redemption::LogIn {
        session,
        activate: false,
    };
    database
        .stores
        .otps
        .redeem(challenge.otp_id, user_id, &what, t0())
        .await
        .unwrap()
        .unwrap();
    session_id
}

async fn administrators_page_through_accounts_and_search_them(database: Database) {
    let users = &database.stores.users;
    for name in ["ann", "ben", "cleo", "dan%", "e_ve"] {
        let user = user(&database, name);
        users.insert(&user, "hash").await.unwrap();
    }
    let (mut seen, mut after): (Vec<User>, Option<PageKey>) = (Vec::new(), None);
    loop {
        let page = users.list(None, after.as_ref(), limit(2)).await.unwrap();
        seen.extend(page.data);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 5);
    assert!(seen.windows(2).all(|pair| pair[0].user_id > pair[1].user_id));
    let found = async |q| users.list(Some(q), None, limit(9)).await.unwrap().data.len();
    assert_eq!(
        (
            found("LOVELACE").await,
            found("ben@").await,
            found("%").await,
            found("_").await
        ),
        (5, 1, 1, 1)
    );
    assert_eq!(found("!").await, 0);
}

async fn a_new_hash_changes_nothing_else(database: Database) {
    let users = &database.stores.users;
    let ada = user(&database, "ada");
    users.insert(&ada, "old").await.unwrap();
    users.set_password_hash(ada.user_id, "new", at(1)).await.unwrap();
    let found = users.find_by_email(&ada.email).await.unwrap().unwrap();
    assert_eq!(found.password_hash, "new");
    assert_eq!(
        User {
            updated_at: ada.updated_at,
            ..found.user
        },
        ada
    );
}

async fn unknown_accounts_are_not_found(database: Database) {
    let users = &database.stores.users;
    let nobody = user(&database, "nobody").user_id;
    let not_found = |answer: Result<User, StoreError>| assert!(matches!(answer, Err(StoreError::NotFound)));
    not_found(users.find(nobody).await);
    not_found(users.change_profile(nobody, &ProfileChange::default(), t0()).await);
    not_found(users.administer(nobody, None, None, t0()).await);
    assert!(matches!(
        users.set_password_hash(nobody, "x", t0()).await,
        Err(StoreError::NotFound)
    ));
    assert!(!users.has_admin().await.unwrap());
}
