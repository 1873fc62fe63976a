// SPDX-License-Identifier: MIT OR Apache-2.0
//! How many answers a second the server gives again, beside a bare handler of the same framework that
//! reads the same request and returns a body of the same length: rounds in turn, one run.
//!
//! `cargo bench -p assay --bench cached`

#![allow(clippy::unwrap_used, clippy::print_stdout)] // a measurement, not a server

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use actix_web::{web, App, HttpResponse, HttpServer};
use assay_conformance::synth::codec::Jpeg;
use assay_conformance::synth::{Camera, Scene};
use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::{json, Value};

/// Pictures of two requests: a small and a large one, px.
const SIZES: [(usize, usize); 2] = [(128, 128), (640, 480)];
const CONNECTIONS: usize = 32;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);

fn assay(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
    command.env("ASSAY_CONFIG", data.join("assay.toml")).env("ASSAY_DATA", data);
    command
}

/// One request over a connection that stays; the answer's body.
fn ask(stream: &mut BufReader<TcpStream>, request: &[u8]) -> Vec<u8> {
    stream.get_mut().write_all(request).unwrap();
    let (mut line, mut length) = (String::new(), 0);
    stream.read_line(&mut line).unwrap();
    assert!(line.contains(" 200 "), "{line}");
    while line.len() > 2 {
        line.clear();
        stream.read_line(&mut line).unwrap();
        if let Some(text) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
            length = text.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    body
}

fn connect(address: SocketAddr) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    BufReader::new(stream)
}

/// Answers a second over all connections.
fn rate(address: SocketAddr, request: &[u8]) -> f64 {
    let start = Instant::now();
    let answers: usize = std::thread::scope(|scope| {
        let client = || {
            let (mut stream, mut answers) = (connect(address), 0);
            while start.elapsed() < ROUND {
                ask(&mut stream, request);
                answers += 1;
            }
            answers
        };
        let threads: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(client)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    answers as f64 / start.elapsed().as_secs_f64()
}

/// A bare server on threads of its own.
fn bare(length: usize) -> SocketAddr {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async {
            let answer = move |_: web::Bytes| async move {
                HttpResponse::Ok().content_type("application/json").body("x".repeat(length))
            };
            let app = move || {
                App::new()
                    .app_data(web::PayloadConfig::new(1 << 26))
                    .route("/v1/analyze", web::post().to(answer))
            };
            let server = HttpServer::new(app).bind("127.0.0.1:0").unwrap();
            sender.send(server.addrs()[0]).unwrap();
            server.run().await.unwrap();
        });
    });
    receiver.recv().unwrap()
}

fn compare(address: SocketAddr, key: &str, image: &[u8]) {
    let body = json!({ "image_base64": BASE64_STANDARD.encode(image) }).to_string();
    let length = body.len();
    let request = format!(
        "POST /v1/analyze HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\nContent-Type: \
         application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    let request = request.as_bytes();
    let answer = ask(&mut connect(address), request);
    let verdict: Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(verdict["status"], "complete");
    let bare = bare(answer.len());
    println!("request {} bytes, answer {} bytes", request.len(), answer.len());
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let (other, ours) = (rate(bare, request), rate(address, request));
        println!("  bare {other:.0}/s, kept answers {ours:.0}/s, ratio {:.2}", ours / other);
        ratios.push(ours / other);
    }
    ratios.sort_by(f64::total_cmp);
    println!("  median ratio {:.2}", ratios[ROUNDS / 2]);
}

fn main() {
    let data = tempfile::tempdir().unwrap();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/assay.toml");
    let config = std::fs::read_to_string(shipped).unwrap();
    let free = "\n[[organisation]]\nname = \"bench\"\nrequests_per_minute = 1_000_000_000\n";
    std::fs::write(data.path().join("assay.toml"), config + free).unwrap();
    let mut child = assay(data.path())
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let line = lines.next().unwrap().unwrap();
    let address: SocketAddr = line.strip_prefix("listening on http://").unwrap().parse().unwrap();
    std::thread::spawn(move || lines.for_each(drop));
    let made = assay(data.path()).args(["keys", "create", "--org", "bench"]).output().unwrap();
    let key = String::from_utf8(made.stdout).unwrap();

    for (width, height) in SIZES {
        let picture = Camera::with_body(1).shoot(&Scene::new(1).light(width, height), 1);
        let image = Jpeg::quality(90).encode(&picture).unwrap();
        compare(address, key.trim(), &image);
    }
    child.kill().unwrap();
    child.wait().unwrap();
}
