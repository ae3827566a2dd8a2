//! How the databases carry out the queries that must stay fast. The statements are those of the program, recorded while
//! it runs; each is explained with the values that it had.

use super::{
    people::{at, limit, somebody},
    work::{FAIL, claim_some, create_running, end, queue_up, retrying},
};
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use scheduler_domain::{
    event::Cursor,
    ids::{JobId, UserId},
    job::{JobStatus, Overlap},
    page::PageKey,
    ports::{EventFilter, JobFilter, JobSort, RunFilter},
    run::{Reason, RunStatus, TriggerKind},
};
use scheduler_tests::databases::{Backend, Database};
use std::sync::Mutex;

mod engine;
mod keys;
mod notices;

static STATEMENTS: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn record() -> Option<Box<dyn Instrumentation>> {
    Some(Box::new(|event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            STATEMENTS.lock().unwrap().push(query.to_string());
        }
    }))
}

/// The recorded statement with its values in the places of the question marks.
fn with_values(recorded: &str) -> String {
    let (sql, values) = recorded.split_once(" -- binds: ").unwrap_or((recorded, "[]"));
    let list = values.trim();
    let list = list
        .strip_prefix('[')
        .and_then(|list| list.strip_suffix(']'))
        .unwrap_or(list);
    let mut values = split(list).into_iter();
    let mut out = String::new();
    for part in sql.split('?') {
        out.push_str(part);
        if let Some(value) = values.next() {
            out.push_str(&literal(&value));
        }
    }
    out
}

/// Takes a list in Rust's debug form apart.
fn split(list: &str) -> Vec<String> {
    let (mut parts, mut current, mut in_string, mut depth) = (Vec::new(), String::new(), false, 0);
    for c in list.chars() {
        match c {
            '"' => in_string = !in_string,
            '(' | '[' if !in_string => depth += 1,
            ')' | ']' if !in_string => depth -= 1,
            ',' if !in_string && depth == 0 => {
                parts.push(std::mem::take(&mut current));
                continue;
            }
            _ => {}
        }
        current.push(c);
    }
    if !current.trim().is_empty() {
        parts.push(current);
    }
    parts.iter().map(|part| part.trim().to_owned()).collect()
}

fn literal(debug: &str) -> String {
    // SQLite's values are shown with their type, MySQL's as they were bound.
    let bare = debug.trim_start_matches("Some(").trim_end_matches(')');
    if let Some(bytes) = bare.strip_prefix("Binary([").or(bare.strip_prefix('[')) {
        let hex = |byte: &str| format!("{:02x}", byte.trim().parse::<u8>().unwrap());
        return format!(
            "x'{}'",
            bytes.trim_end_matches(']').split(',').map(hex).collect::<String>()
        );
    }
    let value = ["I64(", "I32(", "String("]
        .iter()
        .fold(bare, |value, kind| value.trim_start_matches(kind));
    let is_id = value.len() == 36 && value.matches('-').count() == 4;
    if value == "None" {
        "NULL".to_owned()
    } else if is_id {
        format!("x'{}'", value.replace('-', ""))
    } else if let Some(text) = value.strip_prefix('"') {
        format!("'{}'", text.trim_end_matches('"'))
    } else if value.parse::<i64>().is_ok() || value == "true" || value == "false" {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('T', " "))
    }
}

/// The plan of the newest recorded statement that has all of these words.
async fn plan(database: &Database, words: &[&str]) -> String {
    let recorded = STATEMENTS.lock().unwrap().clone();
    let sql = recorded
        .iter()
        .rev()
        .find(|sql| sql.starts_with("SELECT") && words.iter().all(|word| sql.contains(word)))
        .unwrap_or_else(|| panic!("no statement with {words:?} was recorded"));
    let sql = with_values(sql);
    let mut plan = match database.backend {
        Backend::Sqlite => database.query(&format!("EXPLAIN QUERY PLAN {sql}")).await,
        Backend::Mysql => database.query(&format!("EXPLAIN FORMAT=TRADITIONAL {sql}")).await,
    };
    for step in &mut plan {
        // What could have been used is not what is used: the column before `key` goes. MySQL has two columns more.
        match step.len() {
            10 => drop(step.remove(4)),
            12 => drop(step.remove(5)),
            _ => {}
        }
    }
    let lines: Vec<String> = plan.iter().map(|row| row.join(" | ")).collect();
    format!("{sql}\n{}", lines.join("\n"))
}

