//! The signals that stop an agent.

use std::io;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// How far the agent is in stopping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Working,
    /// The first SIGTERM or SIGINT: nothing more is claimed.
    Draining,
    /// The second one.
    Now,
}

/// Watches for signals from now on.
pub(super) fn watch_signals() -> io::Result<watch::Receiver<Phase>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (phase, watch) = watch::channel(Phase::Working);
    tokio::spawn(async move {
        for next in [Phase::Draining, Phase::Now] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            phase.send_replace(next);
        }
        // For as long as somebody looks.
        phase.closed().await;
    });
    Ok(watch)
}

/// Returns when the agent is at least that far in stopping.
pub(super) async fn reached(phase: &mut watch::Receiver<Phase>, at_least: Phase) {
    if phase.wait_for(|present| *present >= at_least).await.is_err() {
        std::future::pending::<()>().await;
    }
}
