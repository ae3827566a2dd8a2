//! To an SMS gateway over HTTP.

use crate::config::{ConfigError, SecretUrl};
use reqwest::{Client, Method, StatusCode, redirect};
use scheduler_domain::{ports::NotifyError, user::Phone};
use std::time::Duration;
use url::{Url, form_urlencoded::byte_serialize};

const TIMEOUT: Duration = Duration::from_secs(10);

/// One gateway.
pub(crate) struct SmsGateway {
    client: Client,
    /// The address without credentials; it may hold `{to}` and `{text}`.
    template: String,
    credentials: Option<(String, String)>,
    method: Method,
}

impl SmsGateway {
    pub(crate) fn new(url: &SecretUrl) -> Result<Self, ConfigError> {
        let unusable = |why: &str| ConfigError::SmsUrl(why.to_owned());
        let text = url.reveal().trim();
        let (template, credentials) = take_credentials(text).ok_or_else(|| {
            unusable("it must look like https://user:password@gateway.example/send?to={to}&text={text}")
        })?;
        let method = match (template.contains("{to}"), template.contains("{text}")) {
            (true, true) => Method::GET,
            (false, false) => Method::POST,
            _ => return Err(unusable("it must hold both {to} and {text}, or neither")),
        };
        let parsed = Url::parse(&filled(&template, "1", "x")).map_err(|error| unusable(&error.to_string()))?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(unusable("it must begin with http:// or https://"));
        }
        // A placeholder in the host would let the text choose whom to call.
        if template
            .find('{')
            .is_some_and(|at| at < template.len() - after_authority(&template).len())
        {
            return Err(unusable("{to} and {text} may stand in the path and the query only"));
        }
        let client = Client::builder()
            .timeout(TIMEOUT)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("job-scheduler/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|_| unusable("the HTTP client could not be made"))?;
        Ok(Self {
            client,
            template,
            credentials,
            method,
        })
    }

    pub(crate) async fn send(&self, to: &Phone, text: &str) -> Result<(), NotifyError> {
        let url = filled(&self.template, to.as_str(), text);
        let mut request = self.client.request(self.method.clone(), url);
        if self.method == Method::POST {
            let body = serde_json::json!({ "to": to.as_str(), "text": text }).to_string();
            request = request.header("content-type", "application/json").body(body);
        }
        if let Some((user, password)) = &self.credentials {
            request = request.basic_auth(user, Some(password));
        }
        // The body of the answer is never read: nothing in it is needed, and it may repeat number and text.
        match request.send().await {
            Ok(response) => outcome(response.status()),
            // The error itself would show the address, with number and text in it.
            Err(error) if error.is_timeout() => Err(NotifyError::Temporary(
                "the SMS gateway did not answer in time".to_owned(),
            )),
            Err(error) if error.is_builder() => Err(NotifyError::Permanent(
                "the SMS could not be put into a request".to_owned(),
            )),
            Err(_) => Err(NotifyError::Temporary("the SMS gateway cannot be reached".to_owned())),
        }
    }
}

fn outcome(status: StatusCode) -> Result<(), NotifyError> {
    let why = format!("the SMS gateway answered {}", status.as_u16());
    if status.is_success() {
        Ok(())
    } else if status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429) {
        Err(NotifyError::Temporary(why))
    } else {
        Err(NotifyError::Permanent(why))
    }
}

/// The address with number and text in their places, percent-encoded.
fn filled(template: &str, to: &str, text: &str) -> String {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
    template.replace("{to}", &encoded(to)).replace("{text}", &encoded(text))
}

/// Takes `user:password@` out of an address.
fn take_credentials(url: &str) -> Option<(String, Option<(String, String)>)> {
    let (scheme, _) = url.split_once("://")?;
    let rest = after_authority(url);
    let authority = &url[scheme.len() + 3..url.len() - rest.len()];
    let Some((userinfo, host)) = authority.rsplit_once('@') else {
        return Some((url.to_owned(), None));
    };
    let (user, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
    Some((
        format!("{scheme}://{host}{rest}"),
        Some((decoded(user), decoded(password))),
    ))
}

/// Path, query and fragment of an address.
fn after_authority(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find(['/', '?', '#']).map_or(url.len(), |at| start + at);
    &url[end..]
}

/// The text with its percent-encoding undone; what is no valid encoding stays.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(hex.unwrap_or(*first));
        rest = if hex.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests;
