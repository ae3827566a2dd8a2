//! `jobs watch`: a live table at a terminal, lines elsewhere.

use super::{
    program::{Program, binary},
    pseudo_terminal::Terminal,
};
use scheduler_tests::{
    client::text,
    server::{PATIENCE, until},
};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::Stdio,
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::Notify,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_live_table_at_a_terminal() {
    let program = Program::with_key().await;
    program
        .jobs(&["create", "By worker", "--worker", "q", "--external-id", "w"])
        .ok();
    let mut terminal = Terminal::start(&program, &["watch"]);
    terminal.wait_for("live");
    let run = program.json(&["run", "ext:w"], 0);
    terminal.wait_for("Queued");
    let claim = json!({"queues": ["q"], "max": 1, "wait_seconds": 5, "lease_seconds": 30, "worker_name": "w"});
    let claimed = program.user.post("/api/v1/worker/claim", claim, 200).await;
    let path = format!("/api/v1/worker/runs/{}", text(&run, "run_id"));
    let lease = &claimed["data"][0]["lease_token"];
    let beat = json!({"lease_token": lease, "progress": 40, "message": "half way, nearly"});
    program.user.post(&format!("{path}/heartbeat"), beat, 200).await;
    terminal.wait_for("████████░░░░░░░░░░░░  40 %");
    terminal.wait_for("half way, nearly");
    program
        .user
        .post(&format!("{path}/complete"), json!({"lease_token": lease}), 200)
        .await;
    terminal.wait_for("████████████████████ 100 %");
    terminal.types("\x03");
    assert_eq!(terminal.ends(), 0);
    // The screen of before comes back, and the cursor.
    terminal.wait_for("\x1b[?25h\x1b[?1049l");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_colour_is_respected() {
    let mut program = Program::with_key().await;
    program.jobs(&["create", "A job"]).ok();
    let coloured = |program: &Program| {
        let mut terminal = Terminal::start(program, &["list"]);
        assert_eq!(terminal.ends(), 0);
        terminal.wait_for("A job");
        terminal.shown().contains("\x1b[")
    };
    assert!(coloured(&program));
    program.set("NO_COLOR", "1");
    assert!(!coloured(&program));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_go_on_without_a_hole_after_the_line_broke() {
    let mut program = Program::with_key().await;
    let line = Line::to(program.server.address.clone()).await;
    let direct = program.environment["JOBS_URL"].clone();
    program.set("JOBS_URL", &format!("http://{}", line.address));
    let mut watching = program
        .command(binary(), &["watch", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    program.set("JOBS_URL", &direct);
    let lines = BufReader::new(watching.stdout.take().unwrap()).lines();
    let (sender, events) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let _ = sender.send(serde_json::from_str::<Value>(&line).unwrap());
        }
    });
    let cursor = |event: &Value| u64::from_str_radix(text(event, "cursor"), 16).unwrap();
    // Something is told as soon as the watcher listens.
    let first = until("the watcher listens", async || {
        program.jobs(&["create", "first"]).ok();
        events.recv_timeout(Duration::from_millis(100)).ok()
    })
    .await;
    let mut last = cursor(&first);
    for round in 0..3 {
        line.cut();
        for n in 0..3 {
            program.jobs(&["create", &format!("away {round} {n}")]).ok();
        }
        let name = format!("away {round} 2");
        loop {
            let event = events.recv_timeout(PATIENCE).unwrap();
            assert_eq!(cursor(&event), last + 1, "{event}");
            last += 1;
            if event["data"]["job_name"] == *name {
                break;
            }
        }
    }
    watching.kill().unwrap();
    watching.wait().unwrap();
}

/// A way to the server that can be cut.
struct Line {
    address: SocketAddr,
    scissors: Arc<Notify>,
}

impl Line {
    async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let scissors = Arc::new(Notify::new());
        let cut = scissors.clone();
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let (server, cut) = (server.clone(), cut.clone());
                tokio::spawn(async move {
                    let mut far = TcpStream::connect(server).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut near, &mut far) => {}
                        () = cut.notified() => {}
                    }
                });
            }
        });
        Self { address, scissors }
    }

    /// Ends every connection there is.
    fn cut(&self) {
        self.scissors.notify_waiters();
    }
}
