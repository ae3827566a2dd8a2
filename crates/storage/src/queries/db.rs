//! The database: its connections, what it remembers between units of work, and how it is read. How it is written is beside
//! this, in `write`.

use super::{Conn, Source, Target, births::Births, dialect, shared_commit::SharedCommit};
use crate::transitions::Context;
use crate::{
    Stores,
    config::StoreConfig,
    effects::Effects,
    error::Fault,
    fairness::Fairness,
    floor::Floor,
    pool::{Place, Pool},
};
use futures_util::future::BoxFuture;
use scheduler_domain::{
    audit::Acting,
    clock::Random,
    error::StoreError,
    ports::{CommitListener, PoolWaits},
};
use std::sync::{Arc, Mutex};
use tokio::runtime::Handle;

/// How often a unit of work is begun anew because its connection was found dead.
pub(super) const RECONNECTS: u32 = 2;

/// Connections for reading and for writing; for MySQL they are the same.
pub(crate) struct Pools {
    pub(crate) read: Arc<Pool<Conn>>,
    pub(crate) write: Arc<Pool<Conn>>,
}

/// The database.
#[derive(Clone)]
pub(crate) struct Db(pub(super) Arc<Inner>);

pub(super) struct Inner {
    /// Where units of work are carried out: where the connections were opened and are watched. From the threads of the
    /// web server each answer of the database would be handed from thread to thread.
    pub(super) runtime: Handle,
    pub(super) source: Source,
    pub(super) pools: Pools,
    pub(super) random: Arc<dyn Random>,
    pub(super) listener: Arc<dyn CommitListener>,
    pub(super) floor: Floor,
    pub(super) fairness: Fairness,
    pub(super) births: Births,
    /// The transaction that the idle writer is inside of; only who has its place touches it.
    pub(super) open: Mutex<Option<SharedCommit>>,
}

/// An open transaction and what it does besides its rows.
pub(crate) struct Tx {
    pub(crate) conn: Conn,
    pub(crate) effects: Effects,
    pub(crate) random: Arc<dyn Random>,
    /// For whom it is.
    pub(super) acting: Option<Arc<Acting>>,
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
            open: Mutex::new(None),
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

    #[cfg(test)]
    #[allow(dead_code, reason = "only where there is one writer")]
    pub(crate) fn writers(&self) -> &Arc<Pool<Conn>> {
        &self.0.pools.write
    }

    /// Whether the idle writer is inside of a transaction.
    #[cfg(test)]
    #[allow(dead_code, reason = "only where there is one writer")]
    pub(crate) fn is_left_open(&self) -> bool {
        self.0.open.lock().is_ok_and(|open| open.is_some())
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
}

pub(super) async fn connection(
    place: &mut Place<Conn>,
    source: &Source,
    for_writing: bool,
) -> Result<Conn, StoreError> {
    match place.conn.take() {
        Some(conn) => Ok(conn),
        None => source.open(for_writing).await,
    }
}
