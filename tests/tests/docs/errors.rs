//! The catalogue of errors has every code that there is, and no other.

use super::guides::guide;
use scheduler_server::http::problem::{Code, Problem};
use serde_json::Value;

/// The sections of the codes: the word, and what stands below it.
fn sections(text: &str) -> Vec<(String, String)> {
    let sections = text.split("\n### `").skip(1);
    sections
        .map(|section| {
            let (word, rest) = section.split_once('`').unwrap();
            let rest = rest.split("\n## ").next().unwrap();
            (word.to_owned(), rest.to_owned())
        })
        .collect()
}

#[test]
fn every_code_has_its_section_with_status_meaning_remedy_and_example() {
    let text = guide("errors");
    let sections = sections(&text);
    let words: Vec<&str> = sections.iter().map(|(word, _)| word.as_str()).collect();
    for code in Code::ALL {
        assert!(
            words.contains(&code.word()),
            "{} is missing in docs/api/errors.md",
            code.word()
        );
    }
    assert_eq!(words.len(), Code::ALL.len(), "each once, and no other: {words:?}");
    for (word, section) in &sections {
        let code = Code::ALL.iter().find(|code| code.word() == word).unwrap();
        assert!(section.contains("**Mend"), "{word}: how is it mended?");
        let example = section
            .split("```json\n")
            .nth(1)
            .unwrap_or_else(|| panic!("{word} has no example"));
        let example: Value = serde_json::from_str(example.split("```").next().unwrap())
            .unwrap_or_else(|error| panic!("the example of {word}: {error}"));
        assert_eq!(example["code"], *word);
        assert_eq!(example["status"], code.status().as_u16(), "{word}");
        // What an example says beside it exists.
        let known = serde_json::to_value(Problem::new(*code, "x")).unwrap();
        for field in example.as_object().unwrap().keys() {
            let is_known =
                known.get(field).is_some() || ["errors", "allowed", "version", "retry_after"].contains(&field.as_str());
            assert!(is_known, "{word}: {field}");
        }
        assert_eq!(known["type"], format!("/docs/errors#{word}"));
    }
}
