//! Sign-up and the own account.

use scheduler_tests::{
    client::{PASSWORD, broken, code_in, text},
    on_both_databases,
    server::{TestServer, fresh_email},
};
use serde_json::json;

on_both_databases! {
    a_sign_up_with_a_known_address_never_verifies_and_tells_its_owner
    a_sign_up_is_repeated_until_the_code_was_entered
    weak_passwords_are_refused_with_a_reason
    every_mistake_of_a_sign_up_is_named
    the_own_account_can_be_changed
}

async fn a_sign_up_with_a_known_address_never_verifies_and_tells_its_owner(server: TestServer) {
    let ada = server.sign_up().await;
    let body = json!({"full_name": "Mallory", "email": ada.email, "password": "another-good-one-77"});
    let challenge = server.client().post("/signup", body, 201).await;
    let mail = ada.mail_after(&ada.email, 1).await;
    assert_eq!(code_in(&mail), None, "the owner is told, and gets no code: {mail}");
    for code in ["00000000", "12345678"] {
        let body = json!({"challenge_id": challenge["challenge_id"], "otp": code});
        server.client().post("/verify-otp", body, 401).await;
    }
    assert_eq!(ada.get("/me", 200).await["full_name"], "Ada Lovelace");
    let body = json!({"email": ada.email, "password": "another-good-one-77"});
    server.client().post("/login", body, 401).await;
}

async fn a_sign_up_is_repeated_until_the_code_was_entered(server: TestServer) {
    let (email, mut client) = (fresh_email(), server.client());
    let sign_up = |name: &str, password: &str| json!({"full_name": name, "email": email, "password": password});
    client
        .post("/signup", sign_up("First Try", "violet-gears-1843"), 201)
        .await;
    client.code_after(&email, 0).await;
    let second = client
        .post("/signup", sign_up("Second Try", "amber-wheels-2077"), 201)
        .await;
    let code = client.code_after(&email, 1).await;
    client.verify(&email, &second, &code).await;
    assert_eq!(client.get("/me", 200).await["full_name"], "Second Try");
    client
        .anonymous()
        .post("/login", json!({"email": email, "password": "violet-gears-1843"}), 401)
        .await;
    client
        .anonymous()
        .post("/login", json!({"email": email, "password": "amber-wheels-2077"}), 200)
        .await;
}

async fn weak_passwords_are_refused_with_a_reason(server: TestServer) {
    let cases = [
        ("short", "too_short"),
        ("password123", "password_too_common"),
        ("aaaaaaaaaaaa", "password_"),
        ("lovelace-ada", "password_"),
        (&"x9-Kp".repeat(30), "too_long"),
    ];
    for (password, code) in cases {
        let body = json!({"full_name": "Ada Lovelace", "email": fresh_email(), "password": password});
        let problem = server.client().post("/signup", body, 422).await;
        assert_eq!(problem["code"], "validation_failed");
        let found = broken(&problem);
        assert_eq!(found[0].0, "/password", "{password}: {problem}");
        assert!(found[0].1.starts_with(code), "{password}: {problem}");
    }
    // 64 characters of any alphabet are a password, and the last one counts.
    let (long, email) = ("пароль-из-букв-и-знаков-".repeat(3), fresh_email());
    let long: String = long.chars().take(64).collect();
    let other = format!("{}!", long.chars().take(63).collect::<String>());
    let mut client = server.client();
    let body = json!({"full_name": "Ada", "email": email, "password": long});
    let challenge = client.post("/signup", body, 201).await;
    let code = client.code_after(&email, 0).await;
    client.verify(&email, &challenge, &code).await;
    client
        .anonymous()
        .post("/login", json!({"email": email, "password": other}), 401)
        .await;
    client
        .anonymous()
        .post("/login", json!({"email": email, "password": long}), 200)
        .await;
}

async fn every_mistake_of_a_sign_up_is_named(server: TestServer) {
    let body = json!({"full_name": " ", "email": "nonsense", "password": "short", "phone": "12"});
    let problem = server.client().post("/signup", body, 422).await;
    let pointers: Vec<_> = broken(&problem).into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(pointers, ["/full_name", "/email", "/password", "/phone"], "{problem}");
    let body = json!({"full_name": "Ada", "email": fresh_email(), "password": PASSWORD, "role": "admin"});
    let problem = server.client().post("/signup", body, 422).await;
    assert_eq!(broken(&problem), [("/role".to_owned(), "unknown_field".to_owned())]);
    assert!(
        text(&problem["errors"][0], "message").contains("full_name"),
        "names the known ones: {problem}"
    );
    let problem = server.client().post("/signup", json!({"full_name": 7}), 422).await;
    assert_eq!(broken(&problem), [("/full_name".to_owned(), "wrong_type".to_owned())]);
}

async fn the_own_account_can_be_changed(server: TestServer) {
    let ada = server.sign_up().await;
    let patch = json!({"full_name": "Ada King", "phone": "+441632960961", "time_zone": "Europe/Vienna"});
    let me = ada.patch("/api/v1/me", patch, 200).await;
    assert_eq!(
        (&me["full_name"], &me["phone"], &me["time_zone"]),
        (&json!("Ada King"), &json!("+441632960961"), &json!("Europe/Vienna"))
    );
    let me = ada.patch("/api/v1/me", json!({"phone": null}), 200).await;
    assert_eq!(
        (&me["full_name"], &me["phone"]),
        (&json!("Ada King"), &json!(null)),
        "absent stays, null removes"
    );
    assert_eq!(ada.patch("/api/v1/me", json!({}), 200).await, me);
    assert_eq!(ada.get("/me", 200).await, me);
    let problem = ada
        .patch("/api/v1/me", json!({"time_zone": "Middle/Earth", "phone": "x"}), 422)
        .await;
    let pointers: Vec<_> = broken(&problem).into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(pointers, ["/phone", "/time_zone"]);
    for field in ["email", "role", "status", "user_id"] {
        let problem = ada.patch("/api/v1/me", json!({field: "admin"}), 422).await;
        assert_eq!(broken(&problem), [(format!("/{field}"), "unknown_field".to_owned())]);
    }
}
