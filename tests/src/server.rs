//! The whole program in the process of the test: on a free port of 127.0.0.1, with a data folder and a database of its
//! own.

use crate::{
    client::Client,
    databases::{Backend, Database},
};
use scheduler_domain::user::Role;
use scheduler_server::{
    app::App,
    config::{Config, Values},
    state::State,
};
use std::{
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// How long a condition may take to become true. Long, because machines are slow at times; nothing waits for it in vain.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The secret of every server of the tests, so that two on one database understand each other.
const SECRET: &str = "a secret of the tests, at least 32 bytes long";

/// Makes a test for each database out of functions that take a server.
#[macro_export]
macro_rules! on_both_databases {
    ($($name:ident)+) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let backend = $crate::databases::Backend::Sqlite;
                super::$name($crate::server::TestServer::start(backend).await.unwrap()).await;
            })+
        }

        mod mysql {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let backend = $crate::databases::Backend::Mysql;
                if let Some(server) = $crate::server::TestServer::start(backend).await {
                    super::$name(server).await;
                }
            })+
        }
    };
}

/// A server that runs. Dropping it stops it gracefully.
pub struct TestServer {
    /// `http://127.0.0.1:port`
    pub base: String,
    /// `127.0.0.1:port`
    pub address: String,
    /// Which database it works on.
    pub backend: Backend,
    /// Inside of the program.
    pub state: Arc<State>,
    http: reqwest::Client,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
    // Dropped after the server has stopped.
    data_dir: Option<TempDir>,
    database: Arc<Database>,
}

impl TestServer {
    /// A server with the settings of the tests: no rate limits, cheap passwords, webhooks to this machine allowed.
    /// `None`, with a word about it, when there is no server for the database.
    pub async fn start(backend: Backend) -> Option<Self> {
        Self::with(backend, &[]).await
    }

    /// The same with more settings, by the names of the configuration.
    pub async fn with(backend: Backend, settings: &[(&'static str, &str)]) -> Option<Self> {
        let database = Arc::new(Database::bare(backend).await?);
        Some(Self::run(database, tempfile::tempdir().unwrap(), settings))
    }

    /// A second server on the same database (only MySQL can have two).
    pub fn beside(&self, settings: &[(&'static str, &str)]) -> Self {
        assert_eq!(self.backend, Backend::Mysql);
        Self::run(self.database.clone(), tempfile::tempdir().unwrap(), settings)
    }

    /// The same server once more, after it has stopped.
    pub fn again(mut self, settings: &[(&'static str, &str)]) -> Self {
        self.end();
        let (database, data_dir) = (self.database.clone(), self.data_dir.take().unwrap());
        drop(self);
        Self::run(database, data_dir, settings)
    }

    fn run(database: Arc<Database>, data_dir: TempDir, settings: &[(&'static str, &str)]) -> Self {
        let config = config(&database.url, &data_dir, settings);
        let stop = CancellationToken::new();
        let (sender, receiver) = mpsc::channel();
        let stopping = stop.clone();
        // Threads of its own, so that it works while the test blocks, and stops when the test panics.
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                let app = App::build(config).await.unwrap();
                sender.send((app.address(), app.state().into_inner())).unwrap();
                app.run_until_stopped(stopping).await.unwrap();
            });
        });
        let (address, state) = receiver.recv().expect("the server did not start");
        // The address is open before the engine works; a test may count on both.
        let deadline = Instant::now() + PATIENCE;
        while !state.readiness.is_serving() {
            assert!(Instant::now() < deadline, "the server did not become ready");
            std::thread::sleep(Duration::from_millis(2));
        }
        Self {
            base: format!("http://{address}"),
            address: address.to_string(),
            backend: database.backend,
            state,
            http: reqwest::Client::builder()
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .timeout(PATIENCE)
                .build()
                .unwrap(),
            stop,
            thread: Some(thread),
            data_dir: Some(data_dir),
            database,
        }
    }

    /// The database, to look past the program.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// A client that is not logged in.
    pub fn client(&self) -> Client {
        Client::new(self.base.clone(), self.http.clone())
    }

    /// A client of a new user, logged in.
    pub async fn sign_up(&self) -> Client {
        let mut client = self.client();
        client.sign_up(&fresh_email()).await;
        client
    }

    /// A client of a new administrator, logged in.
    pub async fn sign_up_admin(&self) -> Client {
        let client = self.sign_up().await;
        let user_id = client.user_id().parse().unwrap();
        let now = self.state.clock.now();
        self.state
            .users
            .administer(user_id, Some(Role::Admin), None, now)
            .await
            .unwrap();
        // What is cached about the session is from before.
        scheduler_domain::usecase::accounts::SessionWatch::sessions_of_user_ended(&*self.state.sessions, user_id);
        client
    }

    /// Stops it gracefully and waits for the end.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            if !std::thread::panicking() {
                ended.expect("the server panicked");
            }
        }
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.end();
    }
}

fn config(database_url: &str, data_dir: &TempDir, settings: &[(&'static str, &str)]) -> Config {
    let data_dir = data_dir.path().join("data").display().to_string();
    let ours = [
        ("listen", "127.0.0.1:0"),
        ("data_dir", data_dir.as_str()),
        ("database_url", database_url),
        ("secret", SECRET),
        ("rate_limits", "off"),
        ("password_cost", "10"),
        ("allow_private_targets", "127.0.0.0/8"),
        ("shutdown_seconds", "2"),
    ];
    let flags: Vec<_> = ours
        .iter()
        .chain(settings)
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    Config::from_values(&Values::gather(&flags, &[], None).unwrap()).unwrap()
}

/// An address that no other user has.
pub fn fresh_email() -> String {
    format!("{}@example.com", fresh_word())
}

/// A word that nobody has used yet.
pub fn fresh_word() -> String {
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    format!(
        "u{}-{}",
        std::process::id(),
        NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
    )
}

/// Asks again and again until the answer is there, at most [`PATIENCE`].
pub async fn until<T>(what: &str, ask: impl AsyncFn() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(
            Instant::now() < deadline,
            "{what} did not come true within {PATIENCE:?}"
        );
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
}
