//! Sequences that need no list to be guessed: repeats, alphabets and rows of a keyboard.

/// Rows and columns of common keyboards, read in both directions.
const TRACKS: [&str; 16] = [
    "1234567890-=",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "qwertzuiop",
    "yxcvbnm,.-",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn,;:",
    "!@#$%^&*()_+",
    "1qaz",
    "2wsx",
    "3edc",
    "4rfv",
    "5tgb",
    "йцукенгшщзхъ",
];

/// A text with no more surprises than this is predictable.
const SURPRISES: usize = 4;

/// Whether nearly every character follows from those before it: it repeats, continues an alphabet or a keyboard row,
/// or the whole text is a short unit again and again.
pub(super) fn is_predictable(text: &str) -> bool {
    let chars: Vec<char> = unit(text).chars().collect();
    let surprises = (0..chars.len()).filter(|at| !follows(&chars[..=*at])).count();
    surprises <= SURPRISES
}

/// The shortest beginning of the text, about half of it at most, that makes the whole of it when it is repeated (the
/// last time perhaps only in part); otherwise the whole text.
pub(super) fn unit(text: &str) -> &str {
    let chars: Vec<char> = text.chars().collect();
    let period = (1..=chars.len().div_ceil(2)).find(|period| chars.iter().zip(&chars[*period..]).all(|(a, b)| a == b));
    match period.and_then(|period| text.char_indices().nth(period)) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

/// Whether the last character goes on where the two before it were heading.
fn follows(chars: &[char]) -> bool {
    let [.., a, b, c] = chars else {
        return matches!(chars, [a, b] if a == b);
    };
    if b == c {
        return true;
    }
    let straight = |from: i64, over: i64, to: i64| (over - from).abs() == 1 && to - over == over - from;
    straight(code(*a), code(*b), code(*c))
        || TRACKS.iter().any(|track| {
            let place = |wanted: &char| track.chars().zip(0_i64..).find(|(c, _)| c == wanted).map(|(_, at)| at);
            matches!((place(a), place(b), place(c)), (Some(a), Some(b), Some(c)) if straight(a, b, c))
        })
}

fn code(c: char) -> i64 {
    i64::from(u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_found() {
        for (text, expected) in [
            ("abcabcab", "abc"),
            ("aaaa", "a"),
            ("abcd", "abcd"),
            ("éaéaéa", "éa"),
            ("pass pass", "pass "),
            ("", ""),
            ("hunter2hunter2", "hunter2"),
        ] {
            assert_eq!(unit(text), expected, "{text}");
        }
    }

    #[test]
    fn regular_texts_are_predictable() {
        for text in [
            "aaaaaaaaaa",
            "abcabcabcabc",
            "abcdefghij",
            "zyxwvutsrq",
            "1234567890",
            "0987654321",
            "qwertyuiop",
            "poiuytrewq",
            "asdfghjkl;",
            "          ",
            "aaaaaaaaab",
            "qwertyasdf",
            "11112222333",
            "абвгдежзий",
            "йцукенгшщз",
            "2024202420",
            "abababababa",
            "!@#$%^&*()",
        ] {
            assert!(is_predictable(text), "{text}");
        }
    }

    #[test]
    fn other_texts_are_not() {
        for text in [
            "correct horse battery staple",
            "hunter2hunter2",
            "7402915836",
            "qwer-asdf-zxcv-tgbn",
            "ñandú mañana",
        ] {
            assert!(!is_predictable(text), "{text}");
        }
    }
}
