//! One-time codes.

use super::people::{at, challenge, session, somebody, t0, user};
use scheduler_domain::{
    mail::OtpPurpose,
    otp::{OtpSeal, PendingSignUp},
    ports::Redemption,
    user::{Role, User, UserStatus},
};
use scheduler_tests::databases::Database;

on_both! {
    five_of_twenty_tries_at_once_get_through
    exactly_one_of_twenty_uses_wins
    a_new_challenge_ends_the_older_ones_of_its_purpose
    a_resend_replaces_the_code_and_only_one_of_two_wins
    a_sign_up_becomes_what_it_asked_for
    a_reset_ends_sessions_and_challenges
    a_deactivated_account_gets_nothing
    dead_codes_are_deleted_in_batches
    a_decoy_takes_tries_like_any_other
}

async fn five_of_twenty_tries_at_once_get_through(database: Database) {
    let ada = somebody(&database, "ada").await;
    let challenge = challenge(&database, Some(ada), OtpPurpose::LogIn);
    database.stores.otps.insert(&challenge, true).await.unwrap();
    let tries = (0..20).map(|_| {
        let (otps, id) = (database.stores.otps.clone(), challenge.challenge_id.clone());
        tokio::spawn(async move { otps.take_try(&id, at(1)).await.unwrap() })
    });
    let taken = futures_util::future::join_all(tries).await;
    let mut attempts: Vec<u32> = taken
        .into_iter()
        .filter_map(|taken| Some(taken.unwrap()?.attempts))
        .collect();
    attempts.sort_unstable();
    assert_eq!(attempts.len(), 5);
    assert!(attempts.iter().all(|attempt| (1..=5).contains(attempt)), "{attempts:?}");
    assert!(
        database
            .stores
            .otps
            .find_live(&challenge.challenge_id, at(1))
            .await
            .unwrap()
            .is_none()
    );
}

async fn exactly_one_of_twenty_uses_wins(database: Database) {
    let ada = somebody(&database, "ada").await;
    let challenge = challenge(&database, Some(ada), OtpPurpose::LogIn);
    database.stores.otps.insert(&challenge, true).await.unwrap();
    let uses = (0..20).map(|_| {
        let (otps, otp_id) = (database.stores.otps.clone(), challenge.otp_id);
        let what = Redemption::LogIn {
            session: session(&database, ada),
            activate: false,
        };
        tokio::spawn(async move { otps.redeem(otp_id, ada, &what, at(1)).await.unwrap() })
    });
    let won = futures_util::future::join_all(uses)
        .await
        .into_iter()
        .filter(|user| user.as_ref().unwrap().is_some());
    assert_eq!(won.count(), 1);
    assert_eq!(database.number("SELECT COUNT(*) FROM sessions").await, 1);
    assert_eq!(database.stores.users.find(ada).await.unwrap().last_login, Some(at(1)));
    assert!(
        database
            .stores
            .otps
            .take_try(&challenge.challenge_id, at(2))
            .await
            .unwrap()
            .is_none()
    );
}

async fn a_new_challenge_ends_the_older_ones_of_its_purpose(database: Database) {
    let otps = &database.stores.otps;
    let ada = somebody(&database, "ada").await;
    let bob = somebody(&database, "bob").await;
    let old = challenge(&database, Some(ada), OtpPurpose::LogIn);
    let other_purpose = challenge(&database, Some(ada), OtpPurpose::SignUp);
    let other_user = challenge(&database, Some(bob), OtpPurpose::LogIn);
    for challenge in [&old, &other_purpose, &other_user] {
        otps.insert(challenge, true).await.unwrap();
    }
    let new = challenge(&database, Some(ada), OtpPurpose::LogIn);
    otps.insert(&new, true).await.unwrap();
    assert!(otps.find_live(&old.challenge_id, at(1)).await.unwrap().is_none());
    for alive in [&other_purpose, &other_user, &new] {
        let found = otps.find_live(&alive.challenge_id, at(1)).await.unwrap().unwrap();
        assert_eq!((found.otp_id, found.user_id), (alive.otp_id, alive.user_id));
        assert!(
            otps.find_live(&alive.challenge_id, at(300)).await.unwrap().is_none(),
            "expired at its very end"
        );
    }
}

async fn a_resend_replaces_the_code_and_only_one_of_two_wins(database: Database) {
    let otps = &database.stores.otps;
    let ada = somebody(&database, "ada").await;
    let challenge = challenge(&database, Some(ada), OtpPurpose::LogIn);
    otps.insert(&challenge, true).await.unwrap();
    otps.take_try(&challenge.challenge_id, at(1)).await.unwrap().unwrap();
    let seal = OtpSeal("second".to_owned());
    assert!(
        otps.resend(challenge.otp_id, challenge.sent_at, &seal, at(31), at(331))
            .await
            .unwrap()
    );
    assert!(
        !otps
            .resend(challenge.otp_id, challenge.sent_at, &seal, at(31), at(331))
            .await
            .unwrap()
    );
    let found = otps.find_live(&challenge.challenge_id, at(320)).await.unwrap().unwrap();
    assert_eq!(
        (found.otp.0.as_str(), found.attempts, found.sent_at, found.expires_at),
        ("second", 1, at(31), at(331))
    );
}

