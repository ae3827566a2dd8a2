//! Ids as the databases hold them: 16 bytes, in the order in which they were made.

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    mysql::{Mysql, MysqlValue},
    serialize::{self, Output, ToSql},
    sql_types::Binary,
    sqlite::{Sqlite, SqliteValue},
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

fn read(bytes: &[u8]) -> deserialize::Result<Key> {
    let key = bytes
        .try_into()
        .map_err(|_| format!("an id of {} bytes", bytes.len()))?;
    Ok(Key(key))
}

impl FromSql<Binary, Sqlite> for Key {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        read(value.read_blob())
    }
}

impl FromSql<Binary, Mysql> for Key {
    fn from_sql(value: MysqlValue<'_>) -> deserialize::Result<Self> {
        read(value.as_bytes())
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
