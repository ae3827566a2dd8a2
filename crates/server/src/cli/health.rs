//! `healthcheck`: asks the server that runs here.

use anyhow::{Context, bail};
use std::{net::IpAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::config::Config;

const WITHIN: Duration = Duration::from_secs(3);

pub(super) async fn check(config: &Config) -> anyhow::Result<()> {
    let answer = ask(config).await?;
    println!("{answer}");
    Ok(())
}

/// The first line of the answer of `/readyz`; an error when the server is not ready.
pub(super) async fn ask(config: &Config) -> anyhow::Result<String> {
    let mut address = config.listen;
    if address.ip().is_unspecified() {
        let loopback: IpAddr = if address.is_ipv4() {
            std::net::Ipv4Addr::LOCALHOST.into()
        } else {
            std::net::Ipv6Addr::LOCALHOST.into()
        };
        address.set_ip(loopback);
    }
    let talk = async {
        let mut stream = TcpStream::connect(address).await?;
        let request = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.take(16 * 1024).read_to_string(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    let answer = timeout(WITHIN, talk)
        .await
        .with_context(|| format!("{address} did not answer within 3 s"))?
        .with_context(|| format!("no server answers at {address}"))?;
    let status = answer.lines().next().unwrap_or_default().to_owned();
    if status.contains(" 200 ") {
        Ok("ready".to_owned())
    } else {
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        bail!("not ready: {status} {body}")
    }
}
