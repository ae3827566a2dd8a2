//! API keys of the callers, remembered for a moment so that not every request reads the database.

use scheduler_domain::{
    api_key::{ApiKey, KeyHash, Scopes},
    clock::Timestamp,
    error::StoreError,
    ids::{ApiKeyId, UserId},
    ports::ApiKeyStore,
    usecase::api_keys::KeyWatch,
    user::Role,
};
use scheduler_storage::acting;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use crate::ws::hub::Hub;

/// How long an answer of the database is believed. A revocation on another node takes effect here within this time.
const TRUST_MICROS: i64 = 2_000_000;
/// How many keys are remembered.
const CAPACITY: usize = 20_000;

/// Who a key belongs to, and what it may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyCaller {
    /// The user.
    pub user_id: UserId,
    /// What they may do.
    pub role: Role,
    /// The key.
    pub api_key_id: ApiKeyId,
    /// What it may do for them.
    pub scopes: Scopes,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
}

struct Entry {
    caller: KeyCaller,
    last_used_at: Option<Timestamp>,
    checked_at: Timestamp,
}

impl Entry {
    fn is_fresh(&self, now: Timestamp) -> bool {
        (now - self.checked_at)
            .num_microseconds()
            .is_some_and(|age| (0..TRUST_MICROS).contains(&age))
    }
}

/// Keys that were found live a moment ago. Bounded; revocations on this node are heard at once.
pub struct KeyCache {
    store: Arc<dyn ApiKeyStore>,
    entries: Mutex<HashMap<KeyHash, Entry>>,
    hub: OnceLock<Arc<Hub>>,
}

impl KeyCache {
    /// An empty cache over the store.
    pub fn new(store: Arc<dyn ApiKeyStore>) -> Self {
        Self {
            store,
            entries: Mutex::new(HashMap::new()),
            hub: OnceLock::new(),
        }
    }

    /// Sockets of keys that are revoked are closed by this hub.
    pub fn close_sockets_of(&self, hub: Arc<Hub>) {
        let _ = self.hub.set(hub);
    }

    /// How many keys are remembered.
    pub fn remembered(&self) -> usize {
        self.lock().len()
    }

