//! Every key of the configuration, once.

/// A key of the configuration.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its name in the file; the flag is the same with hyphens, the variable the same in capitals after `SCHED_`.
    pub name: &'static str,
    /// What it does.
    pub help: &'static str,
    /// What it is when nobody sets it; `None` where that depends on other things or is nothing.
    pub default: Option<&'static str>,
    /// What the default is, in words, where there is no constant one.
    pub default_note: &'static str,
    /// Whether it can hold credentials: masked wherever it is shown, and `SCHED_…_FILE` is read too.
    pub secret: bool,
}

const fn key(name: &'static str, default: &'static str, help: &'static str) -> Key {
    Key {
        name,
        help,
        default: Some(default),
        default_note: "",
        secret: false,
    }
}

const fn optional(name: &'static str, default_note: &'static str, help: &'static str) -> Key {
    Key {
        name,
        help,
        default: None,
        default_note,
        secret: false,
    }
}

const fn secret(name: &'static str, default_note: &'static str, help: &'static str) -> Key {
    Key {
        name,
        help,
        default: None,
        default_note,
        secret: true,
    }
}

/// Every key.
pub const KEYS: &[Key] = &[
    key("listen", "127.0.0.1:8080", "Address and port to listen on"),
    optional(
        "public_url",
        "http://<listen>",
        "Where browsers find this installation, such as https://jobs.example.com",
    ),
    key(
        "data_dir",
        "./data",
        "Folder for the database, the secret and the node's identity (made with mode 0700)",
    ),
    secret(
        "database_url",
        "SQLite in data_dir",
        "sqlite:///abs/path or mysql://user:password@host:3306/database",
    ),
    secret(
        "mail_url",
        "developer mailbox",
        "smtp://, smtps:// or file:///dir (one .eml a mail)",
    ),
    key("mail_from", "Job Scheduler <no-reply@localhost>", "The sender of mails"),
    secret(
        "sms_url",
        "no SMS",
        "HTTP gateway: placeholders {to} and {text} in the URL, or a JSON POST without them",
    ),
    secret(
        "secret",
        "made once in data_dir",
        "At least 32 bytes, the same on every node; every key is derived from it",
    ),
    secret("secret_previous", "none", "The secret of before, while it is rotated"),
    key(
        "allow_private_targets",
        "",
        "CIDRs that webhooks and HTTP jobs may reach although they are private, comma-separated",
    ),
    key(
        "trusted_proxies",
        "",
        "CIDRs of proxies whose X-Forwarded-For is believed, comma-separated",
    ),
    key(
        "rate_limits",
        "on",
        "on or off; off lifts request limits and resend spacing, never the five tries of a code",
    ),
    key(
        "log",
        "info,actix_server=warn",
        "Log filter, such as info or scheduler_server=debug,info",
    ),
    key("log_format", "pretty", "pretty or json"),
    key("otp_ttl_seconds", "300", "How long a code works, 30 to 600 s"),
    key(
        "otp_cleanup",
        "0 */10 * * * *",
        "When expired codes are deleted: cron with seconds, UTC",
    ),
    key(
        "access_token_seconds",
        "600",
        "How long an access token works, 5 to 600 s",
    ),
    key(
        "password_cost",
        "12",
        "bcrypt cost, 10 to 15; each step doubles the work",
    ),
    key("concurrency", "64", "Runs at once on this node"),
    optional(
        "user_concurrency",
        "no limit",
        "Runs of one user at once, on all nodes together, 1 to 100,000",
    ),
    key(
        "lease_seconds",
        "30",
        "How long a node may be silent before its runs go to another",
    ),
    key(
        "shutdown_seconds",
        "25",
        "How long running work may go on after a stop was asked for",
    ),
    key(
        "retention_days",
        "30",
        "How long ended runs, events, occurrences and deliveries are kept",
    ),
    optional(
        "retention_log_days",
        "retention_days",
        "How long log lines of ended runs are kept, at most retention_days",
    ),
    key(
        "retention_runs_per_user",
        "100000",
        "How many runs of a user are kept; the latest of each job always is",
    ),
    key("max_body_bytes", "1048576", "The largest request body"),
    key("max_payload_bytes", "262144", "The largest job payload, as JSON text"),
];

impl Key {
    /// The name of its environment variable.
    pub fn variable(&self) -> String {
        format!("SCHED_{}", self.name.to_uppercase())
    }

    /// The name of its flag, without the hyphens in front.
    pub fn flag(&self) -> String {
        self.name.replace('_', "-")
    }

    /// The key of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.name == name)
    }

    /// The known name that is most like `wrong`, if any is close.
    pub fn suggestion(wrong: &str) -> Option<&'static str> {
        KEYS.iter()
            .map(|key| (distance(&wrong.to_lowercase(), key.name), key.name))
            .min()
            .filter(|(distance, name)| *distance <= 3.max(name.len() / 3))
            .map(|(_, name)| name)
    }
}

/// Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(&b) {
            let best = (diagonal + usize::from(x != *y)).min(left + 1).min(*cell + 1);
            diagonal = std::mem::replace(cell, best);
            left = best;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised() {
        assert_eq!(Key::suggestion("lisen"), Some("listen"));
        assert_eq!(Key::suggestion("datbase_url"), Some("database_url"));
        assert_eq!(Key::suggestion("xyzxyzxyz"), None);
    }

    #[test]
    fn names_are_unique() {
        for (index, key) in KEYS.iter().enumerate() {
            assert!(
                !KEYS[index + 1..].iter().any(|other| other.name == key.name),
                "{}",
                key.name
            );
        }
    }
}
