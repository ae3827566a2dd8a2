//! Which database, and how many connections.

use scheduler_domain::error::StoreError;
use std::{path::PathBuf, time::Duration};
use url::Url;

/// Where the data lie.
#[derive(Clone)]
pub struct StoreConfig {
    /// `sqlite:///absolute/path` or `mysql://user:password@host:port/database`. MySQL takes the parameter
    /// `ssl-mode=DISABLED|REQUIRED|VERIFY_CA|VERIFY_IDENTITY`; MariaDB has the same URL.
    pub url: String,
    /// Connections to MySQL at once. Few that are busy do more than many that wait.
    pub max_connections: usize,
    /// Connections that read from SQLite. There is one that writes, whatever this says.
    pub readers: usize,
    /// How long a request waits for a connection until the database counts as unavailable.
    pub wait_timeout: Duration,
}

impl StoreConfig {
    /// The defaults for a URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 16,
            readers: 4,
            wait_timeout: Duration::from_secs(5),
        }
    }

    /// The URL as it may be shown: without the password.
    pub fn masked_url(&self) -> String {
        match Url::parse(&self.url) {
            Ok(mut url) if !url.cannot_be_a_base() => {
                if url.password().is_some() {
                    // Fails only for URLs that cannot have a password.
                    let _ = url.set_password(Some("***"));
                }
                url.to_string()
            }
            // It cannot be taken apart, so there is no telling where a password lies.
            _ => "***".to_owned(),
        }
    }

    pub(crate) fn target(&self) -> Result<Target, StoreError> {
        let refuse = |why: &str| {
            let url = self.masked_url();
            Err(StoreError::Driver(format!(
                "the database URL {url} {why}; it must be sqlite:///absolute/path or mysql://user:password@host:port/database"
            )))
        };
        let Ok(url) = Url::parse(&self.url) else {
            return refuse("is not a URL");
        };
        match url.scheme() {
            "sqlite" => match self.url.strip_prefix("sqlite://") {
                Some(path) if path.starts_with('/') && path.len() > 1 => Ok(Target::Sqlite(PathBuf::from(path))),
                _ => refuse("has no absolute path"),
            },
            "mysql" | "mariadb" => {
                if url.path().len() < 2 {
                    return refuse("names no database");
                }
                match mysql_url(&url) {
                    Ok(url) => Ok(Target::Mysql(url)),
                    Err(why) => refuse(&why),
                }
            }
            other => refuse(&format!("has the unknown scheme {other}")),
        }
    }
}

pub(crate) enum Target {
    Sqlite(PathBuf),
    Mysql(String),
}

/// The URL in the words of the driver: `ssl-mode` as MySQL's own clients know it becomes the driver's parameters.
fn mysql_url(url: &Url) -> Result<String, String> {
    let mut driver = url.clone();
    driver.set_query(None);
    let mut text = driver.to_string().replacen("mariadb://", "mysql://", 1);
    let mut parameters = Vec::new();
    for (name, value) in url.query_pairs() {
        if name.eq_ignore_ascii_case("ssl-mode") || name.eq_ignore_ascii_case("sslmode") {
            let verify = |ca: bool, identity: bool| {
                vec![
                    "require_ssl=true".to_owned(),
                    format!("verify_ca={ca}"),
                    format!("verify_identity={identity}"),
                ]
            };
            parameters.extend(match value.to_ascii_uppercase().as_str() {
                "DISABLED" => Vec::new(),
                "REQUIRED" => verify(false, false),
                "VERIFY_CA" => verify(true, false),
                "VERIFY_IDENTITY" => verify(true, true),
                other => {
                    return Err(format!(
                        "has ssl-mode={other}, which is not one of DISABLED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY"
                    ));
                }
            });
        } else {
            parameters.push(format!("{name}={value}"));
        }
    }
    if !parameters.is_empty() {
        text.push('?');
        text.push_str(&parameters.join("&"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(url: &str) -> String {
        match StoreConfig::new(url).target() {
            Ok(_) => panic!("{url} was accepted"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_scheme_chooses_the_database() {
        let path = StoreConfig::new("sqlite:///var/lib/jobs/jobs.db").target();
        assert!(matches!(path, Ok(Target::Sqlite(path)) if path.to_str() == Some("/var/lib/jobs/jobs.db")));
        let url = StoreConfig::new("mysql://u:p@h:1/d?ssl-mode=required").target();
        assert!(
            matches!(url, Ok(Target::Mysql(url)) if url == "mysql://u:p@h:1/d?require_ssl=true&verify_ca=false&verify_identity=false")
        );
    }

    #[test]
    fn a_refusal_never_shows_the_password() {
        for url in [
            "postgres://ada:s3cret@host/db",
            "mysql://ada:s3cret@host/",
            "mysql://ada:s3cret@host/db?ssl-mode=perhaps",
            "ada:s3cret@host",
            "ada s3cret",
        ] {
            let message = refusal(url);
            assert!(!message.contains("s3cret"), "{message}");
            assert!(message.contains("sqlite:///absolute/path"), "{message}");
        }
    }
}
