// SPDX-License-Identifier: MIT OR Apache-2.0
//! How many answers a second the server gives again, beside a bare handler of the same framework that
//! reads the same request and returns a body of the same length: rounds in turn, one run. Beside it the CPU
//! time that the threads of either server take for an answer, in which the clients, which are the same, and
//! whoever else wants the machine have no part.
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

/// CPU time that threads of a process have taken, user and system, in hundredths of a second: of those whose
/// name begins so. On Linux.
fn ticks(process: u32, name: &str) -> u64 {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let of_task = |task: std::io::Result<std::fs::DirEntry>| {
        let text = std::fs::read_to_string(task.ok()?.path().join("stat")).ok()?;
        let (before, fields) = text.rsplit_once(')')?;
        let (_, named) = before.split_once('(')?;
        let of_thread = fields.split_whitespace().skip(11).take(2);
        named
            .starts_with(name)
            .then(|| of_thread.filter_map(|n| n.parse::<u64>().ok()).sum::<u64>())
    };
    tasks.filter_map(of_task).sum()
}

fn connect(address: SocketAddr) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    BufReader::new(stream)
}

/// A server, and whose threads are its own: a process, and how their names begin.
#[derive(Clone, Copy)]
struct Server {
    address: SocketAddr,
    process: u32,
    threads: &'static str,
}

/// Answers a second over all connections, and microseconds of the server's CPU time for one.
fn rate(server: Server, request: &[u8]) -> (f64, f64) {
    let Server { address, process, threads } = server;
    let before = ticks(process, threads);
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
    let taken = (ticks(process, threads) - before) as f64 * 1e4;
    (answers as f64 / start.elapsed().as_secs_f64(), taken / answers as f64)
}

/// A bare server on threads of its own.
fn bare(length: usize) -> Server {
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
    let address = receiver.recv().unwrap();
    // As the framework names its workers.
    Server { address, process: std::process::id(), threads: "actix" }
}

/// The middle of some values.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn compare(server: Server, key: &str, image: &[u8]) {
    let body = json!({ "image_base64": BASE64_STANDARD.encode(image) }).to_string();
    let length = body.len();
    let request = format!(
        "POST /v1/analyze HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\nContent-Type: \
         application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    let request = request.as_bytes();
    let answer = ask(&mut connect(server.address), request);
    let verdict: Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(verdict["status"], "complete");
    let bare = bare(answer.len());
    println!("request {} bytes, answer {} bytes", request.len(), answer.len());
    let (mut rates, mut costs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let ((other, other_cpu), (ours, cpu)) = (rate(bare, request), rate(server, request));
        println!(
            "  bare {other:.0}/s, kept answers {ours:.0}/s, ratio {:.2}; CPU {other_cpu:.1} and {cpu:.1} us, \
             ratio {:.2}",
            ours / other,
            other_cpu / cpu
        );
        rates.push(ours / other);
        costs.push(other_cpu / cpu);
    }
    println!("  median ratios {:.2} by the clock, {:.2} of CPU time", median(rates), median(costs));
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
    let server = Server { address, process: child.id(), threads: "" };
    let made = assay(data.path()).args(["keys", "create", "--org", "bench"]).output().unwrap();
    let key = String::from_utf8(made.stdout).unwrap();

    for (width, height) in SIZES {
        let picture = Camera::with_body(1).shoot(&Scene::new(1).light(width, height), 1);
        let image = Jpeg::quality(90).encode(&picture).unwrap();
        compare(server, key.trim(), &image);
    }
    child.kill().unwrap();
    child.wait().unwrap();
}
