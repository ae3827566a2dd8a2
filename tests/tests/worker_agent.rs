//! Programs that carry runs out, each as a process of its own against a real server: the agent, the
//! examples and the guide.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod worker_agent {
    mod program;
    mod work;

    mod agent;
    mod examples;
    mod guide;
}
