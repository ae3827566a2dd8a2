use super::*;
use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::atomic::{AtomicUsize, Ordering},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// A resolver that says what the test wants.
struct Names(Vec<IpAddr>);

#[async_trait]
impl Lookup for Names {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        match name {
            "nowhere.example" => Err(io::Error::other("NXDOMAIN")),
            "slow.example" => std::future::pending().await,
            _ => Ok(self.0.clone()),
        }
    }
}

fn caller(allow: &str, own: Vec<SocketAddr>, addresses: &[&str]) -> GuardedCaller {
    let addresses = addresses.iter().map(|ip| ip.parse().unwrap()).collect();
    let names: Arc<dyn Lookup> = Arc::new(Names(addresses));
    GuardedCaller::with_lookup(Guard::new(allow.parse().unwrap(), own), &names).unwrap()
}

fn get(url: &str) -> OutgoingRequest {
    OutgoingRequest {
        method: "GET".to_owned(),
        url: url.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
        timeout: Duration::from_secs(10),
        max_response_bytes: 16,
    }
}

/// A server that gives the same answer to every request, and counts the connections.
async fn server(answer: &'static str) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = connections.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut seen = Vec::new();
                let mut buffer = [0; 4_096];
                while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                    seen.extend_from_slice(&buffer[..read]);
                    // A TLS greeting is answered at once, with words that are not TLS.
                    if seen.ends_with(b"\r\n\r\n") || seen.starts_with(&[0x16]) {
                        seen.clear();
                        if stream.write_all(answer.as_bytes()).await.is_err() {
                            break;
                        }
                    }
                }
            });
        }
    });
    (address, connections)
}

