use super::*;
use proptest::prelude::*;

fn code(text: &str) -> Option<String> {
    let context = PasswordContext {
        email: Some("ada@example.com"),
        full_name: Some("Ada Lovelace"),
    };
    Password::parse("/password", text, &context).err().map(|error| {
        assert_eq!(error.pointer, "/password");
        error.code
    })
}

#[test]
fn refusals_have_their_codes() {
    for (text, expected) in [
        ("", "too_short"),
        ("ninechars", "too_short"),
        ("🔑🔑🔑🔑🔑🔑🔑🔑🔑", "too_short"),
        ("tab\there, friend", "control_character"),
        ("null\0here, friend", "control_character"),
        ("password1234", "password_too_common"),
        ("PassWord1234", "password_too_common"),
        ("P@ssw0rd!!!!", "password_too_common"),
        ("Welcome2024!", "password_too_common"),
        ("1234567890", "password_too_common"),
        ("qwertyuiop", "password_too_common"),
        ("letmeinletmein", "password_too_common"),
        ("password password", "password_too_common"),
        ("Lovelace1815", "password_contextual"),
        ("example-12345", "password_contextual"),
        ("Scheduler2024", "password_contextual"),
        ("xxxxxxxxxxxxxxx", "password_too_simple"),
        ("defdefdefdef", "password_too_simple"),
        ("zzzzyyyyxxxx", "password_too_simple"),
        ("lkjhgfdsa;'", "password_too_simple"),
    ] {
        assert_eq!(code(text).as_deref(), Some(expected), "{text:?}");
    }
    assert_eq!(code(&"ab12-Ü".repeat(22)).as_deref(), Some("too_long"));
}

#[test]
fn long_and_unrelated_is_welcome() {
    for text in [
        "correct horse battery staple",
        "correct-horse-battery-9",
        "Tr0ub4dor&3 rides",
        "ein Pferd frisst Salat",
        "пароль от старого чердака",
        "zwölf Boxkämpfer",
        "7402915836",
        "vTq#9 xLm2",
        "  leading and trailing  ",
        "Sup3r-Secret-Pa55phrase!",
    ] {
        assert_eq!(code(text), None, "{text}");
    }
    assert_eq!(code(&"🔑".repeat(64)), None);
    assert_eq!(code(&"🗝️".repeat(64)), None, "128 characters");
    assert_eq!(code(&format!("{}b", "a".repeat(72))), None);
}

#[test]
fn nothing_is_trimmed_cut_or_shown() {
    let text = format!("  {} ", "ß-word ".repeat(18));
    assert_eq!(text.chars().count(), 129);
    let kept = Password::parse("", &text[..text.len() - 1], &PasswordContext::default()).unwrap();
    assert_eq!(kept.as_str(), &text[..text.len() - 1]);
    assert_eq!(format!("{kept:?}"), "Password(***)");
}

#[test]
fn an_attempt_is_only_bounded() {
    assert_eq!(Password::attempt("/password", "x").unwrap().as_str(), "x");
    assert!(Password::attempt("/password", &"x".repeat(1024)).is_ok());
    let error = Password::attempt("/password", &"x".repeat(1025)).unwrap_err();
    assert_eq!((error.pointer.as_str(), error.code.as_str()), ("/password", "too_long"));
}

proptest! {
    #[test]
    fn no_input_panics(text in any::<String>(), email in any::<Option<String>>(), name in any::<Option<String>>()) {
        let context = PasswordContext { email: email.as_deref(), full_name: name.as_deref() };
        let _ = Password::parse("/p", &text, &context);
        let _ = Password::attempt("/p", &text);
    }

    #[test]
    fn no_decorated_mixture_panics(text in "[a-e0-5!@$ éß€😀İ]{10,128}", name in "[a-e éİ]{0,12}") {
        let context = PasswordContext { email: Some("abcde@abcd.ee"), full_name: Some(&name) };
        let _ = Password::parse("/p", &text, &context);
    }

    #[test]
    fn lengths_are_characters(text in "[^\\p{Cc}]{0,140}") {
        let count = text.chars().count();
        let code = Password::parse("/p", &text, &PasswordContext::default()).err().map(|error| error.code);
        prop_assert_eq!(code.as_deref() == Some("too_short"), count < 10);
        prop_assert_eq!(code.as_deref() == Some("too_long"), count > 128);
    }

    #[test]
    fn what_is_accepted_is_kept_as_it_is(text in "\\PC{10,128}") {
        if let Ok(password) = Password::parse("/p", &text, &PasswordContext::default()) {
            prop_assert_eq!(password.as_str(), text);
        }
    }

    #[test]
    fn case_does_not_help(text in "(password|dragon|sunshine|letmein)[0-9]{3,6}") {
        let parse = |text: &str| Password::parse("/p", text, &PasswordContext::default()).map(|_| ()).map_err(|error| error.code);
        prop_assert_eq!(parse(&text), parse(&text.to_uppercase()));
    }
}
