//! `jobs webhooks edit`

use super::{Context, headers};
use crate::{
    client::Request,
    error::{Error, Result},
    vocabulary,
    words::text,
};
use reqwest::Method;
use serde_json::{Map, Value};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The id of the endpoint
    webhook: String,
    /// Where events are posted
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// Events, such as run.failed; these and no others ("*": all but run.log and run.progress)
    #[arg(
        long = "type", value_delimiter = ',', value_name = "TYPE",
        value_parser = vocabulary::WEBHOOK_EVENT_TYPES, hide_possible_values = true
    )]
    types: Vec<String>,
    /// What it is for; "" removes it
    #[arg(long)]
    description: Option<String>,
    /// A header that is sent along: "Name: value"; the others stay. "Name:" removes one
    #[arg(long = "header", value_name = "HEADER")]
    headers: Vec<String>,
    /// Switches it on, also after it was switched off because it failed for days
    #[arg(long, conflicts_with = "disable")]
    enable: bool,
    /// Switches it off; what is on its way ends
    #[arg(long)]
    disable: bool,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<()> {
    let client = &context.client;
    let mut patch = Map::new();
    let mut set = |field: &str, value: Value| drop(patch.insert(field.to_owned(), value));
    if let Some(endpoint) = args.endpoint {
        set("url", endpoint.into());
    }
    if !args.types.is_empty() {
        set("types", args.types.into());
    }
    if let Some(description) = args.description {
        let description = Some(description).filter(|text| !text.is_empty());
        set("description", description.into());
    }
    if args.enable || args.disable {
        set("enabled", args.enable.into());
    }
    let wanted = headers(&args.headers)?;
    if patch.is_empty() && wanted.is_empty() {
        return Err(Error::usage_with(
            "nothing is to be changed",
            "--endpoint, --type, --description, --header, --enable or --disable",
        ));
    }
    let address = ["webhooks", args.webhook.as_str()];
    let stored = client.get(&address).await?;
    if !wanted.is_empty() {
        patch.insert("headers".to_owned(), merged(&stored["headers"], wanted));
    }
    let request = Request::new(Method::PATCH, &address).json(&patch.into());
    // What was looked at is what is changed.
    let request = match stored["version"].as_i64() {
        Some(version) => request.if_match(version),
        None => request,
    };
    let changed = client.send(request).await?.json()?;
    context.terminal.answer(&changed, || {
        let state = if changed["enabled"] == false { "off" } else { "on" };
        format!("Changed {} ({state})", text(&changed, "url"))
    })
}

/// The headers afterwards. Those that are stored show as `***`, which keeps them.
fn merged(stored: &Value, wanted: Map<String, Value>) -> Value {
    let mut headers = stored.as_object().cloned().unwrap_or_default();
    for (name, value) in wanted {
        headers.retain(|known, _| !known.eq_ignore_ascii_case(&name));
        if value != "" {
            headers.insert(name, value);
        }
    }
    headers.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn headers_that_are_not_named_stay() {
        let wanted = headers(&["x-a: 2".to_owned(), "X-B:".to_owned(), "X-D: 4".to_owned()]).unwrap();
        let stored = json!({"X-A": "***", "X-B": "***", "X-C": "***"});
        assert_eq!(merged(&stored, wanted), json!({"X-C": "***", "X-D": "4", "x-a": "2"}));
    }
}
