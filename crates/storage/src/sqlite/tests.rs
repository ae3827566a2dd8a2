//! Units of work that find others waiting for the writer are committed together.

use super::Db;
use super::queries::Tx;
use crate::{config::StoreConfig, error::Fault};
use diesel::sql_types::BigInt;
use diesel_async::SimpleAsyncConnection;
use futures_util::future::BoxFuture;
use scheduler_domain::{
    clock::Random,
    error::StoreError,
    ports::{CommitListener, Committed},
};
use std::{
    future::Future,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};
use tokio::task::JoinHandle;

struct Zeros;

impl Random for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

struct Nobody;

impl CommitListener for Nobody {
    fn committed(&self, _: &Committed) {}
}

#[derive(Debug, Clone, Copy)]
enum How {
    Well,
    /// Without having written.
    RefusedAtOnce,
    /// After it has written.
    RefusedLate,
    Panics,
}

/// Writes a number into a table.
#[derive(Clone)]
struct Note {
    number: i64,
    how: How,
    tries: Arc<AtomicU32>,
    db: Db,
}

fn note<'a>(tx: &'a mut Tx, note: &'a Note) -> BoxFuture<'a, Result<i64, Fault>> {
    Box::pin(async move {
        note.tries.fetch_add(1, Ordering::SeqCst);
        if matches!(note.how, How::RefusedAtOnce) {
            return Err(StoreError::NotFound.into());
        }
        let insert = format!("INSERT INTO notes (number) VALUES ({})", note.number);
        tx.conn.batch_execute(&insert).await?;
        match note.how {
            How::RefusedLate => Err(StoreError::NotFound.into()),
            How::Panics => panic!("a mistake in the program"),
            // What others see of it all: nothing, as long as it is not committed.
            _ => Ok(note.db.numbers().await.map(|all| i64::try_from(all.len()).unwrap())?),
        }
    })
}

impl Db {
    async fn numbers(&self) -> Result<Vec<i64>, StoreError> {
        self.read((), |conn, ()| {
            Box::pin(async move {
                let numbers = diesel::sql_query("SELECT number FROM notes ORDER BY number");
                let rows: Vec<Number> = diesel_async::RunQueryDsl::load(numbers, conn).await?;
                Ok(rows.into_iter().map(|row| row.number).collect())
            })
        })
        .await
    }
}

#[derive(diesel::QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

struct Stage {
    db: Db,
    _folder: tempfile::TempDir,
}

impl Stage {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.db");
        let config = StoreConfig::new(format!("sqlite://{}", path.display()));
        let db = Db::connect(&config, Path::new(&path), Arc::new(Zeros), Arc::new(Nobody))
            .await
            .unwrap();
        let mut place = db.writers().take().await.unwrap();
        let mut conn = place.conn.take().unwrap();
        conn.batch_execute("CREATE TABLE notes (number INTEGER PRIMARY KEY)")
            .await
            .unwrap();
        place.give_back(conn);
        Self { db, _folder: folder }
    }

    /// Lets these wait for the writer, one behind the other, and then begin. Answers what became of them, and how often
    /// each was tried.
    async fn at_once(&self, how: &[How]) -> Vec<(Result<i64, StoreError>, u32)> {
        let place = self.db.writers().take().await.unwrap();
        let mut working = Vec::new();
        for (number, how) in (1..).zip(how) {
            let tries = Arc::new(AtomicU32::new(0));
            working.push((self.begin(number, *how, &tries).await, tries));
        }
        give_up(place);
        let mut ended = Vec::new();
        for (work, tries) in working {
            ended.push((work.await.unwrap(), tries.load(Ordering::SeqCst)));
        }
        ended
    }

    /// Waits until it waits.
    async fn begin(&self, number: i64, how: How, tries: &Arc<AtomicU32>) -> JoinHandle<Result<i64, StoreError>> {
        let before = self.db.writers().waiting();
        let (db, tries) = (self.db.clone(), tries.clone());
        let args = Note {
            number,
            how,
            tries,
            db: db.clone(),
        };
        let work = tokio::spawn(async move { db.write(args, note).await });
        until(|| self.db.writers().waiting() > before).await;
        work
    }
}

fn give_up(mut place: crate::pool::Place<super::Conn>) {
    let conn = place.conn.take().unwrap();
    place.give_back(conn);
}

async fn until(is_so: impl Fn() -> bool) {
    while !is_so() {
        tokio::task::yield_now().await;
    }
}

fn not_found<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::NotFound))
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.unwrap().block_on(test);
}

#[test]
fn who_waits_is_committed_with_who_is_done() {
    run(async {
        let stage = Stage::new().await;
        let ended = stage.at_once(&[How::Well, How::Well, How::Well]).await;
        for (result, tries) in ended {
            // None of them was committed when the last one was at work.
            assert_eq!((result.unwrap(), tries), (0, 1));
        }
        assert_eq!(stage.db.numbers().await.unwrap(), [1, 2, 3]);
    });
}

#[test]
fn one_that_is_refused_before_it_wrote_leaves_the_others_alone() {
    run(async {
        let stage = Stage::new().await;
        let ended = stage.at_once(&[How::Well, How::RefusedAtOnce, How::Well]).await;
        assert!(not_found(&ended[1].0));
        assert_eq!(ended.iter().map(|(_, tries)| *tries).collect::<Vec<_>>(), [1, 1, 1]);
        assert_eq!(stage.db.numbers().await.unwrap(), [1, 3]);
    });
}

#[test]
fn one_that_is_refused_after_it_wrote_keeps_nothing_and_the_others_everything() {
    run(async {
        let stage = Stage::new().await;
        let ended = stage.at_once(&[How::Well, How::RefusedLate, How::Well]).await;
        assert!(not_found(&ended[1].0));
        assert!(ended[0].0.is_ok() && ended[2].0.is_ok(), "{ended:?}");
        assert_eq!(ended[0].1, 2, "it was rolled back with the other, and done again");
        assert_eq!(stage.db.numbers().await.unwrap(), [1, 3]);
    });
}

#[test]
fn one_that_ends_badly_takes_no_others_with_it() {
    run(async {
        let stage = Stage::new().await;
        let ended = stage.at_once(&[How::Well, How::Panics, How::Well]).await;
        assert!(matches!(ended[1].0, Err(StoreError::Driver(_))));
        assert!(ended[0].0.is_ok() && ended[2].0.is_ok(), "{ended:?}");
        assert_eq!(stage.db.numbers().await.unwrap(), [1, 3]);
    });
}

#[test]
fn who_is_left_by_those_that_waited_commits_by_itself() {
    run(async {
        let stage = Stage::new().await;
        let place = stage.db.writers().take().await.unwrap();
        let tries = Arc::new(AtomicU32::new(0));
        let work = stage.begin(1, How::Well, &tries).await;
        let mut waiter = Box::pin(stage.db.writers().take());
        assert!(futures_util::poll!(&mut waiter).is_pending());
        give_up(place);
        until(|| tries.load(Ordering::SeqCst) == 1 && stage.db.is_left_open()).await;
        assert!(!work.is_finished() && stage.db.numbers().await.unwrap().is_empty());
        drop(waiter);
        assert_eq!(work.await.unwrap().unwrap(), 0);
        assert_eq!(stage.db.numbers().await.unwrap(), [1]);
        assert_eq!(tries.load(Ordering::SeqCst), 1);
    });
}
