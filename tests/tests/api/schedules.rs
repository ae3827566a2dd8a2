//! Jobs that run by themselves: what schedules may say, what becomes of their instants, pauses, backfills, imports.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use scheduler_tests::{
    client::{Client, broken, text},
    databases::Backend,
    on_both_databases,
    server::{TestServer, until},
    sockets::Socket,
};
use serde_json::{Value, json};

mod mistakes;

on_both_databases! {
    every_type_of_schedule_says_when_it_runs_next
    a_job_of_every_second_runs_by_itself
    once_runs_once
    a_change_of_the_schedule_moves_the_next_run
    a_pause_is_told_and_recorded_and_ends
    a_backfill_is_rehearsed_and_then_made
    a_copy_is_paused
    a_crontab_is_rehearsed_and_then_imported
    what_is_foreign_is_not_found
}

#[expect(clippy::disallowed_methods, reason = "the server runs by the clock of the machine")]
fn now() -> DateTime<Utc> {
    DateTime::from(std::time::SystemTime::now())
}

fn path(job: &Value, rest: &str) -> String {
    format!("/api/v1/jobs/{}{rest}", text(job, "job_id"))
}

fn instant(value: &Value, field: &str) -> DateTime<Utc> {
    text(value, field).parse().unwrap()
}

/// A job with a schedule whose runs are over at once.
async fn scheduled(ada: &Client, schedule: Value, more: Value) -> Value {
    let mut body = json!({"schedule": schedule, "executor": {"type": "simulated", "duration_ms": 0}});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    ada.job(body).await
}

/// The ledger of a job, newest instant first.
async fn ledger(ada: &Client, job: &Value) -> Vec<Value> {
    let page = ada.get(&path(job, "/occurrences?limit=200"), 200).await;
    page["data"].as_array().unwrap().clone()
}

async fn every_type_of_schedule_says_when_it_runs_next(server: TestServer) {
    let ada = server.sign_up().await;
    let tomorrow = now() + TimeDelta::days(1);
    let once = scheduled(&ada, json!({"type": "once", "at": tomorrow}), json!({})).await;
    let off = instant(&once, "next_run_at") - tomorrow;
    assert!(off.abs() < TimeDelta::milliseconds(1), "{once}");

    let hourly = scheduled(&ada, json!({"type": "interval", "every_seconds": 3600}), json!({})).await;
    assert_eq!(
        instant(&hourly, "next_run_at") - instant(&hourly, "created_at"),
        TimeDelta::hours(1)
    );
    let start: DateTime<Utc> = "2026-01-01T00:00:30Z".parse().unwrap();
    let grid = scheduled(
        &ada,
        json!({"type": "interval", "every_seconds": 3600, "start_at": start}),
        json!({}),
    )
    .await;
    let since = instant(&grid, "next_run_at") - start;
    assert_eq!(since.num_seconds() % 3600, 0, "{grid}");
    assert!(instant(&grid, "next_run_at") > now());

    let cron = json!({"type": "cron", "expression": " 30  2 * * * ", "time_zone": "Europe/Berlin"});
    let cron = scheduled(&ada, cron, json!({})).await;
    assert_eq!(cron["schedule"]["expression"], "30 2 * * *");
    assert_eq!(
        (&cron["schedule"]["on_gap"], &cron["schedule"]["on_repeat"]),
        (&json!("unix"), &json!("unix"))
    );
    let preview = ada
        .post(
            "/api/v1/schedules/preview",
            json!({"schedule": cron["schedule"], "count": 1}),
            200,
        )
        .await;
    assert_eq!(preview["data"][0]["at"], cron["next_run_at"]);

    let none = ada.job(json!({"schedule": null})).await;
    assert_eq!((&none["schedule"], &none["next_run_at"]), (&Value::Null, &Value::Null));
    for job in [&once, &hourly, &grid, &cron] {
        assert_eq!((&job["paused"], &job["status"]), (&json!(false), &json!("Pending")));
        let again = ada.get(&format!("/job/{}", text(job, "job_id")), 200).await;
        assert_eq!(&again, job);
    }
}

