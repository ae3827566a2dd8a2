//! Ids in paths.

use actix_web::HttpRequest;
use std::str::FromStr;

use super::problem::Problem;

/// The id in the path. A text that is no id is not found, like an id that does not exist.
pub fn id<I: FromStr>(request: &HttpRequest) -> Result<I, Problem> {
    request
        .match_info()
        .get("id")
        .and_then(|text| text.parse().ok())
        .ok_or_else(Problem::not_found)
}
