//! Identifiers: UUIDv7 (RFC 9562, section 5.7), made here from a given instant and given randomness.
//!
//! They sort by the time of their making, so that new rows go to the end of an index, and they never come from the
//! database, so that a row can be named before it is written.

use crate::clock::{Clock, Random, Timestamp, random_bytes};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// Makes a UUIDv7 of an instant (milliseconds since 1970) and ten random bytes.
pub fn uuid_v7(now: Timestamp, random: [u8; 10]) -> Uuid {
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// The text is not a UUID; callers answer as for an id that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID")]
pub struct NotAnId;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id for a thing that comes into being at `now`.
            pub fn new(now: Timestamp, random: &dyn Random) -> Self {
                Self(uuid_v7(now, random_bytes(random)))
            }

            /// A new id for a thing that comes into being now.
            pub fn make(clock: &dyn Clock, random: &dyn Random) -> Self {
                Self::new(clock.now(), random)
            }

            /// The id that a database or a peer handed back.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID.
            pub const fn as_uuid(&self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                // One spelling only: other forms of a UUID (braces, no hyphens) are other texts, so not found.
                if text.len() != 36 {
                    return Err(NotAnId);
                }
                Uuid::try_parse(text).map(Self).map_err(|_| NotAnId)
            }
        }
    )+};
}

ids! {
    /// An account.
    UserId;
    /// A job.
    JobId;
    /// One execution of a job.
    RunId;
    /// One event; the same on the WebSocket, in webhooks (`webhook-id`) and in the history.
    EventId;
    /// A log-in on one device; the `sid` of its tokens.
    SessionId;
    /// A webhook endpoint.
    WebhookId;
    /// One event on its way to one endpoint.
    DeliveryId;
    /// A server process that belongs to the installation; kept over restarts.
    NodeId;
    /// The row of one OTP in `manage_otp`.
    OtpId;
    /// One row of the ledger.
    OccurrenceId;
    /// The same thing done to many jobs.
    BulkId;
    /// An API key.
    ApiKeyId;
    /// An entry of the audit log.
    AuditId;
    /// Something to be told to the owner of a job.
    NoticeId;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededRandom;
    use chrono::DateTime;

    #[test]
    fn ids_are_version_7_and_sort_by_time() {
        let random = SeededRandom::new(1);
        let early = JobId::new(DateTime::from_timestamp_millis(1_000).unwrap(), &random);
        let late = JobId::new(DateTime::from_timestamp_millis(1_001).unwrap(), &random);
        assert!(early < late);
        assert_eq!(early.as_uuid().get_version_num(), 7);
    }

    #[test]
    fn only_the_canonical_text_is_an_id() {
        let id = JobId::new(DateTime::from_timestamp_millis(1_000).unwrap(), &SeededRandom::new(2));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.as_uuid().simple().to_string().parse::<JobId>(), Err(NotAnId));
        assert_eq!("42".parse::<JobId>(), Err(NotAnId));
    }
}
