//! `PATCH` and `DELETE /jobs/{id}`, and the versions that guard them.

use futures_util::future::join_all;
use reqwest::Method;
use scheduler_tests::{
    client::{broken, text},
    on_both_databases,
    server::TestServer,
};
use serde_json::{Value, json};

on_both_databases! {
    absent_fields_stay_and_null_removes
    a_change_of_an_old_version_is_refused
    of_many_changes_of_one_version_one_wins
    what_is_known_is_not_sent_again
    a_deleted_job_is_gone_with_its_runs
    a_change_that_breaks_a_rule_changes_nothing
}

fn path(job: &Value) -> String {
    format!("/api/v1/jobs/{}", text(job, "job_id"))
}

async fn absent_fields_stay_and_null_removes(server: TestServer) {
    let ada = server.sign_up().await;
    let full = json!({"description": "old", "payload": {"x": 1}, "timeout_seconds": 60, "external_id": "a", "tags": ["t"], "priority": "High"});
    let job = ada.job(full).await;
    let changed = ada.patch(&path(&job), json!({"job_name": "New name"}), 200).await;
    assert_eq!(
        (&changed["job_name"], &changed["version"]),
        (&json!("New name"), &json!(2))
    );
    for field in [
        "description",
        "payload",
        "timeout_seconds",
        "external_id",
        "tags",
        "priority",
        "executor",
        "retry",
        "created_at",
        "status",
    ] {
        assert_eq!(changed[field], job[field], "{field}");
    }
    assert!(text(&changed, "updated_at") > text(&job, "updated_at"));
    let nulls =
        json!({"description": null, "payload": null, "timeout_seconds": null, "external_id": null, "schedule": null});
    let changed = ada.patch(&path(&job), nulls.clone(), 200).await;
    for field in nulls.as_object().unwrap().keys() {
        assert_eq!(changed[field], Value::Null, "{field}");
    }
    assert_eq!(
        (&changed["tags"], &changed["priority"]),
        (&json!(["t"]), &json!("High"))
    );
    let part = ada
        .patch(&path(&job), json!({"retry": {"max_attempts": 4}, "tags": []}), 200)
        .await;
    assert_eq!(
        part["retry"],
        json!({"max_attempts": 4, "backoff": "exponential", "initial_seconds": 10, "max_seconds": 3600, "jitter": 0.2})
    );
    assert_eq!((&part["tags"], &part["version"]), (&json!([]), &json!(4)));
    // What changes nothing is no change.
    assert_eq!(ada.patch(&path(&job), json!({"tags": []}), 200).await, part);
    assert_eq!(ada.patch(&path(&job), json!({}), 200).await, part);
}

async fn a_change_of_an_old_version_is_refused(server: TestServer) {
    let ada = server.sign_up().await;
    let job = ada.job(json!({})).await;
    let tag = ada
        .send(Method::GET, &path(&job), None, &[])
        .await
        .header("etag")
        .unwrap()
        .to_owned();
    let change = async |name: &str, tag: &str| {
        ada.send(
            Method::PATCH,
            &path(&job),
            Some(json!({"job_name": name})),
            &[("if-match", tag)],
        )
        .await
    };
    let changed = change("second", &tag).await;
    assert_eq!(changed.expect(200)["job_name"], "second");
    let newer = changed.header("etag").unwrap().to_owned();
    assert_ne!(tag, newer);
    let problem = change("third", &tag).await.problem(412, "version_conflict");
    assert_eq!(problem["version"], 2);
    change("third", "\"nonsense\"").await.problem(412, "version_conflict");
    change("third", &format!("W/{newer}"))
        .await
        .problem(412, "version_conflict");
    change("third", "nonsense").await.problem(400, "invalid_parameter");
    assert_eq!(ada.get(&path(&job), 200).await["job_name"], "second");
    // The version itself is a tag, too, and a run in between is no conflict.
    ada.post(
        &format!("/run-job/{}", text(&job, "job_id")),
        json!({"status": "Running"}),
        202,
    )
    .await;
    change("third", &newer).await.expect(200);
    change("fourth", "\"3\"").await.expect(200);
    change("fifth", &format!("{tag}, \"4\"")).await.expect(200);
    change("sixth", "*").await.expect(200);
    let old = ada.send(Method::DELETE, &path(&job), None, &[("if-match", &tag)]).await;
    assert_eq!(old.problem(412, "version_conflict")["version"], 6);
    let known = ada
        .send(Method::DELETE, &path(&job), None, &[("if-match", "\"6\"")])
        .await;
    known.expect(204);
}

