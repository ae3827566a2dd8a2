//! Which addresses outgoing calls may reach: webhooks and HTTP jobs go where users say, and users must not reach the
//! network that the server stands in (SSRF).
//!
//! Pure rules: [`Guard::vet_url`] judges what can be seen in the URL, [`Guard::vet_address`] every address that a name
//! resolves to. The engine resolves, vets all, and connects to nothing else.

mod allow;
mod ranges;

pub use allow::{AllowList, Cidr, CidrError};
pub use ranges::{Forbidden, forbidden};

use std::net::{IpAddr, SocketAddr};
use url::{Host, Url};

/// Why a target is refused. The texts never tell what a name resolves to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// No parser makes a URL of it.
    #[error("is not a URL such as https://example.com/hooks: {0}")]
    NotAUrl(String),
    /// Neither http nor https.
    #[error("begins with \"{0}:\"; only http and https are supported")]
    Scheme(String),
    /// A name or password in front of the host.
    #[error("must not contain a user name or password; use a header instead")]
    UserInfo,
    /// A literal address in a range that is closed.
    #[error("points at an address that is not allowed ({0})")]
    Address(Forbidden),
    /// A name that stands for this machine.
    #[error("points at this machine, which is not allowed")]
    ThisMachine,
    /// A name resolves to an address in a range that is closed.
    #[error("the host name resolves to an address that is not allowed")]
    Resolved,
    /// A port that cannot be connected to.
    #[error("names port 0, which cannot be connected to")]
    Port,
}

impl TargetError {
    /// Stable word for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAUrl(_) => "invalid_url",
            Self::Scheme(_) => "unsupported_scheme",
            Self::UserInfo => "user_info_not_allowed",
            Self::Port => "invalid_port",
            Self::Address(_) | Self::ThisMachine | Self::Resolved => "target_not_allowed",
        }
    }
}

/// The rules of one installation.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    allow: AllowList,
    own: Vec<SocketAddr>,
}

impl Guard {
    /// Rules with exceptions (`allow`) and the addresses that this server listens on (`own`), which stay closed even
    /// where an exception would open them.
    pub const fn new(allow: AllowList, own: Vec<SocketAddr>) -> Self {
        Self { allow, own }
    }

    /// Whether this server listens on the port: then its addresses matter, and not only ranges.
    pub fn is_own_port(&self, port: u16) -> bool {
        self.own.iter().any(|own| own.port() == port)
    }

    /// Judges one address: a literal, or one that a name resolves to.
    pub fn vet_address(&self, ip: IpAddr, port: u16) -> Result<(), TargetError> {
        if self.is_own(ip, |own| own == port) {
            return Err(TargetError::ThisMachine);
        }
        self.vet_range(ip)
    }

    /// Judges an address that a name resolves to, when the port is one of ours and it is not known which.
    pub fn vet_on_own_port(&self, ip: IpAddr) -> Result<(), TargetError> {
        if self.is_own(ip, |_| true) {
            return Err(TargetError::ThisMachine);
        }
        self.vet_range(ip)
    }

    fn is_own(&self, ip: IpAddr, port: impl Fn(u16) -> bool) -> bool {
        let plain = ip.to_canonical();
        self.own.iter().any(|own| {
            let listens_here = own.ip().to_canonical() == plain
                || (own.ip().is_unspecified() && (plain.is_loopback() || plain.is_unspecified()));
            port(own.port()) && listens_here
        })
    }

    fn vet_range(&self, ip: IpAddr) -> Result<(), TargetError> {
        match forbidden(ip) {
            Some(_) if self.allow.contains(ip) => Ok(()),
            Some(why) => Err(TargetError::Address(why)),
            None => Ok(()),
        }
    }

    /// Judges what can be seen without resolving names, and returns the parsed URL: the only parser whose reading of the
    /// host counts, so that unusual spellings (decimal, octal, hexadecimal) are seen for what they are.
    pub fn vet_url(&self, text: &str) -> Result<Url, TargetError> {
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(TargetError::NotAUrl(
                "it contains blanks or control characters".to_owned(),
            ));
        }
        let url = Url::parse(text).map_err(|error| TargetError::NotAUrl(error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(TargetError::Scheme(url.scheme().chars().take(20).collect()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(TargetError::UserInfo);
        }
        let port = url.port_or_known_default().unwrap_or_default();
        if port == 0 {
            return Err(TargetError::Port);
        }
        match url.host() {
            None => return Err(TargetError::NotAUrl("it has no host".to_owned())),
            Some(Host::Ipv4(ip)) => self.vet_address(ip.into(), port)?,
            Some(Host::Ipv6(ip)) => self.vet_address(ip.into(), port)?,
            Some(Host::Domain(name)) => self.vet_name(name)?,
        }
        Ok(url)
    }

    fn vet_name(&self, name: &str) -> Result<(), TargetError> {
        let name = name.trim_end_matches('.');
        if name.is_empty() || name.len() > 253 {
            return Err(TargetError::NotAUrl("its host name is empty or too long".to_owned()));
        }
        let last = name.rsplit('.').next().unwrap_or(name);
        let this_machine = ["localhost", "localdomain", "ip6-localhost", "ip6-loopback"]
            .iter()
            .any(|known| last.eq_ignore_ascii_case(known));
        if this_machine && !self.allow.opens_loopback() {
            return Err(TargetError::ThisMachine);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
