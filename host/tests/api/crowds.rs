// SPDX-License-Identifier: MIT OR Apache-2.0
//! Connections that do nothing: however many there are, others are answered, and they are let go.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use crate::raw::{while_answering, Raw};
use crate::support::Server;

/// A connection from another address of this machine.
fn from(address: [u8; 4], server: &Server) -> std::io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from((address, 0)).into())?;
    socket.connect(&server.address().into())?;
    socket.set_read_timeout(Some(Duration::from_secs(20)))?;
    Ok(socket.into())
}

/// Whether a request from there is answered.
fn is_answered(stream: std::io::Result<TcpStream>) -> bool {
    let Ok(mut stream) = stream else { return false };
    let request = b"GET /healthz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";
    let mut answer = Vec::new();
    let is_sent = stream.write_all(request).is_ok();
    is_sent && stream.read_to_end(&mut answer).is_ok() && answer.starts_with(b"HTTP/1.1 200")
}

fn open_connections(server: &Server) -> usize {
    let text = String::from_utf8(server.get("/metrics", None).body).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("assay_connections_open "));
    line.unwrap().parse().unwrap()
}

/// Holds so many idle connections while others are answered, and waits until they are gone.
fn hold(server: &Server, number: usize) {
    let (_, key) = server.key(&["--plan", "enterprise"]);
    while_answering(server, &key, || {
        let held: Vec<Raw> = (0..number).map(|_| Raw::open(server)).collect();
        let end = Instant::now() + Duration::from_secs(60);
        while open_connections(server) > 20 {
            assert!(Instant::now() < end, "{} are still open", open_connections(server));
            std::thread::sleep(Duration::from_millis(500));
        }
        drop(held);
    });
}

#[test]
fn a_thousand_idle_connections_are_let_go_and_hold_up_nobody() {
    hold(&Server::start_with("\n[server]\nconnections_each = 5_000\n"), 1_500);
}

/// `cargo test --workspace --test api -- --ignored ten_thousand` where 10,000 descriptors may be open.
#[test]
#[ignore = "opens 10,000 connections"]
fn ten_thousand_idle_connections_are_let_go_and_hold_up_nobody() {
    hold(&Server::start_with("\n[server]\nconnections_each = 1_000_000\n"), 10_000);
}

#[test]
fn connections_beyond_the_bound_wait_for_a_place_and_get_one() {
    let server = Server::start_with("\n[server]\nconnections = 40\nconnections_each = 1_000\n");
    let held: Vec<Raw> = (0..200).map(|_| Raw::open(&server)).collect();
    // As those in front of it are let go for saying nothing.
    assert!(
        is_answered(from([127, 0, 0, 1], &server)) || is_answered(from([127, 0, 0, 1], &server))
    );
    drop(held);
}

#[test]
fn one_address_has_its_bound_and_the_others_are_not_touched() {
    let server = Server::start_with("\n[server]\nconnections_each = 20\n");
    let _held: Vec<Raw> = (0..20).map(|_| Raw::open(&server)).collect();
    let end = Instant::now() + Duration::from_secs(4);
    while is_answered(from([127, 0, 0, 1], &server)) {
        assert!(Instant::now() < end, "the bound does not hold");
    }
    for last in 2..12 {
        assert!(is_answered(from([127, 0, 0, last], &server)), "127.0.0.{last}");
    }
    // Behind a proxy that is trusted there are many clients.
    let more =
        "\n[server]\nconnections_each = 20\n\n[network]\ntrusted_proxies = [\"127.0.0.1\"]\n";
    let server = Server::start_with(more);
    let _held: Vec<Raw> = (0..40).map(|_| Raw::open(&server)).collect();
    assert!(is_answered(from([127, 0, 0, 1], &server)));
}
