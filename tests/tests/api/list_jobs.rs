//! `GET /jobs`, `GET /jobs/counts`

use reqwest::Method;
use scheduler_tests::{
    client::{Client, text},
    on_both_databases,
    server::TestServer,
};
use serde_json::{Value, json};

on_both_databases! {
    pages_follow_each_other_without_holes_or_repeats
    filters_and_searches_find_what_they_should
    lists_are_sorted_as_asked
    cursors_of_other_lists_and_garbage_are_refused
    wrong_and_unknown_parameters_are_named
    counts_follow_every_change
}

fn names(list: &Value) -> Vec<String> {
    list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|job| text(job, "job_name").to_owned())
        .collect()
}

async fn walk(ada: &Client, path: &str) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let more = cursor
            .as_ref()
            .map_or_else(String::new, |cursor| format!("&cursor={cursor}"));
        let page = ada.get(&format!("{path}{more}"), 200).await;
        all.extend(names(&page));
        assert_eq!(page["has_more"], page["next_cursor"].is_string());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return all,
        }
    }
}

async fn pages_follow_each_other_without_holes_or_repeats(server: TestServer) {
    let ada = server.sign_up().await;
    for n in 0..7 {
        ada.job(json!({"job_name": format!("job {n}")})).await;
    }
    let newest_first: Vec<String> = (0..7).rev().map(|n| format!("job {n}")).collect();
    assert_eq!(walk(&ada, "/jobs?limit=2").await, newest_first);
    assert_eq!(walk(&ada, "/jobs?limit=7").await, newest_first);
    assert_eq!(walk(&ada, "/jobs?limit=1&status=Pending").await, newest_first);
    // What is made meanwhile does not shift the pages.
    let page = ada.get("/jobs?limit=3", 200).await;
    ada.job(json!({"job_name": "job 7"})).await;
    let next = ada
        .get(&format!("/jobs?limit=3&cursor={}", text(&page, "next_cursor")), 200)
        .await;
    assert_eq!(names(&next), newest_first[3..6]);
    server.sign_up().await.get("/jobs", 200).await["data"]
        .as_array()
        .unwrap()
        .is_empty()
        .then_some(())
        .unwrap();
}

async fn filters_and_searches_find_what_they_should(server: TestServer) {
    let ada = server.sign_up().await;
    ada.job(
        json!({"job_name": "Invoice run", "priority": "High", "tags": ["money", "night"], "external_id": "ERP-77"}),
    )
    .await;
    let two = ada
        .job(json!({"job_name": "Backup", "description": "copies 100% of the INVOICES", "priority": "Low"}))
        .await;
    let three = ada.job(json!({"job_name": "a_b", "tags": ["night"]})).await;
    ada.post(
        &format!("/run-job/{}", text(&two, "job_id")),
        json!({"status": "Running"}),
        202,
    )
    .await;
    ada.post(
        &format!("/run-job/{}", text(&two, "job_id")),
        json!({"status": "Cancelled"}),
        202,
    )
    .await;
    let id_start = &text(&three, "job_id")[..text(&three, "job_id").len() - 1];
    let made = text(&two, "created_at");
    let cases = [
        ("priority=High", vec!["Invoice run"]),
        ("priority=High,Low", vec!["Backup", "Invoice run"]),
        ("priority=High&priority=Low", vec!["Backup", "Invoice run"]),
        ("status=Cancelled", vec!["Backup"]),
        ("status=Pending", vec!["a_b", "Invoice run"]),
        ("status=Running", vec![]),
        ("status=Pending&priority=High", vec!["Invoice run"]),
        ("tag=night", vec!["a_b", "Invoice run"]),
        ("tag=nigh", vec![]),
        ("tag=NIGHT", vec![]),
        ("tag=night&priority=Medium", vec!["a_b"]),
        ("q=invoice", vec!["Backup", "Invoice run"]),
        ("q=INVOICE%20R", vec!["Invoice run"]),
        ("q=100%25", vec!["Backup"]),
        ("q=%25", vec!["Backup"]),
        ("q=a_b", vec!["a_b"]),
        ("q=a_", vec!["a_b"]),
        ("q=ERP-7", vec!["Invoice run"]),
        ("q=%27%20OR%201=1", vec![]),
        (&format!("q={id_start}"), vec!["a_b"]),
        (&format!("created_after={made}"), vec!["a_b"]),
        (&format!("created_before={made}"), vec!["Invoice run"]),
        ("created_before=2000-01-01T00:00:00%2B01:00", vec![]),
        ("q=&tag=", vec!["a_b", "Backup", "Invoice run"]),
    ];
    for (query, expected) in cases {
        assert_eq!(
            names(&ada.get(&format!("/jobs?{query}"), 200).await),
            expected,
            "{query}"
        );
    }
}

async fn lists_are_sorted_as_asked(server: TestServer) {
    let ada = server.sign_up().await;
    let mut jobs = Vec::new();
    for name in ["b", "c", "a", "b"] {
        jobs.push(ada.job(json!({"job_name": name})).await);
    }
    ada.patch(
        &format!("/api/v1/jobs/{}", text(&jobs[0], "job_id")),
        json!({"description": "touched"}),
        200,
    )
    .await;
    let cases = [
        ("-created_at", ["b", "a", "c", "b"]),
        ("created_at", ["b", "c", "a", "b"]),
        ("job_name", ["a", "b", "b", "c"]),
        ("-job_name", ["c", "b", "b", "a"]),
    ];
    for (sort, expected) in cases {
        assert_eq!(
            walk(&ada, &format!("/jobs?sort={sort}&limit=1")).await,
            expected,
            "{sort}"
        );
    }
    let updated = ada.get("/jobs?sort=-updated_at", 200).await;
    assert_eq!(updated["data"][0]["job_id"], jobs[0]["job_id"]);
    let updated = ada.get("/jobs?sort=updated_at", 200).await;
    assert_eq!(updated["data"][3]["job_id"], jobs[0]["job_id"]);
}

