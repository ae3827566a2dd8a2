//! Every socket of this node, by user.
//!
//! Events come from two sides: commits of this process are heard at once, those of other nodes by following the
//! streams. Both go through [`Hub::publish`], which keeps each stream in order: an event is passed on only when it is
//! the next one; what comes out of order is fetched from the database instead.

use scheduler_domain::{
    event::{Cursor, EventType, StoredEvent},
    ids::{ApiKeyId, SessionId, UserId},
    ports::{CommitListener, Committed},
};
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;

use super::socket::{Closing, LiveEvent, Socket};
use crate::http::auth::Credential;

/// How many sockets a user may have open on this node.
pub const MAX_SOCKETS: usize = 50;

struct Stream {
    /// The newest event that was passed on to the sockets.
    head: Cursor,
    sockets: Vec<Arc<Socket>>,
}

/// The sockets of this node.
#[derive(Default)]
pub struct Hub {
    streams: Mutex<HashMap<UserId, Stream>>,
    /// Wakes the follower when something came out of order.
    gap: Notify,
}

impl Hub {
    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, Stream>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a socket whose user's stream is at `head`; `false` when the user has too many.
    pub(super) fn enter(&self, user_id: UserId, head: Cursor, socket: Arc<Socket>) -> bool {
        let mut streams = self.lock();
        let stream = streams.entry(user_id).or_insert_with(|| Stream {
            head,
            sockets: Vec::new(),
        });
        if stream.sockets.len() >= MAX_SOCKETS {
            return false;
        }
        stream.sockets.push(socket);
        true
    }

    /// Removes a socket.
    pub(super) fn leave(&self, user_id: UserId, socket: &Arc<Socket>) {
        let mut streams = self.lock();
        if let Some(stream) = streams.get_mut(&user_id) {
            stream.sockets.retain(|other| !Arc::ptr_eq(other, socket));
            if stream.sockets.is_empty() {
                streams.remove(&user_id);
            }
        }
    }

    /// How many sockets are open.
    pub fn sockets(&self) -> usize {
        self.lock().values().map(|stream| stream.sockets.len()).sum()
    }

    /// The newest event that was passed on to the sockets of a user.
    pub(super) fn head(&self, user_id: UserId) -> Option<Cursor> {
        self.lock().get(&user_id).map(|stream| stream.head)
    }

    /// The users with sockets, and how far their streams were passed on.
    pub(super) fn heads(&self) -> Vec<(UserId, Cursor)> {
        self.lock()
            .iter()
            .map(|(user_id, stream)| (*user_id, stream.head))
            .collect()
    }

    /// Passes events on that follow each other without a gap, as read from the database after the stream's head.
    pub(super) fn publish_read(&self, user_id: UserId, events: &[StoredEvent]) {
        let mut streams = self.lock();
        if let Some(stream) = streams.get_mut(&user_id) {
            stream.pass_on(events);
        }
    }

    /// Notes that nothing is missing up to `cursor` (numbers that no reader sees, such as those of test events).
    pub(super) fn caught_up(&self, user_id: UserId, cursor: Cursor) {
        if let Some(stream) = self.lock().get_mut(&user_id) {
            stream.head = stream.head.max(cursor);
        }
    }

    /// Returns when a commit came out of order.
    pub(super) async fn gap(&self) {
        self.gap.notified().await;
    }

    fn publish(&self, committed: &Committed) {
        let mut streams = self.lock();
        let Some(stream) = streams.get_mut(&committed.owner) else {
            return;
        };
        let Some(first) = committed.events.first() else { return };
        if first.cursor.0 <= stream.head.0 + 1 {
            stream.pass_on(&committed.events);
        } else {
            // What lies between was committed before (numbers are given out in the order of commits): read it.
            drop(streams);
            self.gap.notify_one();
        }
    }

    /// Closes the sockets of one log-in.
    pub fn close_session(&self, session_id: SessionId) {
        self.close_credential(Credential::Session(session_id));
    }

    /// Closes the sockets of one API key.
    pub fn close_key(&self, api_key_id: ApiKeyId) {
        self.close_credential(Credential::ApiKey(api_key_id));
    }

    fn close_credential(&self, credential: Credential) {
        self.close(
            |_, socket| socket.credential() == Some(credential),
            Closing::Unauthenticated,
        );
    }

    /// Closes the sockets of a user.
    pub fn close_user(&self, user_id: UserId) {
        self.close(|owner, _| owner == user_id, Closing::Unauthenticated);
    }

    /// Closes every socket because the server stops.
    pub fn close_all(&self) {
        self.close(|_, _| true, Closing::GoingAway);
    }

