//! The developer mailbox: mails of an installation that sends none, for whoever sits at the machine.

use actix_web::{HttpRequest, HttpResponse, http::header};
use scheduler_notify::{DevMail, DeveloperMailbox};
use serde_json::json;
use std::{fmt::Write, net::IpAddr};

use crate::{
    http::{
        docs::layout::{self, escape},
        problem::Problem,
    },
    state::State,
};

/// Only in developer mode, only from this machine, only by a local name (a web page elsewhere can point a name of its own
/// at 127.0.0.1), and not through a proxy.
fn guarded(request: &HttpRequest) -> Result<&DeveloperMailbox, Problem> {
    let mailbox = State::of(request).mailbox.as_deref().ok_or_else(Problem::not_found)?;
    let local_peer = request
        .peer_addr()
        .is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let name = host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
        .map_or(host, |(name, _)| name);
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let local_name = bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let proxied = [
        "forwarded",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-real-ip",
        "via",
    ]
    .iter()
    .any(|name| request.headers().contains_key(*name));
    if local_peer && local_name && !proxied {
        Ok(mailbox)
    } else {
        Err(Problem::not_found())
    }
}

/// Whether the guard would let this caller in.
pub fn may_see(request: &HttpRequest) -> bool {
    guarded(request).is_ok()
}

/// `GET /dev/mailbox.json`
pub async fn json_list(request: HttpRequest) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(json!({ "data": guarded(&request)?.list() })))
}

/// `GET /dev/mailbox`
pub async fn page(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mails = guarded(&request)?.list();
    let mut list = String::new();
    for mail in &mails {
        let _ = write!(
            list,
            "<article class=\"mail\"><h2>{}</h2><p class=\"meta\">to {} · {}</p><pre>{}</pre>{}</article>",
            escape(&mail.subject),
            escape(&mail.to),
            mail.at.format("%Y-%m-%d %H:%M:%S UTC"),
            escape(&mail.text),
            if mail.html.is_empty() {
                String::new()
            } else {
                format!("<p><a href=\"/dev/mailbox/{}/html\">as HTML</a></p>", escape(&mail.id))
            },
        );
    }
    if mails.is_empty() {
        list.push_str("<p>No mail yet. Sign up or log in, and the code shows here.</p>");
    }
    let body = layout::plain(
        "Developer mailbox",
        &format!(
            "<h1>Developer mailbox</h1><p>This installation sends no mail (SCHED_MAIL_URL is not set). The latest 100 messages show here, \
         and only to you who sit at this machine. Reload for new ones.</p>{list}"
        ),
    );
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(body))
}

/// `GET /dev/mailbox/{id}/html`: the mail as its reader sees it. Mails have inline styles, so this one page allows them;
/// it is sandboxed instead.
pub async fn html(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mailbox = guarded(&request)?;
    let id = request.match_info().get("id").unwrap_or_default();
    let DevMail { html, .. } = mailbox
        .get(id)
        .filter(|mail| !mail.html.is_empty())
        .ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox",
        ))
        .body(html))
}
