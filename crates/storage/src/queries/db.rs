//! Units of work: one read, or one transaction with its events.

use super::{Conn, Source, Target, births::Births, dialect, emit};
use crate::transitions::Context;
use crate::{
    Stores, acting,
    config::StoreConfig,
    effects::Effects,
    error::Fault,
    fairness::Fairness,
    floor::Floor,
    pool::{Place, Pool},
};
use diesel_async::{AsyncConnection, TransactionManager};
use futures_util::future::BoxFuture;
use scheduler_domain::{
    audit::Acting,
    clock::{Random, random_bytes},
    error::StoreError,
    ports::{CommitListener, Committed, PoolWaits},
};
use std::{sync::Arc, time::Duration};
use tokio::runtime::Handle;

type Manager = <Conn as AsyncConnection>::TransactionManager;

/// How often a unit of work is begun anew because its connection was found dead.
const RECONNECTS: u32 = 2;

/// Connections for reading and for writing; for MySQL they are the same.
pub(crate) struct Pools {
    pub(crate) read: Arc<Pool<Conn>>,
    pub(crate) write: Arc<Pool<Conn>>,
}

/// The database.
#[derive(Clone)]
pub(crate) struct Db(Arc<Inner>);

struct Inner {
    /// Where units of work are carried out: where the connections were opened and are watched. From the threads of the
    /// web server each answer of the database would be handed from thread to thread.
    runtime: Handle,
    source: Source,
    pools: Pools,
    random: Arc<dyn Random>,
    listener: Arc<dyn CommitListener>,
    floor: Floor,
    fairness: Fairness,
    births: Births,
}

/// An open transaction and what it does besides its rows.
pub(crate) struct Tx {
    pub(crate) conn: Conn,
    pub(crate) effects: Effects,
    pub(crate) random: Arc<dyn Random>,
    /// For whom it is.
    acting: Option<Arc<Acting>>,
}

impl Tx {
    pub(crate) fn random(&self) -> &dyn Random {
        &*self.random
    }

    /// What steps of runs need of the transaction.
    pub(crate) fn context(&mut self) -> Context<'_> {
        Context {
            effects: &mut self.effects,
            random: &*self.random,
        }
    }
}

fn roll(random: &dyn Random) -> f64 {
    f64::from(u32::from_le_bytes(random_bytes(random))) / f64::from(u32::MAX)
}

/// A function of a read or of a transaction. It borrows its arguments, because it may be run more than once.
pub(crate) type Read<A, T> = for<'a> fn(&'a mut Conn, &'a A) -> BoxFuture<'a, Result<T, Fault>>;
/// See [`Read`].
pub(crate) type Write<A, T> = for<'a> fn(&'a mut Tx, &'a A) -> BoxFuture<'a, Result<T, Fault>>;

impl Db {
    pub(crate) async fn connect(
        config: &StoreConfig,
        target: &Target,
        random: Arc<dyn Random>,
        listener: Arc<dyn CommitListener>,
    ) -> Result<Self, StoreError> {
        let (source, pools) = Source::connect(config, target).await?;
        Ok(Self(Arc::new(Inner {
            runtime: Handle::current(),
            source,
            pools,
            random,
            listener,
            floor: Floor::default(),
            fairness: Fairness::default(),
            births: Births::default(),
        })))
    }

    pub(crate) fn runtime(&self) -> &Handle {
        &self.0.runtime
    }

    pub(crate) fn source(&self) -> &Source {
        &self.0.source
    }

    pub(crate) fn floor(&self) -> &Floor {
        &self.0.floor
    }

    pub(crate) fn births(&self) -> &Births {
        &self.0.births
    }

    pub(crate) fn fairness(&self) -> &Fairness {
        &self.0.fairness
    }

    pub(crate) fn pool_waits(&self) -> PoolWaits {
        let (read, write) = (self.0.pools.read.waits(), self.0.pools.write.waits());
        if Arc::ptr_eq(&self.0.pools.read, &self.0.pools.write) {
            return read;
        }
        PoolWaits {
            waits: read.waits + write.waits,
            micros: read.micros + write.micros,
        }
    }

    pub(crate) fn into_stores(self) -> Stores {
        let all = Arc::new(self);
        Stores {
            users: all.clone(),
            otps: all.clone(),
            sessions: all.clone(),
            api_keys: all.clone(),
            idempotency: all.clone(),
            audit: all.clone(),
            jobs: all.clone(),
            history: all.clone(),
            events: all.clone(),
            queue: all.clone(),
            schedules: all.clone(),
            workers: all.clone(),
            log: all.clone(),
            endpoints: all.clone(),
            deliveries: all.clone(),
            bulk: all.clone(),
            links: all.clone(),
            notices: all.clone(),
            health: all.clone(),
            view: all.clone(),
            retention: all.clone(),
            migrations: all.clone(),
            settings: all,
        }
    }

