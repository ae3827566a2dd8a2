//! Words that somebody who knows the owner would try first.

use super::{PasswordContext, common, pattern};

/// The names of the product.
const PRODUCT: [&str; 3] = ["jobscheduler", "job-scheduler", "scheduler"];

/// With fewer characters than this beside the known words, the password is refused.
const REST_CHARS: usize = 8;

/// Whether the lower-case text is little more than words of its owner or of the product.
pub(super) fn is_contextual(lower: &str, context: &PasswordContext<'_>) -> bool {
    let words = words(context);
    // Read as it stands, and with disguised letters undone: `4da.l0velace`.
    [lower.to_owned(), common::plain(lower, 'i'), common::plain(lower, 'l')]
        .iter()
        .any(|text| without(text, &words).is_some_and(|rest| is_weak(&rest)))
}

/// What is left of the text when the words are taken out; `None` when none is in it.
fn without(text: &str, words: &[String]) -> Option<String> {
    let mut rest = text.to_owned();
    for word in words {
        if rest.contains(word.as_str()) {
            rest = rest.replace(word.as_str(), "");
        }
    }
    (rest.len() < text.len()).then_some(rest)
}

fn is_weak(rest: &str) -> bool {
    rest.chars().filter(|c| c.is_alphanumeric()).count() < REST_CHARS
        || common::is_listed(rest)
        || common::is_variation(rest)
        || pattern::is_predictable(rest)
}

/// The known words, longest first, so that a whole address goes before its parts.
fn words(context: &PasswordContext<'_>) -> Vec<String> {
    let mut words: Vec<String> = PRODUCT.map(str::to_owned).to_vec();
    let mut add = |word: &str, least: usize| {
        if word.chars().count() >= least {
            words.push(word.to_lowercase());
        }
    };
    if let Some((local, domain)) = context.email.and_then(|email| email.rsplit_once('@')) {
        add(local, 3);
        local.split(|c: char| !c.is_alphabetic()).for_each(|word| add(word, 4));
        add(domain, 4);
        // The last label is a country or a kind, not a name.
        let labels = domain.rsplit_once('.').map_or(domain, |(labels, _)| labels);
        labels.split('.').for_each(|label| add(label, 4));
    }
    if let Some(name) = context.full_name {
        name.split(|c: char| !c.is_alphanumeric()).for_each(|word| add(word, 4));
    }
    words.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    words.dedup();
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: PasswordContext<'_> = PasswordContext {
        email: Some("ada.lovelace@analytical.example"),
        full_name: Some("Augusta Ada King"),
    };

    #[test]
    fn what_is_known_does_not_count() {
        for text in [
            "ada.lovelace1815",
            "lovelace12345678",
            "l0v3l4ce-1815",
            "analytical2024!",
            "augusta!augusta",
            "jobscheduler1",
            "job-scheduler!",
            "my-scheduler-1",
            "scheduler-password",
            "adalovelaceaugusta",
            "ada.lovelace@analytical.example",
        ] {
            assert!(is_contextual(text, &ADA), "{text}");
        }
    }

    #[test]
    fn enough_beside_it_does() {
        for text in [
            "lovelace wrote note g in 1843",
            "king of the hill tonight",
            "a scheduler for quiet evenings",
            "nothing known here",
        ] {
            assert!(!is_contextual(text, &ADA), "{text}");
        }
        assert!(!is_contextual("ada.lovelace1815", &PasswordContext::default()));
    }
}