async fn cursors_of_other_lists_and_garbage_are_refused(server: TestServer) {
    let ada = server.sign_up().await;
    for _ in 0..3 {
        ada.job(json!({})).await;
    }
    let page = ada.get("/jobs?limit=1", 200).await;
    let cursor = text(&page, "next_cursor");
    for path in [
        format!("/jobs?limit=1&status=Pending&cursor={cursor}"),
        format!("/jobs?limit=1&sort=job_name&cursor={cursor}"),
        format!("/api/v1/runs?cursor={cursor}"),
        "/jobs?cursor=".to_owned(),
        "/jobs?cursor=nonsense".to_owned(),
        format!("/jobs?cursor={}", "A".repeat(3000)),
        "/jobs?cursor=%00%ff".to_owned(),
    ] {
        assert_eq!(ada.get(&path, 400).await["code"], "invalid_cursor", "{path}");
    }
    // Another page size is the same list.
    assert_eq!(
        ada.get(&format!("/jobs?limit=2&cursor={cursor}"), 200).await["data"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

async fn wrong_and_unknown_parameters_are_named(server: TestServer) {
    let ada = server.sign_up().await;
    let cases = [
        ("/jobs?limit=0", "limit"),
        ("/jobs?limit=201", "limit"),
        ("/jobs?limit=-1", "limit"),
        ("/jobs?limit=ten", "limit"),
        ("/jobs?limit=99999999999999999999", "limit"),
        ("/jobs?limit=1&limit=2", "limit"),
        ("/jobs?status=running", "status"),
        ("/jobs?status=Running,", "status"),
        ("/jobs?priority=Urgent", "priority"),
        ("/jobs?sort=price", "sort"),
        ("/jobs?created_after=yesterday", "created_after"),
        ("/jobs?created_before=2026-02-30T00:00:00Z", "created_before"),
        ("/jobs?page=2", "page"),
        ("/jobs?Status=Running", "Status"),
        ("/api/v1/jobs/counts?x=1", "x"),
        ("/api/v1/runs?status=Pending", "status"),
        ("/api/v1/runs?job_id=x", "job_id"),
        ("/api/v1/runs?reason=bad_luck", "reason"),
        ("/api/v1/runs?trigger=Manual", "trigger"),
        ("/api/v1/runs?created_after=yesterday", "created_after"),
        ("/api/v1/runs?started_before=2026-02-30T00:00:00Z", "started_before"),
        ("/api/v1/runs?error=a&error=b", "error"),
        ("/api/v1/events?types=run.exploded", "types"),
        ("/dashboard/customer?window=1y", "window"),
        ("/me?x=1", "x"),
        ("/api/v1/sessions?x=1", "x"),
    ];
    for (path, parameter) in cases {
        let problem = ada.get(path, 400).await;
        assert_eq!(problem["code"], "invalid_parameter", "{path}: {problem}");
        assert_eq!(problem["errors"][0]["pointer"], parameter, "{path}: {problem}");
    }
    let problem = ada.get("/jobs?stat=Running", 400).await;
    assert!(
        text(&problem["errors"][0], "message").contains("status"),
        "names the known ones: {problem}"
    );
    // Also where a request changes something: nothing happens.
    for (method, path) in [
        (Method::POST, "/jobs?dry_run=true"),
        (Method::PATCH, "/api/v1/me?x=1"),
        (Method::PATCH, "/logout?all=true"),
    ] {
        let body = Some(json!({"job_name": "x"}));
        ada.send(method, path, body, &[])
            .await
            .problem(400, "invalid_parameter");
    }
    assert_eq!(ada.get("/jobs", 200).await["data"], json!([]));
}

async fn counts_follow_every_change(server: TestServer) {
    let ada = server.sign_up().await;
    let counts = async || ada.get("/api/v1/jobs/counts", 200).await;
    let expected = |pending: i64, completed: i64, failed: i64, cancelled: i64| {
        json!({"Pending": pending, "Running": 0, "Completed": completed, "Failed": failed, "Cancelled": cancelled,
            "total": pending + completed + failed + cancelled})
    };
    assert_eq!(counts().await, expected(0, 0, 0, 0));
    let good = ada.quick_job(0, "Completed").await;
    let bad = ada.quick_job(0, "Failed").await;
    let long = ada.quick_job(60_000, "Completed").await;
    ada.job(json!({})).await;
    assert_eq!(counts().await, expected(4, 0, 0, 0));
    for job in [&good, &bad, &long] {
        ada.post(
            &format!("/run-job/{}", text(job, "job_id")),
            json!({"status": "Running"}),
            202,
        )
        .await;
    }
    ada.job_becomes(&good, "Completed").await;
    ada.job_becomes(&bad, "Failed").await;
    ada.job_becomes(&long, "Running").await;
    let mut running = expected(1, 1, 1, 0);
    (running["Running"], running["total"]) = (1.into(), 4.into());
    assert_eq!(counts().await, running);
    ada.post(
        &format!("/run-job/{}", text(&long, "job_id")),
        json!({"status": "Cancelled"}),
        202,
    )
    .await;
    assert_eq!(counts().await, expected(1, 1, 1, 1));
    ada.delete(&format!("/api/v1/jobs/{}", text(&good, "job_id")), 204)
        .await;
    assert_eq!(counts().await, expected(1, 0, 1, 1));
    assert_eq!(
        server.sign_up().await.get("/api/v1/jobs/counts", 200).await,
        expected(0, 0, 0, 0)
    );
}