    /// Reads. On a connection that was found dead it is done again on a new one.
    pub(crate) async fn read<A, T>(&self, args: A, work: Read<A, T>) -> Result<T, StoreError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        let mut place = self.0.pools.read.take().await?;
        let source = self.0.source.clone();
        dialect::detach(&self.0.runtime, async move {
            let mut conn = connection(&mut place, &source, false).await?;
            let mut reconnects = 0;
            loop {
                match work(&mut conn, &args).await {
                    Ok(value) => {
                        place.give_back(conn);
                        return Ok(value);
                    }
                    Err(Fault::Lost(_)) if reconnects < RECONNECTS => {
                        reconnects += 1;
                        conn = source.open(false).await?;
                    }
                    Err(Fault::Lost(why)) => return Err(StoreError::Unavailable(why)),
                    Err(fault) => {
                        place.give_back(conn);
                        return Err(fault.into_store_error());
                    }
                }
            }
        })
        .await
    }

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
            let mut tx = Tx {
                conn: connection(&mut place, &inner.source, true).await?,
                effects: Effects::default(),
                random: inner.random.clone(),
                acting,
            };
            let (mut tries, mut reconnects) = (1, 0);
            loop {
                match attempt(&mut tx, &args, work).await {
                    Ok((value, committed, claimable_from)) => {
                        if let Some(key) = claimable_from {
                            inner.floor.fall_to(key);
                        }
                        place.give_back(tx.conn);
                        let events = committed.iter().map(|what| what.events.len()).sum();
                        dialect::committed(&inner.source, events, &inner.runtime);
                        for what in &committed {
                            inner.listener.committed(what);
                        }
                        return Ok(value);
                    }
                    Err(Stopped {
                        fault: Fault::Retry(why),
                        ..
                    }) if tries < dialect::TRIES => {
                        tracing::debug!(why, tries, "a transaction met another one and is tried again");
                        tokio::time::sleep(pause(tries, roll(&*inner.random))).await;
                        tries += 1;
                    }
                    // Before COMMIT was sent the database has certainly kept nothing.
                    Err(Stopped {
                        fault: Fault::Lost(_),
                        committing: false,
                        ..
                    }) if reconnects < RECONNECTS => {
                        reconnects += 1;
                        tx.conn = inner.source.open(true).await?;
                    }
                    Err(Stopped {
                        fault: Fault::Lost(why),
                        ..
                    }) => return Err(StoreError::Unavailable(why)),
                    Err(Stopped { fault, dirty, .. }) => {
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

/// About 10 ms, more for each try, and never the same for two that met.
fn pause(tries: u32, roll: f64) -> Duration {
    Duration::from_secs_f64(0.01 * f64::from(tries.min(5)) * (0.5 + roll))
}

async fn connection(place: &mut Place<Conn>, source: &Source, for_writing: bool) -> Result<Conn, StoreError> {
    match place.conn.take() {
        Some(conn) => Ok(conn),
        None => source.open(for_writing).await,
    }
}

/// The value, what the listener is told, and the smallest key that became claimable.
type Done<T> = (T, Vec<Committed>, Option<i64>);

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

/// One try: begin, work, emit, commit; or roll back.
async fn attempt<A, T>(tx: &mut Tx, args: &A, work: Write<A, T>) -> Result<Done<T>, Stopped> {
    tx.effects = Effects {
        acting: tx.acting.clone(),
        ..Effects::default()
    };
    dialect::begin(&mut tx.conn).await?;
    let done = async {
        let value = work(tx, args).await?;
        let claimable_from = tx.effects.claimable_from;
        let committed = emit::flush(tx).await?;
        Ok::<_, Fault>((value, committed, claimable_from))
    }
    .await;
    match done {
        Ok(done) => match Manager::commit_transaction(&mut tx.conn).await {
            Ok(()) => Ok(done),
            Err(error) => Err(roll_back(tx, error.into(), true).await),
        },
        Err(fault) => Err(roll_back(tx, fault, false).await),
    }
}

/// Rolls back explicitly: after a lock wait timeout the database keeps the rest of the transaction open.
async fn roll_back(tx: &mut Tx, fault: Fault, committing: bool) -> Stopped {
    let lost = matches!(fault, Fault::Lost(_));
    let clean = !lost
        && match Manager::rollback_transaction(&mut tx.conn).await {
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
