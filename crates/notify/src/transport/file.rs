//! Into a folder, one `.eml` file each.

use crate::compose::Letter;
use scheduler_domain::ports::NotifyError;
use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};
use tokio::task::spawn_blocking;

/// A folder of mails. Their names sort by time.
pub(crate) struct FileTransport {
    dir: PathBuf,
}

impl FileTransport {
    pub(crate) fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    pub(crate) async fn write(&self, letter: &Letter) -> Result<(), NotifyError> {
        // An id begins with its time, so the names sort without more.
        let (name, bytes) = (format!("{}.eml", letter.id), letter.mail.formatted());
        self.blocking(move |dir| write(dir, &name, &bytes)).await
    }

    /// Where the letter was written to.
    pub(crate) fn path_of(&self, letter: &Letter) -> String {
        format!("written to {}", self.dir.join(format!("{}.eml", letter.id)).display())
    }

    /// Writes a file and removes it.
    pub(crate) async fn check(&self) -> Result<String, NotifyError> {
        self.blocking(|dir| {
            write(dir, ".check", b"")?;
            fs::remove_file(dir.join(".check"))
        })
        .await
        .map(|()| format!("mails are written to {}", self.dir.display()))
    }

    async fn blocking(&self, work: impl FnOnce(&Path) -> io::Result<()> + Send + 'static) -> Result<(), NotifyError> {
        let dir = self.dir.clone();
        let done = spawn_blocking(move || work(&dir))
            .await
            .unwrap_or_else(|_| Err(io::Error::other("interrupted")));
        done.map_err(|error| NotifyError::Temporary(format!("{} cannot be written to: {error}", self.dir.display())))
    }
}

/// Writes a file that is seen whole or not at all, and by nobody else: it may hold a code.
fn write(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let temporary = dir.join(format!(".{name}.part"));
    let written = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&temporary)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&temporary, dir.join(name)));
    if written.is_err() {
        // Best effort: what matters is the first error.
        let _ = fs::remove_file(&temporary);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn letter(id: &str) -> Letter {
        let mail = lettre::Message::builder()
            .from("a@b.cc".parse().unwrap())
            .to("d@e.ff".parse().unwrap())
            .body("hello".to_owned())
            .unwrap();
        Letter {
            id: id.to_owned(),
            mail,
        }
    }

    #[tokio::test]
    async fn every_mail_is_one_private_file() {
        let dir = tempfile::tempdir().unwrap();
        let folder = FileTransport::new(dir.path().join("deep/er"));
        folder.write(&letter("0002")).await.unwrap();
        folder.write(&letter("0001")).await.unwrap();
        assert!(folder.check().await.unwrap().contains("deep/er"));
        let mut names: Vec<_> = fs::read_dir(&folder.dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["0001.eml", "0002.eml"]);
        let path = folder.dir.join("0001.eml");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(fs::read_to_string(path).unwrap().ends_with("hello"));
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_is_told() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let folder = FileTransport::new(file.path().join("below"));
        assert!(matches!(folder.check().await, Err(NotifyError::Temporary(why)) if why.contains("below")));
        assert!(folder.write(&letter("x")).await.is_err());
    }
}
