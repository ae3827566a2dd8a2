//! Calls to addresses that users choose, past the guard.
//!
//! A name is resolved here, every address that it resolves to is vetted, and the connection goes to one of those and to
//! nothing else; a literal address is vetted by itself, because no resolver is asked for it. There are no redirects, no
//! proxies from the environment, no cookies, and no answer is read beyond its cap.

mod failure;
mod resolve;

#[cfg(test)]
mod tests;

pub use resolve::{Lookup, SystemLookup};

use async_trait::async_trait;
use reqwest::{
    Client, Method,
    header::{HeaderMap, HeaderName, HeaderValue},
    redirect::Policy,
};
use resolve::VettingResolver;
use scheduler_domain::{
    net_guard::Guard,
    ports::{CallError, HttpCaller, OutgoingRequest, OutgoingResponse},
};
use std::{sync::Arc, time::Duration};
use url::Url;

/// How long connecting may take, within the time of the whole call.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long an idle connection is kept for the next call to the same host.
const IDLE: Duration = Duration::from_secs(30);

/// How many idle connections are kept to one host.
const IDLE_PER_HOST: usize = 8;

/// The port [`HttpCaller`] over reqwest. Cheap to clone.
#[derive(Clone)]
pub struct GuardedCaller {
    guard: Arc<Guard>,
    /// For ports that are not ours.
    elsewhere: Client,
    /// For ports that this server listens on: names that resolve to an address of ours are refused.
    own_ports: Client,
}

impl GuardedCaller {
    /// A caller that asks the system for addresses.
    pub fn new(guard: Guard) -> Result<Self, CallError> {
        let lookup: Arc<dyn Lookup> = Arc::new(SystemLookup);
        Self::with_lookup(guard, &lookup)
    }

    /// A caller that asks `lookup` for addresses.
    pub fn with_lookup(guard: Guard, lookup: &Arc<dyn Lookup>) -> Result<Self, CallError> {
        let guard = Arc::new(guard);
        let client = |own_port| {
            Client::builder()
                .dns_resolver(Arc::new(VettingResolver::new(guard.clone(), lookup.clone(), own_port)))
                .redirect(Policy::none())
                .no_proxy()
                .referer(false)
                .connect_timeout(CONNECT_TIMEOUT)
                .pool_idle_timeout(IDLE)
                .pool_max_idle_per_host(IDLE_PER_HOST)
                .build()
                .map_err(|error| CallError::Failed(format!("the HTTP client cannot be set up: {error}")))
        };
        Ok(Self {
            elsewhere: client(false)?,
            own_ports: client(true)?,
            guard,
        })
    }

    async fn exchange(&self, url: Url, request: OutgoingRequest) -> Result<OutgoingResponse, CallError> {
        let port = url.port_or_known_default().unwrap_or_default();
        let client = if self.guard.is_own_port(port) {
            &self.own_ports
        } else {
            &self.elsewhere
        };
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|_| CallError::Failed("the method is not valid".to_owned()))?;
        let mut response = client
            .request(method, url)
            .headers(headers(&request.headers)?)
            .body(request.body)
            .send()
            .await
            .map_err(|error| failure::of(&error))?;

        let mut body = Vec::new();
        let mut truncated = false;
        while let Some(chunk) = response.chunk().await.map_err(|error| failure::of(&error))? {
            let room = request.max_response_bytes - body.len();
            truncated = chunk.len() > room;
            body.extend(chunk.iter().take(room));
            if truncated {
                break;
            }
        }
        Ok(OutgoingResponse {
            status: response.status().as_u16(),
            headers: response
                .headers()
                .iter()
                .map(|(name, value)| {
                    (
                        name.as_str().to_owned(),
                        String::from_utf8_lossy(value.as_bytes()).into_owned(),
                    )
                })
                .collect(),
            body,
            truncated,
        })
    }
}

fn headers(list: &[(String, String)]) -> Result<HeaderMap, CallError> {
    let mut headers = HeaderMap::with_capacity(list.len());
    for (name, value) in list {
        let bad = |what: &str| {
            CallError::Failed(format!(
                "the {what} of the header \"{}\" is not valid",
                name.escape_debug()
            ))
        };
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad("name"))?;
        headers.append(key, HeaderValue::from_str(value).map_err(|_| bad("value"))?);
    }
    Ok(headers)
}

#[async_trait]
impl HttpCaller for GuardedCaller {
    async fn call(&self, request: OutgoingRequest) -> Result<OutgoingResponse, CallError> {
        let url = self.guard.vet_url(&request.url).map_err(failure::refused)?;
        let limit = request.timeout;
        tokio::time::timeout(limit, self.exchange(url, request))
            .await
            .unwrap_or(Err(CallError::TimedOut(limit.as_secs())))
    }

    fn vet(&self, url: &str) -> Result<(), CallError> {
        self.guard.vet_url(url).map(drop).map_err(failure::refused)
    }
}