/// The plan uses the index and sorts nothing.
async fn is_along(database: &Database, index: &str, words: &[&str]) {
    let plan = plan(database, words).await;
    let steps = plan.split_once('\n').unwrap().1;
    assert!(steps.contains(index), "does not use {index}:\n{plan}");
    for bad in [
        "filesort",
        "TEMP B-TREE",
        "temporary",
        "SCAN runs\n",
        "SCAN jobs\n",
        "SCAN events\n",
    ] {
        assert!(!format!("{steps}\n").contains(bad), "{bad}:\n{plan}");
    }
    println!("{:?} {index}: {}", database.backend, steps.replace('\n', " // "));
}

/// The plan goes along the index from where the page begins: a range, not all rows of the owner up to there.
async fn starts_at_the_page(database: &Database, index: &str, words: &[&str]) {
    is_along(database, index, words).await;
    if database.backend == Backend::Mysql {
        let plan = plan(database, words).await;
        assert!(plan.contains("| range |"), "reads what lies before the page:\n{plan}");
    }
}

async fn explained(backend: Backend) {
    set_default_instrumentation(record).unwrap();
    let Some(database) = Database::fresh(backend).await else {
        return;
    };
    let stores = &database.stores;
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    fill(&database, &[ada, bob]).await;
    let (job, _) = create_running(&database, ada, retrying("retries", 2), at(0)).await;
    queue_up(&database, ada, 40).await;

    let claimed = claim_some(&database, 60, at(500)).await;
    is_along(&database, "idx_runs_claim", &["claim_key"]).await;
    end(
        &database,
        claimed.iter().find(|claimed| claimed.run.job_id == job.job_id).unwrap(),
        FAIL,
        at(501),
    )
    .await;
    stores.queue.queue_due_retries(at(502), 10).await.unwrap();
    is_along(&database, "idx_runs_retry", &["retry_at", "ORDER BY"]).await;
    stores.queue.reap(at(520), 10).await.unwrap();
    is_along(&database, "idx_runs_lease", &["lease_until", "ORDER BY"]).await;
    stores.queue.delete_ended(at(-100_000_000), 10).await.unwrap();
    engine::schedules(&database, ada).await;

    let all = JobFilter::default();
    for (sort, index) in [
        (JobSort::CreatedDesc, "idx_jobs_created"),
        (JobSort::CreatedAsc, "idx_jobs_created"),
        (JobSort::UpdatedDesc, "idx_jobs_updated"),
        (JobSort::UpdatedAsc, "idx_jobs_updated"),
        (JobSort::NameDesc, "idx_jobs_name"),
        (JobSort::NameAsc, "idx_jobs_name"),
    ] {
        let page = stores.jobs.list(ada, &all, sort, None, limit(20)).await.unwrap();
        is_along(&database, index, &["jobs", "ORDER BY"]).await;
        stores
            .jobs
            .list(ada, &all, sort, page.next.as_ref(), limit(20))
            .await
            .unwrap();
        starts_at_the_page(&database, index, &["SELECT job_id FROM jobs", "ORDER BY"]).await;
    }
    let failed = JobFilter {
        status: vec![JobStatus::Running],
        ..JobFilter::default()
    };
    stores
        .jobs
        .list(ada, &failed, JobSort::CreatedDesc, None, limit(20))
        .await
        .unwrap();
    is_along(&database, "idx_status", &["jobs", "ORDER BY"]).await;

    let newest = |job_id, status: Vec<RunStatus>| RunFilter {
        job_id,
        status,
        ..RunFilter::default()
    };
    let first = stores
        .history
        .list_runs(ada, &newest(None, Vec::new()), None, limit(20))
        .await
        .unwrap();
    is_along(&database, "idx_runs_user", &["SELECT run_id FROM runs", "DESC"]).await;
    let after: Option<&PageKey> = first.next.as_ref();
    stores
        .history
        .list_runs(ada, &newest(None, Vec::new()), after, limit(20))
        .await
        .unwrap();
    is_along(&database, "idx_runs_user", &["SELECT run_id FROM runs", "DESC"]).await;
    starts_at_the_page(&database, "idx_runs_user", &["SELECT run_id FROM runs", "DESC"]).await;
    stores
        .history
        .list_runs(ada, &newest(None, vec![RunStatus::Running]), None, limit(20))
        .await
        .unwrap();
    is_along(&database, "idx_runs_status", &["SELECT run_id FROM runs", "DESC"]).await;
    stores
        .history
        .list_runs(ada, &newest(Some(job.job_id), Vec::new()), None, limit(20))
        .await
        .unwrap();
    is_along(&database, "idx_runs_job", &["SELECT run_id FROM runs", "DESC"]).await;
    searches(&database, ada, job.job_id).await;
    stores.history.recent_durations(ada, at(-100_000)).await.unwrap();
    is_along(&database, "idx_runs_finished", &["finished_at", "DESC"]).await;

    stores
        .events
        .job_events(ada, job.job_id, None, limit(20))
        .await
        .unwrap();
    is_along(&database, "idx_events_job", &["events", "DESC"]).await;
    stores
        .events
        .read_after(ada, Cursor(3), &EventFilter::default(), limit(20))
        .await
        .unwrap();
    is_along(&database, "PRIMARY", &["events", "ORDER BY"]).await;
    engine::outbox(&database, ada).await;
    engine::workers(&database, ada).await;
    watching(&database, ada).await;
    keys::keys(&database, ada).await;
    keys::audit(&database, ada).await;
    notices::notices(&database, ada).await;
}

