//! Where the server is and who asks it.
//!
//! Each value comes from the first place that has it: flag, environment, profile in the file, default. What is stored in a
//! profile belongs to the URL of that profile: a credential never travels to another server because a flag said so.

mod environment;
mod file;
mod key;
mod url;

pub use environment::Environment;
pub use file::{Profile, Profiles, Session, Store};

use crate::error::{Error, Result};
pub use ::url::Url;
pub(crate) use key::check_api_key;
pub(crate) use url::parse_url;

/// The address that a server has when nobody chose another.
const DEFAULT_URL: &str = "http://127.0.0.1:8080";

/// What the flags of the command line say.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    pub url: Option<String>,
    pub api_key: Option<String>,
    pub profile: Option<String>,
}

/// How requests say whose they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    ApiKey(String),
    /// The tokens of a log-in, which the profile keeps.
    Session(Session),
    None,
}

/// What was found out.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Without a trailing slash, without `/api/v1`.
    pub url: Url,
    pub credential: Credential,
    /// The name of the profile.
    pub profile: String,
    pub store: Store,
    /// Why a stored credential is not used.
    pub remark: Option<String>,
}

impl Settings {
    /// Reads flags, environment and the profile file.
    pub fn resolve(flags: &Flags, environment: &Environment) -> Result<Self> {
        let store = Store::at(environment.folder()?);
        let profiles = store.load()?;
        let name = flags
            .profile
            .clone()
            .or_else(|| environment.get("JOBS_PROFILE"))
            .or_else(|| profiles.profile.clone())
            .unwrap_or_else(|| "default".to_owned());
        file::check_name(&name)?;
        let profile = profiles.profiles.get(&name);

        let (url, stored_url) = (
            flags
                .url
                .clone()
                .map(|url| ("--url", url))
                .or_else(|| environment.get("JOBS_URL").map(|url| ("JOBS_URL", url))),
            profile.map(|profile| profile.url.clone()),
        );
        let url = match (url, &stored_url) {
            (Some((place, url)), _) => parse_url(place, &url)?,
            (None, Some(url)) => parse_url(&format!("the profile {name:?}"), url)?,
            (None, None) => parse_url("the default", DEFAULT_URL)?,
        };

        let given = flags
            .api_key
            .clone()
            .map(|key| ("--api-key", key))
            .or_else(|| environment.get("JOBS_API_KEY").map(|key| ("JOBS_API_KEY", key)));
        let mut remark = None;
        let credential = match (given, profile) {
            (Some((place, key)), _) => {
                check_api_key(place, &key)?;
                Credential::ApiKey(key)
            }
            (None, None) => Credential::None,
            (None, Some(profile)) if parse_url("the profile", &profile.url).ok().as_ref() == Some(&url) => {
                profile.credential()
            }
            (None, Some(profile)) => {
                remark = Some(format!(
                    "the profile {name:?} is logged in at {}, not at {url}; its credentials stay there",
                    profile.url
                ));
                Credential::None
            }
        };
        Ok(Self {
            url,
            credential,
            profile: name,
            store,
            remark,
        })
    }

    /// The error of a command that needs a log-in.
    pub fn not_logged_in(&self) -> Error {
        let what = match &self.remark {
            Some(remark) => format!("not logged in at {}: {remark}", self.url),
            None => format!("not logged in at {}", self.url),
        };
        Error::NotLoggedIn { what }
    }
}
