//! Names to addresses, all of them vetted.

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use scheduler_domain::net_guard::{Guard, TargetError};
use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

/// How long a lookup may take.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(5);

/// Says which addresses a name has.
#[async_trait]
pub trait Lookup: Send + Sync + 'static {
    /// Every address of the name, IPv4 and IPv6.
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The resolver of the system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((name, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// Why a name leads nowhere. The texts tell nothing of what it resolves to.
#[derive(Debug, thiserror::Error)]
pub(super) enum ResolveError {
    #[error(transparent)]
    Refused(TargetError),
    #[error("the host name cannot be resolved")]
    Unknown,
    #[error("the host name could not be resolved within {} s", LOOKUP_TIMEOUT.as_secs())]
    TimedOut,
}

/// Resolves and vets. One address that is closed refuses the whole name: whoever mixes closed and open ones is up to
/// no good, or sees another network than we do.
pub(super) struct VettingResolver {
    guard: Arc<Guard>,
    lookup: Arc<dyn Lookup>,
    own_port: bool,
}

impl VettingResolver {
    pub(super) fn new(guard: Arc<Guard>, lookup: Arc<dyn Lookup>, own_port: bool) -> Self {
        Self {
            guard,
            lookup,
            own_port,
        }
    }
}

async fn resolve(
    guard: Arc<Guard>,
    lookup: Arc<dyn Lookup>,
    own_port: bool,
    name: String,
) -> Result<Vec<SocketAddr>, ResolveError> {
    let found = tokio::time::timeout(LOOKUP_TIMEOUT, lookup.lookup(&name))
        .await
        .map_err(|_| ResolveError::TimedOut)?
        .map_err(|_| ResolveError::Unknown)?;
    if found.is_empty() {
        return Err(ResolveError::Unknown);
    }
    for ip in &found {
        let verdict = if own_port {
            guard.vet_on_own_port(*ip)
        } else {
            guard.vet_address(*ip, 0)
        };
        verdict.map_err(|_| ResolveError::Refused(TargetError::Resolved))?;
    }
    Ok(found.into_iter().map(|ip| SocketAddr::new(ip, 0)).collect())
}

impl Resolve for VettingResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let found = resolve(
            self.guard.clone(),
            self.lookup.clone(),
            self.own_port,
            name.as_str().to_owned(),
        );
        Box::pin(async move { Ok(Box::new(found.await?.into_iter()) as Addrs) })
    }
}
