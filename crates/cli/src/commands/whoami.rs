//! `jobs whoami`

use super::Context;
use crate::{config::Credential, error::Result, words};

pub(crate) async fn run(context: &Context) -> Result<()> {
    let settings = context.client.settings();
    let mut me = context.client.get(&["me"]).await?;
    if context.terminal.json {
        return context.terminal.value(&me);
    }
    let by = match &settings.credential {
        Credential::ApiKey(key) => format!("the API key {}…", key.get(..8).unwrap_or_default()),
        _ => format!("a log-in (profile {:?})", settings.profile),
    };
    me["server"] = settings.url.as_str().into();
    me["by"] = by.into();
    words::details(context.terminal, &me, &["email", "full_name", "role", "server", "by"])
}
