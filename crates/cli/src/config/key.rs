//! API keys carry a checksum: a slip of the hand is found here, before anything is sent.

use crate::error::{Error, Result};

const PREFIX: &str = "jsk_";
const RANDOM: usize = 30;
const CHECKSUM: usize = 6;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Whether a text can be an API key; the error names `place` and never repeats the key.
pub(crate) fn check_api_key(place: &str, key: &str) -> Result<()> {
    let wrong = |why: String| {
        Err(Error::usage_with(
            format!("{place}: this is no API key: {why}"),
            "a key as jobs keys create or the dashboard told it once: jsk_ and 36 characters",
        ))
    };
    if !key.starts_with(PREFIX) {
        return wrong(format!("it does not begin with {PREFIX}"));
    }
    let length = PREFIX.len() + RANDOM + CHECKSUM;
    if key.len() != length {
        return wrong(format!("it has {} characters instead of {length}", key.chars().count()));
    }
    if !key.bytes().skip(PREFIX.len()).all(|byte| byte.is_ascii_alphanumeric()) {
        return wrong("it has a character that is neither letter nor digit".into());
    }
    let (body, sum) = key.split_at(PREFIX.len() + RANDOM);
    if checksum(body) != sum {
        return wrong("its checksum does not fit, so a character was lost or changed on the way".into());
    }
    Ok(())
}

/// CRC-32 in base 62, six digits.
fn checksum(body: &str) -> String {
    let mut value = crc32(body.as_bytes());
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(value % 62) as usize];
        value /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

/// The CRC of zlib and Ethernet (reflected, polynomial 0xEDB88320).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by a server.
    const KEY: &str = "jsk_UOhXtf0ZJGNGEslFJb95GjucAOCdxt3JTVzp";

    #[test]
    fn a_key_of_a_server_is_one() {
        check_api_key("--api-key", KEY).unwrap();
    }

    #[test]
    fn a_slip_of_the_hand_is_found_and_the_key_is_not_repeated() {
        for (key, why) in [
            (KEY.replace('U', "V"), "checksum"),
            (KEY[..39].to_owned(), "39 characters instead of 40"),
            (KEY.replace("jsk_", "sk__"), "does not begin with jsk_"),
            (KEY.replace('U', "-"), "neither letter nor digit"),
        ] {
            let error = check_api_key("JOBS_API_KEY", &key).unwrap_err().to_string();
            assert!(error.starts_with("JOBS_API_KEY: ") && error.contains(why), "{error}");
            assert!(!error.contains(&key), "{error}");
        }
    }
}
