//! `doctor`: looks for what is wrong or missing, and says how to mend it.

use scheduler_notify::Notify;
use std::{path::Path, sync::Arc};

use super::{health, stores};
use crate::{
    app::{key_ring, notify_config},
    config::{Config, MailMode, Source, Values},
    system::{SystemClock, SystemRandom},
};

enum Finding {
    Ok(String),
    Warn(String),
    Fail(String),
}

use Finding::{Fail, Ok as Fine, Warn};

pub(super) async fn run(config: &Config, values: &Values) -> anyhow::Result<()> {
    let mut findings = vec![
        ("data folder", data_folder(&config.data_dir)),
        ("secret", secret(config)),
    ];
    findings.extend(database(config).await);
    findings.push(("mail", mail(config).await));
    findings.push(("public URL", public_url(config, values)));
    findings.push(("rate limits", rate_limits(config)));
    findings.push(("server", server(config).await));
    let mut failed = 0;
    for (what, finding) in findings {
        let (mark, text) = match finding {
            Fine(text) => ("OK  ", text),
            Warn(text) => ("WARN", text),
            Fail(text) => {
                failed += 1;
                ("FAIL", text)
            }
        };
        println!("{mark}  {what:13}  {text}");
    }
    anyhow::ensure!(
        failed == 0,
        "{failed} of the checks failed; the lines marked FAIL say what to do"
    );
    Ok(())
}

fn data_folder(path: &Path) -> Finding {
    if let Err(error) = crate::data_dir::create_private(path) {
        return Fail(format!(
            "{error:#}; choose another folder with --data-dir, or change its owner"
        ));
    }
    let probe = path.join(".doctor");
    if let Err(error) = crate::secrets::write_private(&probe, "x") {
        return Fail(format!(
            "{} cannot be written: {error}; change its owner or mode",
            path.display()
        ));
    }
    let _ = std::fs::remove_file(&probe);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let open = std::fs::metadata(path).map_or(0, |metadata| metadata.permissions().mode() & 0o077);
        if open != 0 {
            return Warn(format!(
                "others can look into {}; close it with: chmod 700 {}",
                path.display(),
                path.display()
            ));
        }
    }
    Fine(format!("{} is writable and private", path.display()))
}

fn secret(config: &Config) -> Finding {
    match key_ring(config, &SystemRandom) {
        Ok(_) if config.secret.is_some() => Fine("set by the configuration".to_owned()),
        Ok(_) if config.database_url.starts_with("mysql") => Warn(
            "made in the data folder; with more than one node set SCHED_SECRET to the same value on each".to_owned(),
        ),
        Ok(_) => Fine(format!(
            "in {}; keep a copy of it with your backups",
            config.data_dir.join("secrets.toml").display()
        )),
        Err(error) => Fail(format!("{error:#}")),
    }
}

async fn database(config: &Config) -> Vec<(&'static str, Finding)> {
    let stores = match stores(config).await {
        Ok(stores) => stores,
        Err(error) => {
            return vec![(
                "database",
                Fail(format!(
                    "{error:#}; check SCHED_DATABASE_URL and that the database runs"
                )),
            )];
        }
    };
    let answers = match stores.health.ping().await {
        Ok(()) => Fine("answers".to_owned()),
        Err(error) => Fail(format!("{error}")),
    };
    let schema = match stores.health.pending_migrations().await {
        Ok(pending) if pending.is_empty() => Fine("up to date".to_owned()),
        Ok(pending) => Warn(format!(
            "{} migrations are pending; the server applies them at its start, or run: job-scheduler migrate",
            pending.len()
        )),
        Err(error) => Fail(format!("{error}")),
    };
    let admin = match stores.users.has_admin().await {
        Ok(true) => Fine("there is one".to_owned()),
        Ok(false) => Warn("there is none yet; open the link that the server prints, or run: job-scheduler admin create you@example.com".to_owned()),
        Err(_) => Warn("unknown until the schema is up to date".to_owned()),
    };
    vec![("database", answers), ("schema", schema), ("administrator", admin)]
}

async fn mail(config: &Config) -> Finding {
    if config.mail == MailMode::Developer {
        return Warn(
            "developer mode: nothing is sent; set SCHED_MAIL_URL, such as smtp://user:password@mail.example.com:587"
                .to_owned(),
        );
    }
    let origin = config
        .public_url
        .clone()
        .unwrap_or_else(|| format!("http://{}", config.listen));
    match Notify::new(
        notify_config(config, &origin),
        Arc::new(SystemClock),
        Arc::new(SystemRandom),
    ) {
        Err(error) => Fail(error.to_string()),
        Ok(notify) => match notify.check().await {
            Ok(sentence) => Fine(sentence),
            Err(error) => Fail(format!("{error}; check SCHED_MAIL_URL")),
        },
    }
}

fn public_url(config: &Config, values: &Values) -> Finding {
    match &config.public_url {
        None if config.listen.ip().is_loopback() => Fine("not set; only this machine reaches the server".to_owned()),
        None => Fail("not set, and others reach the server; set SCHED_PUBLIC_URL to what browsers use: the WebSocket and log-ins check it".to_owned()),
        Some(url) if url.starts_with("http://") && values.source("public_url") != Source::Default && !url.contains("//127.") && !url.contains("//localhost") => {
            Warn(format!("{url} is not https; passwords and tokens can be read on the way"))
        }
        Some(url) => Fine(url.clone()),
    }
}

fn rate_limits(config: &Config) -> Finding {
    if config.rate_limits {
        Fine("on".to_owned())
    } else {
        Warn("off; turn them on (SCHED_RATE_LIMITS=on) where strangers reach the server".to_owned())
    }
}

async fn server(config: &Config) -> Finding {
    match health::ask(config).await {
        Ok(_) => Fine(format!("runs at {} and is ready", config.listen)),
        Err(error) => Warn(format!("{error:#}")),
    }
}
