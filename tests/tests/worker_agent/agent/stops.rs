//! Agents that are told to stop, and servers that stop.

use super::*;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_lets_the_present_runs_end_and_claims_no_others() {
    let stage = Stage::set().await;
    let mut agent = stage.agent(&[], &format!("echo pids $$; {WAIT}"));
    let run = stage.owner.run(json!(null)).await;
    stage.pids(&run).await;
    let rest = stage.owner.run(json!(null)).await;
    agent.signal("TERM");
    agent.prints("stopping: nothing more is claimed; 1 under way").await;
    stage.raise_the_flag();
    assert!(agent.ends().await.success());
    assert_eq!(stage.owner.see(&run).await["status"], "Completed");
    assert_eq!(stage.owner.see(&rest).await["status"], "Queued");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_that_waits_for_work_stops_at_once() {
    let stage = Stage::set().await;
    let mut agent = stage.agent(&[], "true");
    until("it waits", async || {
        (stage.server.state.polls.waiting() == 1).then_some(())
    })
    .await;
    agent.signal("INT");
    assert!(agent.ends().await.success());
    until("its seat is free", async || {
        (stage.server.state.polls.waiting() == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_end_in_time_is_given_back_and_counts_nothing() {
    let stage = Stage::set().await;
    let mut agent = stage.agent(&["--grace", "0"], r#"echo "pids $$"; sleep 1000"#);
    let run = stage.owner.run(json!(null)).await;
    let pids = stage.pids(&run).await;
    agent.signal("TERM");
    assert!(agent.ends().await.success());
    are_gone(&pids).await;
    let run = stage.owner.see(&run).await;
    assert_eq!(
        (&run["status"], &run["reason"], &run["attempt"], &run["crashes"]),
        (&json!("Queued"), &json!("handed_back"), &json!(0), &json!(0))
    );
    // Another one takes it, as if nothing had been.
    let _agent = stage.agent(&[], "true");
    let run = stage.owner.client.run_becomes(&run, "Completed").await;
    assert_eq!(run["attempt"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_signal_is_the_end() {
    let stage = Stage::set().await;
    let mut agent = stage.agent(
        &["--grace", "600"],
        r#"trap '' TERM; echo "pids $$"; while :; do sleep 0.1; done"#,
    );
    let run = stage.owner.run(json!(null)).await;
    let pids = stage.pids(&run).await;
    agent.signal("TERM");
    agent.prints("stopping").await;
    agent.signal("TERM");
    assert_eq!(agent.ends().await.code(), Some(130));
    are_gone(&pids).await;
    assert_eq!(stage.owner.see(&run).await["reason"], "handed_back");
    stage.is_clean().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_restarts_in_the_middle_of_a_run_is_borne() {
    let stage = Stage::set().await;
    let script = format!("echo pids $$; {WAIT}; echo 'progress 90'; echo after; echo result 1");
    let agent = stage.agent(&["--lease", "30"], &script);
    let run = stage.owner.run(json!(null)).await;
    stage.pids(&run).await;
    let Stage { server, owner, dir } = stage;
    let address = server.address.clone();
    let flag = dir.path().join("flag");
    // The command ends while nobody is there to be told.
    let is_back = Arc::new(AtomicBool::new(false));
    let raise = std::thread::spawn({
        let (address, is_back) = (address.clone(), is_back.clone());
        move || {
            while std::net::TcpStream::connect(&address).is_ok() && !is_back.load(Ordering::Acquire) {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            std::fs::write(flag, "")
        }
    });
    let server = server.again(&[("listen", &address)]);
    is_back.store(true, Ordering::Release);
    raise.join().unwrap().unwrap();
    let owner = owner.towards(&server);
    let run = owner.client.run_becomes(&run, "Completed").await;
    assert_eq!(
        (&run["attempt"], &run["crashes"], &run["result"], &run["progress"]),
        (&json!(1), &json!(0), &json!(1), &json!(90))
    );
    assert_eq!(owner.log(&run).await.last().unwrap(), "after");
    // And the next one.
    let next = owner.run(json!(null)).await;
    owner.client.run_becomes(&next, "Completed").await;
    drop((agent, dir));
}
