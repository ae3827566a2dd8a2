//! Sign-up, log-in, sessions of one's own, and the own account.

pub mod dto;
pub mod log_in;
pub mod log_out;
pub mod me;
pub mod refresh;
pub mod reset_password;
pub mod send_otp;
pub mod setup;
pub mod sign_up;
pub mod verify_otp;

mod cookie;
