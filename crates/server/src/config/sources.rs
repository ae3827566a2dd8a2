//! Where values come from, and what wins.

use super::keys::{KEYS, Key};
use anyhow::{Context, bail};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A flag of the command line.
    Flag,
    /// An environment variable.
    Environment(String),
    /// A file named by an environment variable.
    SecretFile(PathBuf),
    /// The configuration file.
    File(PathBuf),
    /// Nobody set it.
    Default,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flag => f.write_str("flag"),
            Self::Environment(variable) => write!(f, "environment {variable}"),
            Self::SecretFile(path) | Self::File(path) => write!(f, "file {}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// The value of every key that has one, with its source.
#[derive(Debug, Clone, Default)]
pub struct Values(BTreeMap<&'static str, (String, Source)>);

impl Values {
    /// Gathers the values. `flags` are those given, `environment` all variables, `file` the configuration file.
    pub fn gather(
        flags: &[(&'static str, String)],
        environment: &[(String, String)],
        file: Option<&Path>,
    ) -> anyhow::Result<Self> {
        let mut values = BTreeMap::new();
        for key in KEYS {
            if let Some(default) = key.default {
                values.insert(key.name, (default.to_owned(), Source::Default));
            }
        }
        if let Some(path) = file {
            read_file(path, &mut values)?;
        }
        read_environment(environment, &mut values)?;
        for (name, value) in flags {
            values.insert(name, (value.clone(), Source::Flag));
        }
        Ok(Self(values))
    }

    /// The value, or the empty text.
    pub fn text(&self, name: &str) -> String {
        self.0.get(name).map(|(value, _)| value.clone()).unwrap_or_default()
    }

    /// The value, if it was set and is not empty.
    pub fn optional(&self, name: &str) -> Option<String> {
        self.set(name).filter(|value| !value.is_empty())
    }

    /// The value if it was set, empty or not: an empty secret must be refused, not overlooked.
    pub fn set(&self, name: &str) -> Option<String> {
        self.0.get(name).map(|(value, _)| value.clone())
    }

    /// Where the value came from.
    pub fn source(&self, name: &str) -> Source {
        self.0.get(name).map_or(Source::Default, |(_, source)| source.clone())
    }

    /// A sentence about a wrong value; secrets are not repeated.
    pub fn wrong(&self, name: &str, why: &str) -> String {
        let shown = match Key::named(name) {
            Some(key) if key.secret => String::new(),
            _ => format!(" \"{}\"", self.text(name)),
        };
        format!("{name}{shown} (from {}) {why}", self.source(name))
    }

    /// Every key with its value as it may be shown, and its source.
    pub fn shown(&self) -> Vec<Setting> {
        KEYS.iter()
            .map(|key| Setting {
                key,
                value: self
                    .set(key.name)
                    .map(|value| if key.secret { mask(key.name, &value) } else { value }),
                source: self.source(key.name),
            })
            .collect()
    }
}

/// A key with its value as it may be shown.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The key.
    pub key: &'static Key,
    /// The value, credentials masked; `None` where nobody set it and there is no constant default.
    pub value: Option<String>,
    /// Where the value came from.
    pub source: Source,
}

/// A URL without its credentials, or only asterisks.
fn mask(name: &str, value: &str) -> String {
    match url::Url::parse(value) {
        // A secret that happens to look like a URL is none.
        Ok(mut url) if name.ends_with("_url") && !url.cannot_be_a_base() => {
            if url.password().is_some() {
                let _ = url.set_password(Some("***"));
            }
            if url.query().is_some() {
                url.set_query(Some("***"));
            }
            url.to_string()
        }
        _ => "***".to_owned(),
    }
}

fn unknown(what: &str, name: &str) -> anyhow::Error {
    let hint = Key::suggestion(name).map_or_else(
        || "; `job-scheduler config print` lists the known ones".to_owned(),
        |known| format!("; did you mean {known}?"),
    );
    anyhow::anyhow!("{what} is not a known key{hint}")
}

fn read_file(path: &Path, values: &mut BTreeMap<&'static str, (String, Source)>) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("the configuration file {} cannot be read", path.display()))?;
    let table: toml::Table = toml::from_str(&text).with_context(|| format!("{} is not valid TOML", path.display()))?;
    for (name, value) in table {
        let Some(key) = Key::named(&name) else {
            return Err(unknown(&format!("\"{name}\" in {}", path.display()), &name));
        };
        let value = match value {
            toml::Value::String(text) => text,
            toml::Value::Integer(number) => number.to_string(),
            toml::Value::Boolean(flag) => (if flag { "on" } else { "off" }).to_owned(),
            toml::Value::Array(items) if items.iter().all(toml::Value::is_str) => items
                .iter()
                .filter_map(toml::Value::as_str)
                .collect::<Vec<_>>()
                .join(","),
            other => bail!(
                "\"{name}\" in {} is a {}; it must be a text or a number",
                path.display(),
                other.type_str()
            ),
        };
        values.insert(key.name, (value, Source::File(path.to_owned())));
    }
    Ok(())
}

fn read_environment(
    environment: &[(String, String)],
    values: &mut BTreeMap<&'static str, (String, Source)>,
) -> anyhow::Result<()> {
    for (variable, value) in environment {
        let Some(name) = variable.strip_prefix("SCHED_").map(str::to_lowercase) else {
            continue;
        };
        // Not values but how the values and the dashboard are found.
        if matches!(name.as_str(), "config" | "web") {
            continue;
        }
        if let Some(key) = Key::named(&name) {
            values.insert(key.name, (value.clone(), Source::Environment(variable.clone())));
            continue;
        }
        let file_of = name.strip_suffix("_file").and_then(Key::named).filter(|key| key.secret);
        let Some(key) = file_of else {
            return Err(unknown(variable, &name));
        };
        if environment.iter().any(|(other, _)| *other == key.variable()) {
            bail!("both {} and {variable} are set; keep one", key.variable());
        }
        let path = PathBuf::from(value);
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("{variable}: {} cannot be read", path.display()))?;
        values.insert(key.name, (text.trim_end().to_owned(), Source::SecretFile(path)));
    }
    Ok(())
}