/// Runs that lie scattered: first the border of the search is looked up, in the index alone, then what lies before it.
async fn searches(database: &Database, owner: UserId, job_id: JobId) {
    let search = |job_id, status: Vec<RunStatus>| RunFilter {
        job_id,
        status,
        trigger: vec![TriggerKind::Schedule],
        reason: vec![Reason::TimedOut, Reason::Crashed],
        error: Some("refused".to_owned()),
        created_after: Some(at(-400_000_000)),
        started_before: Some(at(400_000_000)),
        ..RunFilter::default()
    };
    let both = vec![RunStatus::Failed, RunStatus::Cancelled];
    for (filter, index) in [
        (search(None, Vec::new()), "idx_runs_user"),
        (search(None, both), "idx_runs_user"),
        (search(None, vec![RunStatus::Completed]), "idx_runs_status"),
        (search(Some(job_id), Vec::new()), "idx_runs_job"),
    ] {
        let page = database.stores.history.list_runs(owner, &filter, None, limit(20)).await;
        assert_eq!(page.unwrap().data, []);
        starts_at_the_page(database, index, &["SELECT run_id FROM runs", "OFFSET"]).await;
        starts_at_the_page(database, index, &["SELECT run_id FROM runs", "LOWER(error_message)"]).await;
    }
}

/// What is asked every few seconds and what retention asks, beside 3,000 runs that have ended and 40 that wait.
async fn watching(database: &Database, owner: scheduler_domain::ids::UserId) {
    let stores = &database.stores;
    queue_up(database, owner, 101).await;
    stores.view.queue_depth().await.unwrap();
    is_along(database, "idx_runs_claim", &["COUNT(*) AS waiting", "ORDER BY"]).await;

    let lines = "SELECT run_id, 1, created_at, 'info', 'x' FROM runs WHERE finished_at IS NOT NULL";
    database
        .execute(&format!(
            "INSERT INTO run_logs (run_id, line, logged_at, level, text) {lines}"
        ))
        .await;
    let id = match database.backend {
        Backend::Sqlite => "randomblob(16)",
        Backend::Mysql => "UNHEX(REPLACE(UUID(), '-', ''))",
    };
    database
        .execute(&format!(
            "INSERT INTO occurrences (occurrence_id, job_id, user_id, planned_at, count, outcome, recorded_at) \
             SELECT {id}, job_id, user_id, MIN(created_at), 1, 'Missed', MIN(created_at) FROM runs WHERE planned_at IS NULL GROUP BY job_id, user_id"
        ))
        .await;
    match database.backend {
        Backend::Sqlite => database.execute("ANALYZE").await,
        Backend::Mysql => database.execute("ANALYZE TABLE runs, run_logs, occurrences").await,
    }
    let retention = &stores.retention;
    retention.delete_logs(at(100_000), 5).await.unwrap();
    is_along(database, "PRIMARY", &["FROM `run_logs`", "`finished_at`", "ORDER BY"]).await;
    retention.delete_occurrences(at(100_000), 5).await.unwrap();
    is_along(database, "idx_occurrences_age", &["FROM `occurrences`", "ORDER BY"]).await;
    database
        .execute(
            "INSERT INTO run_stats (user_id, grain_seconds, bucket_at, completed, failed, cancelled) \
             SELECT user_id, 3600, '2026-01-01 00:00:00.000001', 5000, 0, 0 FROM users",
        )
        .await;
    let from = retention
        .first_beyond(owner, 100, at(-100_000_000))
        .await
        .unwrap()
        .unwrap();
    is_along(database, "idx_runs_user", &["SELECT run_id FROM runs", "OFFSET"]).await;
    retention.trim_runs(owner, from, 20).await.unwrap();
    starts_at_the_page(
        database,
        "idx_runs_user",
        &["SELECT run_id FROM runs", "created_at <= "],
    )
    .await;
}

