//! The first administrator.

use scheduler_server::system::SystemRandom;
use scheduler_tests::{
    client::PASSWORD,
    on_both_databases,
    server::{TestServer, fresh_email},
};
use serde_json::json;

on_both_databases! {
    the_printed_link_makes_the_first_administrator_and_then_is_worthless
}

async fn the_printed_link_makes_the_first_administrator_and_then_is_worthless(server: TestServer) {
    let meta = server.client().get("/api/v1/meta", 200).await;
    assert_eq!(meta["setup_required"], true);
    let token = server.state.setup.issue(server.state.clock.now(), &SystemRandom);
    let email = fresh_email();
    let body = |token: &str| json!({"token": token, "full_name": "Grace Hopper", "email": email, "password": PASSWORD});
    server.client().post("/api/v1/setup", body("a guess"), 403).await;
    server.client().post("/api/v1/setup", body(""), 403).await;
    let challenge = server.client().post("/api/v1/setup", body(&token), 201).await;
    let mut client = server.client();
    let code = client.code_after(&email, 0).await;
    client.verify(&email, &challenge, &code).await;
    assert_eq!(client.get("/me", 200).await["role"], "admin");
    assert_eq!(
        client.get("/api/v1/users", 200).await["data"].as_array().unwrap().len(),
        1
    );
    assert_eq!(server.client().get("/api/v1/meta", 200).await["setup_required"], false);
    let again = json!({"token": token, "full_name": "Mallory", "email": fresh_email(), "password": PASSWORD});
    server.client().post("/api/v1/setup", again, 403).await;
}
