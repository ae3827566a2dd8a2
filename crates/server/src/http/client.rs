//! Where a request comes from, as far as that can be believed.

use actix_web::HttpRequest;
use scheduler_domain::{audit::Origin, net_guard::AllowList, usecase::accounts::ClientInfo};
use std::net::IpAddr;

use crate::state::State;

/// The proxies whose `X-Forwarded-For` is believed.
#[derive(Debug, Clone, Default)]
pub struct Proxies(AllowList);

impl Proxies {
    /// Reads `SCHED_TRUSTED_PROXIES`.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        text.parse()
            .map(Self)
            .map_err(|error| anyhow::anyhow!("trusted_proxies: {error}"))
    }

    /// The client behind the peer: from the right of the chain, the first address that is no proxy of ours.
    pub fn client(&self, peer: IpAddr, forwarded_for: Option<&str>) -> IpAddr {
        let mut client = peer;
        for hop in forwarded_for.unwrap_or_default().rsplit(',') {
            if !self.0.contains(client) {
                break;
            }
            match hop.trim().parse() {
                Ok(address) => client = address,
                Err(_) => break,
            }
        }
        client
    }
}

/// The address of the client.
pub fn ip(request: &HttpRequest) -> String {
    let Some(peer) = request.peer_addr() else {
        return "unknown".to_owned();
    };
    let forwarded = request
        .headers()
        .get("x-forwarded-for")
        .and_then(|value| value.to_str().ok());
    State::of(request)
        .proxies
        .client(peer.ip().to_canonical(), forwarded)
        .to_string()
}

/// What the rules want to know about the client.
pub fn info(request: &HttpRequest) -> ClientInfo {
    let agent = request
        .headers()
        .get("user-agent")
        .and_then(|value| value.to_str().ok());
    ClientInfo {
        ip: ip(request),
        user_agent: agent.map(str::to_owned),
    }
}

/// What the audit log wants to know.
pub fn origin(request: &HttpRequest, request_id: &str) -> Origin {
    let ClientInfo { ip, user_agent } = info(request);
    Origin {
        ip: Some(ip),
        user_agent,
        request_id: Some(request_id.to_owned()),
        bulk_id: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let proxies = Proxies::parse("10.0.0.0/8").unwrap();
        let client = |peer: &str, header| proxies.client(peer.parse().unwrap(), header).to_string();
        assert_eq!(client("203.0.113.9", Some("1.2.3.4")), "203.0.113.9");
        assert_eq!(client("10.0.0.1", Some("1.2.3.4")), "1.2.3.4");
        assert_eq!(client("10.0.0.1", Some("6.6.6.6, 1.2.3.4, 10.0.0.2")), "1.2.3.4");
        assert_eq!(client("10.0.0.1", Some("nonsense")), "10.0.0.1");
        assert_eq!(client("10.0.0.1", None), "10.0.0.1");
    }
}
