//! `GET /badges/{secret}.svg`, `GET /badges/{secret}.json`

use actix_web::{HttpRequest, HttpResponse, http::header};
use scheduler_domain::{
    job::{Job, JobStatus},
    link::LinkKind,
    user::Word,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::link;
use crate::{http::problem::Problem, state::State};

/// How long whoever shows it may keep it.
const CACHED: &str = "public, max-age=30";
/// The longest name in a picture, in characters.
const LONGEST: usize = 40;

/// A badge for programs, in the form that badge services read.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BadgeOut {
    #[schema(example = 1)]
    schema_version: u8,
    /// The name of the job.
    #[schema(example = "Nightly report")]
    label: String,
    /// Where it stands: its status, or `paused`.
    #[schema(example = "completed")]
    message: String,
    /// As `#rrggbb`.
    #[schema(example = "#15803d")]
    color: &'static str,
}

impl From<Job> for BadgeOut {
    fn from(job: Job) -> Self {
        let (message, color) = match job.status {
            _ if job.paused_at.is_some() => ("paused".to_owned(), "#6b7280"),
            JobStatus::Pending => ("pending".to_owned(), "#6b7280"),
            JobStatus::Running => ("running".to_owned(), "#1d4ed8"),
            JobStatus::Completed => ("completed".to_owned(), "#15803d"),
            JobStatus::Failed => ("failed".to_owned(), "#b91c1c"),
            JobStatus::Cancelled => (job.status.word().to_lowercase(), "#a16207"),
        };
        Self {
            schema_version: 1,
            label: job.spec.job_name,
            message,
            color,
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// About how wide a text is, in pixels.
fn width(text: &str) -> usize {
    let wide = |c: char| if c.is_ascii() { 7 } else { 12 };
    text.chars().map(wide).sum::<usize>() + 12
}

impl BadgeOut {
    /// A picture without styles or scripts: the policy of any page allows it.
    fn svg(&self) -> String {
        let mut label: String = self.label.chars().take(LONGEST).collect();
        if self.label.chars().count() > LONGEST {
            label.push('…');
        }
        let (left, right) = (width(&label), width(&self.message));
        let (whole, middle, end) = (left + right, left / 2, left + right / 2);
        let (label, message, color) = (escaped(&label), escaped(&self.message), self.color);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{whole}\" height=\"20\" role=\"img\" \
             aria-label=\"{label}: {message}\"><title>{label}: {message}</title>\
             <rect width=\"{whole}\" height=\"20\" rx=\"3\" fill=\"#374151\"/>\
             <rect x=\"{left}\" width=\"{right}\" height=\"20\" rx=\"3\" fill=\"{color}\"/>\
             <rect x=\"{left}\" width=\"4\" height=\"20\" fill=\"{color}\"/>\
             <g fill=\"#ffffff\" font-family=\"Verdana,DejaVu Sans,sans-serif\" font-size=\"11\" text-anchor=\"middle\">\
             <text x=\"{middle}\" y=\"14\">{label}</text><text x=\"{end}\" y=\"14\">{message}</text></g></svg>"
        )
    }
}

async fn of(request: &HttpRequest) -> Result<BadgeOut, Problem> {
    let link = link(request, LinkKind::Badge).await?;
    let job = State::of(request).links.badge(&link).await?;
    Ok(job.into())
}

/// A badge as a picture
#[utoipa::path(
    get, path = "/api/v1/badges/{secret}.svg", operation_id = "getBadgePicture", tag = "Links", security(()),
    params(("secret" = String, Path)),
    responses((status = 200, description = "A picture of where the job stands", body = String, content_type = "image/svg+xml"))
)]
pub async fn svg(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let badge = of(&request).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "image/svg+xml; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, CACHED))
        .insert_header(("cross-origin-resource-policy", "cross-origin"))
        .body(badge.svg()))
}

/// A badge for programs
#[utoipa::path(
    get, path = "/api/v1/badges/{secret}.json", operation_id = "getBadge", tag = "Links", security(()),
    params(("secret" = String, Path)),
    responses((status = 200, description = "Where the job stands", body = BadgeOut))
)]
pub async fn json(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let badge = of(&request).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, CACHED))
        .json(badge))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_out_of_the_picture() {
        let badge = BadgeOut {
            schema_version: 1,
            label: format!("<script>\"&{}", "x".repeat(60)),
            message: "failed".to_owned(),
            color: "#b91c1c",
        };
        let svg = badge.svg();
        assert!(
            !svg.contains("<script") && svg.contains("&lt;script&gt;&quot;&amp;x"),
            "{svg}"
        );
        assert!(svg.contains("x…"), "{svg}");
    }
}
