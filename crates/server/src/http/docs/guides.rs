//! The guides: which there are, in which order, and their pages.

use rust_embed::RustEmbed;
use std::{collections::HashMap, sync::OnceLock};

use super::{
    layout::{Entry, Group, Page},
    markdown,
};

/// The files, embedded in the binary; debug builds read them from the disk when they start.
#[derive(RustEmbed)]
#[folder = "../../docs/api"]
struct Files;

/// What leads to the page of `README.md`.
const HOME: &str = "README";

/// The order in which people need them. What is not named here comes last.
const ORDER: &[(&str, &[&str])] = &[
    (
        "Start",
        &[
            HOME,
            "authentication",
            "errors",
            "idempotency",
            "pages-and-filters",
            "limits",
        ],
    ),
    ("Jobs", &["jobs-and-runs", "cron", "workers", "bulk", "links", "cli"]),
    (
        "Hearing of it",
        &["real-time", "webhooks", "notices", "audit-log", "watching"],
    ),
];

struct Guide {
    name: String,
    text: String,
}

impl Guide {
    fn read(name: &str) -> Option<Self> {
        let file = Files::get(&format!("{name}.md"))?;
        let text = String::from_utf8(file.data.into_owned()).ok()?;
        Some(Self {
            name: name.to_owned(),
            text,
        })
    }

    /// Its heading.
    fn title(&self) -> &str {
        let first = self.text.lines().find_map(|line| line.strip_prefix("# "));
        first.unwrap_or(&self.name)
    }

    fn entry(&self) -> Entry {
        Entry {
            title: self.title().to_owned(),
            href: address(&self.name),
        }
    }
}

/// Where the guide in a file of this name (without its ending) is.
pub(super) fn address(name: &str) -> String {
    if name == HOME {
        "/docs".to_owned()
    } else {
        format!("/docs/{name}")
    }
}

fn guides() -> Vec<(&'static str, Vec<Guide>)> {
    let read = |names: &[&str]| names.iter().filter_map(|name| Guide::read(name)).collect::<Vec<_>>();
    let mut groups: Vec<_> = ORDER.iter().map(|(title, names)| (*title, read(names))).collect();
    let named: Vec<&str> = ORDER.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    let files: Vec<String> = Files::iter().map(std::borrow::Cow::into_owned).collect();
    let mut others: Vec<&str> = files.iter().filter_map(|file| file.strip_suffix(".md")).collect();
    others.retain(|name| !named.contains(name));
    others.sort_unstable();
    groups.push(("More", read(&others)));
    groups.retain(|(_, guides)| !guides.is_empty());
    groups
}

/// The navigation of every page.
pub(super) fn navigation() -> &'static [Group] {
    static GROUPS: OnceLock<Vec<Group>> = OnceLock::new();
    GROUPS.get_or_init(|| {
        let mut groups: Vec<Group> = guides()
            .iter()
            .map(|(title, guides)| Group {
                title,
                entries: guides.iter().map(Guide::entry).collect(),
            })
            .collect();
        let entry = |title: &str, href: &str| Entry {
            title: title.to_owned(),
            href: href.to_owned(),
        };
        groups.push(Group {
            title: "Reference",
            entries: vec![
                entry("Every call", "/docs/reference"),
                entry("openapi.json", "/openapi.json"),
                entry("asyncapi.yaml", "/asyncapi.yaml"),
            ],
        });
        groups
    })
}

/// The page of a guide; `""` is the first one.
pub(super) fn page(name: &str) -> Option<&'static str> {
    static PAGES: OnceLock<HashMap<String, String>> = OnceLock::new();
    let pages = PAGES.get_or_init(|| {
        let all = guides().into_iter().flat_map(|(_, guides)| guides);
        all.map(|guide| (guide.name.clone(), render(&guide))).collect()
    });
    let name = match name {
        "" => HOME,
        // It has one address only.
        HOME => return None,
        name => name,
    };
    pages.get(name).map(String::as_str)
}

fn render(guide: &Guide) -> String {
    let rendered = markdown::render(&guide.text);
    Page {
        title: guide.title(),
        here: &address(&guide.name),
        body: &rendered.html,
        sections: &rendered.sections,
        scripts: if rendered.has_tester { &["/docs/tester.js"] } else { &[] },
    }
    .html()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is no guide and answers all the same.
    const KNOWN: &[&str] = &[
        "/openapi.json",
        "/asyncapi.yaml",
        "/app/",
        "/app/favicon.svg",
        "/docs/worker.py",
        "/docs/worker.ts",
        "/docs/style.css",
        "/dev/mailbox",
    ];

    /// Every `href`, and every `id`, of a page.
    fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
        let start = format!(" {name}=\"");
        html.split(start.as_str())
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect()
    }

    #[test]
    fn every_link_leads_to_a_page_and_a_place_in_it() {
        let names: Vec<String> = guides()
            .into_iter()
            .flat_map(|(_, guides)| guides)
            .map(|guide| guide.name)
            .collect();
        assert!(names.len() > 12, "{names:?}");
        for name in &names {
            let name = if name == HOME { "" } else { name };
            let html = page(name).unwrap();
            for href in attributes(html, "href") {
                if KNOWN.contains(&href) || href.starts_with("https://") {
                    continue;
                }
                let (path, place) = href
                    .split_once('#')
                    .map_or((href, None), |(path, place)| (path, Some(place)));
                let name_of = |path: &str| {
                    path.strip_prefix("/docs")
                        .map(|name| name.trim_start_matches('/').to_owned())
                };
                let target = match name_of(path).as_deref() {
                    None if path.is_empty() => html,
                    Some("reference") => super::super::reference::page(),
                    other => other
                        .and_then(page)
                        .unwrap_or_else(|| panic!("{name}: {href} leads nowhere")),
                };
                if let Some(place) = place {
                    assert!(attributes(target, "id").contains(&place), "{name}: no {href}");
                }
            }
            let mut ids = attributes(html, "id");
            let all = ids.len();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), all, "{name}: an id twice");
        }
    }

    #[test]
    fn nothing_is_inline_and_nothing_comes_from_elsewhere() {
        for name in ["", "webhooks", "cron", "errors"] {
            let html = page(name).unwrap();
            for part in ["<script>", "style=\"", "onclick", "src=\"http", "@import"] {
                assert!(!html.contains(part), "{name}: {part}");
            }
        }
        assert!(page("README").is_none() && page("../README").is_none() && page("nothing").is_none());
    }
}
