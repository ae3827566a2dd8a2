//! `POST /docs/preview`: the cron tester of the guide, for people without an account.
//!
//! The same computation as `POST /api/v1/schedules/preview`, which wants a log-in; this one knows nobody, so it counts by
//! the client's address.

use actix_web::{HttpRequest, HttpResponse};
use scheduler_domain::ports::{Limited, RateLimiter};

use crate::{
    http::{body::RawBody, client, problem::Problem, query::Query, schedules::preview},
    state::State,
};

/// `POST /docs/preview`
pub async fn handle(request: HttpRequest, body: RawBody) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let from = Limited::PreviewFrom(client::ip(&request));
    state.buckets.take(from, state.clock.now())?;
    preview::answer(state, body)
}
