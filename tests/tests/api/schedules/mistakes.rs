//! What is wrong with a schedule is named: the field, the place, what would be right.

use super::*;

#[tokio::test]
async fn what_makes_no_sense_is_named() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let ada = server.sign_up().await;
    let cron = |expression: &str| json!({"type": "cron", "expression": expression, "time_zone": "UTC"});
    let cases = [
        (
            json!({"type": "once", "at": "2020-01-01T00:00:00Z"}),
            "/schedule/at",
            "in_the_past",
        ),
        (
            json!({"type": "once", "at": "9999-01-01T00:00:00Z"}),
            "/schedule/at",
            "out_of_range",
        ),
        (json!({"type": "once", "at": "tomorrow"}), "/schedule/at", "invalid"),
        (json!({"type": "once"}), "/schedule/at", "required"),
        (json!({"type": "lunar"}), "/schedule/type", "unknown_word"),
        (json!({}), "/schedule/type", "required"),
        (json!([]), "/schedule", "wrong_type"),
        (json!("daily"), "/schedule", "wrong_type"),
        (json!(7), "/schedule", "wrong_type"),
        (
            json!({"type": "cron", "expression": "0 2 * * *", "time_zone": "Europe/Atlantis"}),
            "/schedule/time_zone",
            "unknown_time_zone",
        ),
        (cron("31 25 * * *"), "/schedule/expression", ""),
        (cron("* * *"), "/schedule/expression", ""),
        (cron(""), "/schedule/expression", "too_short"),
        (cron(&"1,".repeat(200)), "/schedule/expression", ""),
        (cron("0 0 30 2 *"), "/schedule/expression", "never_runs"),
        (
            json!({"type": "cron", "expression": "0 2 * * *", "time_zone": "UTC", "on_gap": "jump"}),
            "/schedule/on_gap",
            "unknown_word",
        ),
        (
            json!({"type": "interval", "every_seconds": 60, "every": 3}),
            "/schedule/every",
            "unknown_field",
        ),
        (
            json!({"type": "interval", "every_seconds": 60, "at": "2090-01-01T00:00:00Z"}),
            "/schedule/at",
            "not_allowed",
        ),
        (
            json!({"type": "interval", "every_seconds": 0}),
            "/schedule/every_seconds",
            "out_of_range",
        ),
        (
            json!({"type": "interval", "every_seconds": 31_536_001}),
            "/schedule/every_seconds",
            "out_of_range",
        ),
        (
            json!({"type": "interval", "every_seconds": -1}),
            "/schedule/every_seconds",
            "wrong_type",
        ),
        (
            json!({"type": "interval", "every_seconds": 99_999_999_999_u64}),
            "/schedule/every_seconds",
            "wrong_type",
        ),
        (
            json!({"type": "interval", "every_seconds": 1.5}),
            "/schedule/every_seconds",
            "wrong_type",
        ),
        (
            json!({"type": "interval", "every_seconds": "60"}),
            "/schedule/every_seconds",
            "wrong_type",
        ),
        (
            json!({"type": "interval", "every_seconds": 60, "jitter_seconds": 60}),
            "/schedule/jitter_seconds",
            "jitter_too_long",
        ),
        (
            json!({"type": "interval", "every_seconds": 60, "start_at": "2090-01-02T00:00:00Z", "end_at": "2090-01-01T00:00:00Z"}),
            "/schedule/end_at",
            "end_before_start",
        ),
        (
            json!({"type": "interval", "every_seconds": 60, "end_at": "2020-01-01T00:00:00Z"}),
            "/schedule/end_at",
            "in_the_past",
        ),
        (
            json!({"type": "interval", "every_seconds": 60, "start_at": "2300-01-01T00:00:00Z"}),
            "/schedule/start_at",
            "out_of_range",
        ),
    ];
    for (schedule, pointer, code) in cases {
        let body = json!({"job_name": "x", "schedule": schedule});
        let problem = ada
            .send(Method::POST, "/jobs", Some(body), &[])
            .await
            .problem(422, "validation_failed");
        let errors = broken(&problem);
        assert_eq!(errors[0].0, pointer, "{schedule}: {problem}");
        assert!(code.is_empty() || errors[0].1 == code, "{schedule}: {problem}");
        // The preview says the same.
        let body = json!({"schedule": schedule});
        let problem = ada.post("/api/v1/schedules/preview", body, 422).await;
        assert_eq!(broken(&problem), errors, "{schedule}");
    }
    let body = json!({"job_name": "x", "schedule": cron("31 25 * * *")});
    let problem = ada.post("/jobs", body, 422).await;
    let message = text(&problem["errors"][0], "message");
    assert!(
        message.contains("25") && message.to_lowercase().contains("hour"),
        "{message}"
    );
    assert!(message.contains('4'), "says where: {message}");
    // A number that is no number at all.
    let body = br#"{"job_name":"x","schedule":{"type":"interval","every_seconds":1e999}}"#;
    let json = [("content-type", "application/json")];
    let answer = ada.send_raw(Method::POST, "/jobs", Some(body.to_vec()), &json).await;
    let problem = answer.problem(422, "validation_failed");
    assert!(broken(&problem)[0].0.starts_with("/schedule"), "{problem}");
    assert_eq!(ada.get("/jobs", 200).await["data"], json!([]));
}
