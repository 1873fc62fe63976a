// SPDX-License-Identifier: MIT OR Apache-2.0
//! A faulty deployment: a proxy before a real one that spoils one thing.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use serde_json::Value;

use super::faults::{Fault, Spoil};
use crate::support::{parse, Answer};

/// A request on its way.
pub(super) struct Ask {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// Paths of the proxy itself: webhooks on their way, with the address and path where they go.
const HOOK: &str = "/hook/";

/// Headers that are written anew.
const OWN: [&str; 3] = ["content-length", "transfer-encoding", "connection"];

/// Starts the proxy; it answers until the process ends.
pub(super) fn start(server: SocketAddr, fault: &'static Fault) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || serve(stream, own, server, fault));
        }
    });
    own
}

fn serve(mut stream: TcpStream, own: SocketAddr, server: SocketAddr, fault: &Fault) {
    let Some(mut ask) = read(&stream) else { return };
    let answer = if let Some(to) = ask.path.strip_prefix(HOOK) {
        let (address, path) = to.split_once('/').unwrap();
        let address = address.parse().unwrap();
        ask.path = format!("/{path}");
        pass_hook(address, ask, fault)
    } else {
        pass(own, server, ask, fault)
    };
    // A client that breaks off has no answer to get.
    let _ = stream.write_all(&written(
        &format!("HTTP/1.1 {} Spoilt", answer.status),
        &answer.headers,
        &answer.body,
    ));
}

/// Passes a request on to the server, and its answer back.
fn pass(own: SocketAddr, server: SocketAddr, mut ask: Ask, fault: &Fault) -> Answer {
    let is_meant = format!("{} {}", ask.method, ask.path).starts_with(fault.at);
    match fault.spoil {
        Spoil::Ask(spoil) if is_meant => spoil(&mut ask),
        Spoil::Hook(_) | Spoil::HookTwice => redirect_hooks(&mut ask.body, own),
        _ => {}
    }
    let mut answer = send(server, &ask);
    if let (Spoil::Answer(spoil), true) = (&fault.spoil, is_meant) {
        spoil(&mut answer);
    }
    answer
}

/// Passes a webhook on to its receiver.
fn pass_hook(receiver: SocketAddr, mut ask: Ask, fault: &Fault) -> Answer {
    match fault.spoil {
        Spoil::Hook(spoil) => spoil(&mut ask),
        _ => drop(send(receiver, &ask)),
    }
    send(receiver, &ask)
}

/// Has the webhooks of a request come by here.
fn redirect_hooks(body: &mut Vec<u8>, own: SocketAddr) {
    let Ok(mut json) = serde_json::from_slice::<Value>(body) else { return };
    for pointer in ["/webhook_url", "/options/webhook_url"] {
        if let Some(Value::String(url)) = json.pointer_mut(pointer) {
            *url = url.replacen("http://", &format!("http://{own}{HOOK}"), 1);
        }
    }
    *body = json.to_string().into_bytes();
}

fn send(address: SocketAddr, ask: &Ask) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!("{} {} HTTP/1.1", ask.method, ask.path);
    // A server that refuses a large body early closes its side; the answer is there all the same.
    let _ = stream.write_all(&written(&head, &ask.headers, &ask.body));
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    parse(&answer)
}

fn written(first: &str, headers: &[(String, String)], body: &[u8]) -> Vec<u8> {
    let mut text = format!("{first}\r\n");
    for (name, value) in headers.iter().filter(|(name, _)| !OWN.contains(&name.as_str())) {
        text += &format!("{name}: {value}\r\n");
    }
    text += &format!("content-length: {}\r\nconnection: close\r\n\r\n", body.len());
    [text.into_bytes(), body.to_vec()].concat()
}

fn read(stream: &TcpStream) -> Option<Ask> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Ask { method, path, headers, body })
}

impl Ask {
    /// Takes a header away.
    pub(super) fn forget(&mut self, name: &str) {
        self.headers.retain(|(known, _)| known != name);
    }

    /// Changes its body.
    pub(super) fn set(&mut self, pointer: &str, value: Value) {
        set(&mut self.body, pointer, value);
    }
}

impl Answer {
    /// Changes its body, where that has the place.
    pub(super) fn set(&mut self, pointer: &str, value: Value) {
        set(&mut self.body, pointer, value);
    }

    /// Gives it a header, or takes that away.
    pub(super) fn say(&mut self, name: &str, value: Option<&str>) {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }
}

fn set(body: &mut Vec<u8>, pointer: &str, value: Value) {
    let Ok(mut json) = serde_json::from_slice::<Value>(body) else { return };
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    if let Some(Value::Object(parent)) = json.pointer_mut(parent) {
        parent.insert(name.to_owned(), value);
    }
    *body = json.to_string().into_bytes();
}
