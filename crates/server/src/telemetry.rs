//! The log.

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Starts the log: human-readable, or one JSON object a line. A second call changes nothing.
pub fn start(filter: &str, json: bool) -> anyhow::Result<()> {
    let filter =
        EnvFilter::try_new(filter).map_err(|error| anyhow::anyhow!("log \"{filter}\" is not a log filter: {error}"))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let started = if json {
        builder.json().try_init()
    } else {
        builder.compact().try_init()
    };
    if started.is_err() {
        tracing::debug!("the log was started already");
    }
    Ok(())
}