async fn a_job_of_every_second_runs_by_itself(server: TestServer) {
    let ada = server.sign_up().await;
    let (mut socket, _) = Socket::open(&server, ada.access(), None).await;
    let job = scheduled(&ada, json!({"type": "interval", "every_seconds": 1}), json!({})).await;
    let done = std::cell::Cell::new(0);
    let heard = socket
        .messages_until(|message| {
            done.set(done.get() + u32::from(message["type"] == "run.completed"));
            done.get() == 2
        })
        .await;
    let planned: Vec<DateTime<Utc>> = heard
        .iter()
        .filter(|message| message["type"] == "run.started")
        .map(|message| instant(&message["data"]["run"]["trigger"], "planned_at"))
        .collect();
    let first = instant(&job, "created_at") + TimeDelta::seconds(1);
    assert_eq!(planned[..2], [first, first + TimeDelta::seconds(1)]);
    for message in heard.iter().filter(|message| message["type"] == "run.started") {
        let run = &message["data"]["run"];
        assert_eq!(run["trigger"]["type"], "schedule");
        let late = instant(run, "started_at") - instant(&run["trigger"], "planned_at");
        assert!(late >= TimeDelta::zero() && late < TimeDelta::seconds(20), "{run}");
    }
    let rows = ledger(&ada, &job).await;
    assert!(rows.len() >= 2, "{rows:?}");
    for row in &rows {
        assert_eq!((&row["outcome"], &row["count"]), (&json!("Ran"), &json!(1)), "{row}");
        let run = ada.get(&format!("/api/v1/runs/{}", text(row, "run_id")), 200).await;
        assert_eq!(run["trigger"]["planned_at"], row["planned_at"]);
    }
    assert_eq!(rows[rows.len() - 1]["planned_at"], json!(planned[0]));
}

async fn once_runs_once(server: TestServer) {
    let ada = server.sign_up().await;
    let at = now() + TimeDelta::milliseconds(700);
    let job = scheduled(&ada, json!({"type": "once", "at": at}), json!({})).await;
    let done = ada.job_becomes(&job, "Completed").await;
    assert_eq!(done["next_run_at"], Value::Null);
    assert_eq!(done["schedule"]["type"], "once");
    let late = instant(&done["last_run"], "started_at") - at;
    assert!(late >= TimeDelta::zero() - TimeDelta::milliseconds(1), "{done}");
    // Its schedule lies in the past by now, which is no mistake of whoever renames it.
    let renamed = ada.patch(&path(&job, ""), json!({"job_name": "other"}), 200).await;
    assert_eq!(renamed["next_run_at"], Value::Null);
    assert_eq!(ledger(&ada, &job).await.len(), 1);
}

async fn a_change_of_the_schedule_moves_the_next_run(server: TestServer) {
    let ada = server.sign_up().await;
    let job = scheduled(&ada, json!({"type": "interval", "every_seconds": 3600}), json!({})).await;
    let one = path(&job, "");
    let changed = ada
        .patch(
            &one,
            json!({"schedule": {"type": "interval", "every_seconds": 60}}),
            200,
        )
        .await;
    let ahead = instant(&changed, "next_run_at") - instant(&changed, "updated_at");
    assert_eq!(ahead, TimeDelta::seconds(60));
    let named = ada.patch(&one, json!({"job_name": "other"}), 200).await;
    assert_eq!(named["next_run_at"], changed["next_run_at"]);
    let bare = ada.patch(&one, json!({"schedule": null}), 200).await;
    assert_eq!((&bare["schedule"], &bare["next_run_at"]), (&Value::Null, &Value::Null));
    let problem = ada
        .patch(&one, json!({"schedule": {"type": "interval", "every_seconds": 0}}), 422)
        .await;
    assert_eq!(broken(&problem)[0].0, "/schedule/every_seconds");
}

