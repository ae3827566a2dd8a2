//! Who is told when jobs fail, and when they work again.

use reqwest::Method;
use scheduler_tests::{
    client::{Client, text},
    databases::Backend,
    on_both_databases,
    server::{TestServer, until},
};
use serde_json::{Value, json};
use std::fs;

on_both_databases! {
    one_mail_tells_that_a_job_fails_and_one_that_it_works_again
    a_ping_that_never_came_is_told
    what_is_told_is_up_to_the_owner_and_to_the_job
    mistakes_are_named
    many_at_once_are_told_in_one_mail
    the_incident_is_told_in_events
}

const DEFAULTS: fn() -> Value = || {
    json!({
        "failure": false, "final_failure": true, "missed": true, "late": false, "recovery": true, "remind_hours": null,
    })
};

fn simulated(outcome: &str) -> Value {
    json!({"type": "simulated", "duration_ms": 0, "outcome": outcome})
}

/// Runs a job and waits for the end.
async fn run(ada: &Client, job: &Value, status: &str) -> Value {
    let run = ada
        .act(&format!("/api/v1/jobs/{}/runs", text(job, "job_id")), 202)
        .await;
    ada.run_becomes(&run, status).await
}

async fn outcome(ada: &Client, job: &Value, outcome: &str) {
    let path = format!("/api/v1/jobs/{}", text(job, "job_id"));
    ada.patch(&path, json!({"executor": simulated(outcome)}), 200).await;
}

/// The mails about jobs, oldest first: their subjects.
async fn told(ada: &Client) -> Vec<String> {
    let mails = ada.mails_to(&ada.email).await;
    let subjects = mails.iter().map(|mail| text(mail, "subject").to_owned());
    subjects.filter(|subject| !subject.contains(" code to ")).collect()
}

/// Waits for so many notices that were settled; what they say, oldest first.
async fn settled(ada: &Client, count: usize) -> Vec<Value> {
    until(&format!("{count} notices that are settled"), async || {
        let mut notices = ada.get("/api/v1/notices", 200).await["data"]
            .as_array()
            .unwrap()
            .clone();
        notices.reverse();
        let done = notices.iter().filter(|notice| notice["status"] != "Pending").count();
        (done == count && notices.len() == count).then_some(notices)
    })
    .await
}

async fn one_mail_tells_that_a_job_fails_and_one_that_it_works_again(server: TestServer) {
    let ada = server.sign_up().await;
    let job = ada
        .job(json!({"job_name": "Nightly <report>", "executor": simulated("Failed")}))
        .await;
    let failed = run(&ada, &job, "Failed").await;
    let mail = ada.mail_after(&ada.email, 1).await;
    assert_eq!(mail["subject"], "Failed: Nightly <report>");
    let (words, html) = (text(&mail, "text"), text(&mail, "html"));
    let link = format!("{}/app/runs/{}", server.base, text(&failed, "run_id"));
    for expected in ["“Nightly <report>” failed", "simulated_failure", link.as_str()] {
        assert!(words.contains(expected), "{expected} in {words}");
    }
    assert!(html.contains(&link) && html.contains("Nightly &#60;report&#62;") && !html.contains("<report>"));
    run(&ada, &job, "Failed").await;
    let path = format!("/api/v1/jobs/{}/notices", text(&job, "job_id"));
    let shown = ada.get(&path, 200).await;
    assert_eq!((&shown["own"], &shown["effective"]), (&Value::Null, &DEFAULTS()));
    assert_eq!(
        (&shown["incident"]["failures"], &shown["incident"]["troubles"]),
        (&json!(2), &json!(["final_failure"]))
    );
    outcome(&ada, &job, "Completed").await;
    run(&ada, &job, "Completed").await;
    run(&ada, &job, "Completed").await;
    let mail = ada.mail_after(&ada.email, 2).await;
    assert_eq!(mail["subject"], "Works again: Nightly <report>");
    assert!(text(&mail, "text").contains("2 failures"), "{mail}");
    assert_eq!(ada.get(&path, 200).await["incident"], Value::Null);
    let notices = settled(&ada, 2).await;
    assert!(notices.iter().all(|notice| notice["status"] == "Sent"), "{notices:?}");
    assert_eq!(
        told(&ada).await.len(),
        2,
        "neither the second failure nor the second success"
    );
    // To others it is as if it were not there.
    let bob = server.sign_up().await;
    bob.get(&path, 404).await;
    assert_eq!(bob.get("/api/v1/notices", 200).await["data"], json!([]));
}

