//! What went wrong, in words that the owner of a target may read.

use super::{CONNECT_TIMEOUT, resolve::ResolveError};
use scheduler_domain::{net_guard::TargetError, ports::CallError};
use std::{error::Error, io, iter::successors};

/// The guard's refusal.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(super) fn refused(error: TargetError) -> CallError {
    CallError::Refused(format!("the URL {error}"))
}

/// The reason at the bottom of an error of reqwest. Its own text may hold addresses and is not shown.
pub(super) fn of(error: &reqwest::Error) -> CallError {
    let causes = || successors(error.source(), |cause: &&(dyn Error + 'static)| (*cause).source());
    for cause in causes() {
        if let Some(resolving) = cause.downcast_ref::<ResolveError>() {
            return match resolving {
                ResolveError::Refused(_) => CallError::Refused(resolving.to_string()),
                ResolveError::Unknown | ResolveError::TimedOut => CallError::Dns(resolving.to_string()),
            };
        }
    }
    if error.is_timeout() {
        let message = format!("no connection within {} s", CONNECT_TIMEOUT.as_secs());
        return CallError::Failed(message);
    }
    let io_error = causes()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .last()
        .map(innermost);
    let text = match io_error.map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => "the connection was refused".to_owned(),
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted) => {
            "the connection broke".to_owned()
        }
        Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => {
            "the host cannot be reached".to_owned()
        }
        Some(io::ErrorKind::TimedOut) => "the connection timed out".to_owned(),
        // rustls wraps its complaints in this kind; they speak of certificates, not of addresses.
        Some(io::ErrorKind::InvalidData) => {
            let words = io_error.map(ToString::to_string).unwrap_or_default();
            return CallError::Tls(format!("TLS failed: {words}"));
        }
        _ if error.is_connect() => "no connection could be made".to_owned(),
        _ if error.is_body() || error.is_decode() => "the answer broke off".to_owned(),
        _ => "the other side did not answer in HTTP".to_owned(),
    };
    CallError::Failed(text)
}

/// An error of I/O may hide another one that its `source` passes over.
fn innermost(error: &io::Error) -> &io::Error {
    successors(Some(error), |error: &&io::Error| (*error).get_ref()?.downcast_ref())
        .last()
        .unwrap_or(error)
}
