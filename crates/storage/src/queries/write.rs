//! Transactions: begun, done, and committed, by themselves or with others ([`SharedCommit`]); and done again after conflicts.

use super::{
    Conn,
    db::{Db, Inner, RECONNECTS, Tx, Write, connection},
    dialect, emit,
    shared_commit::{Member, SharedCommit},
};
use crate::{acting, effects::Effects, error::Fault, pool::Place};
use diesel_async::{AsyncConnection, TransactionManager};
use scheduler_domain::{
    clock::{Random, random_bytes},
    error::StoreError,
    ports::Committed,
};
use std::{sync::PoisonError, time::Duration};
use tokio::sync::oneshot;

type Manager = <Conn as AsyncConnection>::TransactionManager;

/// What is told of a unit of work once it is committed.
pub(super) struct Told {
    /// To the listener.
    committed: Vec<Committed>,
    /// The smallest key that became claimable.
    claimable_from: Option<i64>,
}

/// How a unit of work that is done ends.
enum Ending {
    /// With a COMMIT, for these and for itself.
    Committed(Vec<Member>),
    /// With that of somebody else, who tells of it.
    Shared(oneshot::Receiver<()>),
}

struct Stopped {
    fault: Fault,
    /// Whether COMMIT was sent, so that its effect is unknown if the connection is lost.
    committing: bool,
    /// Whether the connection may still be inside the transaction.
    dirty: bool,
}

impl<E: Into<Fault>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self {
            fault: error.into(),
            committing: false,
            dirty: false,
        }
    }
}

impl Db {
    /// Does a transaction, its events included, and tells the listener once it is committed.
    pub(crate) async fn write<A, T>(&self, args: A, work: Write<A, T>) -> Result<T, StoreError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        let mut place = self.0.pools.write.take().await?;
        let inner = self.0.clone();
        // Asked here: the transaction runs in a task of its own.
        let acting = acting::current();
        dialect::detach(&self.0.runtime, async move {
            let mut open = inner.open_transaction(&place);
            let mut tx = Tx {
                conn: connection(&mut place, &inner.source, true).await?,
                effects: Effects::default(),
                random: inner.random.clone(),
                acting,
            };
            let (mut tries, mut reconnects) = (1, 0);
            let mut shares = dialect::SHARES_COMMITS;
            loop {
                let stopped = match inner.attempt(&mut tx, &mut open, &args, work, shares).await {
                    Ok((value, Ending::Committed(members))) => {
                        place.give_back(tx.conn);
                        inner.tell(members);
                        return Ok(value);
                    }
                    Ok((value, Ending::Shared(committed))) => {
                        inner.leave_open(open.take());
                        place.give_back(tx.conn);
                        if inner.is_committed(committed).await {
                            return Ok(value);
                        }
                        // Once more, and this time without company.
                        shares = false;
                        place = inner.pools.write.take().await?;
                        open = inner.open_transaction(&place);
                        tx.conn = connection(&mut place, &inner.source, true).await?;
                        inner.close(&mut tx.conn, &mut open).await?;
                        continue;
                    }
                    Err(stopped) => stopped,
                };
                inner.close(&mut tx.conn, &mut open).await?;
                match stopped {
                    Stopped {
                        fault: Fault::Retry(why),
                        ..
                    } if tries < dialect::TRIES => {
                        tracing::debug!(why, tries, "a transaction met another one and is tried again");
                        tokio::time::sleep(pause(tries, roll(&*inner.random))).await;
                        tries += 1;
                    }
                    // Before COMMIT was sent the database has certainly kept nothing.
                    Stopped {
                        fault: Fault::Lost(_),
                        committing: false,
                        ..
                    } if reconnects < RECONNECTS => {
                        reconnects += 1;
                        tx.conn = inner.source.open(true).await?;
                    }
                    Stopped {
                        fault: Fault::Lost(why),
                        ..
                    } => return Err(StoreError::Unavailable(why)),
                    Stopped { fault, dirty, .. } => {
                        if !dirty {
                            place.give_back(tx.conn);
                        }
                        return Err(fault.into_store_error());
                    }
                }
            }
        })
        .await
    }
}

