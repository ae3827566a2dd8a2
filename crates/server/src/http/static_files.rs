//! The dashboard, embedded in the binary. In debug builds it is read from the disk, so that a rebuild shows at once.

use actix_web::{HttpRequest, HttpResponse, http::header};
use rust_embed::RustEmbed;

use super::problem::Problem;

/// What build.rs found or made: `web-ui/dist`, or a page that says how to get it.
#[derive(RustEmbed)]
#[folder = "$DASHBOARD_DIR"]
struct Dashboard;

/// `GET /`
pub async fn to_dashboard() -> HttpResponse {
    HttpResponse::TemporaryRedirect()
        .insert_header((header::LOCATION, "/app/"))
        .finish()
}

/// `GET /app/…`: a file, or the page for every address that a browser may open.
pub async fn serve(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let path = request.match_info().get("path").unwrap_or_default();
    if let Some(file) = Dashboard::get(path)
        && path != "index.html"
    {
        return Ok(answer(&request, path, file));
    }
    let wants_page = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_none_or(|accept| accept.contains("text/html") || accept.contains("*/*"));
    let is_asset = path.starts_with("assets/");
    match Dashboard::get("index.html") {
        Some(index) if wants_page && !is_asset => Ok(answer(&request, "index.html", index)),
        _ => Err(Problem::not_found()),
    }
}

fn answer(request: &HttpRequest, path: &str, file: rust_embed::EmbeddedFile) -> HttpResponse {
    let tag: String = file
        .metadata
        .sha256_hash()
        .iter()
        .take(12)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let tag = format!("\"{tag}\"");
    // Names under assets/ hold a hash of their content; everything else is asked for anew.
    let caching = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let known = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    let fresh = known.is_some_and(|known| {
        known
            .split(',')
            .any(|known| known.trim().trim_start_matches("W/") == tag)
    });
    let mut response = if fresh {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response
        .insert_header((header::CACHE_CONTROL, caching))
        .insert_header((header::ETAG, tag));
    if fresh {
        return response.finish();
    }
    response.content_type(content_type(path)).body(file.data.into_owned())
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("json" | "map" | "webmanifest") => "application/json",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