#[tokio::test]
async fn a_preview_shows_what_clock_changes_do() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let ada = server.sign_up().await;
    let preview = async |body: Value| ada.post("/api/v1/schedules/preview", body, 200).await;
    let berlin = |expression: &str| json!({"type": "cron", "expression": expression, "time_zone": "Europe/Berlin"});
    // On 28 March 2027 the clocks go from 02:00 to 03:00.
    let shown = preview(json!({
        "schedule": berlin("30 2 * * *"), "count": 3, "from": "2027-03-26T12:00:00Z",
    }))
    .await;
    assert_eq!(shown["time_zone"], "Europe/Berlin");
    assert!(text(&shown, "description").contains("02:30"), "{shown}");
    let expected = json!([
        {"at": "2027-03-27T01:30:00Z", "local": "2027-03-27T02:30:00+01:00", "note": null},
        {"at": "2027-03-28T01:00:00Z", "local": "2027-03-28T03:00:00+02:00", "note": "gap_moved"},
        {"at": "2027-03-29T00:30:00Z", "local": "2027-03-29T02:30:00+02:00", "note": null},
    ]);
    assert_eq!(shown["data"], expected);
    let mut skipping = berlin("30 2 * * *");
    skipping["on_gap"] = json!("skip");
    let shown = preview(json!({"schedule": skipping, "count": 2, "from": "2027-03-26T12:00:00Z"})).await;
    let expected = json!([
        {"at": "2027-03-27T01:30:00Z", "local": "2027-03-27T02:30:00+01:00", "note": null},
        {"at": "2027-03-29T00:30:00Z", "local": "2027-03-29T02:30:00+02:00", "note": "gap_skipped"},
    ]);
    assert_eq!(shown["data"], expected);
    // On 31 October 2027 they go from 03:00 to 02:00.
    let mut both = berlin("30 2 * * *");
    both["on_repeat"] = json!("both");
    let shown = preview(json!({"schedule": both, "count": 2, "from": "2027-10-30T12:00:00Z"})).await;
    assert_eq!(
        (&shown["data"][0]["note"], &shown["data"][1]["note"]),
        (&json!("repeat_first"), &json!("repeat_second"))
    );
    // Ten unless more are asked for; strictly after `from`.
    let shown = preview(json!({"schedule": berlin("0 * * * *"), "from": "2027-01-01T00:00:00Z"})).await;
    assert_eq!(shown["data"].as_array().unwrap().len(), 10);
    assert_eq!(shown["data"][0]["at"], "2027-01-01T01:00:00Z");
    let shown = preview(json!({"schedule": berlin("@hourly"), "count": 100})).await;
    assert_eq!(shown["data"].as_array().unwrap().len(), 100);
    let shown = preview(json!({"schedule": {"type": "interval", "every_seconds": 60}, "count": 1})).await;
    assert_eq!(shown["time_zone"], "UTC");
    for from in ["1970-01-01T00:00:00Z", "2199-06-01T00:00:00Z"] {
        let shown = preview(json!({"schedule": berlin("0 0 * * *"), "count": 1, "from": from})).await;
        assert_eq!(shown["data"].as_array().unwrap().len(), 1, "{from}");
    }
    for (more, pointer) in [
        (json!({"count": 0}), "/count"),
        (json!({"count": 101}), "/count"),
        (json!({"count": -1}), "/count"),
        (json!({"count": 1.5}), "/count"),
        (json!({"from": "1969-12-31T23:59:59Z"}), "/from"),
        (json!({"from": "2200-01-01T00:00:00Z"}), "/from"),
        (json!({"from": "x"}), "/from"),
        (json!({"until": 1}), "/until"),
    ] {
        let mut body = json!({"schedule": berlin("0 * * * *")});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let problem = ada.post("/api/v1/schedules/preview", body, 422).await;
        assert_eq!(broken(&problem)[0].0, pointer, "{more}: {problem}");
    }
    ada.post("/api/v1/schedules/preview", json!({}), 422).await;
    let anonymous = ada.anonymous();
    anonymous
        .post(
            "/api/v1/schedules/preview",
            json!({"schedule": berlin("0 * * * *")}),
            401,
        )
        .await;
}

