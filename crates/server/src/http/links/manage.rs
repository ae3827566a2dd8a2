//! `GET|POST|DELETE /jobs/{id}/inbound`, `…/heartbeat`, `…/badge`

use actix_web::{HttpRequest, HttpResponse};
use scheduler_domain::link::LinkKind;

use super::dto::LinkOut;
use crate::{
    http::{
        auth::{Allowed, Principal},
        idempotency::ToldOnce,
        path,
        problem::Problem,
        query::Query,
        scopes::{JobsRead, JobsWrite, RunsWrite},
    },
    state::State,
};

async fn get(request: HttpRequest, principal: &Principal, kind: LinkKind) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let job_id = path::job(&request, principal.user_id).await?;
    let link = state.links.store.find(principal.user_id, job_id, kind).await?;
    Ok(HttpResponse::Ok().json(LinkOut::new(state, link, None)))
}

async fn make(request: HttpRequest, principal: &Principal, kind: LinkKind) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let job_id = path::job(&request, principal.user_id).await?;
    let (link, secret) = state.links.issue(principal.user_id, job_id, kind).await?;
    let mut response = HttpResponse::Created().json(LinkOut::new(state, link, Some(secret)));
    response.extensions_mut().insert(ToldOnce(&["secret", "url"]));
    Ok(response)
}

async fn revoke(request: HttpRequest, principal: &Principal, kind: LinkKind) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let job_id = path::job(&request, principal.user_id).await?;
    let now = state.clock.now();
    state.links.store.revoke(principal.user_id, job_id, kind, now).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Hooks that start a job.
pub mod inbound {
    use super::{Allowed, HttpRequest, HttpResponse, JobsRead, JobsWrite, LinkKind, LinkOut, Problem, RunsWrite};

    /// The inbound hook of a job
    ///
    /// The secret is not in it. Without one the answer is 404.
    #[utoipa::path(
        get, path = "/api/v1/jobs/{job_id}/inbound", operation_id = "getInboundOfJob", tag = "Links",
        security(("bearer" = []), ("api_key" = ["jobs:read"])),
        params(("job_id" = String, Path, description = "The id, or `ext:` and the external id")),
        responses((status = 200, description = "The address, without its secret", body = LinkOut))
    )]
    pub async fn get(request: HttpRequest, principal: Allowed<JobsRead>) -> Result<HttpResponse, Problem> {
        super::get(request, &principal, LinkKind::Inbound).await
    }

    /// Make the inbound hook of a job
    ///
    /// `POST` to it starts a run, with the body as payload. The one that the job had stops working. The secret is in this answer and nowhere else.
    #[utoipa::path(
        post, path = "/api/v1/jobs/{job_id}/inbound", operation_id = "makeInboundOfJob", tag = "Links",
        security(("bearer" = []), ("api_key" = ["jobs:write", "runs:write"])),
        params(("job_id" = String, Path, description = "The id, or `ext:` and the external id")),
        responses((status = 201, description = "The address, with its secret", body = LinkOut))
    )]
    pub async fn make(request: HttpRequest, principal: Allowed<JobsWrite>) -> Result<HttpResponse, Problem> {
        // Whoever knows the address starts runs: nobody makes one who may not.
        principal.must_have::<RunsWrite>()?;
        super::make(request, &principal, LinkKind::Inbound).await
    }

    /// Revoke the inbound hook of a job
    ///
    /// It stops working at once.
    #[utoipa::path(
        delete, path = "/api/v1/jobs/{job_id}/inbound", operation_id = "revokeInboundOfJob", tag = "Links",
        security(("bearer" = []), ("api_key" = ["jobs:write"])),
        params(("job_id" = String, Path, description = "The id, or `ext:` and the external id")),
        responses((status = 204, description = "It is gone"))
    )]
    pub async fn revoke(request: HttpRequest, principal: Allowed<JobsWrite>) -> Result<HttpResponse, Problem> {
        super::revoke(request, &principal, LinkKind::Inbound).await
    }
}

/// Pings that a job expects.
pub mod heartbeat {
    use super::{Allowed, HttpRequest, HttpResponse, JobsRead, JobsWrite, LinkKind, LinkOut, Problem};

