//! What happens when things break: servers that are killed or frozen, databases that go away, disks that are full.
//!
//! `just test` runs a short form, `just chaos` a long one (`CHAOS_CYCLES`). Chance comes from `CHAOS_SEED`, which a
//! failure names.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod chaos {
    pub mod load;
    pub mod verify;

    mod databases;
    mod disk;
    mod kill;
    mod nodes;
    mod schedules;
}
