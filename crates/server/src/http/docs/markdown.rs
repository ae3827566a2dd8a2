//! Markdown as HTML: headings that can be linked to, links between guides, tables that scroll, the cron tester.

use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use std::collections::HashMap;

use super::{guides::address, layout::escape};

/// Stands where the cron tester belongs.
const TESTER_MARK: &str = "<!-- tester -->";
const TESTER: &str = include_str!("tester.html");

/// Programs that the guides lead to.
const EXAMPLES: &str = "../../examples/workers/";

/// A guide as HTML.
pub(super) struct Rendered {
    pub(super) html: String,
    /// The headings of the second level: their places and words.
    pub(super) sections: Vec<(String, String)>,
    pub(super) has_tester: bool,
}

/// Renders a guide. Other HTML than the mark of the tester is left out.
pub(super) fn render(text: &str) -> Rendered {
    let mut parser = Parser::new_ext(text, Options::ENABLE_TABLES);
    let mut events: Vec<Event<'_>> = Vec::new();
    let mut places = Places::default();
    let (mut sections, mut has_tester) = (Vec::new(), false);
    while let Some(event) = parser.next() {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                let inner: Vec<Event<'_>> = parser
                    .by_ref()
                    .take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))))
                    .collect();
                let words: String = inner.iter().filter_map(words).collect();
                let id = places.of(&words);
                events.push(open(heading(level, &id)));
                events.extend(inner);
                if level != HeadingLevel::H1 {
                    let label = escape(&words);
                    let anchor = format!("<a class=\"anchor\" href=\"#{id}\" aria-label=\"Link to “{label}”\">#</a>");
                    events.push(Event::InlineHtml(anchor.into()));
                }
                events.push(Event::End(TagEnd::Heading(level)));
                if level == HeadingLevel::H2 {
                    sections.push((id, words));
                }
            }
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                title,
                id,
            }) => events.push(Event::Start(Tag::Link {
                link_type,
                dest_url: target(&dest_url).into(),
                title,
                id,
            })),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                // What follows the language is for the tests.
                let language = info.split_whitespace().next().unwrap_or_default().to_owned();
                events.push(Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language.into()))));
            }
            Event::Start(Tag::Table(alignments)) => {
                events.push(Event::Html("<div class=\"table\" tabindex=\"0\">".into()));
                events.push(Event::Start(Tag::Table(alignments)));
            }
            Event::End(TagEnd::Table) => {
                events.push(Event::End(TagEnd::Table));
                events.push(Event::Html("</div>".into()));
            }
            Event::Html(html) if html.trim() == TESTER_MARK => {
                has_tester = true;
                events.push(Event::Html(TESTER.into()));
            }
            Event::Html(_) | Event::InlineHtml(_) => {}
            other => events.push(other),
        }
    }
    let mut html = String::with_capacity(text.len() * 2);
    html::push_html(&mut html, events.into_iter());
    Rendered {
        html,
        sections,
        has_tester,
    }
}

fn open(tag: Tag<'_>) -> Event<'_> {
    Event::Start(tag)
}

fn heading<'a>(level: HeadingLevel, id: &str) -> Tag<'a> {
    Tag::Heading {
        level,
        id: Some(CowStr::from(id.to_owned())),
        classes: Vec::new(),
        attrs: Vec::new(),
    }
}

fn words<'a>(event: &'a Event<'_>) -> Option<&'a str> {
    match event {
        Event::Text(text) | Event::Code(text) => Some(text),
        Event::SoftBreak => Some(" "),
        _ => None,
    }
}

/// Gives each heading of a page a place of its own, as GitHub does.
#[derive(Default)]
struct Places(HashMap<String, u32>);

impl Places {
    fn of(&mut self, words: &str) -> String {
        let mut place: String = words
            .to_lowercase()
            .chars()
            .filter_map(|c| match c {
                ' ' => Some('-'),
                '-' | '_' => Some(c),
                c => c.is_alphanumeric().then_some(c),
            })
            .collect();
        let count = self.0.entry(place.clone()).or_default();
        if *count > 0 {
            place = format!("{place}-{count}");
        }
        *count += 1;
        place
    }
}

/// Where a link between files leads on the server.
fn target(link: &str) -> String {
    let (path, place) = link
        .split_once('#')
        .map_or((link, None), |(path, place)| (path, Some(place)));
    let path = match path {
        "../../openapi.json" => "/openapi.json".to_owned(),
        "../../asyncapi.yaml" => "/asyncapi.yaml".to_owned(),
        path if path.starts_with(EXAMPLES) => path.replacen(EXAMPLES, "/docs/", 1),
        path => path.strip_suffix(".md").map_or_else(|| path.to_owned(), address),
    };
    match place {
        Some(place) => format!("{path}#{place}"),
        None => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_have_places_of_their_own() {
        let rendered = render("# A page\n\n## `not_found`, again\n\n## Twice\n\n## Twice\n");
        assert!(
            rendered.html.contains("<h1 id=\"a-page\">A page</h1>"),
            "{}",
            rendered.html
        );
        assert!(
            rendered
                .html
                .contains("<h2 id=\"not_found-again\"><code>not_found</code>, again<a class=\"anchor\"")
        );
        let ids: Vec<&str> = rendered.sections.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["not_found-again", "twice", "twice-1"]);
    }

    #[test]
    fn links_between_files_lead_to_pages() {
        for (link, expected) in [
            ("errors.md", "/docs/errors"),
            ("README.md#where", "/docs#where"),
            ("errors.md#not_found", "/docs/errors#not_found"),
            ("../../examples/workers/worker.py", "/docs/worker.py"),
            ("#here", "#here"),
            ("../../asyncapi.yaml", "/asyncapi.yaml"),
            ("https://example.com/a.html", "https://example.com/a.html"),
        ] {
            assert_eq!(target(link), expected);
        }
    }

    #[test]
    fn html_is_left_out_and_marks_of_tests_do_not_show() {
        let rendered = render("<b>bold</b>\n\n<script>x</script>\n\n```sh run\necho '<'\n```\n");
        assert!(!rendered.html.contains("<script>") && !rendered.html.contains("<b>"));
        assert!(
            rendered.html.contains("<pre><code class=\"language-sh\">echo '&lt;'"),
            "{}",
            rendered.html
        );
        assert!(render(TESTER_MARK).has_tester && !rendered.has_tester);
    }
}
