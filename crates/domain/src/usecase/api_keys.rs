//! API keys: made, shown once, revoked.

use crate::{
    api_key::{ApiKey, KeyText, NewApiKey},
    clock::{Clock, Random},
    error::Refusal,
    ids::{ApiKeyId, UserId},
    ports::ApiKeyStore,
};
use std::sync::Arc;

/// Hears of keys that are revoked, to close their sockets and forget what is cached about them.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
pub trait KeyWatch: Send + Sync + 'static {
    /// A key works no more.
    fn key_revoked(&self, api_key_id: ApiKeyId);
}

/// The rules of API keys over their ports.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port of its type")]
pub struct ApiKeys {
    pub store: Arc<dyn ApiKeyStore>,
    pub watch: Arc<dyn KeyWatch>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
}

impl ApiKeys {
    /// Makes a key. The text is told to its owner and is nowhere else afterwards.
    pub async fn create(&self, owner: UserId, new: &NewApiKey) -> Result<(ApiKey, KeyText), Refusal> {
        let now = self.clock.now();
        let text = KeyText::draw(&*self.random);
        let key = new
            .checked(ApiKeyId::new(now, &*self.random), owner, &text, now)
            .map_err(Refusal::Invalid)?;
        self.store.insert(&key).await?;
        Ok((key, text))
    }

    /// Revokes a key; it is over at once.
    pub async fn revoke(&self, owner: UserId, api_key_id: ApiKeyId) -> Result<(), Refusal> {
        self.store.delete(owner, api_key_id, self.clock.now()).await?;
        self.watch.key_revoked(api_key_id);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::{ManualClock, SeededRandom, Timestamp},
        error::StoreError,
        ports::MockApiKeyStore,
    };
    use std::{
        pin::pin,
        task::{Context, Poll, Waker},
    };

    fn ready<F: Future>(future: F) -> F::Output {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("a double waited"),
        }
    }

    fn keys(store: MockApiKeyStore, watch: MockKeyWatch) -> ApiKeys {
        ApiKeys {
            store: Arc::new(store),
            watch: Arc::new(watch),
            clock: Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH)),
            random: Arc::new(SeededRandom::new(7)),
        }
    }

    fn owner() -> UserId {
        UserId::new(Timestamp::UNIX_EPOCH, &SeededRandom::new(1))
    }

    #[test]
    fn the_store_gets_the_hash_of_the_key_that_is_told() {
        let mut store = MockApiKeyStore::new();
        store.expect_insert().times(1).returning(|_| Ok(()));
        let new = NewApiKey {
            name: "ci".to_owned(),
            scopes: vec!["worker".to_owned()],
            expires_at: None,
        };
        let (key, text) = ready(keys(store, MockKeyWatch::new()).create(owner(), &new)).unwrap();
        assert_eq!(key.hash, text.hash());
        assert!(text.reveal().starts_with(&key.prefix));
    }

    #[test]
    fn nothing_is_written_for_a_key_that_breaks_a_rule() {
        let refused = ready(keys(MockApiKeyStore::new(), MockKeyWatch::new()).create(owner(), &NewApiKey::default()));
        assert!(matches!(refused, Err(Refusal::Invalid(errors)) if errors.len() == 2));
    }

    #[test]
    fn who_watches_hears_of_a_revocation_once_it_is_written() {
        let id = ApiKeyId::new(Timestamp::UNIX_EPOCH, &SeededRandom::new(2));
        let mut store = MockApiKeyStore::new();
        store.expect_delete().times(1).returning(|_, _, _| Ok(()));
        let mut watch = MockKeyWatch::new();
        watch.expect_key_revoked().times(1).return_const(());
        ready(keys(store, watch).revoke(owner(), id)).unwrap();

        let mut store = MockApiKeyStore::new();
        store.expect_delete().returning(|_, _, _| Err(StoreError::NotFound));
        let refused = ready(keys(store, MockKeyWatch::new()).revoke(owner(), id));
        assert!(matches!(refused, Err(Refusal::Store(StoreError::NotFound))));
    }
}
