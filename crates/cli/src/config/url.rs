//! The address of a server, as people write it.

use crate::error::{Error, Result};
use ::url::Url;

/// Reads an address: `https://jobs.example.com`, also with a path in front of `/api/v1`. `place` says where it stood.
pub(crate) fn parse_url(place: &str, text: &str) -> Result<Url> {
    let wrong = |why: &str| {
        Error::usage_with(
            format!("{place}: {text:?} is no address of a server: {why}"),
            "an address such as https://jobs.example.com or http://127.0.0.1:8080",
        )
    };
    let mut url = Url::parse(text.trim()).map_err(|error| wrong(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(wrong("it does not begin with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(
            "it has a user name; credentials come from jobs login or JOBS_API_KEY",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("it has a ? or #"));
    }
    let path = url.path().trim_end_matches('/');
    let path = path
        .strip_suffix("/api/v1")
        .unwrap_or(path)
        .trim_end_matches('/')
        .to_owned();
    url.set_path(&path);
    Ok(url)
}