    /// The ping address of a job
    ///
    /// The secret is not in it. Without one the answer is 404.
    #[utoipa::path(
        get, path = "/api/v1/jobs/{job_id}/heartbeat", operation_id = "getHeartbeatOfJob", tag = "Links",
        security(("bearer" = []), ("api_key" = ["jobs:read"])),
        params(("job_id" = String, Path, description = "The id, or `ext:` and the external id")),
        responses((status = 200, description = "The address, without its secret", body = LinkOut))
    )]
    pub async fn get(request: HttpRequest, principal: Allowed<JobsRead>) -> Result<HttpResponse, Problem> {
        super::get(request, &principal, LinkKind::Heartbeat).await
    }

    /// Make the ping address of a job
    ///
    /// What is watched calls it once for each planned instant. The one that the job had stops working. The secret is in this answer and nowhere else.
    #[utoipa::path(
        post, path = "/api/v1/jobs/{job_id}/heartbeat", operation_id = "makeHeartbeatOfJob", tag = "Links",
        security(("bearer" = []), ("api_key" = ["jobs:write"])),
        params(("job_id" = String, Path, description = "The id, or `ext:` and the external id")),
        responses((status = 201, description = "The address, with its secret", body = LinkOut))
    )]
    pub async fn make(request: HttpRequest, principal: Allowed<JobsWrite>) -> Result<HttpResponse, Problem> {
        super::make(request, &principal, LinkKind::Heartbeat).await
    }

    /// Revoke the ping address of a job
    ///
    /// It stops working at once.
    #[utoipa::path(
        delete, path = "/api/v1/jobs/{job_id}/heartbeat", operation_id = "revokeHeartbeatOfJob", tag = "Links",
        security(("bearer" = []), ("api_key" = ["jobs:write"])),
        params(("job_id" = String, Path, description = "The id, or `ext:` and the external id")),
        responses((status = 204, description = "It is gone"))
    )]
    pub async fn revoke(request: HttpRequest, principal: Allowed<JobsWrite>) -> Result<HttpResponse, Problem> {
        super::revoke(request, &principal, LinkKind::Heartbeat).await
    }
}

/// Pictures of where a job stands.
pub mod badge {
    use super::{Allowed, HttpRequest, HttpResponse, JobsRead, JobsWrite, LinkKind, LinkOut, Problem};

    /// The badge of a job
    ///
    /// The secret is not in it. Without one the answer is 404.
    #[utoipa::path(
        get, path = "/api/v1/jobs/{job_id}/badge", operation_id = "getBadgeOfJob", tag = "Links",
        security(("bearer" = []), ("api_key" = ["jobs:read"])),
        params(("job_id" = String, Path, description = "The id, or `ext:` and the external id")),
        responses((status = 200, description = "The address, without its secret", body = LinkOut))
    )]
    pub async fn get(request: HttpRequest, principal: Allowed<JobsRead>) -> Result<HttpResponse, Problem> {
        super::get(request, &principal, LinkKind::Badge).await
    }

    /// Make the badge of a job
    ///
    /// `.svg` is a picture for web pages, `.json` the same for programs. The one that the job had stops working. The secret is in this answer and nowhere else.
    #[utoipa::path(
        post, path = "/api/v1/jobs/{job_id}/badge", operation_id = "makeBadgeOfJob", tag = "Links",
        security(("bearer" = []), ("api_key" = ["jobs:write"])),
        params(("job_id" = String, Path, description = "The id, or `ext:` and the external id")),
        responses((status = 201, description = "The address, with its secret", body = LinkOut))
    )]
    pub async fn make(request: HttpRequest, principal: Allowed<JobsWrite>) -> Result<HttpResponse, Problem> {
        super::make(request, &principal, LinkKind::Badge).await
    }

    /// Revoke the badge of a job
    ///
    /// It stops working at once.
    #[utoipa::path(
        delete, path = "/api/v1/jobs/{job_id}/badge", operation_id = "revokeBadgeOfJob", tag = "Links",
        security(("bearer" = []), ("api_key" = ["jobs:write"])),
        params(("job_id" = String, Path, description = "The id, or `ext:` and the external id")),
        responses((status = 204, description = "It is gone"))
    )]
    pub async fn revoke(request: HttpRequest, principal: Allowed<JobsWrite>) -> Result<HttpResponse, Problem> {
        super::revoke(request, &principal, LinkKind::Badge).await
    }
}
