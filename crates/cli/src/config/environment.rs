//! The environment, read once.

use crate::error::{Error, Result};
use std::{collections::BTreeMap, path::PathBuf};

/// The variables that the program looks at.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The environment of the process. Empty variables count as absent.
    pub fn of_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// A variable that is set and not empty.
    pub fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).filter(|value| !value.is_empty()).cloned()
    }

    /// The folder of the profile file: `JOBS_CONFIG_DIR`, else `job-scheduler` in `XDG_CONFIG_HOME` or `~/.config`.
    pub fn folder(&self) -> Result<PathBuf> {
        if let Some(folder) = self.get("JOBS_CONFIG_DIR") {
            return Ok(PathBuf::from(folder));
        }
        // XDG: a path that is not absolute is to be ignored.
        let home = self
            .get("XDG_CONFIG_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute());
        home.or_else(|| Some(PathBuf::from(self.get("HOME")?).join(".config")))
            .map(|folder| folder.join("job-scheduler"))
            .ok_or_else(|| {
                Error::usage_with(
                    "there is no folder for the profile file: neither HOME nor XDG_CONFIG_HOME is set",
                    "set JOBS_CONFIG_DIR to a folder of yours",
                )
            })
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(variables: T) -> Self {
        Self(variables.into_iter().collect())
    }
}
