//! The guides and their pages: what they show is carried out, what they list is what the code has.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod docs {
    mod guides;

    mod errors;
    mod pages;
    mod readme;
    mod samples;
}
