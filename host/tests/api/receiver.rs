// SPDX-License-Identifier: MIT OR Apache-2.0
//! A place on the loopback that serves pictures and receives webhooks.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long a test waits for something that must come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// What is answered under a path.
#[derive(Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) delay: Duration,
}

impl Reply {
    pub(crate) fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), delay: Duration::ZERO }
    }

    pub(crate) fn body(body: Vec<u8>) -> Self {
        Self { body, ..Self::status(200) }
    }

    pub(crate) fn redirect(to: &str) -> Self {
        Self { headers: vec![("Location".into(), to.into())], ..Self::status(302) }
    }

    pub(crate) fn late(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }
}

type Replies = Arc<Mutex<HashMap<String, Vec<Reply>>>>;

/// A server of its own; paths without a reply answer 200 with nothing.
pub(crate) struct Receiver {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    replies: Replies,
    dialled: Arc<Mutex<Vec<IpAddr>>>,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        Self::start_at("127.0.0.1:0")
    }

    /// Listens at every address of this machine.
    pub(crate) fn start_everywhere() -> Self {
        Self::start_at("0.0.0.0:0")
    }

    fn start_at(address: &str) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let (replies, dialled) = (Replies::default(), Arc::new(Mutex::new(Vec::new())));
        let seen = Arc::clone(&dialled);
        let (inbox, outbox) = (Arc::clone(&received), Arc::clone(&replies));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                seen.lock().unwrap().extend(stream.local_addr().map(|address| address.ip()));
                let (inbox, outbox) = (Arc::clone(&inbox), Arc::clone(&outbox));
                std::thread::spawn(move || answer(stream, &inbox, &outbox));
            }
        });
        Self { address, received, replies, dialled }
    }

    /// The addresses at which it was dialled.
    pub(crate) fn dialled(&self) -> Vec<IpAddr> {
        self.dialled.lock().unwrap().clone()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Answers a path with these in turn; the last one stays.
    pub(crate) fn reply(&self, path: &str, replies: impl IntoIterator<Item = Reply>) {
        let replies = replies.into_iter().collect();
        self.replies.lock().unwrap().insert(path.into(), replies);
    }

    pub(crate) fn received(&self, path: &str) -> Vec<Received> {
        let received = self.received.lock().unwrap();
        received.iter().filter(|one| one.path == path).cloned().collect()
    }

    /// The paths of all that has come, in order.
    pub(crate) fn order(&self) -> Vec<String> {
        self.received.lock().unwrap().iter().map(|one| one.path.clone()).collect()
    }

    /// Waits until so many have come under a path.
    pub(crate) fn wait_for(&self, path: &str, number: usize) -> Vec<Received> {
        let end = Instant::now() + PATIENCE;
        loop {
            let received = self.received(path);
            if received.len() >= number {
                return received;
            }
            assert!(Instant::now() < end, "{path}: {} of {number}", received.len());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn answer(stream: TcpStream, inbox: &Mutex<Vec<Received>>, outbox: &Replies) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    if reader.read_line(&mut line).unwrap_or(0) == 0 {
        return;
    }
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) <= 2 {
            break;
        }
        if let Some((name, value)) = line.trim_end().split_once(": ") {
            headers.insert(name.to_ascii_lowercase(), value.to_owned());
        }
    }
    let length = headers.get("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    inbox.lock().unwrap().push(Received { path: path.clone(), headers, body });
    let reply = {
        let mut replies = outbox.lock().unwrap();
        match replies.get_mut(&path) {
            None => Reply::status(200),
            Some(list) if list.len() > 1 => list.remove(0),
            Some(list) => list[0].clone(),
        }
    };
    std::thread::sleep(reply.delay);
    let mut head = format!("HTTP/1.1 {} X\r\nConnection: close\r\n", reply.status);
    for (name, value) in &reply.headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += &format!("Content-Length: {}\r\n\r\n", reply.body.len());
    let mut stream = reader.into_inner();
    // A caller that has seen enough may have gone.
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(&reply.body);
}
