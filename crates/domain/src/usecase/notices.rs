//! Telling people what has become of their jobs: one person at a time, each notice by whichever node takes it first.

use crate::{
    clock::{Clock, Random, Timestamp, random_bytes},
    error::StoreError,
    ids::NoticeId,
    mail::{JobNotice, Message, Recipient},
    notice::{NoticePolicy, ONE_BY_ONE, PER_WINDOW, WINDOW, retry_in},
    ports::{DueNotice, NoticeStore, Notifier, NotifyError, Round, Settled, UserStore},
    run::LeaseToken,
    user::User,
};
use chrono::TimeDelta;
use std::sync::Arc;

/// How long a node has a round for itself. Handing over the few mails of one takes far less, or the node is gone.
const LEASE: TimeDelta = TimeDelta::minutes(5);
/// How many reminders one step makes.
const REMINDERS: u32 = 100;

/// The rules of notices over their ports.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port of its type")]
pub struct Notices {
    pub store: Arc<dyn NoticeStore>,
    pub users: Arc<dyn UserStore>,
    pub notifier: Arc<dyn Notifier>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
}

/// What is to be told of a due notice.
fn told(due: &DueNotice) -> JobNotice {
    JobNotice {
        kind: due.notice.kind,
        job_id: due.notice.job_id,
        at: due.notice.created_at,
        facts: due.notice.facts.clone(),
        opened_at: due.notice.incident.opened_at,
        failures: due.notice.incident.failures,
        next_run_at: due.next_run_at,
    }
}

impl Notices {
    /// Tells one person what there is to tell them; answers whether there was anything.
    pub async fn step(&self) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let lease = LeaseToken(random_bytes(&*self.random));
        let Some(round) = self.store.claim(now, now + LEASE, lease).await? else {
            return Ok(false);
        };
        let settled = self.tell(&round, now).await?;
        self.store.settle(lease, settled).await?;
        Ok(true)
    }

    /// Makes reminders of incidents that go on; answers whether there may be more of them.
    pub async fn remind(&self) -> Result<bool, StoreError> {
        Ok(self.store.remind(self.clock.now(), REMINDERS).await? == REMINDERS)
    }

    async fn tell(&self, round: &Round, now: Timestamp) -> Result<Vec<(NoticeId, Settled)>, StoreError> {
        let user = match self.users.find(round.owner).await {
            Ok(user) => Some(user).filter(User::is_active),
            Err(StoreError::NotFound) => None,
            Err(error) => return Err(error),
        };
        let policy = |due: &DueNotice| due.policy.unwrap_or(round.defaults);
        let (wanted, unwanted): (Vec<&DueNotice>, Vec<&DueNotice>) = round
            .notices
            .iter()
            .partition(|due| user.is_some() && due.job_exists && policy(due).wants(&due.notice));
        let mut settled: Vec<(NoticeId, Settled)> = unwanted
            .into_iter()
            .map(|due| (due.notice.notice_id, Settled::NotWanted))
            .collect();
        let Some(user) = user.filter(|_| !wanted.is_empty()) else {
            return Ok(settled);
        };
        let left = PER_WINDOW.saturating_sub(round.told_at.len());
        if left == 0 {
            let until = round.told_at.first().map_or(now, |first| *first) + WINDOW;
            settled.extend(wanted.iter().map(|due| (due.notice.notice_id, Settled::Held(until))));
            return Ok(settled);
        }
        let mails: Vec<&[&DueNotice]> = if wanted.len() <= ONE_BY_ONE.min(left) {
            wanted.chunks(1).collect()
        } else {
            vec![wanted.as_slice()]
        };
        let mut is_away = None;
        for mail in mails {
            let outcome = match &is_away {
                // What this one could not be told, the next one cannot either.
                Some(why) => Err(NotifyError::Temporary(String::clone(why))),
                None => self.hand_over(&user, mail).await,
            };
            if let Err(NotifyError::Temporary(why)) = &outcome {
                is_away = Some(why.clone());
            }
            settled.extend(self.settled(mail, &outcome, policy));
        }
        Ok(settled)
    }

    async fn hand_over(&self, user: &User, mail: &[&DueNotice]) -> Result<(), NotifyError> {
        let notices = mail.iter().map(|due| told(due)).collect();
        let message = Message::Jobs {
            full_name: user.full_name.clone(),
            time_zone: user.time_zone.clone(),
            notices,
        };
        self.notifier
            .deliver(&Recipient::Email(user.email.clone()), &message)
            .await
    }

    fn settled(
        &self,
        mail: &[&DueNotice],
        outcome: &Result<(), NotifyError>,
        policy: impl Fn(&DueNotice) -> NoticePolicy,
    ) -> Vec<(NoticeId, Settled)> {
        let now = self.clock.now();
        let settle = |due: &&DueNotice| {
            let settled = match outcome {
                Ok(()) => {
                    let hours = policy(due).remind_hours;
                    Settled::Sent {
                        at: now,
                        remind_at: hours.map(|hours| now + TimeDelta::hours(hours.into())),
                    }
                }
                Err(NotifyError::Permanent(why)) => Settled::Failed(why.clone()),
                Err(NotifyError::Temporary(why)) => match retry_in(due.tries + 1) {
                    Some(wait) => Settled::Again(now + wait, why.clone()),
                    None => Settled::Failed(why.clone()),
                },
            };
            (due.notice.notice_id, settled)
        };
        mail.iter().map(settle).collect()
    }
}

#[cfg(test)]
mod tests;
