//! The profile file: `profiles.toml`, mode 0600 in a folder of mode 0700.

use super::Credential;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// Everything in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profiles {
    /// The profile that is used when none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    #[serde(default)]
    pub profiles: BTreeMap<String, Profile>,
}

/// A server, and a credential for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    pub url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<Session>,
}

/// The tokens of a log-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    pub email: String,
    pub access_token: String,
    /// When the access token ends, in seconds since 1970.
    pub expires_at: i64,
    pub refresh_token: String,
}

impl Profile {
    /// What requests are made with.
    pub fn credential(&self) -> Credential {
        match (&self.api_key, &self.session) {
            (Some(key), _) => Credential::ApiKey(key.clone()),
            (None, Some(session)) => Credential::Session(session.clone()),
            (None, None) => Credential::None,
        }
    }
}

/// The folder with the file.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
}

/// Whoever has it changes the file; dropped, it lets the next one.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the lock ends when the file is closed")] File);

impl Store {
    /// The file in this folder, which need not exist.
    pub fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Where the file is.
    pub fn path(&self) -> PathBuf {
        self.folder.join("profiles.toml")
    }

    /// Reads the file; nothing when there is none. A file that others may read is closed to them.
    pub fn load(&self) -> Result<Profiles> {
        let path = self.path();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Profiles::default()),
            Err(error) => return Err(cannot("read", &path, error)),
        };
        tighten(&path, 0o600)?;
        toml::from_str(&text).map_err(|error| {
            Error::usage_with(
                format!("{}: {}", path.display(), error.to_string().trim_end()),
                "mend the file, or delete it and log in again",
            )
        })
    }

    /// Waits until no other process changes the file. Hold it from reading to writing.
    pub fn lock(&self) -> Result<Lock> {
        self.make_folder()?;
        let path = self.folder.join("profiles.lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(|error| cannot("open", &path, error))?;
        file.lock().map_err(|error| cannot("lock", &path, error))?;
        Ok(Lock(file))
    }

    /// Replaces the file as a whole: a reader sees the old one or the new one.
    pub fn save(&self, profiles: &Profiles, _lock: &Lock) -> Result<()> {
        let path = self.path();
        let text =
            toml::to_string(profiles).map_err(|error| cannot("write", &path, io::Error::other(error.to_string())))?;
        let draft = self.folder.join(format!("profiles.toml.{}", crate::randomness::word()));
        let written = (|| {
            let mut file = OpenOptions::new()
                .create_new(true)
                .write(true)
                .mode(0o600)
                .open(&draft)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&draft, &path)
        })();
        written.map_err(|error| {
            let _ = fs::remove_file(&draft);
            cannot("write", &path, error)
        })
    }

    fn make_folder(&self) -> Result<()> {
        let make = || {
            if let Some(parent) = self.folder.parent() {
                fs::create_dir_all(parent)?;
            }
            match DirBuilder::new().mode(0o700).create(&self.folder) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
                other => other,
            }
        };
        make().map_err(|error| cannot("make", &self.folder, error))?;
        tighten(&self.folder, 0o700)
    }
}

/// Takes from a file or folder what `mode` does not admit.
fn tighten(path: &Path, mode: u32) -> Result<()> {
    let change = || {
        let present = fs::metadata(path)?.permissions().mode() & 0o777;
        if present & !mode != 0 {
            fs::set_permissions(path, Permissions::from_mode(mode))?;
        }
        Ok(())
    };
    change().map_err(|error| cannot("protect", path, error))
}

/// Names of profiles: letters, digits, `-`, `_` and `.`.
pub(super) fn check_name(name: &str) -> Result<()> {
    let fine = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !name.is_empty() && name.len() <= 50 && name.chars().all(fine) {
        return Ok(());
    }
    Err(Error::usage_with(
        format!("{name:?} is no name of a profile"),
        "up to 50 letters, digits, -, _ and .",
    ))
}

fn cannot(verb: &str, path: &Path, why: io::Error) -> Error {
    Error::local(format!("cannot {verb} {}", path.display()), why)
}
