//! Into memory: what a developer without a mail server sees.

use scheduler_domain::{clock::Timestamp, mail::Recipient};
use serde::Serialize;
use std::{
    collections::VecDeque,
    fmt,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

/// How many mails are kept.
const KEPT: usize = 100;

/// Called for every code, with its recipient, the code and the end of its life.
pub type OtpHook = Box<dyn Fn(&Recipient, &str, Timestamp) + Send + Sync>;

/// One mail or short message, as the developer mailbox shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DevMail {
    /// Its id.
    pub id: String,
    /// The address or number.
    pub to: String,
    /// The subject; of a short message, `SMS`.
    pub subject: String,
    /// When it was sent.
    pub at: Timestamp,
    /// The text part.
    pub text: String,
    /// The HTML part; empty for a short message.
    pub html: String,
}

/// The last 100 mails and short messages, in memory and nowhere else. For use on one's own machine only: it holds codes.
#[derive(Default)]
pub struct DeveloperMailbox {
    mails: Mutex<VecDeque<DevMail>>,
    on_otp: OnceLock<OtpHook>,
}

impl DeveloperMailbox {
    /// Sets what is called for every code, such as printing it to the terminal. Only the first call counts.
    pub fn on_otp(&self, hook: impl Fn(&Recipient, &str, Timestamp) + Send + Sync + 'static) {
        let _ = self.on_otp.set(Box::new(hook));
    }

    /// Every mail, newest first.
    pub fn list(&self) -> Vec<DevMail> {
        self.mails().iter().rev().cloned().collect()
    }

    /// One mail.
    pub fn get(&self, id: &str) -> Option<DevMail> {
        self.mails().iter().find(|mail| mail.id == id).cloned()
    }

    pub(crate) fn push(&self, mail: DevMail) {
        let mut mails = self.mails();
        if mails.len() == KEPT {
            mails.pop_front();
        }
        mails.push_back(mail);
    }

    pub(crate) fn tell_otp(&self, to: &Recipient, code: &str, expires_at: Timestamp) {
        if let Some(hook) = self.on_otp.get() {
            hook(to, code, expires_at);
        }
    }

    fn mails(&self) -> MutexGuard<'_, VecDeque<DevMail>> {
        // A panic elsewhere leaves a whole list behind: every change of it is one call.
        self.mails.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for DeveloperMailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeveloperMailbox({} mails)", self.mails().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_hundred_are_kept_newest_first() {
        let mailbox = DeveloperMailbox::default();
        for n in 0..250 {
            mailbox.push(DevMail {
                id: n.to_string(),
                to: String::new(),
                subject: String::new(),
                at: Timestamp::default(),
                text: String::new(),
                html: String::new(),
            });
        }
        let ids: Vec<String> = mailbox.list().into_iter().map(|mail| mail.id).collect();
        assert_eq!(ids.len(), 100);
        assert_eq!((ids[0].as_str(), ids[99].as_str()), ("249", "150"));
        assert!(mailbox.get("150").is_some() && mailbox.get("149").is_none());
        assert_eq!(format!("{mailbox:?}"), "DeveloperMailbox(100 mails)");
    }
}
