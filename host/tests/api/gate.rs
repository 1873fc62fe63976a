// SPDX-License-Identifier: MIT OR Apache-2.0
//! A way to a server that can be shut, or on which nothing comes through any more.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::Arc;
use std::time::Duration;

const OPEN: u8 = 0;
const SHUT: u8 = 1;
const HELD: u8 = 2;
/// How often a way that is still looks whether it is shut.
const LOOK: Duration = Duration::from_millis(20);

pub(crate) struct Gate {
    address: SocketAddr,
    state: Arc<AtomicU8>,
}

impl Gate {
    /// An open one before an address.
    pub(crate) fn before(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(AtomicU8::new(OPEN));
        let (known, server) = (Arc::clone(&state), server.to_owned());
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if known.load(Ordering::SeqCst) == SHUT {
                    continue;
                }
                let server = TcpStream::connect(&server).unwrap();
                let ways = [(&client, &server), (&server, &client)];
                for (from, to) in
                    ways.map(|(a, b)| (a.try_clone().unwrap(), b.try_clone().unwrap()))
                {
                    let state = Arc::clone(&known);
                    std::thread::spawn(move || pass(from, to, &state));
                }
            }
        });
        Self { address, state }
    }

    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Breaks every connection and takes no other one.
    pub(crate) fn shut(&self) {
        self.state.store(SHUT, Ordering::SeqCst);
    }

    /// Lets nothing through, without a word to either side.
    pub(crate) fn hold(&self) {
        self.state.store(HELD, Ordering::SeqCst);
    }

    pub(crate) fn open(&self) {
        self.state.store(OPEN, Ordering::SeqCst);
    }
}

/// Passes on what comes.
fn pass(mut from: TcpStream, mut to: TcpStream, state: &AtomicU8) {
    from.set_read_timeout(Some(LOOK)).unwrap();
    let mut bytes = [0; 1 << 14];
    loop {
        match state.load(Ordering::SeqCst) {
            SHUT => break,
            HELD => {
                std::thread::sleep(LOOK);
                continue;
            }
            _ => {}
        }
        match from.read(&mut bytes) {
            Ok(0) => break,
            Ok(number) => {
                if to.write_all(&bytes[..number]).is_err() {
                    break;
                }
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => break,
        }
    }
    let _ = from.shutdown(std::net::Shutdown::Both);
    let _ = to.shutdown(std::net::Shutdown::Both);
}
