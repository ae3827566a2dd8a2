//! What stands around every page of the server's own.

use std::fmt::Write;

use super::guides;

/// A link of the navigation.
pub(super) struct Entry {
    pub(super) title: String,
    pub(super) href: String,
}

/// Links that belong together.
pub(super) struct Group {
    pub(super) title: &'static str,
    pub(super) entries: Vec<Entry>,
}

/// A page of the documentation.
pub(super) struct Page<'a> {
    pub(super) title: &'a str,
    /// Its address.
    pub(super) here: &'a str,
    pub(super) body: &'a str,
    /// Places in it, and their words.
    pub(super) sections: &'a [(String, String)],
    pub(super) scripts: &'a [&'a str],
}

const MARK: &str = "<svg viewBox=\"0 0 32 32\" width=\"24\" height=\"24\" aria-hidden=\"true\"><rect width=\"32\" height=\"32\" rx=\"8\" fill=\"#5b5bd6\"/>\
    <path d=\"M16 8v8l5.2 3.4M25 16a9 9 0 1 1-3.2-6.9\" fill=\"none\" stroke=\"#fff\" stroke-width=\"2.6\" stroke-linecap=\"round\" stroke-linejoin=\"round\"/></svg>";

impl Page<'_> {
    /// The whole document.
    pub(super) fn html(&self) -> String {
        let mut html = String::with_capacity(self.body.len() + 8_192);
        head(&mut html, self.title, self.scripts);
        let _ = write!(
            html,
            "<body><a class=\"skip\" href=\"#content\">Skip to the text</a><header class=\"top\"><a class=\"brand\" href=\"/docs\">{MARK}<span>Job Scheduler <small>docs</small></span></a>\
             <button class=\"menu\" type=\"button\" aria-controls=\"pages\" aria-expanded=\"false\">Pages</button><a class=\"away\" href=\"/app/\">Dashboard</a></header><div class=\"frame\">"
        );
        self.navigation(&mut html);
        let _ = write!(html, "<main id=\"content\"><article>{}</article>", self.body);
        self.neighbours(&mut html);
        html.push_str("</main>");
        self.contents(&mut html);
        html.push_str("</div></body></html>");
        html
    }

    fn navigation(&self, html: &mut String) {
        html.push_str("<nav id=\"pages\" class=\"pages\" aria-label=\"Pages\">");
        for Group { title, entries } in guides::navigation() {
            let _ = write!(html, "<h2>{title}</h2><ul>");
            for Entry { title, href } in entries {
                let here = if href == self.here {
                    " aria-current=\"page\""
                } else {
                    ""
                };
                let _ = write!(html, "<li><a href=\"{href}\"{here}>{}</a></li>", escape(title));
            }
            html.push_str("</ul>");
        }
        html.push_str("</nav>");
    }

    /// The places of this page.
    fn contents(&self, html: &mut String) {
        if self.sections.len() < 2 {
            return;
        }
        html.push_str("<nav class=\"contents\" aria-label=\"On this page\"><h2>On this page</h2><ul>");
        for (id, words) in self.sections {
            let _ = write!(html, "<li><a href=\"#{id}\">{}</a></li>", escape(words));
        }
        html.push_str("</ul></nav>");
    }

    /// The pages before and after this one.
    fn neighbours(&self, html: &mut String) {
        let pages: Vec<&Entry> = guides::navigation()
            .iter()
            .flat_map(|group| &group.entries)
            .filter(|entry| entry.href.starts_with("/docs"))
            .collect();
        let Some(at) = pages.iter().position(|entry| entry.href == self.here) else {
            return;
        };
        let before = at.checked_sub(1).and_then(|before| pages.get(before));
        html.push_str("<nav class=\"neighbours\" aria-label=\"Before and after\">");
        for (rel, word, entry) in [("prev", "Before", before), ("next", "Next", pages.get(at + 1))] {
            if let Some(Entry { title, href }) = entry {
                let _ = write!(
                    html,
                    "<a rel=\"{rel}\" href=\"{href}\"><small>{word}</small> {}</a>",
                    escape(title)
                );
            }
        }
        html.push_str("</nav>");
    }
}

fn head(html: &mut String, title: &str, scripts: &[&str]) {
    let _ = write!(
        html,
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{} · Job Scheduler</title><link rel=\"icon\" type=\"image/svg+xml\" href=\"/app/favicon.svg\"><link rel=\"stylesheet\" href=\"/docs/style.css\">\
         <script src=\"/docs/docs.js\"></script>",
        escape(title)
    );
    for script in scripts {
        let _ = write!(html, "<script defer src=\"{script}\"></script>");
    }
    html.push_str("</head>");
}

/// A page that is no guide, such as the developer mailbox.
pub fn plain(title: &str, body: &str) -> String {
    let mut html = String::new();
    head(&mut html, title, &[]);
    let _ = write!(
        html,
        "<body><header class=\"top\"><a class=\"brand\" href=\"/app/\">{MARK}<span>Job Scheduler</span></a><a class=\"away\" href=\"/docs\">Docs</a></header>\
         <div class=\"frame\"><main id=\"content\">{body}</main></div></body></html>"
    );
    html
}

/// Text as HTML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
