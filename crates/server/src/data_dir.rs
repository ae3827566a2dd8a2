//! The data folder: private, held by one process, and the home of the node's identity.

use anyhow::{Context, bail};
use scheduler_domain::{
    clock::{Clock, Random},
    ids::NodeId,
};
use std::{
    fs::{self, File, TryLockError},
    path::Path,
};

use crate::secrets::write_private;

/// The folder, held by this process until dropped.
pub struct DataDir {
    /// The identity of this node, kept over restarts.
    pub node: NodeId,
    _lock: Option<File>,
}

impl DataDir {
    /// Makes the folder if need be (mode 0700) and takes it. A second process on the same folder is refused when the
    /// database lies in it, and gets a passing identity otherwise.
    pub fn take(path: &Path, database_inside: bool, clock: &dyn Clock, random: &dyn Random) -> anyhow::Result<Self> {
        create_private(path)?;
        let file = path.join("lock");
        let mut options = File::options();
        options.create(true).write(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let lock = options
            .open(&file)
            .with_context(|| format!("{} cannot be written", file.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                node: identity(path, clock, random)?,
                _lock: Some(lock),
            }),
            Err(TryLockError::WouldBlock) if database_inside => bail!(
                "another server works on {} already; stop it, or choose another folder with --data-dir",
                path.display()
            ),
            Err(TryLockError::WouldBlock) => {
                tracing::warn!(folder = %path.display(), "another server holds this data folder; this one gets a passing identity");
                Ok(Self {
                    node: NodeId::make(clock, random),
                    _lock: None,
                })
            }
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("{} cannot be locked", file.display()))
            }
        }
    }
}

/// Makes a folder that only its owner can enter.
pub fn create_private(path: &Path) -> anyhow::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(path)
        .with_context(|| format!("the data folder {} cannot be made", path.display()))
}

/// Makes sure that only its owner can read the database in the data folder. SQLite gives its side files (`-wal`, `-shm`)
/// the mode of the database file, so the file is made before SQLite would.
pub fn make_database_private(path: &Path) -> anyhow::Result<()> {
    let mut options = File::options();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options
        .open(path)
        .with_context(|| format!("the database {} cannot be opened", path.display()))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            file.set_permissions(fs::Permissions::from_mode(0o600))
                .with_context(|| format!("{} cannot be made private", path.display()))?;
        }
    }
    Ok(())
}

fn identity(path: &Path, clock: &dyn Clock, random: &dyn Random) -> anyhow::Result<NodeId> {
    let file = path.join("node");
    match fs::read_to_string(&file) {
        Ok(text) => match text.trim().parse() {
            Ok(node) => return Ok(node),
            Err(_) => tracing::warn!(file = %file.display(), "the node's identity cannot be read; making a new one"),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", file.display())),
    }
    let node = NodeId::make(clock, random);
    write_private(&file, &format!("{node}\n")).with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(node)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::{SystemClock, SystemRandom};

    #[cfg(unix)]
    #[test]
    fn an_open_database_is_closed_to_others() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        fs::write(&path, "kept").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        make_database_private(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_to_string(&path).unwrap(), "kept");
    }

    #[test]
    fn the_identity_survives_a_restart_and_a_second_process_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data");
        let first = DataDir::take(&path, true, &SystemClock, &SystemRandom).unwrap();
        let node = first.node;
        assert!(DataDir::take(&path, true, &SystemClock, &SystemRandom).is_err());
        assert_ne!(
            DataDir::take(&path, false, &SystemClock, &SystemRandom).unwrap().node,
            node
        );
        drop(first);
        assert_eq!(
            DataDir::take(&path, true, &SystemClock, &SystemRandom).unwrap().node,
            node
        );
    }
}
