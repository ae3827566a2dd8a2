//! The command line `jobs`, as a process of its own, against a server that runs.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cli {
    mod account;
    mod apply;
    mod edit;
    mod everyday;
    mod integrations;
    mod log_in;
    mod many;
    mod mistakes;
    mod program;
    mod pseudo_terminal;
    mod watch;
}
