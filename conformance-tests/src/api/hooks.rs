// SPDX-License-Identifier: MIT OR Apache-2.0
//! A small server that the deployment fetches pictures from and sends webhooks to.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::case::Problem;

const POLL: Duration = Duration::from_millis(20);
const IDLE: Duration = Duration::from_secs(30);
const LONGEST_BODY: usize = 64 << 20;

/// What a place answers.
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    delay: Duration,
}

impl Reply {
    /// An empty answer of a status.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self { status, headers: vec![], body: vec![], delay: Duration::ZERO }
    }

    /// A redirect.
    #[must_use]
    pub fn redirect(to: &str) -> Self {
        let headers = vec![("Location".into(), to.into())];
        Self { headers, ..Self::status(302) }
    }

    /// A file.
    #[must_use]
    pub fn file(kind: &str, body: Vec<u8>) -> Self {
        let headers = vec![("Content-Type".into(), kind.into())];
        Self { headers, body, ..Self::status(200) }
    }

    /// The same, later.
    #[must_use]
    pub fn after(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }
}

/// A request that came.
#[derive(Clone, Debug)]
pub struct Received {
    /// Method.
    pub method: String,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as it was sent.
    pub body: Vec<u8>,
    /// When it had come.
    pub at: Instant,
}

impl Received {
    /// A header's value; empty where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }
}

#[derive(Debug, Default)]
struct Desk {
    replies: Vec<Reply>,
    received: Vec<Received>,
}

type Desks = Arc<Mutex<HashMap<String, Desk>>>;

/// The server; it answers until the process ends.
#[derive(Debug)]
pub struct Hooks {
    url: String,
    prefix: u64,
    next: AtomicU64,
    desks: Desks,
}

/// An address of the server with its own answers.
#[derive(Debug)]
pub struct Place {
    /// What the deployment is told.
    pub url: String,
    path: String,
    desks: Desks,
}

impl Hooks {
    /// Listens at `address`; the deployment is told `url` or else that address.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub fn listen(address: SocketAddr, url: Option<&str>, prefix: u64) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let own = format!("http://{}", listener.local_addr()?);
        let url = url.unwrap_or(&own).trim_end_matches('/').to_owned();
        let desks = Desks::default();
        let shared = Arc::clone(&desks);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let desks = Arc::clone(&shared);
                // A client that breaks off has no answer to get.
                thread::spawn(move || serve(stream, &desks));
            }
        });
        Ok(Self { url, prefix, next: AtomicU64::new(0), desks })
    }

    /// A new address that gives these answers in turn, the last one for ever.
    #[must_use]
    pub fn place(&self, replies: Vec<Reply>) -> Place {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = format!("/{:x}-{number}", self.prefix);
        let desk = Desk { replies, received: vec![] };
        self.desks.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone(), desk);
        Place { url: format!("{}{path}", self.url), path, desks: Arc::clone(&self.desks) }
    }
}

impl Place {
    /// What has come so far.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        let desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
        desks.get(&self.path).map(|desk| desk.received.clone()).unwrap_or_default()
    }

    /// Waits until so many requests have come.
    ///
    /// # Errors
    /// When they have not come in time.
    pub fn wait(&self, count: usize, timeout: Duration) -> Result<Vec<Received>, Problem> {
        let end = Instant::now() + timeout;
        loop {
            let received = self.received();
            if received.len() >= count {
                return Ok(received);
            }
            if Instant::now() >= end {
                let (found, seconds) = (received.len(), timeout.as_secs());
                let message = format!("expected {count} requests in {seconds} s, found {found}");
                return Err(Problem::failed(message));
            }
            thread::sleep(POLL);
        }
    }
}

fn serve(stream: TcpStream, desks: &Desks) -> std::io::Result<()> {
    stream.set_read_timeout(Some(IDLE))?;
    let mut reader = BufReader::new(stream);
    let Some((path, received)) = read(&mut reader)? else { return Ok(()) };
    let reply = {
        let mut desks = desks.lock().unwrap_or_else(PoisonError::into_inner);
        desks.get_mut(&path).map_or(Reply::status(404), |desk| {
            let at = desk.received.len().min(desk.replies.len().saturating_sub(1));
            desk.received.push(received);
            desk.replies.get(at).cloned().unwrap_or(Reply::status(200))
        })
    };
    thread::sleep(reply.delay);
    let mut head = format!("HTTP/1.1 {} Answer\r\nConnection: close\r\n", reply.status);
    for (name, value) in &reply.headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += &format!("Content-Length: {}\r\n\r\n", reply.body.len());
    let mut stream = reader.into_inner();
    stream.write_all(head.as_bytes())?;
    stream.write_all(&reply.body)?;
    stream.flush()
}

fn read(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<(String, Received)>> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (Some(method), Some(path)) = (words.next(), words.next()) else { return Ok(None) };
    let mut headers: Vec<(String, String)> = vec![];
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut received = Received { method, headers, body: vec![], at: Instant::now() };
    if received.header("transfer-encoding").eq_ignore_ascii_case("chunked") {
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let length = usize::from_str_radix(line.trim(), 16).unwrap_or(0);
            if length == 0 || received.body.len() + length > LONGEST_BODY {
                break;
            }
            let start = received.body.len();
            received.body.resize(start + length, 0);
            reader.read_exact(&mut received.body[start..])?;
            reader.read_line(&mut String::new())?;
        }
    } else {
        let length = received.header("content-length").parse().unwrap_or(0);
        received.body = vec![0; LONGEST_BODY.min(length)];
        reader.read_exact(&mut received.body)?;
    }
    Ok(Some((path, received)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_in_turn_and_requests_are_kept() {
        let hooks = Hooks::listen(([127, 0, 0, 1], 0).into(), None, 7).unwrap();
        let place = hooks.place(vec![Reply::status(500), Reply::redirect("http://a.example/")]);
        let address = hooks.url.strip_prefix("http://").unwrap();
        let bodies = [
            "Content-Length: 3\r\n\r\nabc",
            "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
        ];
        for (body, expected) in bodies.into_iter().zip(["HTTP/1.1 500", "HTTP/1.1 302"]) {
            let mut stream = TcpStream::connect(address).unwrap();
            write!(stream, "POST {} HTTP/1.1\r\nX-A: b\r\n{body}", place.path).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with(expected), "{answer}");
        }
        let received = place.wait(2, Duration::from_secs(1)).unwrap();
        assert!(received.iter().all(|r| r.body == b"abc" && r.header("x-a") == "b"));
        assert!(place.wait(3, Duration::from_millis(50)).is_err());
    }
}
