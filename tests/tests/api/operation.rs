//! Health, readiness and what a client may know before a log-in.

use reqwest::Method;
use scheduler_tests::{client::assert_fields, databases::Backend, on_both_databases, server::TestServer};

on_both_databases! {
    a_server_that_works_says_so
}

async fn a_server_that_works_says_so(server: TestServer) {
    let nobody = server.client();
    let alive = nobody.send(Method::GET, "/healthz", None, &[]).await;
    assert_eq!((alive.status, alive.text().as_str()), (200, "ok\n"));
    let ready = nobody.get("/readyz", 200).await;
    assert_eq!(ready["ready"], true);
    let checks: Vec<&str> = ready["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| check["name"].as_str().unwrap())
        .collect();
    assert_eq!(checks, ["database", "migrations", "engine"]);
    let meta = nobody.get("/api/v1/meta", 200).await;
    assert_fields(&meta, "version, setup_required, mail_mode, dev_mailbox, sms, sign_up");
    assert_eq!(
        (&meta["mail_mode"], &meta["dev_mailbox"]),
        (&"developer".into(), &true.into())
    );
}

#[tokio::test]
async fn a_server_that_stops_wants_no_more_traffic() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    server.state.readiness.withdraw();
    let answer = server.client().send(Method::GET, "/readyz", None, &[]).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["ready"], false);
    assert!(answer.header("retry-after").is_some());
    assert_eq!(
        server.client().send(Method::GET, "/healthz", None, &[]).await.status,
        200
    );
}

#[tokio::test]
async fn the_developer_mailbox_is_for_this_machine_alone() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let ada = server.sign_up().await;
    let mails = ada.mails_to(&ada.email).await;
    assert_fields(&mails[0], "id, to, subject, at, text, html");
    assert!(mails[0]["html"].as_str().unwrap().contains("<html"));
    let page = server.client().send(Method::GET, "/dev/mailbox", None, &[]).await;
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    assert!(page.text().contains(&ada.email));
    for headers in [
        [("host", "evil.example")],
        [("x-forwarded-for", "198.51.100.1")],
        [("forwarded", "for=198.51.100.1")],
    ] {
        for path in [
            "/dev/mailbox",
            "/dev/mailbox.json",
            &format!("/dev/mailbox/{}/html", mails[0]["id"].as_str().unwrap()),
        ] {
            server
                .client()
                .send(Method::GET, path, None, &headers)
                .await
                .problem(404, "not_found");
        }
    }
    // With a mail server, or a folder, there is none.
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file://{}", folder.path().display());
    let server = TestServer::with(Backend::Sqlite, &[("mail_url", &url)]).await.unwrap();
    server.client().get("/dev/mailbox.json", 404).await;
    assert_eq!(server.client().get("/api/v1/meta", 200).await["dev_mailbox"], false);
}

#[tokio::test]
async fn the_documents_are_served_offline() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let document = server.client().get("/openapi.json", 200).await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let page = server.client().send(Method::GET, "/docs", None, &[]).await;
    assert_eq!(page.status, 200);
    let html = page.text();
    assert!(html.contains("/run-job/"), "names the operations");
    for part in ["src=\"http", "href=\"http", "@import", "<script>", "style=\""] {
        assert!(
            !html.contains(part),
            "{part} would not work offline or under the policy"
        );
    }
    let style = server.client().send(Method::GET, "/docs/style.css", None, &[]).await;
    assert!(style.header("content-type").unwrap().starts_with("text/css"));
}
