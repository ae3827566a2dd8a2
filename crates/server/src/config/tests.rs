use super::*;

fn config(environment: &[(&str, &str)]) -> anyhow::Result<Config> {
    let environment: Vec<_> = environment
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    Config::from_values(&Values::gather(&[], &environment, None)?)
}

fn refusal(environment: &[(&str, &str)]) -> String {
    format!("{:#}", config(environment).unwrap_err())
}

#[test]
fn nothing_set_is_a_working_configuration() {
    let config = config(&[]).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.mail, MailMode::Developer);
    assert!(config.database_url.starts_with("sqlite:///") && config.database_url.ends_with("/data/scheduler.db"));
}

#[test]
fn flags_win_over_environment_over_file_over_defaults() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("c.toml");
    std::fs::write(&file, "concurrency = 1\nlease_seconds = 10\nlog = \"warn\"\n").unwrap();
    let environment = [
        ("SCHED_CONCURRENCY".to_owned(), "2".to_owned()),
        ("SCHED_LEASE_SECONDS".to_owned(), "20".to_owned()),
    ];
    let values = Values::gather(&[("concurrency", "3".to_owned())], &environment, Some(&file)).unwrap();
    let config = Config::from_values(&values).unwrap();
    assert_eq!(
        (config.concurrency, config.lease_seconds, config.log.as_str()),
        (3, 20, "warn")
    );
    assert_eq!(values.source("retention_days"), Source::Default);
}

#[test]
fn an_unknown_key_is_an_error_with_a_suggestion() {
    assert!(refusal(&[("SCHED_LISEN", "x")]).contains("did you mean listen?"));
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("c.toml");
    std::fs::write(&file, "datadir = 'x'\n").unwrap();
    let error = Values::gather(&[], &[], Some(&file)).unwrap_err().to_string();
    assert!(error.contains("did you mean data_dir?"), "{error}");
}

#[test]
fn a_wrong_value_names_key_source_and_what_would_be_right() {
    let text = refusal(&[("SCHED_CONCURRENCY", "many")]);
    assert_eq!(
        text,
        "concurrency \"many\" (from environment SCHED_CONCURRENCY) must be a whole number from 1 to 10000"
    );
    assert!(refusal(&[("SCHED_OTP_CLEANUP", "often")]).contains("0 */10 * * * *"));
}

#[test]
fn an_empty_or_short_secret_refuses_to_start_and_is_not_repeated() {
    for secret in ["", "hunter2"] {
        let text = refusal(&[("SCHED_SECRET", secret)]);
        assert!(
            text.contains("at least 32 bytes") && !text.contains("hunter2"),
            "{text}"
        );
    }
}

#[test]
fn a_secret_can_lie_in_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("s");
    std::fs::write(&file, "0123456789012345678901234567890123456789\n").unwrap();
    let path = file.display().to_string();
    let config = config(&[("SCHED_SECRET_FILE", &path)]).unwrap();
    assert_eq!(
        config.secret.as_deref(),
        Some("0123456789012345678901234567890123456789")
    );
    assert!(refusal(&[("SCHED_SECRET_FILE", &path), ("SCHED_SECRET", "x")]).contains("both"));
}

#[test]
fn a_public_address_needs_a_mail_server() {
    assert!(refusal(&[("SCHED_LISTEN", "0.0.0.0:8080")]).contains("SCHED_MAIL_URL"));
    assert!(
        config(&[
            ("SCHED_LISTEN", "0.0.0.0:8080"),
            ("SCHED_MAIL_URL", "smtp://mail.example.com")
        ])
        .is_ok()
    );
}

#[test]
fn secrets_are_masked_when_shown() {
    let environment = [
        ("SCHED_DATABASE_URL".to_owned(), "mysql://me:hunter2@db/jobs".to_owned()),
        (
            "SCHED_SECRET".to_owned(),
            "0123456789012345678901234567890123456789".to_owned(),
        ),
        (
            "SCHED_SECRET_PREVIOUS".to_owned(),
            "looks://like/a-url-hunter2".to_owned(),
        ),
        (
            "SCHED_SMS_URL".to_owned(),
            "https://sms.example.com/send?key=hunter2&to={to}".to_owned(),
        ),
    ];
    let values = Values::gather(&[], &environment, None).unwrap();
    let shown = format!("{:?}", values.shown());
    assert!(!shown.contains("hunter2") && !shown.contains("0123456789"), "{shown}");
}

#[test]
fn logs_are_kept_as_long_as_runs_unless_shorter() {
    let kept = |environment: &[(&str, &str)]| config(environment).unwrap().retention_log_days;
    assert_eq!(kept(&[]), 30);
    assert_eq!(kept(&[("SCHED_RETENTION_DAYS", "5")]), 5);
    assert_eq!(
        kept(&[("SCHED_RETENTION_DAYS", "5"), ("SCHED_RETENTION_LOG_DAYS", "2")]),
        2
    );
    let error = refusal(&[("SCHED_RETENTION_LOG_DAYS", "31")]);
    assert!(error.contains("must be a whole number from 1 to 30"), "{error}");
    assert_eq!(config(&[]).unwrap().retention_runs_per_user, 100_000);
    assert!(refusal(&[("SCHED_RETENTION_RUNS_PER_USER", "9")]).contains("from 100 to 100000000"));
}
