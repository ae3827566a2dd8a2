//! `POST /hooks/{secret}`

use actix_web::{HttpRequest, HttpResponse};
use scheduler_domain::{link::LinkKind, user::Word};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::link;
use crate::{
    http::{body::RawBody, path, problem::Problem, runs::dto::RunStatusWord},
    state::State,
};

/// The run that a hook started: no more than a stranger may know.
#[derive(Debug, Serialize, ToSchema)]
pub struct HookAnswer {
    run_id: Uuid,
    #[schema(value_type = RunStatusWord)]
    status: &'static str,
}

/// Start a job from outside
///
/// The secret in the address is all that is needed. A JSON body becomes the payload of the run as it is, any other text
/// a JSON string; without a body the run has the payload of its job. Query parameters are ignored. Of two requests with
/// one `Idempotency-Key` only the first starts a run.
#[utoipa::path(
    post, path = "/api/v1/hooks/{secret}", operation_id = "callHook", tag = "Links", security(()),
    params(("secret" = String, Path)),
    request_body(content = serde_json::Value, description = "Any JSON, or any other text; may be left out"),
    responses((status = 202, description = "The run", body = HookAnswer))
)]
pub async fn handle(request: HttpRequest, body: RawBody) -> Result<HttpResponse, Problem> {
    let state = State::of(&request);
    let link = link(&request, LinkKind::Inbound).await?;
    let payload = body.any()?;
    let run = state.links.hook(&link, path::secret(&request)?, payload).await?;
    Ok(HttpResponse::Accepted().json(HookAnswer {
        run_id: run.run_id.as_uuid(),
        status: run.status.word(),
    }))
}