fn refusal(result: Result<OutgoingResponse, CallError>) -> String {
    match result {
        Err(CallError::Refused(why)) => why,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn an_answer_comes_back_and_the_connection_is_kept() {
    let (address, connections) = server("HTTP/1.1 201 Created\r\nX-A: b\r\nContent-Length: 2\r\n\r\nok").await;
    let caller = caller("127.0.0.0/8", Vec::new(), &[]);
    for _ in 0..3 {
        let answer = caller.call(get(&format!("http://{address}/"))).await.unwrap();
        assert_eq!(
            (answer.status, answer.body.as_slice(), answer.truncated),
            (201, b"ok".as_slice(), false)
        );
        assert!(answer.headers.contains(&("x-a".to_owned(), "b".to_owned())));
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_answer_is_read_up_to_its_cap() {
    let (address, _) = server("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n01234567890123456789").await;
    let answer = caller("127.0.0.0/8", Vec::new(), &[])
        .call(get(&format!("http://{address}/")))
        .await
        .unwrap();
    assert_eq!(
        (answer.body.as_slice(), answer.truncated),
        (b"0123456789012345".as_slice(), true)
    );
    let (address, _) = server("HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n0123456789012345").await;
    let answer = caller("127.0.0.0/8", Vec::new(), &[])
        .call(get(&format!("http://{address}/")))
        .await
        .unwrap();
    assert_eq!((answer.body.len(), answer.truncated), (16, false));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let (inner, connections) = server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let redirect = format!("HTTP/1.1 302 Found\r\nLocation: http://{inner}/\r\nContent-Length: 0\r\n\r\n");
    let (address, _) = server(Box::leak(redirect.into_boxed_str())).await;
    let answer = caller("127.0.0.0/8", Vec::new(), &[])
        .call(get(&format!("http://{address}/")))
        .await
        .unwrap();
    assert_eq!(answer.status, 302);
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn literals_are_refused_without_a_connection() {
    let (address, connections) = server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let caller = caller("", Vec::new(), &[]);
    for url in [
        format!("http://{address}/"),
        format!("http://2130706433:{}/", address.port()),
        format!("http://[::ffff:127.0.0.1]:{}/", address.port()),
        format!("http://localhost:{}/", address.port()),
    ] {
        refusal(caller.call(get(&url)).await);
        assert!(caller.vet(&url).is_err(), "{url}");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_name_with_one_closed_address_is_refused_without_telling_which() {
    let (address, connections) = server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let url = format!("http://hook.example:{}/", address.port());
    for addresses in [
        &["127.0.0.1"][..],
        &["93.184.216.34", "127.0.0.1"],
        &["10.1.2.3"],
        &["::1"],
        &["::ffff:127.0.0.1"],
    ] {
        let caller = caller("", Vec::new(), addresses);
        assert_eq!(caller.vet(&url), Ok(()), "names are judged when they are called");
        let why = refusal(caller.call(get(&url)).await);
        assert!(!addresses.iter().any(|ip| why.contains(ip)), "{why}");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_connection_goes_to_the_address_that_was_vetted() {
    let (address, connections) = server("HTTP/1.1 204 No Content\r\n\r\n").await;
    let caller = caller("127.0.0.0/8", Vec::new(), &["127.0.0.1"]);
    let url = format!("http://hook.example:{}/", address.port());
    assert_eq!(caller.call(get(&url)).await.unwrap().status, 204);
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn our_own_address_is_refused_even_where_the_range_is_open() {
    let (address, connections) = server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let caller = caller("127.0.0.0/8", vec![address], &["127.0.0.1"]);
    refusal(caller.call(get(&format!("http://{address}/"))).await);
    refusal(
        caller
            .call(get(&format!("http://hook.example:{}/", address.port())))
            .await,
    );
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn what_fails_says_why_and_tells_no_address() {
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let (babble, _) = server("SSH-2.0-OpenSSH_9.2\r\n").await;
    let (cut, _) = server("HTTP/1.1 200 OK\r\n\r\n").await;
    let caller = caller("127.0.0.0/8", Vec::new(), &["127.0.0.1"]);
    for (url, expected) in [
        (
            format!("http://hook.example:{}/", closed.port()),
            "the connection was refused",
        ),
        ("http://nowhere.example/".to_owned(), "the host name cannot be resolved"),
        (format!("http://{babble}/"), "the other side did not answer in HTTP"),
        (format!("https://{cut}/"), "TLS failed"),
    ] {
        let Err(CallError::Failed(why) | CallError::Dns(why) | CallError::Tls(why)) = caller.call(get(&url)).await
        else {
            panic!("{url} did not fail");
        };
        assert!(why.contains(expected), "{url}: {why}");
        assert!(!why.contains("127.0.0.1"), "{why}");
    }
}

#[tokio::test]
async fn headers_that_cannot_be_sent_are_an_error_and_never_a_panic() {
    let caller = caller("127.0.0.0/8", Vec::new(), &[]);
    for (name, value) in [("a b", "x"), ("x", "a\r\nb"), ("", ""), ("x", "\u{0}")] {
        let mut request = get("http://127.0.0.1:1/");
        request.headers = vec![(name.to_owned(), value.to_owned())];
        assert!(matches!(caller.call(request).await, Err(CallError::Failed(why)) if why.contains("not valid")));
    }
    let mut request = get("http://127.0.0.1:1/");
    request.method = "GE T".to_owned();
    assert!(matches!(caller.call(request).await, Err(CallError::Failed(_))));
}

#[tokio::test(start_paused = true)]
async fn time_is_capped_for_silence_and_for_slow_lookups() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = listener.local_addr().unwrap();
    let caller = caller("127.0.0.0/8", Vec::new(), &[]);
    let silence = caller.call(get(&format!("http://{silent}/"))).await;
    assert!(
        matches!(silence, Err(CallError::TimedOut(10) | CallError::Failed(_))),
        "{silence:?}"
    );
    let lookup = caller.call(get("http://slow.example/")).await;
    assert!(
        matches!(&lookup, Err(CallError::Dns(why)) if why.contains("within 5 s")),
        "{lookup:?}"
    );
}
