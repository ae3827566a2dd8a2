//! Whose run is claimed when more wait than fit, and limits.

use super::{
    people::{at, somebody},
    work::{claim, claim_some, create, create_running, end, queue_up, spec, start},
};
use scheduler_domain::{
    job::{JobSpec, Overlap, Priority},
    ports::Claim,
    run::Trigger,
};
use scheduler_tests::databases::Database;

on_both! {
    one_run_of_a_quiet_user_is_in_the_next_claim
    users_take_turns
    a_critical_run_goes_before_the_turn_of_others
    many_users_each_get_their_turn
    no_user_has_more_under_way_than_the_limit
    two_nodes_at_once_keep_the_limit
    a_job_has_no_more_runs_under_way_than_it_wants
}

async fn one_run_of_a_quiet_user_is_in_the_next_claim(database: Database) {
    let (loud, quiet) = (somebody(&database, "loud").await, somebody(&database, "quiet").await);
    for number in 0..60 {
        create_running(&database, loud, spec(&format!("job {number}")), at(number)).await;
    }
    // The loud one is served for a while, so its backlog is old.
    assert_eq!(claim_some(&database, 10, at(600)).await.len(), 10);
    create_running(&database, quiet, spec("quiet"), at(601)).await;
    let claimed = claim_some(&database, 4, at(601)).await;
    assert_eq!(claimed.len(), 4);
    assert!(claimed.iter().any(|claimed| claimed.run.user_id == quiet));
    // Nothing is left behind: the rest goes on being claimed.
    let mut rest = 0;
    loop {
        let claimed = claim_some(&database, 20, at(602)).await.len();
        if claimed == 0 {
            break;
        }
        rest += claimed;
    }
    assert_eq!(rest, 60 + 1 - 10 - 4);
}

async fn users_take_turns(database: Database) {
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    queue_up(&database, ada, 12).await;
    queue_up(&database, bob, 12).await;
    for second in 0..4 {
        let claimed = claim_some(&database, 4, at(100 + second)).await;
        let of_ada = claimed.iter().filter(|claimed| claimed.run.user_id == ada).count();
        assert_eq!((claimed.len(), of_ada), (4, 2));
    }
}

async fn a_critical_run_goes_before_the_turn_of_others(database: Database) {
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    for number in 0..8 {
        create_running(&database, ada, spec(&format!("job {number}")), at(number)).await;
    }
    let critical = JobSpec {
        priority: Priority::Critical,
        ..spec("now")
    };
    let (_, run) = create_running(&database, bob, critical, at(10)).await;
    let claimed = claim_some(&database, 1, at(10)).await;
    assert_eq!(claimed[0].run.run_id, run);
}

async fn many_users_each_get_their_turn(database: Database) {
    let mut users = Vec::new();
    for number in 0..30 {
        let user = somebody(&database, &format!("user{number}")).await;
        queue_up(&database, user, 3).await;
        users.push(user);
    }
    let claimed = claim_some(&database, 30, at(50)).await;
    let mut served: Vec<_> = claimed.iter().map(|claimed| claimed.run.user_id).collect();
    served.sort_unstable();
    served.dedup();
    assert_eq!(served.len(), 30);
}

fn limited(number: u8, max: u32, limit: u32, second: i64) -> Claim {
    Claim {
        per_user: Some(limit),
        ..claim(number, max, at(second))
    }
}

async fn no_user_has_more_under_way_than_the_limit(database: Database) {
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    queue_up(&database, ada, 12).await;
    create_running(&database, bob, spec("one"), at(60)).await;
    let queue = &database.stores.queue;
    let first = queue.claim(&limited(1, 10, 3, 61)).await.unwrap();
    assert_eq!(first.iter().filter(|claimed| claimed.run.user_id == ada).count(), 3);
    assert_eq!(first.len(), 4);
    assert!(queue.claim(&limited(1, 10, 3, 62)).await.unwrap().is_empty());
    let one = first.iter().find(|claimed| claimed.run.user_id == ada).unwrap();
    end(&database, one, Trigger::Succeed, at(63)).await;
    assert_eq!(queue.claim(&limited(1, 10, 3, 64)).await.unwrap().len(), 1);
    let running = database.number("SELECT SUM(runs_running) FROM user_streams").await;
    assert_eq!(
        running,
        database
            .number("SELECT COUNT(*) FROM runs WHERE status = 'Running'")
            .await
    );
}

async fn two_nodes_at_once_keep_the_limit(database: Database) {
    let ada = somebody(&database, "ada").await;
    queue_up(&database, ada, 40).await;
    let claims = (1..=4).map(|node| {
        let queue = database.stores.queue.clone();
        tokio::spawn(async move { queue.claim(&limited(node, 5, 6, 61)).await.unwrap().len() })
    });
    let claimed: usize = futures_util::future::join_all(claims)
        .await
        .into_iter()
        .map(Result::unwrap)
        .sum();
    assert!((1..=6).contains(&claimed), "{claimed}");
    assert_eq!(
        database
            .number("SELECT COUNT(*) FROM runs WHERE status = 'Running'")
            .await,
        i64::try_from(claimed).unwrap()
    );
}

async fn a_job_has_no_more_runs_under_way_than_it_wants(database: Database) {
    let ada = somebody(&database, "ada").await;
    let two_at_once = JobSpec {
        overlap: Overlap::Allow,
        max_running: Some(2),
        ..spec("two at once")
    };
    let job = create(&database, ada, two_at_once, at(0)).await;
    for second in 1..=5 {
        assert!(start(&database, ada, job.job_id, at(second)).await.is_some());
    }
    let first = claim_some(&database, 9, at(10)).await;
    assert_eq!(first.len(), 2);
    assert!(claim_some(&database, 9, at(11)).await.is_empty());
    end(&database, &first[0], Trigger::Succeed, at(12)).await;
    let third = claim_some(&database, 9, at(13)).await;
    assert_eq!(third.len(), 1);
    end(&database, &first[1], Trigger::Succeed, at(14)).await;
    end(&database, &third[0], Trigger::Succeed, at(14)).await;
    assert_eq!(claim_some(&database, 9, at(15)).await.len(), 2);
}