async fn a_sign_up_becomes_what_it_asked_for(database: Database) {
    let stores = &database.stores;
    let new = User {
        status: UserStatus::Unverified,
        email_verified_at: None,
        ..user(&database, "ada")
    };
    stores.users.insert(&new, "none yet").await.unwrap();
    let mut challenge = challenge(&database, Some(new.user_id), OtpPurpose::SignUp);
    challenge.pending = Some(PendingSignUp {
        full_name: "Ada King".to_owned(),
        password_hash: "chosen".to_owned(),
        phone: Some("+441632960961".to_owned()),
        admin: true,
    });
    stores.otps.insert(&challenge, false).await.unwrap();
    let found = stores
        .otps
        .find_live(&challenge.challenge_id, at(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.pending, challenge.pending);
    let what = Redemption::LogIn {
        session: session(&database, new.user_id),
        activate: true,
    };
    let user = stores
        .otps
        .redeem(challenge.otp_id, new.user_id, &what, at(9))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (user.status, user.role, user.full_name.as_str()),
        (UserStatus::Active, Role::Admin, "Ada King")
    );
    assert_eq!((user.email_verified_at, user.last_login), (Some(at(9)), Some(at(9))));
    assert_eq!(
        stores
            .users
            .find_by_email(&user.email)
            .await
            .unwrap()
            .unwrap()
            .password_hash,
        "chosen"
    );
}

async fn a_reset_ends_sessions_and_challenges(database: Database) {
    let stores = &database.stores;
    let ada = somebody(&database, "ada").await;
    let open = super::accounts::log_in(&database, ada).await;
    let waiting = challenge(&database, Some(ada), OtpPurpose::LogIn);
    let reset = challenge(&database, Some(ada), OtpPurpose::PasswordReset);
    stores.otps.insert(&waiting, true).await.unwrap();
    stores.otps.insert(&reset, true).await.unwrap();
    let what = Redemption::ResetPassword {
        password_hash: "fresh".to_owned(),
    };
    let user = stores
        .otps
        .redeem(reset.otp_id, ada, &what, at(5))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        stores
            .users
            .find_by_email(&user.email)
            .await
            .unwrap()
            .unwrap()
            .password_hash,
        "fresh"
    );
    assert!(stores.sessions.find_live(open, at(6)).await.unwrap().is_none());
    assert!(
        stores
            .otps
            .find_live(&waiting.challenge_id, at(6))
            .await
            .unwrap()
            .is_none()
    );
}

async fn a_deactivated_account_gets_nothing(database: Database) {
    let stores = &database.stores;
    let ada = somebody(&database, "ada").await;
    let bob = somebody(&database, "bob").await;
    let challenge = challenge(&database, Some(ada), OtpPurpose::LogIn);
    stores.otps.insert(&challenge, true).await.unwrap();
    let what = Redemption::LogIn {
        session: session(&database, ada),
        activate: true,
    };
    // Somebody else's code.
    assert!(
        stores
            .otps
            .redeem(challenge.otp_id, bob, &what, at(1))
            .await
            .unwrap()
            .is_none()
    );
    stores
        .users
        .administer(ada, None, Some(UserStatus::Deactivated), at(1))
        .await
        .unwrap();
    assert!(
        stores
            .otps
            .redeem(challenge.otp_id, ada, &what, at(2))
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(database.number("SELECT COUNT(*) FROM sessions").await, 0);
}

async fn dead_codes_are_deleted_in_batches(database: Database) {
    let otps = &database.stores.otps;
    for _ in 0..5 {
        otps.insert(&challenge(&database, None, OtpPurpose::LogIn), true)
            .await
            .unwrap();
    }
    let mut alive = challenge(&database, None, OtpPurpose::LogIn);
    alive.expires_at = at(10_000);
    otps.insert(&alive, true).await.unwrap();
    assert_eq!(otps.delete_expired(at(300), 2).await.unwrap(), 0);
    let deleted = [
        otps.delete_expired(at(301), 2).await.unwrap(),
        otps.delete_expired(at(301), 2).await.unwrap(),
        otps.delete_expired(at(301), 2).await.unwrap(),
        otps.delete_expired(at(301), 2).await.unwrap(),
    ];
    assert_eq!(deleted, [2, 2, 1, 0]);
    assert!(otps.find_live(&alive.challenge_id, t0()).await.unwrap().is_some());
}

async fn a_decoy_takes_tries_like_any_other(database: Database) {
    let otps = &database.stores.otps;
    let decoy = challenge(&database, None, OtpPurpose::PasswordReset);
    otps.insert(&decoy, true).await.unwrap();
    for attempt in 1..=5 {
        assert_eq!(
            otps.take_try(&decoy.challenge_id, at(1))
                .await
                .unwrap()
                .unwrap()
                .attempts,
            attempt
        );
    }
    assert!(otps.take_try(&decoy.challenge_id, at(1)).await.unwrap().is_none());
}
