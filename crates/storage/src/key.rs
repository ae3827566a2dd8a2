//! Ids as the databases hold them: 16 bytes, in the order in which they were made.

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    serialize::{self, Output, ToSql},
    sql_types::Binary,
};
use scheduler_domain::ids::{
    ApiKeyId, AuditId, BulkId, DeliveryId, EventId, JobId, NodeId, NoticeId, OccurrenceId, OtpId, RunId, SessionId,
    UserId, WebhookId,
};
use std::fmt;
use uuid::Uuid;

/// 16 bytes: an id, a lease token, a nonce.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Binary)]
pub(crate) struct Key(pub(crate) [u8; 16]);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Uuid::from_bytes(self.0).hyphenated().fmt(f)
    }
}

impl<DB: Backend> ToSql<Binary, DB> for Key
where
    [u8]: ToSql<Binary, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.as_slice().to_sql(out)
    }
}

impl<DB: Backend> FromSql<Binary, DB> for Key
where
    Vec<u8>: FromSql<Binary, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let bytes = Vec::<u8>::from_sql(bytes)?;
        let length = bytes.len();
        Ok(Self(bytes.try_into().map_err(|_| format!("an id of {length} bytes"))?))
    }
}

macro_rules! keys {
    ($($id:ident)+) => {$(
        impl From<$id> for Key {
            fn from(id: $id) -> Self {
                Self(*id.as_uuid().as_bytes())
            }
        }

        impl From<Key> for $id {
            fn from(key: Key) -> Self {
                Self::from_uuid(Uuid::from_bytes(key.0))
            }
        }
    )+};
}

keys!(UserId JobId RunId BulkId EventId SessionId WebhookId DeliveryId NodeId OtpId OccurrenceId ApiKeyId AuditId NoticeId);