/// History, so that planners have something to choose between: 3,000 jobs and 6,000 ended runs.
async fn fill(database: &Database, owners: &[scheduler_domain::ids::UserId]) {
    for (number, owner) in owners.iter().enumerate() {
        let user = owner.as_uuid().simple().to_string();
        let digits = "(SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 \
             UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)";
        let id = |prefix: usize, n: &str| match database.backend {
            Backend::Sqlite => format!("CAST(printf('{prefix:06}%010d', {n}) AS BLOB)"),
            Backend::Mysql => format!("CONCAT('{prefix:06}', LPAD({n}, 10, '0'))"),
        };
        let n = "a.n + 10 * b.n + 100 * c.n + 1000 * d.n";
        let numbers = format!("{digits} a, {digits} b, {digits} c, {digits} d WHERE {n} < 1500");
        let time = "'2026-01-01 00:00:00.000001'";
        database
            .execute(&format!(
                "INSERT INTO jobs (job_id, job_name, priority, status, created_by, created_at, updated_at, executor, retry, \
                 overlap, catch_up, version, tags, active_runs, waiting_runs, name_key, search_key) \
                 SELECT {}, 'job', 'Medium', 'Completed', x'{user}', {time}, {time}, '{{\"type\":\"simulated\",\"duration_ms\":1,\"outcome\":\"Completed\"}}', \
                 '{{\"max_attempts\":1,\"backoff\":\"fixed\",\"initial_seconds\":1,\"max_seconds\":1,\"jitter\":0.0}}', 'skip', \
                 '{{\"policy\":\"last\",\"window_seconds\":1,\"max_runs\":1}}', 1, '[]', 0, 0, 'job', 'job' FROM {numbers}",
                id(number * 2, n)
            ))
            .await;
        for copy in 0..2 {
            database
                .execute(&format!(
                    "INSERT INTO runs (run_id, job_id, user_id, job_name, status, trigger_type, attempt, max_attempts, crashes, \
                     created_at, started_at, finished_at, attempts) SELECT {}, {}, x'{user}', 'job', 'Completed', 'manual', 1, 1, 0, \
                     {time}, {time}, {time}, '[]' FROM {numbers}",
                    id(100 + number * 2 + copy, n),
                    id(number * 2, n)
                ))
                .await;
        }
    }
    match database.backend {
        Backend::Sqlite => database.execute("ANALYZE").await,
        Backend::Mysql => database.execute("ANALYZE TABLE jobs, runs, events").await,
    }
}

/// Statements are recorded for the whole process, so each of these tests runs in one of its own: nextest gives it one,
/// for `cargo test` it starts one.
fn explained_alone(backend: Backend, name: &str) {
    if is_alone() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        return runtime.block_on(explained(backend));
    }
    let (_, module) = module_path!().split_once("::").unwrap();
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("{module}::{name}"), "--nocapture"])
        .env(ALONE, "1")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    let is_passed = output.status.success() && told.contains("1 passed");
    assert!(is_passed, "{told}\n{}", String::from_utf8_lossy(&output.stderr));
}

const ALONE: &str = "EXPLAIN_ALONE";

/// Whether no other test shares this process.
fn is_alone() -> bool {
    [ALONE, "NEXTEST"].iter().any(|name| std::env::var_os(name).is_some())
}

#[test]
fn hot_queries_follow_an_index_and_sort_nothing_on_sqlite() {
    explained_alone(
        Backend::Sqlite,
        "hot_queries_follow_an_index_and_sort_nothing_on_sqlite",
    );
}

#[test]
fn hot_queries_follow_an_index_and_sort_nothing_on_mysql() {
    explained_alone(Backend::Mysql, "hot_queries_follow_an_index_and_sort_nothing_on_mysql");
}
