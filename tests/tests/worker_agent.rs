//! Programs that carry runs out, each as a process of its own against a real server: the examples and the guide.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod worker_agent {
    mod program;
    mod work;

    mod examples;
    mod guide;
}
