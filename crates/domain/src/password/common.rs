//! The passwords that everybody tries, and what people make of them.

use super::pattern;
use std::sync::LazyLock;

/// See `README.md` beside it for where it comes from.
const LIST: &str = include_str!("common.txt");

/// Sorted by byte, as in the file.
static LINES: LazyLock<Vec<&'static str>> = LazyLock::new(|| LIST.lines().collect());

/// How many digits and signs around a known word add so little that they do not count, whatever they are.
const FREE_AFFIX: usize = 6;

/// Whether the lower-case text stands in the list word for word.
pub(super) fn is_listed(lower: &str) -> bool {
    LINES.binary_search(&lower).is_ok()
}

/// Whether the lower-case text is a listed word with the usual decoration: digits and signs around it (`dragon2024!`),
/// letters written as digits (`p4$$w0rd`), or both.
pub(super) fn is_variation(lower: &str) -> bool {
    let is_letter = |c: char| c.is_alphabetic();
    let Some(first) = lower.find(is_letter) else {
        return false;
    };
    // What follows the last letter may be decoration, or letters in disguise: every cut is tried.
    let last = lower.rfind(is_letter).unwrap_or(first);
    let cuts = lower[last..]
        .char_indices()
        .skip(1)
        .map(|(at, _)| last + at)
        .chain([lower.len()]);
    let starts = if first == 0 { vec![0] } else { vec![0, first] };
    cuts.flat_map(|end| starts.iter().map(move |start| (*start, end)))
        .any(|(start, end)| {
            let core = &lower[start..end];
            let known = is_listed(core) || is_listed(&plain(core, 'i')) || is_listed(&plain(core, 'l'));
            known && adds_little(&lower[..start]) && adds_little(&lower[end..])
        })
}

fn adds_little(affix: &str) -> bool {
    affix.chars().count() <= FREE_AFFIX || pattern::is_predictable(affix)
}

/// The text with digits and signs read as the letters they stand for; `one` is what `1`, `!` and `|` are read as.
pub(super) fn plain(text: &str, one: char) -> String {
    text.chars()
        .map(|c| match c {
            '0' => 'o',
            '1' | '!' | '|' => one,
            '2' => 'z',
            '3' | '€' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '6' | '9' => 'g',
            '7' | '+' => 't',
            '8' => 'b',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_lower_case_and_small() {
        assert!(LINES.is_sorted_by(|a, b| a < b), "sort it with LC_ALL=C sort -u");
        assert!(
            LINES
                .iter()
                .all(|line| *line == line.to_lowercase() && !line.trim().is_empty())
        );
        assert!(LIST.len() < 120 * 1024);
        assert!(LINES.iter().filter(|line| line.len() >= 10).count() > 2_500);
    }

    #[test]
    fn decoration_is_seen_through() {
        for text in [
            "dragon2024!",
            "p4$$w0rd!!",
            "l3tme1n12345",
            "!!password!!",
            "2024sunshine",
            "passw0rd0000000000000",
            "tr4v1$",
        ] {
            assert!(is_variation(text), "{text}");
        }
        for text in [
            "dragon and knight",
            "dragon8264719355",
            "1234567890123",
            "þórshöfn",
            "",
            "xkqvjzpwmy",
        ] {
            assert!(!is_variation(text), "{text}");
        }
    }
}