async fn a_ping_that_never_came_is_told(server: TestServer) {
    let ada = server.sign_up().await;
    let monitor = json!({
        "job_name": "Backup is alive",
        "executor": {"type": "heartbeat", "grace_seconds": 0},
        "schedule": {"type": "interval", "every_seconds": 1},
    });
    let job = ada.post("/jobs", monitor, 201).await;
    let mail = ada.mail_after(&ada.email, 1).await;
    assert_eq!(mail["subject"], "Missed: Backup is alive");
    assert!(
        text(&mail, "text").contains("No ping came for “Backup is alive”"),
        "{mail}"
    );
    let url: url::Url = text(&job, "ping_url").parse().unwrap();
    let nobody = server.client();
    until("a ping that counts", async || {
        let ping = nobody.act(url.path(), 200).await;
        (ping["outcome"] == "counted" || ping["outcome"] == "late").then_some(())
    })
    .await;
    let mail = ada.mail_after(&ada.email, 2).await;
    assert_eq!(mail["subject"], "Works again: Backup is alive");
}

async fn what_is_told_is_up_to_the_owner_and_to_the_job(server: TestServer) {
    let ada = server.sign_up().await;
    assert_eq!(ada.get("/api/v1/me/notices", 200).await, DEFAULTS());
    let changed = ada
        .patch(
            "/api/v1/me/notices",
            json!({"final_failure": false, "remind_hours": 24}),
            200,
        )
        .await;
    assert_eq!(
        (&changed["final_failure"], &changed["remind_hours"]),
        (&json!(false), &json!(24))
    );
    assert_eq!(ada.get("/api/v1/me/notices", 200).await, changed);
    let log = ada.get("/api/v1/audit-log?action=user.changed", 200).await;
    let change = &log["data"][0]["changes"][0];
    assert_eq!(
        (&change["field"], &change["after"]["remind_hours"]),
        (&json!("notices"), &json!(24))
    );
    // The owner wants nothing of it, but for this job.
    let silent = ada.job(json!({"executor": simulated("Failed")})).await;
    assert_eq!(silent["notices"], Value::Null);
    let loud = ada
        .job(json!({"job_name": "loud", "executor": simulated("Failed"), "notices": {"failure": true}}))
        .await;
    assert_eq!(
        (&loud["notices"]["failure"], &loud["notices"]["final_failure"]),
        (&json!(true), &json!(true))
    );
    run(&ada, &silent, "Failed").await;
    run(&ada, &loud, "Failed").await;
    let notices = settled(&ada, 2).await;
    let stand: Vec<_> = notices
        .iter()
        .map(|notice| (text(notice, "job_name"), text(notice, "status")))
        .collect();
    assert!(
        stand.contains(&("Nightly report", "NotWanted")) && stand.contains(&("loud", "Sent")),
        "{stand:?}"
    );
    assert_eq!(told(&ada).await, ["Failed: loud"]);
    // A change keeps what it does not name; null goes back to what the owner wants of any job.
    let path = format!("/api/v1/jobs/{}", text(&loud, "job_id"));
    let changed = ada.patch(&path, json!({"notices": {"recovery": false}}), 200).await;
    assert_eq!(
        (&changed["notices"]["failure"], &changed["notices"]["recovery"]),
        (&json!(true), &json!(false))
    );
    let changed = ada.patch(&path, json!({"notices": null}), 200).await;
    assert_eq!(changed["notices"], Value::Null);
    let (reader, _) = ada.api_key(&["account:read"]).await;
    reader.get("/api/v1/me/notices", 200).await;
    reader
        .send(Method::PATCH, "/api/v1/me/notices", Some(json!({})), &[])
        .await
        .problem(403, "forbidden");
}