async fn of_many_changes_of_one_version_one_wins(server: TestServer) {
    let ada = server.sign_up().await;
    let job = ada.job(json!({})).await;
    let racing = (0..10).map(|n| {
        let (ada, path) = (ada.clone(), path(&job));
        tokio::spawn(async move {
            let body = json!({"job_name": format!("name {n}")});
            ada.send(Method::PATCH, &path, Some(body), &[("if-match", "\"1\"")])
                .await
                .status
        })
    });
    let mut statuses: Vec<u16> = join_all(racing).await.into_iter().map(Result::unwrap).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412, 412, 412]);
    // Without If-Match all of them are made, one after the other.
    let racing = (0..5).map(|n| {
        let (ada, path) = (ada.clone(), path(&job));
        tokio::spawn(async move { ada.patch(&path, json!({"tags": [format!("t{n}")]}), 200).await })
    });
    join_all(racing)
        .await
        .into_iter()
        .for_each(|result| drop(result.unwrap()));
    assert_eq!(ada.get(&path(&job), 200).await["version"], 7);
}

async fn what_is_known_is_not_sent_again(server: TestServer) {
    let ada = server.sign_up().await;
    let job = ada.quick_job(0, "Completed").await;
    let ask = async |tag: &str| {
        ada.send(Method::GET, &path(&job), None, &[("if-none-match", tag)])
            .await
    };
    let first = ada
        .send(Method::GET, &path(&job), None, &[])
        .await
        .header("etag")
        .unwrap()
        .to_owned();
    for known in [
        first.clone(),
        format!("W/{first}"),
        format!("\"x\", {first}"),
        "*".to_owned(),
    ] {
        let answer = ask(&known).await;
        assert_eq!((answer.status, answer.bytes.len()), (304, 0), "{known}");
        assert_eq!(answer.header("etag"), Some(first.as_str()));
    }
    assert_eq!(ask("\"0\"").await.status, 200);
    // The status is part of what is shown: after a run the tag is another one.
    ada.post(
        &format!("/run-job/{}", text(&job, "job_id")),
        json!({"status": "Running"}),
        202,
    )
    .await;
    ada.job_becomes(&job, "Completed").await;
    let later = ask(&first).await;
    assert_eq!(later.expect(200)["status"], "Completed");
    assert_eq!(ask(later.header("etag").unwrap()).await.status, 304);
}

async fn a_deleted_job_is_gone_with_its_runs(server: TestServer) {
    let ada = server.sign_up().await;
    let job = ada.quick_job(60_000, "Completed").await;
    let started = ada
        .post(
            &format!("/run-job/{}", text(&job, "job_id")),
            json!({"status": "Running"}),
            202,
        )
        .await;
    ada.job_becomes(&job, "Running").await;
    ada.delete(&path(&job), 204).await;
    let id = text(&job, "job_id");
    for gone in [
        path(&job),
        format!("/job/{id}"),
        format!("{}/runs", path(&job)),
        format!("{}/events", path(&job)),
    ] {
        ada.get(&gone, 404).await;
    }
    ada.get(&format!("/api/v1/runs/{}", text(&started["run"], "run_id")), 404)
        .await;
    ada.delete(&path(&job), 404).await;
    ada.patch(&path(&job), json!({}), 404).await;
    ada.post(&format!("/run-job/{id}"), json!({"status": "Running"}), 404)
        .await;
    assert_eq!(ada.get("/jobs", 200).await["data"], json!([]));
    assert_eq!(ada.get("/api/v1/runs", 200).await["data"], json!([]));
    let events = ada.get("/api/v1/events", 200).await;
    let types: Vec<&str> = events["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| text(event, "type"))
        .collect();
    assert!(
        types.contains(&"job.deleted") && types.contains(&"run.cancelled"),
        "{types:?}"
    );
}

async fn a_change_that_breaks_a_rule_changes_nothing(server: TestServer) {
    let ada = server.sign_up().await;
    let job = ada.job(json!({})).await;
    let problem = ada
        .patch(
            &path(&job),
            json!({"job_name": "fine", "priority": "urgent", "timeout_seconds": -5}),
            422,
        )
        .await;
    let pointers: Vec<_> = broken(&problem).into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(pointers, ["/priority", "/timeout_seconds"]);
    for field in ["status", "job_id", "created_at", "version", "run"] {
        let problem = ada.patch(&path(&job), json!({field: "x"}), 422).await;
        assert_eq!(broken(&problem), [(format!("/{field}"), "unknown_field".to_owned())]);
    }
    assert_eq!(ada.get(&path(&job), 200).await, job);
}
