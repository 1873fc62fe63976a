// SPDX-License-Identifier: MIT OR Apache-2.0
//! Bytes to a server as no honest client sends them, while honest clients are answered.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::support::{parse, Answer, Server};

/// How long an honest client waits at most while an attack runs, on a machine that does other things too.
const HONEST: Duration = Duration::from_secs(20);

/// A connection of which each byte is the test's own.
pub(crate) struct Raw(pub(crate) TcpStream);

impl Raw {
    pub(crate) fn open(server: &Server) -> Self {
        let stream = TcpStream::connect(server.address()).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(stream)
    }

    /// Sends bytes; whether the server still takes them.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> bool {
        self.0.write_all(bytes).is_ok()
    }

    /// Sends a byte now and then until the server ends the connection; what it said, and after how
    /// long. Fails after `most`.
    pub(crate) fn trickle(mut self, byte: u8, most: Duration) -> (Vec<u8>, Duration) {
        let start = Instant::now();
        let mut said = Vec::new();
        self.0.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        loop {
            let _ = self.0.write_all(&[byte]);
            let mut bytes = [0; 4_096];
            match self.0.read(&mut bytes) {
                Ok(0) => return (said, start.elapsed()),
                Ok(number) => said.extend_from_slice(&bytes[..number]),
                Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(_) => return (said, start.elapsed()),
            }
            assert!(start.elapsed() < most, "still open after {most:?}");
        }
    }

    /// What the server says, up to a text at least.
    pub(crate) fn until(&mut self, text: &str) -> String {
        self.0.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut said = String::new();
        let mut bytes = [0; 4_096];
        while !said.contains(text) {
            let number = self.0.read(&mut bytes).unwrap();
            assert!(number > 0, "the connection ends after {said}");
            said += std::str::from_utf8(&bytes[..number]).unwrap();
        }
        said
    }

    /// Everything until the server ends the connection.
    pub(crate) fn rest(mut self) -> Vec<u8> {
        self.0.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut said = Vec::new();
        let mut bytes = [0; 65_536];
        loop {
            match self.0.read(&mut bytes) {
                Ok(0) => return said,
                Ok(number) => said.extend_from_slice(&bytes[..number]),
                Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    panic!("the connection stays open after {}", String::from_utf8_lossy(&said))
                }
                Err(_) => return said,
            }
        }
    }

    /// The one answer before the server ends the connection.
    pub(crate) fn answer(self) -> Answer {
        parse(&self.rest())
    }
}

/// The head of a request with a key and more headers; each of these ends with a line break.
pub(crate) fn head(method: &str, path: &str, key: &str, more: &str) -> Vec<u8> {
    let start =
        format!("{method} {path} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {key}\r\n");
    format!("{start}{more}\r\n").into_bytes()
}

/// Does something while honest clients ask; each of them is answered in time.
pub(crate) fn while_answering<T>(server: &Server, key: &str, attack: impl FnOnce() -> T) -> T {
    let (is_over, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let honest = scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                let start = Instant::now();
                let answer = server.get("/v1/detectors", Some(key));
                assert_eq!(answer.status, 200);
                assert!(start.elapsed() < HONEST, "{:?}", start.elapsed());
                answered.fetch_add(1, Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(attack));
        while answered.load(Ordering::Relaxed) == 0 && !honest.is_finished() {
            std::thread::sleep(Duration::from_millis(5));
        }
        is_over.store(true, Ordering::Relaxed);
        honest.join().unwrap();
        done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
