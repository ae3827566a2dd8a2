//! `GET /dashboard/customer`

use scheduler_tests::{
    client::{assert_fields, text},
    on_both_databases,
    server::TestServer,
};
use serde_json::{Value, json};

on_both_databases! {
    the_numbers_are_those_of_what_happened
    a_new_user_sees_zeros
}

async fn the_numbers_are_those_of_what_happened(server: TestServer) {
    let ada = server.sign_up().await;
    let run = async |job: &Value, end: &str| {
        let run = ada
            .act(&format!("/api/v1/jobs/{}/runs", text(job, "job_id")), 202)
            .await;
        ada.run_becomes(&run, end).await
    };
    let (good, bad, long) = (
        ada.quick_job(20, "Completed").await,
        ada.quick_job(0, "Failed").await,
        ada.quick_job(60_000, "Completed").await,
    );
    for _ in 0..3 {
        run(&good, "Completed").await;
    }
    run(&bad, "Failed").await;
    let cancelled = run(&long, "Running").await;
    ada.act(&format!("/api/v1/runs/{}/cancel", text(&cancelled, "run_id")), 202)
        .await;
    let running = run(&long, "Running").await;

    for window in ["", "?window=1h", "?window=24h", "?window=7d"] {
        let board = ada.get(&format!("/dashboard/customer{window}"), 200).await;
        let counts = json!({"Pending": 0, "Running": 1, "Completed": 1, "Failed": 1, "Cancelled": 0, "total": 3});
        assert_eq!(board["counts"], counts, "{window}");
        assert_eq!(
            board["runs"],
            json!({"Completed": 3, "Failed": 1, "Cancelled": 1}),
            "{window}"
        );
        assert_eq!(board["success_rate"], 0.75);
        assert!(board["duration_ms"]["p50"].as_i64().unwrap() >= 20);
        assert!(board["duration_ms"]["p95"].as_i64() >= board["duration_ms"]["p50"].as_i64());
        assert_eq!(board["running"].as_array().unwrap().len(), 1);
        assert_eq!(board["running"][0]["run_id"], running["run_id"]);
        assert_eq!(board["upcoming"], json!([]));
        assert_fields(&board["attention"][0], "kind, job_id, message");
        assert_eq!(board["attention"][0]["job_id"], bad["job_id"]);
        let points = board["throughput"].as_array().unwrap();
        let sum = |field: &str| points.iter().map(|point| point[field].as_i64().unwrap()).sum::<i64>();
        assert_eq!(
            (sum("completed"), sum("failed"), sum("cancelled")),
            (3, 1, 1),
            "{window}"
        );
        let times: Vec<&str> = points.iter().map(|point| text(point, "at")).collect();
        assert!(times.is_sorted() && times.len() >= 20, "{window}: {times:?}");
    }
}

async fn a_new_user_sees_zeros(server: TestServer) {
    let ada = server.sign_up().await;
    let board = ada.get("/dashboard/customer", 200).await;
    assert_eq!(board["counts"]["total"], 0);
    assert_eq!(
        (&board["success_rate"], &board["duration_ms"]),
        (&json!(null), &json!({"p50": null, "p95": null}))
    );
    assert_eq!((&board["running"], &board["attention"]), (&json!([]), &json!([])));
}
