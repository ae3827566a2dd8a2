//! A folder for one attempt, that nobody else can look into.

use crate::randomness;
use std::{
    env,
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// Removed when dropped. Should the agent be killed, the guard of the attempt removes it.
#[derive(Debug)]
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// A new one in the folder for temporary files (`TMPDIR`, else `/tmp`).
    pub(super) fn make() -> io::Result<Self> {
        let path = env::temp_dir().join(format!("jobs-{}", randomness::word()));
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Where the command may write its result (`JOBS_RESULT_FILE`).
    pub(super) fn result(&self) -> PathBuf {
        self.0.join("result")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
