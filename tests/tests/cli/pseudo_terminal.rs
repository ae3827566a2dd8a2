//! A terminal without a screen, and the program at it.

use super::program::{Program, binary};
use rustix::{
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{Winsize, tcsetwinsize},
};
use scheduler_tests::server::PATIENCE;
use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    process::{Child, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// The program at a terminal of 100 columns and 30 rows.
pub(super) struct Terminal {
    child: Child,
    keyboard: File,
    shown: Arc<Mutex<String>>,
}

impl Terminal {
    pub(super) fn start(program: &Program, args: &[&str]) -> Self {
        let main = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&main).unwrap();
        unlockpt(&main).unwrap();
        let name = ptsname(&main, Vec::new()).unwrap().into_string().unwrap();
        let size = Winsize {
            ws_col: 100,
            ws_row: 30,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&main, size).unwrap();
        let other = OpenOptions::new().read(true).write(true).open(name).unwrap();
        // A session of its own, whose terminal this is: only then Ctrl-C becomes a signal.
        let mut command = program.command("setsid", &[&["--ctty", "--wait", binary()], args].concat());
        let child = command
            .stdin(Stdio::from(other.try_clone().unwrap()))
            .stdout(Stdio::from(other.try_clone().unwrap()))
            .stderr(Stdio::from(other))
            .spawn()
            .unwrap();
        // The command keeps its copies of the terminal; they must go, or its end would never be heard.
        drop(command);
        let keyboard = File::from(main);
        let mut screen = keyboard.try_clone().unwrap();
        let shown = Arc::new(Mutex::new(String::new()));
        let writes = shown.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = screen.read(&mut buffer) {
                writes
                    .lock()
                    .unwrap()
                    .push_str(&String::from_utf8_lossy(&buffer[..read]));
            }
        });
        Self { child, keyboard, shown }
    }

    /// Everything that was shown so far.
    pub(super) fn shown(&self) -> String {
        self.shown.lock().unwrap().clone()
    }

    /// Waits until a text was shown.
    #[track_caller]
    pub(super) fn wait_for(&self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.shown().contains(text) {
            assert!(Instant::now() < deadline, "{text:?} was not shown: {}", self.shown());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Types.
    pub(super) fn types(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).unwrap();
    }

    /// Waits for the end; the exit code.
    #[track_caller]
    pub(super) fn ends(&mut self) -> i32 {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            assert!(Instant::now() < deadline, "it does not end: {}", self.shown());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Ctrl-C, in case it runs still.
        let _ = self.keyboard.write_all(b"\x03");
        let _ = self.child.wait();
    }
}
