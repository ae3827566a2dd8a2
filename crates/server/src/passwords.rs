//! bcrypt over a keyed pre-hash, in a small pool of its own.
//!
//! bcrypt sees 72 bytes at most and stops at a NUL. So the password goes through HMAC-SHA-256 under the installation's
//! pepper first (44 characters of base64): every byte of it counts, and hashes are worth nothing without the pepper.

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use scheduler_domain::{
    clock::{Random, random_bytes},
    error::{Refusal, StoreError},
    ports::PasswordHasher,
};
use sha2::Sha256;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::Semaphore;

use crate::secrets::Keys;

/// How many may wait for a place in the pool before newcomers are turned away.
const MAX_WAITING: usize = 64;

/// Hashes passwords. Stored hashes read `p1.<key id>.<bcrypt hash>`.
pub struct BcryptPool {
    peppers: Vec<[u8; 32]>,
    cost: u32,
    places: Semaphore,
    waiting: AtomicUsize,
    /// A hash that no password has, to verify against when there is none.
    dummy: String,
    random: Arc<dyn Random>,
}

impl BcryptPool {
    /// A pool of `threads` places. `peppers` are the present one and those of before, `cost` is 2^cost rounds (10 to
    /// 15; OWASP ASVS 11.4.2 asks for at least 10).
    pub fn new(peppers: Vec<[u8; 32]>, cost: u32, threads: usize, random: Arc<dyn Random>) -> anyhow::Result<Self> {
        let dummy = bcrypt::hash_with_salt(random_bytes::<32>(&*random), cost, random_bytes(&*random))?.to_string();
        Ok(Self {
            peppers,
            cost,
            places: Semaphore::new(threads.max(1)),
            waiting: AtomicUsize::new(0),
            dummy,
            random,
        })
    }

    fn pepper(&self) -> [u8; 32] {
        self.peppers.first().copied().unwrap_or_default()
    }

    /// Runs `work` on a blocking thread when a place is free.
    async fn in_pool<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refusal> {
        let waiting = Waiting::enter(&self.waiting).ok_or(Refusal::Overloaded)?;
        let place = self.places.acquire().await.map_err(|_| Refusal::Overloaded)?;
        drop(waiting);
        let done = tokio::task::spawn_blocking(work).await;
        drop(place);
        done.map_err(|error| StoreError::Driver(format!("hashing a password ended badly: {error}")).into())
    }
}

/// Counts those who wait, also when they give up waiting.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn enter(count: &'a AtomicUsize) -> Option<Self> {
        if count.fetch_add(1, Ordering::SeqCst) >= MAX_WAITING {
            count.fetch_sub(1, Ordering::SeqCst);
            return None;
        }
        Some(Self(count))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn pre_hash(pepper: &[u8; 32], password: &str) -> String {
    match Hmac::<Sha256>::new_from_slice(pepper) {
        Ok(mut mac) => {
            mac.update(password.as_bytes());
            STANDARD.encode(mac.finalize().into_bytes())
        }
        Err(_) => unreachable!("HMAC takes keys of any length"),
    }
}

#[async_trait]
impl PasswordHasher for BcryptPool {
    async fn hash(&self, password: &str) -> Result<String, Refusal> {
        let pepper = self.pepper();
        let (cost, salt, password) = (self.cost, random_bytes::<16>(&*self.random), password.to_owned());
        let hashed = self
            .in_pool(move || bcrypt::hash_with_salt(pre_hash(&pepper, &password), cost, salt))
            .await?;
        let hash = hashed.map_err(|error| StoreError::Driver(format!("bcrypt: {error}")))?;
        Ok(format!("p1.{}.{hash}", Keys::id_of(&pepper)))
    }

    async fn verify<'a>(&self, password: &'a str, hash: Option<&'a str>) -> Result<bool, Refusal> {
        let stored = hash
            .and_then(|hash| hash.strip_prefix("p1."))
            .and_then(|rest| rest.split_once('.'));
        let (pepper, bcrypt_hash) = match stored {
            Some((key_id, hash)) => {
                let pepper = self.peppers.iter().find(|pepper| Keys::id_of(pepper) == key_id);
                (pepper.copied(), hash.to_owned())
            }
            None => (None, self.dummy.clone()),
        };
        let known = pepper.is_some();
        let (pepper, password) = (pepper.unwrap_or_default(), password.to_owned());
        let right = self
            .in_pool(move || bcrypt::verify(pre_hash(&pepper, &password), &bcrypt_hash))
            .await?;
        Ok(known && right.unwrap_or(false))
    }

    fn is_outdated(&self, hash: &str) -> bool {
        !hash.starts_with(&format!("p1.{}.$2b${:02}$", Keys::id_of(&self.pepper()), self.cost))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemRandom;

    fn pool(peppers: &[[u8; 32]]) -> BcryptPool {
        // The cheapest cost that bcrypt knows; what is tested here does not depend on it.
        BcryptPool::new(peppers.to_vec(), 4, 2, Arc::new(SystemRandom)).unwrap()
    }

    #[tokio::test]
    async fn every_character_counts() {
        let pool = pool(&[[1; 32]]);
        let long = "🐎".repeat(64);
        let hash = pool.hash(&long).await.unwrap();
        assert!(pool.verify(&long, Some(&hash)).await.unwrap());
        let other = format!("{}🐴", "🐎".repeat(63));
        assert!(!pool.verify(&other, Some(&hash)).await.unwrap());
        let nul = pool.hash("with\0nul one").await.unwrap();
        assert!(!pool.verify("with\0nul two", Some(&nul)).await.unwrap());
    }

    #[tokio::test]
    async fn no_hash_matches_nothing() {
        let pool = pool(&[[1; 32]]);
        assert!(!pool.verify("whatever", None).await.unwrap());
        assert!(!pool.verify("whatever", Some("garbage")).await.unwrap());
    }

    #[tokio::test]
    async fn a_hash_of_the_previous_pepper_matches_and_is_outdated() {
        let hash = pool(&[[1; 32]]).hash("correct horse").await.unwrap();
        let rotated = pool(&[[2; 32], [1; 32]]);
        assert!(rotated.verify("correct horse", Some(&hash)).await.unwrap());
        assert!(rotated.is_outdated(&hash));
        let renewed = rotated.hash("correct horse").await.unwrap();
        assert!(!rotated.is_outdated(&renewed));
    }

    #[tokio::test]
    async fn too_many_at_once_are_turned_away() {
        let pool = pool(&[[1; 32]]);
        pool.waiting.store(MAX_WAITING, Ordering::SeqCst);
        assert!(matches!(pool.hash("x").await, Err(Refusal::Overloaded)));
    }
}
