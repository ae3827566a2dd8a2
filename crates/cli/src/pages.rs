//! Lists, page by page. Items are kept as the server wrote them, to the last digit.

use crate::{
    client::{Client, Request},
    error::Result,
    numbers,
    terminal::Terminal,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

/// The largest page that the API gives.
const LARGEST: u32 = 200;

/// How much of a list is wanted.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Paging {
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// Everything, however many pages that is
    #[arg(long, conflicts_with = "limit")]
    all: bool,
    /// Goes on where a list ended (next_cursor of --json)
    #[arg(long)]
    cursor: Option<String>,
}

impl Paging {
    /// The whole list.
    pub(crate) fn everything() -> Self {
        Self {
            limit: u32::MAX,
            all: true,
            cursor: None,
        }
    }
}

/// A list, in the form of the API.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Page {
    pub data: Vec<Box<RawValue>>,
    has_more: bool,
    next_cursor: Option<String>,
}

impl Page {
    /// The items.
    pub(crate) fn values(&self) -> impl Iterator<Item = Value> + '_ {
        self.data.iter().filter_map(|item| numbers::read(item.get()).ok())
    }

    /// Writes it as JSON.
    pub(crate) fn print_json(&self, terminal: Terminal) -> Result<()> {
        terminal.line(serde_json::to_string(self).unwrap_or_default())
    }

    /// Says on standard error that there is more.
    pub(crate) fn print_rest(&self) {
        if self.has_more {
            eprintln!("There are more: --limit N or --all.");
        }
    }
}

/// Asks for pages until there is enough.
pub(crate) async fn fetch(client: &Client, list: &Request, paging: &Paging) -> Result<Page> {
    fetch_along(client, list, "cursor", paging).await
}

/// The same of a list that goes on by another parameter.
pub(crate) async fn fetch_along(client: &Client, list: &Request, along: &str, paging: &Paging) -> Result<Page> {
    let limit = if paging.all { usize::MAX } else { paging.limit as usize };
    let mut all = Page {
        data: Vec::new(),
        has_more: true,
        next_cursor: paging.cursor.clone(),
    };
    while all.has_more && all.data.len() < limit {
        let missing = u32::try_from(limit - all.data.len()).unwrap_or(LARGEST).min(LARGEST);
        let request = list
            .clone()
            .query("limit", missing)
            .maybe(along, all.next_cursor.as_ref());
        let page: Page = client.send(request).await?.parse()?;
        all.data.extend(page.data);
        (all.has_more, all.next_cursor) = (page.has_more, page.next_cursor);
    }
    Ok(all)
}