    fn close(&self, which: impl Fn(UserId, &Socket) -> bool, why: Closing) {
        for (user_id, stream) in self.lock().iter() {
            stream
                .sockets
                .iter()
                .filter(|socket| which(*user_id, socket))
                .for_each(|socket| socket.close(why));
        }
    }

    /// The log-ins and the keys that have sockets here.
    pub(super) fn credentials(&self) -> (Vec<SessionId>, Vec<ApiKeyId>) {
        let (mut sessions, mut keys) = (BTreeSet::new(), BTreeSet::new());
        let streams = self.lock();
        for socket in streams.values().flat_map(|stream| &stream.sockets) {
            match socket.credential() {
                Some(Credential::Session(session_id)) => drop(sessions.insert(session_id)),
                Some(Credential::ApiKey(api_key_id)) => drop(keys.insert(api_key_id)),
                None => {}
            }
        }
        (sessions.into_iter().collect(), keys.into_iter().collect())
    }
}

impl Stream {
    fn pass_on(&mut self, events: &[StoredEvent]) {
        for event in events.iter().filter(|event| event.cursor > self.head) {
            // Encoded once, shared by every socket.
            if event.kind != EventType::WebhookTest {
                let live = Arc::new(LiveEvent::new(event));
                for socket in &self.sockets {
                    socket.push(&live);
                }
            }
        }
        if let Some(last) = events.last() {
            self.head = self.head.max(last.cursor);
        }
    }
}

impl CommitListener for Hub {
    fn committed(&self, what: &Committed) {
        self.publish(what);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemRandom;
    use scheduler_domain::{clock::Timestamp, ids::EventId};

    fn event(cursor: i64) -> StoredEvent {
        StoredEvent {
            cursor: Cursor(cursor),
            event_id: EventId::new(Timestamp::UNIX_EPOCH, &SystemRandom),
            kind: EventType::RunQueued,
            at: Timestamp::UNIX_EPOCH,
            job_id: None,
            data: "{}".to_owned(),
        }
    }

    fn commit(owner: UserId, cursors: &[i64]) -> Committed {
        Committed {
            owner,
            events: cursors.iter().map(|cursor| event(*cursor)).collect(),
            has_deliveries: false,
            has_claimable: false,
            has_planned: false,
            cancelled_runs: Vec::new(),
            worker_queues: Vec::new(),
            claimed: Vec::new(),
        }
    }

    fn cursors(socket: &Socket) -> Vec<i64> {
        socket.take().events.iter().map(|event| event.cursor.0).collect()
    }

    fn entered() -> (Hub, UserId, Arc<Socket>) {
        let (hub, user_id) = (Hub::default(), UserId::new(Timestamp::UNIX_EPOCH, &SystemRandom));
        let socket = Arc::new(Socket::new(None));
        assert!(hub.enter(user_id, Cursor(10), socket.clone()));
        (hub, user_id, socket)
    }

    #[test]
    fn the_next_event_is_passed_on_at_once_and_only_once() {
        let (hub, user_id, socket) = entered();
        hub.committed(&commit(user_id, &[11, 12]));
        hub.committed(&commit(user_id, &[12]));
        assert_eq!(cursors(&socket), [11, 12]);
    }

    #[tokio::test]
    async fn what_comes_out_of_order_is_left_to_the_follower() {
        let (hub, user_id, socket) = entered();
        hub.committed(&commit(user_id, &[13]));
        assert!(cursors(&socket).is_empty());
        hub.gap().await;
        hub.publish_read(user_id, &[event(11), event(12), event(13)]);
        hub.committed(&commit(user_id, &[12]));
        assert_eq!(cursors(&socket), [11, 12, 13]);
    }

    #[test]
    fn others_hear_nothing() {
        let (hub, _, socket) = entered();
        hub.committed(&commit(UserId::new(Timestamp::UNIX_EPOCH, &SystemRandom), &[11]));
        assert!(cursors(&socket).is_empty());
    }

    #[test]
    fn the_fifty_first_socket_is_refused_and_leaving_makes_room() {
        let (hub, user_id, socket) = entered();
        for _ in 1..MAX_SOCKETS {
            assert!(hub.enter(user_id, Cursor(10), Arc::new(Socket::new(None))));
        }
        assert!(!hub.enter(user_id, Cursor(10), Arc::new(Socket::new(None))));
        hub.leave(user_id, &socket);
        assert!(hub.enter(user_id, Cursor(10), Arc::new(Socket::new(None))));
    }
}
