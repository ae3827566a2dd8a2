//! The key itself: `jsk_`, thirty random characters of base 62, six characters of checksum.

use crate::clock::{Random, random_bytes};
use sha2::{Digest, Sha256};
use std::fmt;

/// What every key begins with; scanners for leaked secrets look for it.
const START: &str = "jsk_";
const RANDOM_CHARS: usize = 30;
const CHECK_CHARS: usize = 6;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// How much of a key is shown to people.
const PREFIX_CHARS: usize = START.len() + 4;

/// SHA-256 of a key: what the database knows of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyHash(pub [u8; 32]);

/// A key that is well formed. Whether it is anybody's, only the store can tell.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyText(String);

impl KeyText {
    /// Draws a key: about 178 bits.
    pub fn draw(random: &dyn Random) -> Self {
        let mut text = START.to_owned();
        while text.len() < START.len() + RANDOM_CHARS {
            // Bytes from 248 on would favour the first letters of the alphabet: they are thrown away.
            for byte in random_bytes::<64>(random) {
                if byte < 248 && text.len() < START.len() + RANDOM_CHARS {
                    text.push(digit(u32::from(byte)));
                }
            }
        }
        let sum = checksum(&text);
        Self(text + &sum)
    }

    /// Whether a text claims to be a key of ours, well formed or not.
    pub fn looks_like_one(text: &str) -> bool {
        text.starts_with(START)
    }

    /// Reads a key. A text with a wrong form or checksum is no key, and nobody needs to look it up.
    pub fn parse(text: &str) -> Option<Self> {
        let well_formed = text.len() == START.len() + RANDOM_CHARS + CHECK_CHARS
            && text.starts_with(START)
            && text.bytes().skip(START.len()).all(|byte| byte.is_ascii_alphanumeric());
        let (body, sum) = text.split_at_checked(START.len() + RANDOM_CHARS)?;
        (well_formed && checksum(body) == sum).then(|| Self(text.to_owned()))
    }

    /// What is stored of it.
    pub fn hash(&self) -> KeyHash {
        KeyHash(Sha256::digest(self.0.as_bytes()).into())
    }

    /// Its first characters, by which people tell keys apart.
    pub fn prefix(&self) -> &str {
        self.0.get(..PREFIX_CHARS).unwrap_or_default()
    }

    /// Its last four characters.
    pub fn last4(&self) -> &str {
        self.0.get(self.0.len().saturating_sub(4)..).unwrap_or_default()
    }

    /// The key, for its owner, once.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyText(jsk_***)")
    }
}

fn digit(number: u32) -> char {
    ALPHABET
        .get((number % 62) as usize)
        .map_or('0', |byte| char::from(*byte))
}

/// CRC-32 of the text in six digits of base 62, the highest first.
fn checksum(text: &str) -> String {
    let mut rest = crc32(text.as_bytes());
    let mut digits = ['0'; CHECK_CHARS];
    for place in digits.iter_mut().rev() {
        *place = digit(rest);
        rest /= 62;
    }
    digits.iter().collect()
}

/// CRC-32 as in zip and gzip (ISO-HDLC), bit by bit: the text is short.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededRandom;
    use proptest::prelude::*;

    #[test]
    fn the_checksum_is_the_usual_one() {
        // The check value of CRC-32/ISO-HDLC.
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(checksum("123456789"), "3jZRME");
        assert_eq!(checksum("").len(), CHECK_CHARS);
    }

    #[test]
    fn every_letter_is_about_as_likely() {
        let mut counts = [0_u32; 128];
        for seed in 0..2_000 {
            for byte in KeyText::draw(&SeededRandom::new(seed))
                .0
                .bytes()
                .skip(4)
                .take(RANDOM_CHARS)
            {
                counts[usize::from(byte)] += 1;
            }
        }
        let expected = 2_000 * 30 / 62;
        for byte in ALPHABET {
            let count = counts[usize::from(*byte)];
            assert!((expected * 8 / 10..expected * 12 / 10).contains(&count), "{count}");
        }
    }

    proptest! {
        #[test]
        fn a_key_is_read_back_and_shows_little(seed: u64) {
            let key = KeyText::draw(&SeededRandom::new(seed));
            prop_assert_eq!(key.reveal().len(), 40);
            prop_assert_eq!(KeyText::parse(key.reveal()), Some(key.clone()));
            prop_assert!(key.reveal().starts_with(key.prefix()) && key.reveal().ends_with(key.last4()));
            let shown = format!("{key:?}");
            prop_assert!(!shown.contains(&key.reveal()[4..10]));
        }

        #[test]
        fn one_wrong_letter_is_noticed(seed: u64, place in 4_usize..40, letter in 0_usize..62) {
            let key = KeyText::draw(&SeededRandom::new(seed));
            let mut bytes = key.reveal().as_bytes().to_vec();
            prop_assume!(bytes[place] != ALPHABET[letter]);
            bytes[place] = ALPHABET[letter];
            prop_assert_eq!(KeyText::parse(std::str::from_utf8(&bytes).unwrap()), None);
        }

        #[test]
        fn other_texts_are_no_keys(text in "\\PC{0,60}") {
            prop_assert_eq!(KeyText::parse(&text), None);
            let padded = format!("jsk_{text}");
            prop_assert_eq!(KeyText::parse(&padded), None);
        }
    }
}
