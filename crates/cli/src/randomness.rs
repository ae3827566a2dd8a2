//! Random words: keys of requests that may be repeated, ids of requests, parts of waits.

use rand::{TryRng, rngs::SysRng};

/// 128 random bits as 32 hexadecimal digits.
pub(crate) fn word() -> String {
    let mut bytes = [0; 16];
    fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A number from 0 up to, but not, 1.
pub(crate) fn fraction() -> f64 {
    let mut bytes = [0; 4];
    fill(&mut bytes);
    f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
}

#[expect(
    clippy::panic,
    reason = "without randomness two requests would pass for one; better to stop"
)]
fn fill(bytes: &mut [u8]) {
    if let Err(error) = SysRng.try_fill_bytes(bytes) {
        panic!("the operating system gives no randomness: {error}");
    }
}
