//! Secret addresses of jobs.

use super::{
    people::{at, somebody},
    work::{create, spec},
};
use scheduler_domain::{
    error::StoreError,
    ids::{JobId, UserId},
    link::{Link, LinkHash, LinkKind},
};
use scheduler_tests::databases::Database;

on_both! {
    an_address_is_found_by_its_secret_and_by_its_job
    a_new_address_takes_the_place_of_the_old_one
    a_foreign_job_has_no_addresses
}

fn link(owner: UserId, job_id: JobId, kind: LinkKind) -> Link {
    Link {
        job_id,
        owner,
        kind,
        last4: "abcd".to_owned(),
        created_at: at(1),
        last_used_at: None,
    }
}

async fn an_address_is_found_by_its_secret_and_by_its_job(database: Database) {
    let ada = somebody(&database, "ada").await;
    let job = create(&database, ada, spec("job"), at(0)).await;
    let links = &database.stores.links;
    let (made, hash) = (link(ada, job.job_id, LinkKind::Inbound), LinkHash::of("secret"));
    links.put(&[(made.clone(), hash)]).await.unwrap();
    assert_eq!(links.resolve(hash, LinkKind::Inbound).await.unwrap(), made);
    assert_eq!(links.find(ada, job.job_id, LinkKind::Inbound).await.unwrap(), made);
    for found in [
        links.resolve(hash, LinkKind::Badge).await,
        links.resolve(LinkHash::of("Secret"), LinkKind::Inbound).await,
        links.find(ada, job.job_id, LinkKind::Badge).await,
    ] {
        assert!(matches!(found, Err(StoreError::NotFound)), "{found:?}");
    }
    links.used(hash, at(9)).await.unwrap();
    assert_eq!(
        links.resolve(hash, LinkKind::Inbound).await.unwrap().last_used_at,
        Some(at(9))
    );
    database
        .stores
        .jobs
        .delete(ada, job.job_id, None, at(10))
        .await
        .unwrap();
    let found = links.resolve(hash, LinkKind::Inbound).await;
    assert!(matches!(found, Err(StoreError::NotFound)), "{found:?}");
}

async fn a_new_address_takes_the_place_of_the_old_one(database: Database) {
    let ada = somebody(&database, "ada").await;
    let job = create(&database, ada, spec("job"), at(0)).await;
    let links = &database.stores.links;
    let (one, two) = (LinkHash::of("one"), LinkHash::of("two"));
    links
        .put(&[(link(ada, job.job_id, LinkKind::Badge), LinkHash::of("badge"))])
        .await
        .unwrap();
    links
        .put(&[(link(ada, job.job_id, LinkKind::Inbound), one)])
        .await
        .unwrap();
    links
        .put(&[(link(ada, job.job_id, LinkKind::Inbound), two)])
        .await
        .unwrap();
    assert!(matches!(
        links.resolve(one, LinkKind::Inbound).await,
        Err(StoreError::NotFound)
    ));
    links.resolve(two, LinkKind::Inbound).await.unwrap();
    links.revoke(ada, job.job_id, LinkKind::Inbound, at(9)).await.unwrap();
    assert!(matches!(
        links.resolve(two, LinkKind::Inbound).await,
        Err(StoreError::NotFound)
    ));
    let again = links.revoke(ada, job.job_id, LinkKind::Inbound, at(9)).await;
    assert!(matches!(again, Err(StoreError::NotFound)), "{again:?}");
    links.resolve(LinkHash::of("badge"), LinkKind::Badge).await.unwrap();
}

async fn a_foreign_job_has_no_addresses(database: Database) {
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    let job = create(&database, ada, spec("job"), at(0)).await;
    let links = &database.stores.links;
    let hash = LinkHash::of("secret");
    links
        .put(&[(link(ada, job.job_id, LinkKind::Inbound), hash)])
        .await
        .unwrap();
    for refused in [
        links
            .put(&[(link(bob, job.job_id, LinkKind::Inbound), LinkHash::of("bob"))])
            .await,
        links.revoke(bob, job.job_id, LinkKind::Inbound, at(9)).await,
        links.find(bob, job.job_id, LinkKind::Inbound).await.map(drop),
    ] {
        assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    }
    links.resolve(hash, LinkKind::Inbound).await.unwrap();
}