async fn mistakes_are_named(server: TestServer) {
    let ada = server.sign_up().await;
    let problem = |body: Value, pointer: &'static str| {
        let ada = &ada;
        async move {
            let answer = ada.send(Method::PATCH, "/api/v1/me/notices", Some(body), &[]).await;
            let problem = answer.problem(422, "validation_failed");
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
        }
    };
    problem(json!({"remind_hours": 0}), "/remind_hours").await;
    problem(json!({"remind_hours": 721}), "/remind_hours").await;
    problem(json!({"missed": "yes"}), "/missed").await;
    problem(json!({"mail": true}), "/mail").await;
    let body = json!({"job_name": "x", "notices": {"remind_hours": -1}, "priority": "Urgent"});
    let answer = ada.send(Method::POST, "/jobs", Some(body), &[]).await;
    let problem = answer.problem(422, "validation_failed");
    let pointers: Vec<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| text(error, "pointer"))
        .collect();
    assert_eq!(pointers, ["/priority", "/notices/remind_hours"]);
    assert_eq!(ada.get("/api/v1/me/notices", 200).await, DEFAULTS());
}

async fn many_at_once_are_told_in_one_mail(server: TestServer) {
    let ada = server.sign_up().await;
    let jobs: Vec<Value> = (0..25)
        .map(|index| json!({"job_name": format!("job {index}"), "executor": simulated("Failed"), "run": true}))
        .collect();
    ada.post("/api/v1/jobs/batch", json!({"jobs": jobs}), 200).await;
    let notices = settled(&ada, 25).await;
    assert!(notices.iter().all(|notice| notice["status"] == "Sent"), "{notices:?}");
    let told = told(&ada).await;
    assert!(told.len() <= 10, "{told:?}");
    assert!(
        told.iter().any(|subject| subject.contains("problems with your jobs")),
        "{told:?}"
    );
}

async fn the_incident_is_told_in_events(server: TestServer) {
    let ada = server.sign_up().await;
    let job = ada.job(json!({"executor": simulated("Failed")})).await;
    run(&ada, &job, "Failed").await;
    run(&ada, &job, "Failed").await;
    outcome(&ada, &job, "Completed").await;
    run(&ada, &job, "Completed").await;
    let events = ada.get("/api/v1/events?types=run.failed,run.completed", 200).await;
    let changes: Vec<_> = events["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (text(event, "type"), event["data"]["incident"]["change"].as_str()))
        .collect();
    assert_eq!(
        changes,
        [
            ("run.failed", Some("opened")),
            ("run.failed", None),
            ("run.completed", Some("closed")),
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_mail_server_that_is_away_did_not_take_is_told_later() {
    let folder = tempfile::tempdir().unwrap();
    let blocked = folder.path().join("mails");
    fs::write(&blocked, "not a folder").unwrap();
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let ada = server.sign_up().await;
    let url = format!("file://{}", blocked.display());
    let server = server.again(&[("mail_url", &url)]);
    let ada = ada.towards(&server.base);
    let job = ada.job(json!({"executor": simulated("Failed")})).await;
    run(&ada, &job, "Failed").await;
    let waiting = until("a try in vain", async || {
        let notice = ada.get("/api/v1/notices", 200).await["data"][0].clone();
        notice["error"].is_string().then_some(notice)
    })
    .await;
    assert_eq!(waiting["status"], "Pending");
    fs::remove_file(&blocked).unwrap();
    let notices = settled(&ada, 1).await;
    assert_eq!(
        (&notices[0]["status"], &notices[0]["error"]),
        (&json!("Sent"), &Value::Null)
    );
    let mails = fs::read_dir(&blocked).unwrap().count();
    assert_eq!(mails, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_nodes_one_tells_it() {
    let Some(one) = TestServer::start(Backend::Mysql).await else {
        return;
    };
    let other = one.beside(&[]);
    let ada = one.sign_up().await;
    for index in 0..6 {
        let job = ada
            .job(json!({"job_name": format!("job {index}"), "executor": simulated("Failed")}))
            .await;
        run(&ada, &job, "Failed").await;
        settled(&ada, index + 1).await;
    }
    let there = ada.towards(&other.base);
    let mut told = [told(&ada).await, told(&there).await].concat();
    told.sort();
    let expected: Vec<String> = (0..6).map(|index| format!("Failed: job {index}")).collect();
    assert_eq!(told, expected);
}