impl Inner {
    /// The transaction that the connection of this place is inside of, if somebody has left it open.
    fn open_transaction(&self, place: &Place<Conn>) -> Option<SharedCommit> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Without its connection it is lost, and who waits for it begins anew.
        open.filter(|_| place.conn.is_some())
    }

    fn leave_open(&self, open: Option<SharedCommit>) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = open;
    }

    /// One try: begin or join, work, emit; then commit, or leave that to those who wait. When it stops, `open` is what is
    /// left of the transaction of others.
    async fn attempt<A, T>(
        &self,
        tx: &mut Tx,
        open: &mut Option<SharedCommit>,
        args: &A,
        work: Write<A, T>,
        shares: bool,
    ) -> Result<(T, Ending), Stopped> {
        tx.effects = Effects {
            acting: tx.acting.clone(),
            ..Effects::default()
        };
        let before = match open {
            Some(_) => dialect::changes(&mut tx.conn).await?,
            None => {
                dialect::begin(&mut tx.conn).await?;
                0
            }
        };
        let done = async {
            let value = work(tx, args).await?;
            let claimable_from = tx.effects.claimable_from;
            let committed = emit::flush(tx).await?;
            Ok::<_, Fault>((
                value,
                Told {
                    committed,
                    claimable_from,
                },
            ))
        }
        .await;
        match done {
            Ok((value, told)) => {
                let is_shared =
                    shares && self.pools.write.waiting() > 0 && open.as_ref().is_none_or(SharedCommit::has_room);
                if is_shared {
                    let committed = open.get_or_insert_with(SharedCommit::new).join(told);
                    return Ok((value, Ending::Shared(committed)));
                }
                let others = open.take();
                match Manager::commit_transaction(&mut tx.conn).await {
                    Ok(()) => {
                        let mut members = others.map(SharedCommit::into_members).unwrap_or_default();
                        members.push(Member { told, waits: None });
                        self.lower_floor(&members);
                        Ok((value, Ending::Committed(members)))
                    }
                    Err(error) => Err(roll_back(&mut tx.conn, error.into(), true).await),
                }
            }
            Err(fault) => {
                let is_untouched =
                    open.is_some() && dialect::changes(&mut tx.conn).await.is_ok_and(|now| now == before);
                if is_untouched {
                    return Err(fault.into());
                }
                *open = None;
                Err(roll_back(&mut tx.conn, fault, false).await)
            }
        }
    }

    /// Commits what others have left open; answers whether the connection is clean afterwards.
    async fn commit(&self, conn: &mut Conn, open: SharedCommit) -> bool {
        match Manager::commit_transaction(conn).await {
            Ok(()) => {
                let members = open.into_members();
                self.lower_floor(&members);
                self.tell(members);
                true
            }
            // They are told by being dropped.
            Err(error) => !roll_back(conn, error.into(), true).await.dirty,
        }
    }

    /// Commits what others have left open, if they have, so that the connection is free for a transaction.
    async fn close(&self, conn: &mut Conn, open: &mut Option<SharedCommit>) -> Result<(), StoreError> {
        if let Some(others) = open.take()
            && !self.commit(conn, others).await
        {
            *conn = self.source.open(true).await?;
        }
        Ok(())
    }

    /// Before the next one writes: from where on runs can be claimed now.
    fn lower_floor(&self, members: &[Member]) {
        for key in members.iter().filter_map(|member| member.told.claimable_from) {
            self.floor.fall_to(key);
        }
    }

    /// Tells of what was committed, in the order in which it was done.
    fn tell(&self, members: Vec<Member>) {
        let commits = || members.iter().flat_map(|member| &member.told.committed);
        let events = commits().map(|what| what.events.len()).sum();
        dialect::committed(&self.source, events, &self.runtime);
        for what in commits() {
            self.listener.committed(what);
        }
        for waits in members.into_iter().filter_map(|member| member.waits) {
            let _ = waits.send(());
        }
    }

    /// Waits for the commit of a transaction that was left to others, and carries it out where none of them does: who was
    /// waiting may have gone away.
    async fn is_committed(&self, mut committed: oneshot::Receiver<()>) -> bool {
        tokio::select! {
            biased;
            told = &mut committed => return told.is_ok(),
            place = self.pools.write.take_aside() => {
                if let Some(mut place) = place {
                    let open = self.open_transaction(&place);
                    if let Some(mut conn) = place.conn.take() {
                        let is_clean = match open {
                            Some(open) => self.commit(&mut conn, open).await,
                            None => true,
                        };
                        if is_clean {
                            place.give_back(conn);
                        }
                    }
                }
            }
        }
        committed.await.is_ok()
    }
}

/// About 10 ms, more for each try, and never the same for two that met.
fn pause(tries: u32, roll: f64) -> Duration {
    Duration::from_secs_f64(0.01 * f64::from(tries.min(5)) * (0.5 + roll))
}

fn roll(random: &dyn Random) -> f64 {
    f64::from(u32::from_le_bytes(random_bytes(random))) / f64::from(u32::MAX)
}

/// Rolls back explicitly: after a lock wait timeout the database keeps the rest of the transaction open.
async fn roll_back(conn: &mut Conn, fault: Fault, committing: bool) -> Stopped {
    let lost = matches!(fault, Fault::Lost(_));
    let clean = !lost
        && match Manager::rollback_transaction(conn).await {
            Ok(()) | Err(diesel::result::Error::NotInTransaction) => true,
            Err(error) => {
                tracing::warn!(%error, "a transaction could not be rolled back; its connection is closed");
                false
            }
        };
    match fault {
        // It cannot be tried again here, but it can on another connection.
        Fault::Retry(why) if !clean => Stopped {
            fault: Fault::Lost(why),
            committing,
            dirty: true,
        },
        fault => Stopped {
            fault,
            committing,
            dirty: !clean,
        },
    }
}
