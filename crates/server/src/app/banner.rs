//! What the terminal says at the start, and the boxed codes of developer mode.

use scheduler_domain::{clock::Timestamp, mail::Recipient};
use std::net::SocketAddr;

use crate::{config::MailMode, state::State};

pub(super) fn print(state: &State, address: SocketAddr, setup_token: Option<&str>) {
    let local = format!("http://{address}");
    let database = match state.config.database_url.strip_prefix("sqlite://") {
        Some(path) => format!("SQLite, {path}"),
        None => "MySQL".to_owned(),
    };
    println!();
    println!("  Job Scheduler {} is ready", env!("CARGO_PKG_VERSION"));
    println!();
    println!("  Dashboard   {}/app/", state.origin);
    println!("  API docs    {local}/docs");
    println!("  Database    {database}");
    match &state.config.mail {
        MailMode::Developer => {
            println!("  Mail        developer mode: nothing is sent; codes show here and at {local}/dev/mailbox");
        }
        MailMode::File(folder) => println!("  Mail        written to {}", folder.display()),
        MailMode::Smtp(_) => println!("  Mail        sent by SMTP"),
    }
    if let Some(token) = setup_token {
        println!();
        println!("  There is no administrator yet. This link makes one (it works once, for 30 minutes):");
        println!("  {}/app/setup#token={token}", state.origin);
        println!("  or: job-scheduler admin create you@example.com");
    }
    println!();
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
    println!("┌{}┐", "─".repeat(width + 2));
    println!("│ {line:width$} │");
    println!("│ {until:width$} │");
    println!("└{}┘", "─".repeat(width + 2));
}
