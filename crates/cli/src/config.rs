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
    /// The API key of the flag: what `login --api-key` keeps.
    pub given_key: Option<String>,
    /// The credential is `JOBS_API_KEY`.
    pub is_from_environment: bool,
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
        let is_from_environment = matches!(given, Some(("JOBS_API_KEY", _)));
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
            given_key: flags.api_key.clone(),
            is_from_environment,
        })
    }

    /// Whether the server is on this machine.
    pub fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(::url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(::url::Host::Ipv4(address)) => address.is_loopback(),
            Some(::url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "jsk_UOhXtf0ZJGNGEslFJb95GjucAOCdxt3JTVzp";

    fn environment(folder: &std::path::Path, more: &[(&str, &str)]) -> Environment {
        let folder = ("JOBS_CONFIG_DIR", folder.to_str().unwrap());
        std::iter::once(&folder)
            .chain(more)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn stored(folder: &std::path::Path) {
        let store = Store::at(folder.to_owned());
        let lock = store.lock().unwrap();
        let session = Session {
            email: "a@b".into(),
            access_token: "t".into(),
            expires_at: 1,
            refresh_token: "r".into(),
        };
        let mut profiles = Profiles::default();
        for (name, url) in [("default", "http://one:1/"), ("work", "https://two/jobs")] {
            let profile = Profile {
                url: url.into(),
                api_key: None,
                session: Some(session.clone()),
            };
            profiles.profiles.insert(name.into(), profile);
        }
        store.save(&profiles, &lock).unwrap();
        assert_eq!(store.load().unwrap(), profiles);
    }

    #[test]
    fn flags_go_before_the_environment_and_that_before_the_file() {
        let folder = tempfile::tempdir().unwrap();
        stored(folder.path());
        let flags = |url: &str, profile: &str| Flags {
            url: Some(url.to_owned()).filter(|url| !url.is_empty()),
            profile: Some(profile.to_owned()).filter(|name| !name.is_empty()),
            api_key: None,
        };
        let set = [("JOBS_URL", "http://env:2"), ("JOBS_PROFILE", "work")];
        for (flags, variables, url, profile) in [
            (flags("", ""), &[][..], "http://one:1/", "default"),
            (flags("", ""), &set[1..], "https://two/jobs", "work"),
            (flags("", ""), &set[..], "http://env:2/", "work"),
            (
                flags("http://flag:3/api/v1/", "default"),
                &set[..],
                "http://flag:3/",
                "default",
            ),
        ] {
            let settings = Settings::resolve(&flags, &environment(folder.path(), variables)).unwrap();
            assert_eq!((settings.url.as_str(), settings.profile.as_str()), (url, profile));
        }
    }

    #[test]
    fn a_stored_log_in_stays_with_its_server() {
        let folder = tempfile::tempdir().unwrap();
        stored(folder.path());
        let resolve = |variables: &[(&str, &str)]| {
            Settings::resolve(&Flags::default(), &environment(folder.path(), variables)).unwrap()
        };
        assert!(matches!(resolve(&[]).credential, Credential::Session(_)));
        let elsewhere = resolve(&[("JOBS_URL", "http://evil:1")]);
        assert_eq!(elsewhere.credential, Credential::None);
        assert!(
            elsewhere
                .not_logged_in()
                .to_string()
                .contains("its credentials stay there")
        );
        assert_eq!(
            resolve(&[("JOBS_API_KEY", KEY)]).credential,
            Credential::ApiKey(KEY.into())
        );
    }

    #[test]
    fn files_and_folder_are_closed_to_others() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("a/b");
        stored(&folder);
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&folder.join("profiles.toml"))), (0o700, 0o600));
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 2, "no draft is left");
    }

    #[test]
    fn addresses_that_cannot_be_right_are_told() {
        for text in ["example.com", "ftp://x", "http://a:b@x", "http://x/?a", ""] {
            let error = parse_url("--url", text).unwrap_err().to_string();
            assert!(error.starts_with("--url: "), "{error}");
        }
        assert_eq!(parse_url("x", "https://a/b/api/v1/").unwrap().as_str(), "https://a/b");
    }
}
