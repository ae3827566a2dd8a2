//! Accounts in the hands of administrators.

use scheduler_tests::{
    client::{assert_fields, broken, text},
    on_both_databases,
    server::{TestServer, fresh_word},
    sockets::Socket,
};
use serde_json::json;
use std::time::Duration;

on_both_databases! {
    administrators_list_find_and_change_accounts
    a_deactivation_ends_sessions_and_sockets_at_once
    customers_get_403_for_all_of_it
    administrators_see_no_jobs_of_others
}

async fn administrators_list_find_and_change_accounts(server: TestServer) {
    let (admin, ada) = (server.sign_up_admin().await, server.sign_up().await);
    let list = admin.get("/api/v1/users", 200).await;
    assert_eq!(list["data"].as_array().unwrap().len(), 2);
    assert_eq!(list["data"][0]["user_id"], ada.user_id(), "newest first");
    assert_fields(
        &list["data"][0],
        "user_id, full_name, email, phone, role, status, is_active, last_login, time_zone, created_at, updated_at",
    );
    let found = admin
        .get(&format!("/api/v1/users?q={}", ada.email.to_uppercase()), 200)
        .await;
    assert_eq!(found["data"].as_array().unwrap().len(), 1);
    assert_eq!(
        admin.get(&format!("/api/v1/users?q={}", fresh_word()), 200).await["data"],
        json!([])
    );
    let page = admin.get("/api/v1/users?limit=1", 200).await;
    let next = admin
        .get(
            &format!("/api/v1/users?limit=1&cursor={}", text(&page, "next_cursor")),
            200,
        )
        .await;
    assert_eq!(
        (&next["has_more"], &next["data"][0]["user_id"]),
        (&json!(false), &json!(admin.user_id()))
    );

    let path = format!("/api/v1/users/{}", ada.user_id());
    assert_eq!(admin.get(&path, 200).await["email"], ada.email);
    assert_eq!(admin.patch(&path, json!({"role": "admin"}), 200).await["role"], "admin");
    ada.get("/api/v1/users", 200).await;
    assert_eq!(
        admin.patch(&path, json!({"role": "customer"}), 200).await["role"],
        "customer"
    );
    ada.get("/api/v1/users", 403).await;
    let problem = admin
        .patch(&path, json!({"role": "king", "status": "Unverified"}), 422)
        .await;
    assert_eq!(broken(&problem)[0], ("/role".to_owned(), "unknown_word".to_owned()));
    let problem = admin.patch(&path, json!({"status": "Unverified"}), 422).await;
    assert_eq!(broken(&problem)[0].0, "/status");
    let own = format!("/api/v1/users/{}", admin.user_id());
    admin.patch(&own, json!({"role": "customer"}), 422).await;
    admin
        .get("/api/v1/users/018f0000-0000-7000-8000-000000000000", 404)
        .await;
    admin
        .patch("/api/v1/users/nonsense", json!({"nonsense": true}), 404)
        .await;
}

async fn a_deactivation_ends_sessions_and_sockets_at_once(server: TestServer) {
    let (admin, ada) = (server.sign_up_admin().await, server.sign_up().await);
    let (mut socket, _) = Socket::open(&server, ada.access(), None).await;
    let path = format!("/api/v1/users/{}", ada.user_id());
    let user = admin.patch(&path, json!({"status": "Deactivated"}), 200).await;
    assert_eq!(
        (&user["status"], &user["is_active"]),
        (&json!("Deactivated"), &json!(false))
    );
    assert_eq!(socket.close_code(Duration::from_secs(2)).await, Some(4401));
    ada.get("/me", 401).await;
    server
        .client()
        .post("/api/v1/token/refresh", json!({"refresh_token": ada.refresh()}), 401)
        .await;
    let log_in = json!({"email": ada.email, "password": scheduler_tests::client::PASSWORD});
    server.client().post("/login", log_in, 401).await;
    assert_eq!(
        admin.patch(&path, json!({"status": "Active"}), 200).await["is_active"],
        true
    );
    ada.get("/me", 401).await;
    ada.another_log_in().await.get("/me", 200).await;
}

async fn customers_get_403_for_all_of_it(server: TestServer) {
    let (ada, bob) = (server.sign_up().await, server.sign_up().await);
    let other = format!("/api/v1/users/{}", bob.user_id());
    for path in [
        "/api/v1/users",
        &other,
        "/api/v1/users/018f0000-0000-7000-8000-000000000000",
    ] {
        assert_eq!(ada.get(path, 403).await["code"], "forbidden");
        ada.anonymous().get(path, 401).await;
    }
    ada.patch(&other, json!({"role": "admin"}), 403).await;
    ada.patch(
        &format!("/api/v1/users/{}", ada.user_id()),
        json!({"role": "admin"}),
        403,
    )
    .await;
    assert_eq!(ada.get("/me", 200).await["role"], "customer");
}

async fn administrators_see_no_jobs_of_others(server: TestServer) {
    let (admin, ada) = (server.sign_up_admin().await, server.sign_up().await);
    let job = ada.job(json!({})).await;
    admin.get(&format!("/job/{}", text(&job, "job_id")), 404).await;
    assert_eq!(admin.get("/jobs", 200).await["data"], json!([]));
}