    /// Forgets the keys of a user, who was switched off or has another role now.
    pub fn forget_user(&self, user_id: UserId) {
        self.lock().retain(|_, entry| entry.caller.user_id != user_id);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<KeyHash, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whose key this is, if it works.
    pub async fn caller(&self, hash: KeyHash, now: Timestamp) -> Result<Option<KeyCaller>, StoreError> {
        if let Some(entry) = self.lock().get_mut(&hash)
            && entry.is_fresh(now)
        {
            let caller = entry.caller;
            if caller.expires_at.is_some_and(|at| at <= now) {
                return Ok(None);
            }
            self.note_use(entry, now);
            return Ok(Some(caller));
        }
        let live = self.store.find_live(hash, now).await?;
        let mut entries = self.lock();
        let Some(live) = live else {
            entries.remove(&hash);
            return Ok(None);
        };
        let caller = KeyCaller {
            user_id: live.key.user_id,
            role: live.role,
            api_key_id: live.key.api_key_id,
            scopes: live.key.scopes,
            expires_at: live.key.expires_at,
        };
        // What this node noted a moment ago may not be in the database yet.
        let noted = entries.get(&hash).and_then(|entry| entry.last_used_at);
        let mut entry = Entry {
            caller,
            last_used_at: noted.max(live.key.last_used_at),
            checked_at: now,
        };
        self.note_use(&mut entry, now);
        if entries.len() >= CAPACITY {
            entries.clear();
        }
        entries.insert(hash, entry);
        Ok(Some(caller))
    }

    /// Writes down, now and then and while nobody waits for it, that the key is in use.
    fn note_use(&self, entry: &mut Entry, now: Timestamp) {
        if !ApiKey::should_note_use(entry.last_used_at, now) {
            return;
        }
        entry.last_used_at = Some(now);
        let (store, api_key_id) = (self.store.clone(), entry.caller.api_key_id);
        let note = async move {
            if let Err(error) = store.note_use(api_key_id, now).await {
                tracing::warn!(%error, "the use of an API key could not be noted; the next time comes by itself");
            }
        };
        tokio::spawn(acting::within(acting::current(), note));
    }
}

impl KeyWatch for KeyCache {
    fn key_revoked(&self, api_key_id: ApiKeyId) {
        self.lock().retain(|_, entry| entry.caller.api_key_id != api_key_id);
        if let Some(hub) = self.hub.get() {
            hub.close_key(api_key_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemRandom;
    use chrono::TimeDelta;
    use scheduler_domain::{
        api_key::{KeyText, NewApiKey},
        ports::{LiveKey, MockApiKeyStore},
    };
    use std::sync::atomic::{AtomicU32, Ordering};

    fn now() -> Timestamp {
        Timestamp::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn key(life: TimeDelta) -> ApiKey {
        let new = NewApiKey {
            name: "ci".to_owned(),
            scopes: vec!["worker".to_owned()],
            expires_at: Some(now() + life),
        };
        let (id, owner) = (ApiKeyId::new(now(), &SystemRandom), UserId::new(now(), &SystemRandom));
        new.checked(id, owner, &KeyText::draw(&SystemRandom), now()).unwrap()
    }

    /// A cache over a store that knows one key, and how often its use was noted.
    fn cache(key: &ApiKey, reads: usize) -> (KeyCache, Arc<AtomicU32>) {
        let (noted, count) = (Arc::new(AtomicU32::new(0)), key.clone());
        let mut store = MockApiKeyStore::new();
        store.expect_find_live().times(reads).returning(move |hash, _| {
            let key = count.clone();
            Ok((hash == key.hash).then_some(LiveKey {
                key,
                role: Role::Customer,
            }))
        });
        let counter = noted.clone();
        store.expect_note_use().returning(move |_, _| {
            counter.fetch_add(1, Ordering::SeqCst);
            Ok(())
        });
        (KeyCache::new(Arc::new(store)), noted)
    }

    async fn noted(count: &AtomicU32) -> u32 {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        count.load(Ordering::SeqCst)
    }

    #[tokio::test]
    async fn a_key_is_read_once_in_two_seconds_and_its_use_noted_once_in_a_quarter_of_an_hour() {
        let key = key(TimeDelta::days(1));
        let (cache, count) = cache(&key, 3);
        for seconds in [0, 1, 1, 2, 900] {
            let at = now() + TimeDelta::seconds(seconds);
            let caller = cache.caller(key.hash, at).await.unwrap().unwrap();
            assert_eq!(caller.api_key_id, key.api_key_id);
            let expected = if seconds == 900 { 2 } else { 1 };
            assert_eq!(noted(&count).await, expected, "after {seconds} s");
        }
    }

    #[tokio::test]
    async fn what_is_remembered_does_not_outlive_the_key() {
        let key = key(TimeDelta::milliseconds(1_500));
        let (cache, _) = cache(&key, 1);
        assert!(cache.caller(key.hash, now()).await.unwrap().is_some());
        let late = now() + TimeDelta::milliseconds(1_500);
        assert_eq!(cache.caller(key.hash, late).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_revoked_key_and_the_keys_of_a_user_are_forgotten_at_once() {
        let key = key(TimeDelta::days(1));
        let (cache, _) = cache(&key, 3);
        cache.caller(key.hash, now()).await.unwrap();
        cache.key_revoked(key.api_key_id);
        assert_eq!(cache.remembered(), 0);
        cache.caller(key.hash, now()).await.unwrap();
        cache.forget_user(key.user_id);
        assert_eq!(cache.remembered(), 0);
        let unknown = KeyText::draw(&SystemRandom).hash();
        assert_eq!(cache.caller(unknown, now()).await.unwrap(), None);
    }
}
