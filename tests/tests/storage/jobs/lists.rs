//! Lists of jobs: pages, filters, orders.

use super::*;

on_both! {
    paging_visits_each_job_once_while_others_come
    filters_and_search_find_what_they_name
    names_sort_whatever_their_case
}

async fn paging_visits_each_job_once_while_others_come(database: Database) {
    let ada = somebody(&database, "ada").await;
    let mut made = Vec::new();
    for number in 0..17 {
        // Some at the same instant, some of the same name.
        let spec = spec(&format!("Job {}", number % 5));
        made.push(create(&database, ada, spec, at(number / 3)).await.job_id);
    }
    made.sort_unstable();
    for (sort, word) in JobSort::ALL {
        let (mut seen, mut after): (Vec<Job>, Option<PageKey>) = (Vec::new(), None);
        loop {
            let page = database
                .stores
                .jobs
                .list(ada, &JobFilter::default(), *sort, after.as_ref(), limit(3))
                .await
                .unwrap();
            seen.extend(page.data);
            // Before and behind the reader, in every order.
            if seen.len() < 12 {
                create(&database, ada, spec("zz late"), at(1_000)).await;
                create(&database, ada, spec("0 early"), at(-1_000)).await;
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let mut ids: Vec<JobId> = seen
            .iter()
            .map(|job| job.job_id)
            .filter(|id| made.contains(id))
            .collect();
        ids.sort_unstable();
        assert_eq!(ids, made, "{word}");
        assert!(is_sorted(&seen, *sort), "{word}");
    }
}

fn is_sorted(jobs: &[Job], sort: JobSort) -> bool {
    jobs.windows(2).all(|pair| {
        let (a, b) = (&pair[0], &pair[1]);
        let name = |job: &Job| job.spec.job_name.to_lowercase();
        match sort {
            JobSort::CreatedAsc => (a.created_at, a.job_id) < (b.created_at, b.job_id),
            JobSort::CreatedDesc => (a.created_at, a.job_id) > (b.created_at, b.job_id),
            JobSort::UpdatedAsc => (a.updated_at, a.job_id) < (b.updated_at, b.job_id),
            JobSort::UpdatedDesc => (a.updated_at, a.job_id) > (b.updated_at, b.job_id),
            JobSort::NameAsc => (name(a), a.job_id) < (name(b), b.job_id),
            JobSort::NameDesc => (name(a), a.job_id) > (name(b), b.job_id),
        }
    })
}

async fn names(database: &Database, owner: UserId, filter: JobFilter) -> Vec<String> {
    let page = database
        .stores
        .jobs
        .list(owner, &filter, JobSort::NameAsc, None, limit(50))
        .await
        .unwrap();
    page.data.into_iter().map(|job| job.spec.job_name).collect()
}

async fn filters_and_search_find_what_they_name(database: Database) {
    let ada = somebody(&database, "ada").await;
    let backup = JobSpec {
        priority: Priority::High,
        tags: vec!["db".to_owned()],
        ..spec("Backup 100%")
    };
    let mail = JobSpec {
        description: Some("sends the MÜLL report".to_owned()),
        ..spec("mail_out")
    };
    let ext = JobSpec {
        external_id: Some("CRM-42".to_owned()),
        tags: vec!["db".to_owned()],
        ..spec("third")
    };
    let (backup, mail, ext) = (
        create_running(&database, ada, backup, at(1)).await.0,
        create(&database, ada, mail, at(2)).await,
        create(&database, ada, ext, at(3)).await,
    );
    claim_some(&database, 9, at(4)).await;
    let none = JobFilter::default;
    let q = |text: &str| JobFilter {
        q: Some(text.to_owned()),
        ..none()
    };
    assert_eq!(names(&database, ada, none()).await.len(), 3);
    assert_eq!(
        names(
            &database,
            ada,
            JobFilter {
                status: vec![JobStatus::Running],
                ..none()
            }
        )
        .await,
        ["Backup 100%"]
    );
    let two = JobFilter {
        status: vec![JobStatus::Running, JobStatus::Pending],
        ..none()
    };
    assert_eq!(names(&database, ada, two).await.len(), 3);
    assert_eq!(
        names(
            &database,
            ada,
            JobFilter {
                priority: vec![Priority::High],
                ..none()
            }
        )
        .await,
        ["Backup 100%"]
    );
    assert_eq!(
        names(
            &database,
            ada,
            JobFilter {
                tag: Some("db".to_owned()),
                ..none()
            }
        )
        .await,
        ["Backup 100%", "third"]
    );
    let between = JobFilter {
        created_after: Some(at(1)),
        created_before: Some(at(3)),
        ..none()
    };
    assert_eq!(names(&database, ada, between).await, ["mail_out"]);
    assert_eq!(names(&database, ada, q("BACKUP")).await, ["Backup 100%"]);
    assert_eq!(names(&database, ada, q("%")).await, ["Backup 100%"]);
    assert_eq!(names(&database, ada, q("l_o")).await, ["mail_out"]);
    assert_eq!(names(&database, ada, q("müll")).await, ["mail_out"]);
    assert_eq!(names(&database, ada, q("CRM-4")).await, ["third"]);
    assert!(names(&database, ada, q("RM-4")).await.is_empty());
    for job in [&backup, &mail, &ext] {
        let id = job.job_id.to_string();
        for length in [36, 35, 30, 24] {
            let found = names(&database, ada, q(&id[..length].to_uppercase())).await;
            assert!(found.contains(&job.spec.job_name), "{length}");
        }
    }
    let all = JobFilter {
        q: Some("backup".to_owned()),
        tag: Some("db".to_owned()),
        ..none()
    };
    assert_eq!(names(&database, ada, all).await, ["Backup 100%"]);
    assert!(names(&database, ada, q("' OR 1=1 --")).await.is_empty());
}

async fn names_sort_whatever_their_case(database: Database) {
    let ada = somebody(&database, "ada").await;
    for name in ["beta", "Alpha", "ÉCLAIR", "gamma"] {
        create(&database, ada, spec(name), at(1)).await;
    }
    assert_eq!(
        names(&database, ada, JobFilter::default()).await,
        ["Alpha", "beta", "gamma", "ÉCLAIR"]
    );
}
