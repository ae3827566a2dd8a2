//! What the terminal says at the start, and the boxed codes of developer mode.

use scheduler_domain::{clock::Timestamp, mail::Recipient};
use std::{io::Write, net::SocketAddr};

use crate::{config::MailMode, state::State};

pub(super) fn print(state: &State, address: SocketAddr, setup_token: Option<&str>) {
    let local = format!("http://{address}");
    let database = match state.config.database_url.strip_prefix("sqlite://") {
        Some(path) => format!("SQLite, {path}"),
        None => "MySQL".to_owned(),
    };
    let mut lines = vec![
        String::new(),
        format!("  Job Scheduler {} is ready", env!("CARGO_PKG_VERSION")),
        String::new(),
        format!("  Dashboard   {}/app/", state.origin),
        format!("  API docs    {local}/docs"),
        format!("  Database    {database}"),
        match &state.config.mail {
            MailMode::Developer => {
                format!("  Mail        developer mode: nothing is sent; codes show here and at {local}/dev/mailbox")
            }
            MailMode::File(folder) => format!("  Mail        written to {}", folder.display()),
            MailMode::Smtp(_) => "  Mail        sent by SMTP".to_owned(),
        },
    ];
    if let Some(token) = setup_token {
        lines.extend([
            String::new(),
            "  There is no administrator yet. This link makes one (it works once, for 30 minutes):".to_owned(),
            format!("  {}/app/setup#token={token}", state.origin),
            "  or: job-scheduler admin create you@example.com".to_owned(),
        ]);
    }
    lines.push(String::new());
    say(&lines);
}

/// Writes lines to the terminal. A terminal that is gone must not take the server with it.
fn say(lines: &[String]) {
    let text = lines.join("\n") + "\n";
    let mut out = std::io::stdout().lock();
    if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        tracing::debug!(%error, "nobody reads the terminal");
    }
}

/// Shows a code where nothing is sent.
pub(super) fn print_code(to: &Recipient, code: &str, expires_at: Timestamp) {
    let address = match to {
        Recipient::Email(email) => email.as_str(),
        Recipient::Phone(phone) => phone.as_str(),
    };
    let line = format!("OTP for {address}: {code}");
    let until = format!("works until {} UTC", expires_at.format("%H:%M:%S"));
    let width = line.chars().count().max(until.chars().count());
    say(&[
        format!("┌{}┐", "─".repeat(width + 2)),
        format!("│ {line:width$} │"),
        format!("│ {until:width$} │"),
        format!("└{}┘", "─".repeat(width + 2)),
    ]);
}
