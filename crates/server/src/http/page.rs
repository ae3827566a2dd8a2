//! Lists on the wire: one envelope for all.

use actix_web::HttpResponse;
use scheduler_domain::page::Page;
use serde::Serialize;

/// A page of a list.
#[derive(Debug, Serialize)]
pub struct ListOut<T> {
    data: Vec<T>,
    has_more: bool,
    next_cursor: Option<String>,
}

/// The answer for a page; `scope` is the one that the cursor was read with.
pub fn answer<D, T: Serialize>(page: Page<D>, scope: &str, convert: impl Fn(D) -> T) -> HttpResponse {
    let next_cursor = page.next.map(|key| key.encode(scope));
    HttpResponse::Ok().json(ListOut {
        has_more: next_cursor.is_some(),
        next_cursor,
        data: page.data.into_iter().map(convert).collect(),
    })
}

/// Declares the schema of a list of `$item` under the name `$name`.
#[macro_export]
macro_rules! list_schema {
    ($(#[$doc:meta])* $name:ident, $item:ty) => {
        $(#[$doc])*
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        pub struct $name {
            data: Vec<$item>,
            /// Whether there is a next page.
            has_more: bool,
            /// The `cursor` of the next page; null on the last one.
            #[schema(required)]
            next_cursor: Option<String>,
        }
    };
}
