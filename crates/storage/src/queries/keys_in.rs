//! `column IN (…)` over ids, in few lengths, so that statements stay prepared: a list is filled up with its last id.

use super::Sql;
use crate::key::Key;
use diesel::{
    AppearsOnTable, Expression, QueryResult, SelectableExpression,
    expression::ValidGrouping,
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::{Binary, Bool},
};

const LENGTHS: [usize; 6] = [1, 4, 16, 64, 256, 512];

/// Whether a column holds one of these ids. No id matches an empty list.
pub(super) struct KeysIn {
    column: &'static str,
    keys: Vec<Key>,
}

/// `column`, with its table, is one of the ids.
pub(super) fn keys_in(column: &'static str, keys: &[Key]) -> KeysIn {
    let mut keys = keys.to_vec();
    let length = LENGTHS.iter().copied().find(|length| *length >= keys.len());
    if let Some(last) = keys.last().copied() {
        keys.resize(length.unwrap_or(keys.len()), last);
    }
    KeysIn { column, keys }
}

impl Expression for KeysIn {
    type SqlType = Bool;
}

impl<T> SelectableExpression<T> for KeysIn {}

impl<T> AppearsOnTable<T> for KeysIn {}

impl<T> ValidGrouping<T> for KeysIn {
    type IsAggregate = diesel::expression::is_aggregate::Never;
}

impl QueryId for KeysIn {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Sql> for KeysIn {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sql>) -> QueryResult<()> {
        let [first, others @ ..] = self.keys.as_slice() else {
            out.push_sql("1 = 0");
            return Ok(());
        };
        out.push_sql(self.column);
        if others.is_empty() {
            out.push_sql(" = ");
            return out.push_bind_param::<Binary, _>(first);
        }
        out.push_sql(" IN (");
        out.push_bind_param::<Binary, _>(first)?;
        for key in others {
            out.push_sql(", ");
            out.push_bind_param::<Binary, _>(key)?;
        }
        out.push_sql(")");
        Ok(())
    }
}
