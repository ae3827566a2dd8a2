//! `/docs`: the guides of `docs/api` and the reference of every call, rendered here, without another host.
//!
//! Markdown is the one source; pages are made when they are first asked for. Scripts are files of their own
//! (`default-src 'self'`) and only add to pages that work without them.

pub mod layout;
pub mod preview;

mod guides;
mod markdown;
mod reference;

use actix_web::{HttpRequest, HttpResponse, http::header};

use super::{openapi, problem::Problem, query::Query};

/// To be looked at, and never run by a browser.
const PROGRAM: &str = "text/plain; charset=utf-8";

fn html(page: &'static str) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page)
}

fn asset(content_type: &'static str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .body(text)
}

/// `GET /docs`
pub async fn home() -> Result<HttpResponse, Problem> {
    guides::page("").map(html).ok_or_else(Problem::not_found)
}

/// `GET /docs/{name}`: a guide, the reference, or what pages load.
pub async fn page(request: HttpRequest) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    match request.match_info().get("name").unwrap_or_default() {
        "reference" => Ok(html(reference::page())),
        "style.css" => Ok(asset("text/css; charset=utf-8", include_str!("docs/style.css"))),
        "docs.js" => Ok(asset("text/javascript; charset=utf-8", include_str!("docs/docs.js"))),
        "tester.js" => Ok(asset("text/javascript; charset=utf-8", include_str!("docs/tester.js"))),
        "worker.py" => Ok(asset(PROGRAM, include_str!("../../../../examples/workers/worker.py"))),
        "worker.ts" => Ok(asset(PROGRAM, include_str!("../../../../examples/workers/worker.ts"))),
        name => guides::page(name).map(html).ok_or_else(Problem::not_found),
    }
}

/// `GET /openapi.json`
pub async fn openapi_json() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(openapi::text())
}

/// `GET /asyncapi.yaml`
pub async fn asyncapi() -> HttpResponse {
    HttpResponse::Ok()
        // RFC 9512
        .content_type("application/yaml")
        .body(include_str!("../../../../asyncapi.yaml"))
}
