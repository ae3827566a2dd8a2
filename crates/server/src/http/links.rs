//! Secret addresses of jobs: hooks that start them, pings that they wait for, badges that show how they are.

pub mod badge;
pub mod dto;
pub mod hook;
pub mod manage;
pub mod ping;

use actix_web::{HttpMessage, HttpRequest};
use scheduler_domain::link::{Link, LinkKind};

use super::{path, problem::Problem};
use crate::state::State;

/// What addresses that take POST are good for, by the operation without `/api/v1`.
pub(super) fn kind_of(operation: &str) -> Option<LinkKind> {
    let kinds = [("/hooks/", LinkKind::Inbound), ("/heartbeats/", LinkKind::Heartbeat)];
    let found = kinds.iter().find(|(start, _)| operation.starts_with(start));
    found.map(|(_, kind)| *kind)
}

/// The address that the secret in the path belongs to. Looked up, and counted as a use of it, once a request.
pub(super) async fn link(request: &HttpRequest, kind: LinkKind) -> Result<Link, Problem> {
    let known = request.extensions().get::<Link>().cloned();
    if let Some(link) = known.filter(|link| link.kind == kind) {
        return Ok(link);
    }
    let links = &State::of(request).links;
    let link = links.resolve(path::secret(request)?, kind).await?;
    request.extensions_mut().insert(link.clone());
    Ok(link)
}
