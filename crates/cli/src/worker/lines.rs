//! Cuts what a command prints into lines, in bounded memory whatever comes.

/// What a line begins with whose rest is the result of the run.
pub(super) const RESULT: &str = "result ";
/// Bytes that are kept of a line: as many as the server takes.
pub(super) const MAX_LINE: usize = 8 * 1024;
/// Bytes that are kept of a result: as many as the server takes.
pub(super) const MAX_RESULT: usize = 256 * 1024;

/// One line, without its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub bytes: Vec<u8>,
    /// How many bytes of it were not kept.
    pub cut: usize,
}

/// The line that is being read. Like a terminal, it shows of a line what follows the last carriage return, so that a
/// progress bar is one line and not a thousand.
#[derive(Debug, Default)]
pub(super) struct Cutter {
    bytes: Vec<u8>,
    cut: usize,
    returned: bool,
}

impl Cutter {
    /// Takes bytes as they come, and hands over each line that ends in them.
    pub(super) fn feed(&mut self, mut bytes: &[u8], mut each: impl FnMut(Line)) {
        while let Some(first) = bytes.first() {
            if self.returned && !matches!(first, b'\n' | b'\r') {
                self.take();
            }
            let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let (text, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
            self.keep(text);
            bytes = rest;
            if let Some((mark, rest)) = rest.split_first() {
                bytes = rest;
                if *mark == b'\n' {
                    each(self.take());
                } else {
                    self.returned = true;
                }
            }
        }
    }

    /// What stands after the last end of a line.
    pub(super) fn rest(&mut self) -> Option<Line> {
        let line = self.take();
        (!line.bytes.is_empty()).then_some(line)
    }

    fn take(&mut self) -> Line {
        self.returned = false;
        Line {
            bytes: std::mem::take(&mut self.bytes),
            cut: std::mem::take(&mut self.cut),
        }
    }

    fn keep(&mut self, text: &[u8]) {
        // How much is kept depends on how the line begins.
        let missing = RESULT.len().saturating_sub(self.bytes.len()).min(text.len());
        let (start, rest) = text.split_at(missing);
        self.bytes.extend_from_slice(start);
        let most = if self.bytes.starts_with(RESULT.as_bytes()) {
            RESULT.len() + MAX_RESULT
        } else {
            MAX_LINE
        };
        let room = most.saturating_sub(self.bytes.len()).min(rest.len());
        let (kept, cut) = rest.split_at(room);
        self.bytes.extend_from_slice(kept);
        self.cut += cut.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(chunks: &[&[u8]]) -> Vec<String> {
        let mut cutter = Cutter::default();
        let mut found = Vec::new();
        let mut show = |line: Line| found.push(format!("{}+{}", String::from_utf8_lossy(&line.bytes), line.cut));
        for chunk in chunks {
            cutter.feed(chunk, &mut show);
        }
        cutter.rest().into_iter().for_each(show);
        found
    }

    #[test]
    fn lines_end_wherever_the_chunks_do() {
        assert_eq!(lines(&[b"one\ntw", b"o\n\nthree"]), ["one+0", "two+0", "+0", "three+0"]);
        assert_eq!(
            lines(&[b"one\r", b"\ntwo\r\n", b"three\r\r", b"\n"]),
            ["one+0", "two+0", "three+0"]
        );
        assert!(lines(&[b"", b""]).is_empty());
    }

    #[test]
    fn a_carriage_return_begins_the_line_anew() {
        assert_eq!(lines(&[b"10 %\r20 ", b"%\r", b"30 %\n"]), ["30 %+0"]);
        assert_eq!(lines(&[b"10 %\r20 %"]), ["20 %+0"]);
        assert_eq!(lines(&[b"10 %\r"]), ["10 %+0"]);
    }

    #[test]
    fn what_is_too_long_is_cut_and_counted() {
        let long = vec![b'x'; 3 * MAX_LINE];
        let mut cutter = Cutter::default();
        let mut found = Vec::new();
        for chunk in long.chunks(1_000) {
            cutter.feed(chunk, |line| found.push(line));
            assert!(cutter.bytes.capacity() <= 2 * MAX_LINE);
        }
        cutter.feed(b"\nnext\n", |line| found.push(line));
        assert_eq!((found[0].bytes.len(), found[0].cut), (MAX_LINE, 2 * MAX_LINE));
        assert_eq!((found[1].bytes.as_slice(), found[1].cut), (&b"next"[..], 0));
    }

    #[test]
    fn a_result_may_be_longer_than_a_line() {
        let mut cutter = Cutter::default();
        let mut found = Vec::new();
        cutter.feed(b"res", |line| found.push(line));
        cutter.feed(b"ult ", |line| found.push(line));
        cutter.feed(&vec![b'1'; MAX_RESULT + 3], |line| found.push(line));
        cutter.feed(b"\n", |line| found.push(line));
        assert_eq!((found[0].bytes.len(), found[0].cut), (RESULT.len() + MAX_RESULT, 3));
    }
}