async fn a_pause_is_told_and_recorded_and_ends(server: TestServer) {
    let ada = server.sign_up().await;
    let job = scheduled(&ada, json!({"type": "interval", "every_seconds": 1}), json!({})).await;
    let paused = ada
        .post(&path(&job, "/pause"), json!({"reason": " moving house "}), 200)
        .await;
    assert_eq!(
        (&paused["paused"], &paused["next_run_at"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(
        (&paused["pause_reason"], &paused["paused_by"]),
        (&json!("moving house"), &json!(ada.user_id()))
    );
    assert!(instant(&paused, "paused_at") >= instant(&job, "created_at"));
    let row = until("two instants are recorded as paused", async || {
        let newest = ledger(&ada, &job).await.into_iter().next()?;
        (newest["outcome"] == "Paused" && newest["count"].as_u64()? >= 2).then_some(newest)
    })
    .await;
    assert!(text(&row, "reason").ends_with("moving house"), "{row}");
    assert_eq!(row["run_id"], Value::Null);
    assert!(instant(&row, "last_planned_at") > instant(&row, "planned_at"));
    let again = ada.act(&path(&job, "/pause"), 200).await;
    assert_eq!(
        (&again["pause_reason"], &again["version"]),
        (&paused["pause_reason"], &paused["version"])
    );
    // By hand it runs all the same.
    let run = ada.act(&path(&job, "/runs"), 202).await;
    ada.run_becomes(&run, "Completed").await;

    let resumed = ada.act(&path(&job, "/resume"), 200).await;
    assert_eq!(
        (&resumed["paused"], &resumed["pause_reason"]),
        (&json!(false), &Value::Null)
    );
    let grid = (instant(&resumed, "next_run_at") - instant(&job, "created_at")).num_microseconds();
    assert_eq!(grid.unwrap() % 1_000_000, 0, "on the grid");
    until("it runs again", async || {
        let newest = ledger(&ada, &job).await.into_iter().next()?;
        (newest["outcome"] == "Ran").then_some(())
    })
    .await;
    let events = ada.get(&path(&job, "/events?limit=200"), 200).await;
    let types: Vec<&str> = events["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| text(event, "type"))
        .collect();
    for kind in ["job.paused", "job.resumed"] {
        assert_eq!(types.iter().filter(|found| **found == kind).count(), 1, "{types:?}");
    }
    for (body, pointer) in [
        (json!({"reason": "x".repeat(501)}), "/reason"),
        (json!({"why": "x"}), "/why"),
        (json!({"reason": 7}), "/reason"),
    ] {
        let problem = ada.post(&path(&job, "/pause"), body, 422).await;
        assert_eq!(broken(&problem)[0].0, pointer, "{problem}");
    }
}

async fn a_backfill_is_rehearsed_and_then_made(server: TestServer) {
    let ada = server.sign_up().await;
    let schedule = json!({"type": "interval", "every_seconds": 3600, "start_at": "2026-01-01T00:00:00Z"});
    let job = scheduled(&ada, schedule, json!({"overlap": "queue"})).await;
    let backfill = path(&job, "/backfill");
    let ask = |more: Value| {
        let mut body = json!({"from": "2026-01-02T00:00:00Z", "to": "2026-01-02T03:00:00Z"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let rehearsal = ada.post(&backfill, ask(json!({"dry_run": true})), 202).await;
    let expected = json!({
        "planned": 4, "first_at": "2026-01-02T00:00:00Z", "last_at": "2026-01-02T03:00:00Z", "started": 0,
    });
    assert_eq!(rehearsal, expected);
    assert_eq!(ada.get(&path(&job, "/runs"), 200).await["data"], json!([]));
    let two = ada.post(&backfill, ask(json!({"max_runs": 2})), 202).await;
    assert_eq!((&two["planned"], &two["started"]), (&json!(2), &json!(2)));
    let all = ada.post(&backfill, ask(json!({})), 202).await;
    assert_eq!(
        (&all["planned"], &all["started"]),
        (&json!(4), &json!(2)),
        "two ran before"
    );
    let runs = until("all have run", async || {
        let runs = ada.get(&path(&job, "/runs"), 200).await["data"].as_array()?.clone();
        (runs.len() == 4 && runs.iter().all(|run| run["status"] == "Completed")).then_some(runs)
    })
    .await;
    let mut planned: Vec<&str> = runs.iter().map(|run| text(&run["trigger"], "planned_at")).collect();
    planned.sort_unstable();
    let expected = [0, 1, 2, 3].map(|hour| format!("2026-01-02T0{hour}:00:00Z"));
    assert_eq!(planned, expected);
    assert!(runs.iter().all(|run| run["trigger"]["type"] == "backfill"), "{runs:?}");
    for (more, pointer) in [
        (json!({"to": "2026-01-01T00:00:00Z"}), "/to"),
        (json!({"to": now() + TimeDelta::hours(1)}), "/to"),
        (json!({"max_runs": 0}), "/max_runs"),
        (json!({"max_runs": 1001}), "/max_runs"),
        (json!({"from": "x"}), "/from"),
        (json!({"until": 1}), "/until"),
    ] {
        let problem = ada.post(&backfill, ask(more.clone()), 422).await;
        assert_eq!(broken(&problem)[0].0, pointer, "{more}: {problem}");
    }
    let bare = ada.job(json!({})).await;
    let problem = ada.post(&path(&bare, "/backfill"), ask(json!({})), 422).await;
    assert_eq!(broken(&problem)[0].1, "no_schedule");
}

async fn a_copy_is_paused(server: TestServer) {
    let ada = server.sign_up().await;
    let job = scheduled(
        &ada,
        json!({"type": "interval", "every_seconds": 3600}),
        json!({"external_id": "e1", "tags": ["a"], "payload": {"x": 1}, "description": "d"}),
    )
    .await;
    let answer = ada.send(Method::POST, &path(&job, "/duplicate"), None, &[]).await;
    let copy = answer.expect(201);
    let location = answer.header("location").unwrap().to_owned();
    assert_eq!(location, path(&copy, ""));
    assert_ne!(copy["job_id"], job["job_id"]);
    assert_eq!(copy["job_name"], "Nightly report (copy)");
    for same in [
        "schedule",
        "tags",
        "payload",
        "description",
        "executor",
        "retry",
        "overlap",
    ] {
        assert_eq!(copy[same], job[same], "{same}");
    }
    assert_eq!((&copy["external_id"], &copy["last_run"]), (&Value::Null, &Value::Null));
    assert_eq!((&copy["paused"], &copy["next_run_at"]), (&json!(true), &Value::Null));
    assert!(text(&copy, "pause_reason").contains("copy"));
    let resumed = ada.act(&path(&copy, "/resume"), 200).await;
    assert!(instant(&resumed, "next_run_at") > now());
    let plain = ada.quick_job(0, "Completed").await;
    let copy = ada.act(&path(&plain, "/duplicate"), 201).await;
    assert_eq!(copy["paused"], false);
}

async fn a_crontab_is_rehearsed_and_then_imported(server: TestServer) {
    let ada = server.sign_up().await;
    let crontab = "# nightly\nMAILTO=ada@example.com\n30 2 * * * /usr/local/bin/backup --all%in\n\n61 * * * * x\n\
                   CRON_TZ=Asia/Tokyo\n@daily report\n";
    let ask = |dry_run: bool| json!({"crontab": crontab, "time_zone": "Europe/Berlin", "dry_run": dry_run});
    let import = "/api/v1/schedules/import";
    let shown = ada.post(import, ask(true), 200).await;
    let lines = shown["data"].as_array().unwrap().clone();
    let statuses: Vec<&str> = lines.iter().map(|line| text(line, "status")).collect();
    assert_eq!(
        statuses,
        ["ignored", "ignored", "ok", "ignored", "error", "ignored", "ok"]
    );
    for (number, line) in (1..).zip(&lines) {
        assert_eq!(line["line"], number);
        assert!(line.get("job").is_none(), "{line}");
        let next = line["next"].as_array().unwrap().len();
        assert_eq!(next, if line["status"] == "ok" { 3 } else { 0 }, "{line}");
    }
    assert!(text(&lines[4], "message").contains("61"), "{}", lines[4]);
    assert_eq!(ada.get("/jobs", 200).await["data"], json!([]));

    let made = ada.post(import, ask(false), 200).await;
    let job = &made["data"][2]["job"];
    assert_eq!(job["executor"], json!({"type": "worker", "queue": "default"}));
    assert_eq!(job["job_name"], "backup --all");
    assert_eq!(
        job["payload"],
        json!({"command": "/usr/local/bin/backup --all", "stdin": "in"})
    );
    assert_eq!(job["schedule"]["time_zone"], "Europe/Berlin");
    assert_eq!(job["next_run_at"], made["data"][2]["next"][0]);
    assert_eq!(made["data"][6]["job"]["schedule"]["time_zone"], "Asia/Tokyo");
    assert_eq!(made["data"][2]["job_id"], job["job_id"]);
    assert_eq!(
        (made["data"][4].get("job"), made["data"][4].get("job_id")),
        (None, None)
    );
    assert_eq!(ada.get("/jobs", 200).await["data"].as_array().unwrap().len(), 2);

    // Once more, and nothing is made twice: not even where blanks changed, or where the owner has changed the job.
    let renamed = json!({"job_name": "Backup", "schedule": {"type": "interval", "every_seconds": 60}});
    ada.patch(&format!("/api/v1/jobs/{}", text(job, "job_id")), renamed, 200)
        .await;
    let spaced = crontab.replace("30 2 * * * ", "30  2 * * *\t");
    for dry_run in [true, false] {
        let again = json!({"crontab": spaced, "time_zone": "Europe/Berlin", "dry_run": dry_run});
        let again = ada.post(import, again, 200).await;
        assert_eq!(again["data"][2]["status"], "ignored");
        assert_eq!(again["data"][2]["job_id"], job["job_id"], "{again}");
        assert_eq!(again["data"][2].get("job"), None);
    }
    assert_eq!(ada.get("/jobs", 200).await["data"].as_array().unwrap().len(), 2);
    // Another time, another zone or a second copy of a line is another job; so is one that was deleted.
    ada.delete(&format!("/api/v1/jobs/{}", text(job, "job_id")), 204).await;
    let more = "30 2 * * * /usr/local/bin/backup --all%in\n30 2 * * * /usr/local/bin/backup --all%in\n31 2 * * * x\n\
                CRON_TZ=Asia/Tokyo\n31 2 * * * x\n";
    let more = json!({"crontab": more, "time_zone": "Europe/Berlin"});
    let made = ada.post(import, more.clone(), 200).await;
    let statuses = |answer: &Value| -> Vec<String> {
        let lines = answer["data"].as_array().unwrap();
        lines.iter().map(|line| text(line, "status").to_owned()).collect()
    };
    assert_eq!(statuses(&made), ["ok", "ok", "ok", "ignored", "ok"]);
    assert_eq!(statuses(&ada.post(import, more, 200).await), ["ignored"; 5]);
    let long = json!({"crontab": "#\n".repeat(1_001), "time_zone": "UTC"});
    let problem = ada.post(import, long, 422).await;
    assert_eq!(broken(&problem), [("/crontab".to_owned(), "too_many".to_owned())]);
    let lost = json!({"crontab": "@daily x", "time_zone": "Europe/Atlantis"});
    let problem = ada.post(import, lost, 422).await;
    assert_eq!(broken(&problem)[0].0, "/time_zone");
    ada.post(import, json!({"crontab": "@daily x"}), 422).await;
    ada.post(import, json!({"crontab": "", "time_zone": "UTC", "more": 1}), 422)
        .await;
}

async fn what_is_foreign_is_not_found(server: TestServer) {
    let (ada, bob) = (server.sign_up().await, server.sign_up().await);
    let job = scheduled(&ada, json!({"type": "interval", "every_seconds": 3600}), json!({})).await;
    let unknown = json!({"job_id": "018f0000-0000-7000-8000-000000000000"});
    for job in [&job, &unknown] {
        for rest in ["/occurrences", "/occurrences?limit=x", "/occurrences?cursor=x"] {
            let answer = bob.send(Method::GET, &path(job, rest), None, &[]).await;
            answer.problem(404, "not_found");
        }
        for rest in ["/pause", "/resume", "/duplicate", "/backfill"] {
            // Before it is said what is wrong with the body.
            for body in [None, Some(json!({"nonsense": 1}))] {
                let answer = bob.send(Method::POST, &path(job, rest), body, &[]).await;
                answer.problem(404, "not_found");
            }
        }
    }
    assert_eq!(ada.get(&format!("/job/{}", text(&job, "job_id")), 200).await, job);
    let answer = ada
        .send(Method::GET, &path(&job, "/occurrences?cursor=x"), None, &[])
        .await;
    answer.problem(400, "invalid_cursor");
    let empty = ada.get(&path(&job, "/occurrences"), 200).await;
    assert_eq!(empty, json!({"data": [], "has_more": false, "next_cursor": null}));
}
