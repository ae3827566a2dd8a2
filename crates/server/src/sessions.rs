//! Sessions of the callers, remembered for a moment so that not every request reads the database.

use scheduler_domain::{
    clock::Timestamp,
    error::StoreError,
    ids::{SessionId, UserId},
    ports::SessionStore,
    usecase::accounts::SessionWatch,
    user::Role,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use crate::{keys::KeyCache, ws::hub::Hub};

/// How long an answer of the database is believed. A log-out on another node takes effect here within this time.
const TRUST_MICROS: i64 = 2_000_000;
/// How many sessions are remembered.
const CAPACITY: usize = 20_000;

/// Who a session belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// The user.
    pub user_id: UserId,
    /// What they may do.
    pub role: Role,
}

struct Entry {
    caller: Caller,
    checked_at: Timestamp,
}

/// Sessions that were found live a moment ago. Bounded; ends of sessions on this node are heard at once.
pub struct SessionCache {
    store: Arc<dyn SessionStore>,
    keys: Arc<KeyCache>,
    entries: Mutex<HashMap<SessionId, Entry>>,
    hub: OnceLock<Arc<Hub>>,
}

impl SessionCache {
    /// An empty cache over the store. When all log-ins of a user end, their keys are looked up anew.
    pub fn new(store: Arc<dyn SessionStore>, keys: Arc<KeyCache>) -> Self {
        Self {
            store,
            keys,
            entries: Mutex::new(HashMap::new()),
            hub: OnceLock::new(),
        }
    }

    /// Sockets of sessions that end are closed by this hub.
    pub fn close_sockets_of(&self, hub: Arc<Hub>) {
        let _ = self.hub.set(hub);
    }

    /// How many sessions are remembered.
    pub fn remembered(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whose session this is, if it is under way.
    pub async fn caller(&self, session_id: SessionId, now: Timestamp) -> Result<Option<Caller>, StoreError> {
        if let Some(entry) = self.lock().get(&session_id)
            && (now - entry.checked_at)
                .num_microseconds()
                .is_some_and(|age| (0..TRUST_MICROS).contains(&age))
        {
            return Ok(Some(entry.caller));
        }
        let live = self.store.find_live(session_id, now).await?;
        let mut entries = self.lock();
        let Some(live) = live else {
            entries.remove(&session_id);
            return Ok(None);
        };
        let caller = Caller {
            user_id: live.session.user_id,
            role: live.role,
        };
        if entries.len() >= CAPACITY {
            entries.clear();
        }
        entries.insert(
            session_id,
            Entry {
                caller,
                checked_at: now,
            },
        );
        Ok(Some(caller))
    }
}

impl SessionWatch for SessionCache {
    fn session_ended(&self, session_id: SessionId) {
        self.lock().remove(&session_id);
        if let Some(hub) = self.hub.get() {
            hub.close_session(session_id);
        }
    }

    fn sessions_of_user_ended(&self, user_id: UserId) {
        self.lock().retain(|_, entry| entry.caller.user_id != user_id);
        self.keys.forget_user(user_id);
        if let Some(hub) = self.hub.get() {
            hub.close_user(user_id);
        }
    }
}
