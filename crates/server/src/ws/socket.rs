//! What the hub knows of a socket: a bounded queue, a bell, and whether it should close.

use bytestring::ByteString;
use scheduler_domain::{
    event::{Cursor, EventType, StoredEvent},
    ids::JobId,
};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;

use crate::http::auth::Credential;

/// How many events wait for a slow reader.
pub(super) const QUEUE: usize = 256;

/// An event, encoded.
#[derive(Debug)]
pub(super) struct LiveEvent {
    pub(super) cursor: Cursor,
    pub(super) kind: EventType,
    pub(super) job_id: Option<JobId>,
    pub(super) text: ByteString,
}

impl LiveEvent {
    pub(super) fn new(event: &StoredEvent) -> Self {
        Self {
            cursor: event.cursor,
            kind: event.kind,
            job_id: event.job_id,
            text: event.envelope().into(),
        }
    }
}

/// Why a socket closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closing {
    /// A message that nobody can read, or too many of them.
    BadMessage,
    /// The session is over, the key revoked, or either has expired.
    Unauthenticated,
    /// Nobody authenticated in time.
    NoAuthentication,
    /// The reader is too slow, or has too many sockets.
    TryLater,
    /// The server stops.
    GoingAway,
    /// The peer is gone, or says good-bye.
    Done,
}

/// What waited in a socket's queue.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) events: VecDeque<Arc<LiveEvent>>,
    /// Events were dropped because too many waited.
    pub(super) overflowed: bool,
    pub(super) closing: Option<Closing>,
}

/// A socket, as the hub sees it.
#[derive(Debug)]
pub(super) struct Socket {
    credential: Option<Credential>,
    inbox: Mutex<Taken>,
    bell: Notify,
}

impl Socket {
    pub(super) fn new(credential: Option<Credential>) -> Self {
        Self {
            credential,
            inbox: Mutex::new(Taken::default()),
            bell: Notify::new(),
        }
    }

    pub(super) fn credential(&self) -> Option<Credential> {
        self.credential
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an event; when too many wait, all are dropped and the reader is told later.
    pub(super) fn push(&self, event: &Arc<LiveEvent>) {
        let mut inbox = self.lock();
        if inbox.events.len() >= QUEUE {
            inbox.events.clear();
            inbox.overflowed = true;
        }
        inbox.events.push_back(event.clone());
        drop(inbox);
        self.bell.notify_one();
    }

    /// Asks the socket to close.
    pub(super) fn close(&self, why: Closing) {
        self.lock().closing.get_or_insert(why);
        self.bell.notify_one();
    }

    /// Takes everything out of the queue.
    pub(super) fn take(&self) -> Taken {
        let mut inbox = self.lock();
        Taken {
            events: std::mem::take(&mut inbox.events),
            overflowed: std::mem::take(&mut inbox.overflowed),
            closing: inbox.closing,
        }
    }

    /// Returns when something was added since the last call.
    pub(super) async fn rung(&self) {
        self.bell.notified().await;
    }
}
