//! Deliveries a second to a receiver that is quick, and what it hears while others do not answer.

use crate::{
    Plan,
    database::Database,
    engine::millis,
    load::Samples,
    measure::Place,
    report::{Check, Limit, Report},
};
use anyhow::{Context, ensure};
use serde_json::{Value, json};
use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Deliveries a second that a quick receiver is to get.
const WANTED: f64 = 1_000.0;
/// Endpoints that take requests and never answer.
const SILENT: usize = 20;
/// Jobs that are made while they do not answer.
const MEANWHILE: usize = 200;
const PATIENCE: Duration = Duration::from_secs(120);

/// A receiver on this machine, which notes when each request was there.
struct Receiver {
    url: String,
    heard: Arc<Mutex<Vec<Instant>>>,
}

impl Receiver {
    async fn start(answers: bool) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/hook", listener.local_addr()?);
        let heard = Arc::new(Mutex::new(Vec::new()));
        let log = heard.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, log.clone(), answers));
            }
        });
        Ok(Self { url, heard })
    }

    fn heard(&self) -> Vec<Instant> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn wait_for(&self, count: usize) -> anyhow::Result<Vec<Instant>> {
        let until = Instant::now() + PATIENCE;
        loop {
            let heard = self.heard();
            if heard.len() >= count {
                return Ok(heard);
            }
            ensure!(Instant::now() < until, "{} of {count} deliveries came", heard.len());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// Reads requests from one connection and answers each, or none.
async fn serve(mut stream: TcpStream, heard: Arc<Mutex<Vec<Instant>>>, answers: bool) {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 16_384]);
    loop {
        match stream.read(&mut buffer).await {
            Ok(read @ 1..) => bytes.extend_from_slice(buffer.get(..read).unwrap_or_default()),
            _ => return,
        }
        while let Some(length) = request_length(&bytes) {
            bytes.drain(..length);
            heard
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(Instant::now());
            let answer = b"HTTP/1.1 204 No Content\r\n\r\n";
            if !answers {
                std::future::pending::<()>().await;
            }
            if stream.write_all(answer).await.is_err() {
                return;
            }
        }
    }
}

/// The length of the request at the beginning, once it is whole.
fn request_length(bytes: &[u8]) -> Option<usize> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(bytes.get(..end)?).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let whole = end + length.map_or(Ok(0), str::parse).ok()?;
    (bytes.len() >= whole).then_some(whole)
}

async fn endpoint(place: &Place, url: &str) -> anyhow::Result<String> {
    let made = place
        .account
        .post("/webhooks", &json!({ "url": url, "types": ["job.created"] }))
        .await?;
    let id = made["webhook_id"].as_str().context("no webhook_id")?;
    Ok(id.to_owned())
}

async fn create(place: &Place, count: usize) -> anyhow::Result<()> {
    for first in (0..count).step_by(1_000) {
        let jobs: Vec<Value> = (first..count.min(first + 1_000))
            .map(|number| json!({ "job_name": format!("Told of {number}") }))
            .collect();
        place.account.post("/jobs/batch", &json!({ "jobs": jobs })).await?;
    }
    Ok(())
}

/// Deliveries to a quick receiver, alone and beside silent ones.
pub(crate) async fn measure(binary: &Path, database: &Database, plan: Plan, report: &mut Report) -> anyhow::Result<()> {
    let place = Place::start(binary, database, "webhooks").await?;
    let quick = Receiver::start(true).await?;
    let id = endpoint(&place, &quick.url).await?;

    // As they happen: made and delivered at the same time.
    let began = Instant::now();
    create(&place, plan.deliveries).await?;
    quick.wait_for(plan.deliveries).await?;
    report.figure(
        "jobs made and told of at once, a second",
        rate(plan.deliveries, began.elapsed()),
    );

    // A backlog: everything once more.
    let range = json!({ "from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z" });
    place.account.post(&format!("/webhooks/{id}/replay"), &range).await?;
    let heard = quick.wait_for(2 * plan.deliveries).await?;
    let heard = heard.get(plan.deliveries..).context("too few")?;
    let (first, last) = heard.first().zip(heard.last()).context("none")?;
    report.check(&Check {
        what: "deliveries of a backlog a second",
        measured: rate(heard.len(), *last - *first),
        floor: None,
        limit: Limit::AtLeast(WANTED),
    });

    let silent = Receiver::start(false).await?;
    for _ in 0..SILENT {
        endpoint(&place, &silent.url).await?;
    }
    // Enough to fill every place that they may have.
    create(&place, 100).await?;
    silent.wait_for(SILENT).await?;
    let before = quick.wait_for(2 * plan.deliveries + 100).await?.len();
    let mut delays = Vec::with_capacity(MEANWHILE);
    for number in 0..MEANWHILE {
        let began = Instant::now();
        create(&place, 1).await?;
        let heard = quick.wait_for(before + number + 1).await?;
        let at = heard.get(before + number).context("too few")?;
        delays.push(*at - began);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    report.check(&Check {
        what: "beside silent endpoints: p99 to be told, ms",
        measured: millis(Samples::one_by_one(delays).percentile(99)),
        floor: None,
        limit: Limit::AtMost(250.0),
    });
    place.remove(database).await
}

fn rate(count: usize, time: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / time.as_secs_f64()
}
