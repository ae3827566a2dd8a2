//! Which web pages may use the cookies and sockets of their visitors here.

use crate::state::State;

/// Whether a page of this origin is ours: that of `SCHED_PUBLIC_URL`. Without one, on a loopback address, every name
/// that browsers know this machine by is the same place.
pub fn is_ours(state: &State, origin: &str) -> bool {
    origin == state.origin
        || (state.config.public_url.is_none() && is_loopback(&state.origin) && is_same_loopback(&state.origin, origin))
}

const LOOPBACK: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// The parts of `http://host:port`.
fn parts(origin: &str) -> Option<(&str, &str)> {
    origin.strip_prefix("http://")?.rsplit_once(':')
}

fn is_loopback(origin: &str) -> bool {
    parts(origin).is_some_and(|(host, _)| LOOPBACK.contains(&host))
}

fn is_same_loopback(ours: &str, theirs: &str) -> bool {
    match (parts(ours), parts(theirs)) {
        (Some((_, our_port)), Some((host, port))) => our_port == port && LOOPBACK.contains(&host),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_this_machine_are_one_place_and_other_ports_are_another() {
        let ours = "http://127.0.0.1:8080";
        assert!(is_loopback(ours) && !is_loopback("http://10.0.0.1:8080"));
        for same in [ours, "http://localhost:8080", "http://[::1]:8080"] {
            assert!(is_same_loopback(ours, same), "{same}");
        }
        for other in [
            "http://localhost:8081",
            "http://localhost",
            "https://localhost:8080",
            "http://localhost.evil.example:8080",
            "http://evil.example:8080",
            "null",
            "",
        ] {
            assert!(!is_same_loopback(ours, other), "{other}");
        }
    }
}
