//! The one secret of an installation, and the keys that are derived from it (HKDF-SHA-256, RFC 5869).

use aes_gcm::{
    Aes256Gcm, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use anyhow::{Context, bail};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use hkdf::Hkdf;
use scheduler_domain::{
    clock::{Random, random_bytes},
    ports::{Vault, VaultError},
};
use sha2::{Digest, Sha256};
use std::{fs, io::Write, path::Path, sync::Arc};

/// The shortest secret that is accepted.
pub const MIN_SECRET_BYTES: usize = 32;

/// The keys of one secret.
#[derive(Clone)]
pub struct Keys {
    /// Signs access tokens.
    pub access: [u8; 32],
    /// Seals one-time codes.
    pub otp: [u8; 32],
    /// Makes refresh tokens.
    pub refresh: [u8; 32],
    /// Goes into passwords before they are hashed.
    pub pepper: [u8; 32],
    /// Encrypts secrets at rest.
    pub vault: [u8; 32],
}

impl Keys {
    fn derive(secret: &[u8]) -> Self {
        let hkdf = Hkdf::<Sha256>::new(Some(b"job-scheduler"), secret);
        let key = |purpose: &str| {
            let mut key = [0; 32];
            match hkdf.expand(purpose.as_bytes(), &mut key) {
                Ok(()) => key,
                Err(_) => unreachable!("32 bytes are within HKDF's limit of 255 × 32"),
            }
        };
        Self {
            access: key("access token v1"),
            otp: key("one-time code v1"),
            refresh: key("refresh token v1"),
            pepper: key("password pepper v1"),
            vault: key("vault v1"),
        }
    }

    /// Names a key without telling it.
    pub fn id_of(key: &[u8; 32]) -> String {
        Sha256::digest(key)
            .iter()
            .take(4)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

/// The keys of the present secret and, while it is rotated, of the one before.
#[derive(Clone)]
pub struct KeyRing {
    /// New things are made with these.
    pub current: Keys,
    /// Old things are still read with these.
    pub previous: Option<Keys>,
}

impl KeyRing {
    /// Derives the keys. A secret of fewer than [`MIN_SECRET_BYTES`] bytes is an error.
    pub fn new(secret: &str, previous: Option<&str>) -> anyhow::Result<Self> {
        let keys = |name: &str, secret: &str| {
            if secret.len() < MIN_SECRET_BYTES {
                bail!(
                    "{name} has {} bytes; it must have at least {MIN_SECRET_BYTES}. Make one with: openssl rand -base64 48",
                    secret.len()
                );
            }
            Ok(Keys::derive(secret.as_bytes()))
        };
        let previous = previous
            .map(|previous| keys("SCHED_SECRET_PREVIOUS", previous))
            .transpose()?;
        Ok(Self {
            current: keys("SCHED_SECRET", secret)?,
            previous,
        })
    }

    /// One key of each secret, the present one first.
    pub fn each(&self, pick: impl Fn(&Keys) -> [u8; 32]) -> Vec<[u8; 32]> {
        std::iter::once(&self.current).chain(&self.previous).map(pick).collect()
    }
}

/// Reads the secret of the data folder, or makes one there (mode 0600).
pub fn load_or_create(data_dir: &Path, random: &dyn Random) -> anyhow::Result<String> {
    #[derive(serde::Deserialize)]
    struct File {
        secret: String,
    }
    let path = data_dir.join("secrets.toml");
    match fs::read_to_string(&path) {
        Ok(text) => {
            let file: File =
                toml::from_str(&text).with_context(|| format!("{} cannot be read as TOML", path.display()))?;
            Ok(file.secret)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let secret = STANDARD_NO_PAD.encode(random_bytes::<48>(random));
            let text = format!(
                "# Made at the first start. Whoever has it can forge log-ins and read stored secrets: keep it private,\n\
                 # and keep a copy: without it stored webhook secrets cannot be decrypted and passwords do not match.\n\
                 secret = \"{secret}\"\n"
            );
            write_private(&path, &text).with_context(|| format!("{} cannot be written", path.display()))?;
            Ok(secret)
        }
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}

/// Writes a file that only its owner can read, whole or not at all.
pub fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let temporary = path.with_extension("tmp");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&temporary)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&temporary, path)
}

/// AES-256-GCM with a random nonce and the place as associated data: a text that was moved to another row does not
/// open.
pub struct AeadVault {
    ring: KeyRing,
    random: Arc<dyn Random>,
}

impl AeadVault {
    /// A vault under the keys of the ring.
    pub fn new(ring: KeyRing, random: Arc<dyn Random>) -> Self {
        Self { ring, random }
    }
}

const VAULT_PREFIX: &str = "v1.";

impl Vault for AeadVault {
    fn seal(&self, place: &str, plain: &[u8]) -> String {
        let nonce = random_bytes::<12>(&*self.random);
        let cipher = Aes256Gcm::new(&self.ring.current.vault.into());
        let payload = Payload {
            msg: plain,
            aad: place.as_bytes(),
        };
        match cipher.encrypt(&Nonce::from(nonce), payload) {
            Ok(sealed) => format!(
                "{VAULT_PREFIX}{}",
                STANDARD_NO_PAD.encode([nonce.as_slice(), &sealed].concat())
            ),
            Err(_) => unreachable!("AES-GCM takes up to 64 GiB"),
        }
    }

    fn open(&self, place: &str, sealed: &str) -> Result<Vec<u8>, VaultError> {
        let bytes = sealed
            .strip_prefix(VAULT_PREFIX)
            .and_then(|text| STANDARD_NO_PAD.decode(text).ok())
            .ok_or(VaultError)?;
        let (nonce, text) = bytes.split_first_chunk::<12>().ok_or(VaultError)?;
        self.ring
            .each(|keys| keys.vault)
            .into_iter()
            .find_map(|key| {
                let payload = Payload {
                    msg: text,
                    aad: place.as_bytes(),
                };
                Aes256Gcm::new(&key.into()).decrypt(&Nonce::from(*nonce), payload).ok()
            })
            .ok_or(VaultError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemRandom;

    const OLD: &str = "an old secret that has 32 bytes!!";
    const NEW: &str = "a new secret that has 32 bytes!!!";

    fn vault(secret: &str, previous: Option<&str>) -> AeadVault {
        AeadVault::new(KeyRing::new(secret, previous).unwrap(), Arc::new(SystemRandom))
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert!(KeyRing::new("", None).is_err());
        assert!(KeyRing::new("short", None).is_err());
        assert!(KeyRing::new(NEW, Some("short")).is_err());
    }

    #[test]
    fn what_was_moved_or_changed_does_not_open() {
        let vault = vault(NEW, None);
        let sealed = vault.seal("webhooks.1", b"whsec");
        assert_eq!(vault.open("webhooks.1", &sealed).unwrap(), b"whsec");
        assert_eq!(vault.open("webhooks.2", &sealed), Err(VaultError));
        assert_eq!(
            vault.open("webhooks.1", &sealed.replace("v1.", "v1.A")),
            Err(VaultError)
        );
        assert!(!sealed.contains("whsec"));
    }

    #[test]
    fn the_previous_secret_opens_what_it_sealed() {
        let sealed = vault(OLD, None).seal("x", b"y");
        assert_eq!(vault(NEW, None).open("x", &sealed), Err(VaultError));
        assert_eq!(vault(NEW, Some(OLD)).open("x", &sealed).unwrap(), b"y");
    }

    #[test]
    fn keys_differ_by_purpose() {
        let keys = Keys::derive(NEW.as_bytes());
        let all = [keys.access, keys.otp, keys.refresh, keys.pepper, keys.vault];
        for (index, key) in all.iter().enumerate() {
            assert!(!all[index + 1..].contains(key));
        }
    }

    #[test]
    fn the_secret_is_made_once_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let first = load_or_create(dir.path(), &SystemRandom).unwrap();
        assert_eq!(load_or_create(dir.path(), &SystemRandom).unwrap(), first);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(dir.path().join("secrets.toml"))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
