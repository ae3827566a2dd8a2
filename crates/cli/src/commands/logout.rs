//! `jobs logout`

use super::Context;
use crate::{client::Request, config::Credential, error::Result};
use reqwest::Method;
use serde_json::json;

pub(crate) async fn run(context: &Context) -> Result<()> {
    let settings = context.client.settings();
    let lock = settings.store.lock()?;
    let mut profiles = settings.store.load()?;
    let Some(profile) = profiles.profiles.get_mut(&settings.profile) else {
        eprintln!("The profile {:?} is not logged in.", settings.profile);
        return Ok(());
    };
    let was_session = profile.session.is_some();
    (profile.session, profile.api_key) = (None, None);
    settings.store.save(&profiles, &lock)?;
    drop(lock);
    // Here it is over; the server is told as well, as far as it can be reached.
    if was_session
        && matches!(settings.credential, Credential::Session(_))
        && let Err(error) = context.client.send(Request::new(Method::PATCH, &["logout"])).await
        && error.status() != Some(401)
    {
        eprintln!("warning: the server was not told, so the session goes on there until it expires: {error}");
    }
    if context.terminal.json {
        return context
            .terminal
            .value(&json!({"url": settings.url.as_str(), "profile": settings.profile}));
    }
    eprintln!("Logged out of {}.", settings.url);
    Ok(())
}
