// SPDX-License-Identifier: MIT OR Apache-2.0
//! Connections: how many there may be of one address, and how long one may stand still.
//!
//! The framework gives the head of a connection's first request a deadline and an idle connection
//! another, but waits for ever for the rest of a later head, and for a client that does not take its
//! answer. So each connection has a deadline here, put forward whenever it gets on; one that has missed
//! it is shut down. While a request is worked on there is none.

use std::any::Any;
use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use actix_web::web::Bytes;
use socket2::{SockRef, Socket};
use tokio::sync::watch;

use crate::net::AddressRange;

/// How long an idle connection is kept.
pub(super) const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// How long the head of a request may take.
pub(super) const HEAD: Duration = Duration::from_secs(5);
/// How long what a refused client still sends is read, so that it finds the answer.
pub(super) const LINGER: Duration = Duration::from_secs(3);
/// From an answer to the whole head of the next request.
const BETWEEN: Duration = Duration::from_secs(12);
/// How long a client may take for a piece of an answer.
const PIECE: Duration = Duration::from_secs(30);
/// Bytes of a piece.
const PIECE_BYTES: usize = 32 << 10;
/// How often deadlines are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// No deadline.
const NEVER: u64 = u64::MAX;

/// Connections that are open.
#[derive(Debug)]
pub struct Connections {
    start: Instant,
    /// Most of one address.
    each: usize,
    /// Addresses that speak for many clients.
    exempt: Vec<AddressRange>,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    last: u64,
    by_name: HashMap<u64, (Socket, Arc<Deadline>)>,
    by_address: HashMap<IpAddr, usize>,
}

/// When a connection must have got on, ms after the start.
#[derive(Debug)]
pub(super) struct Deadline {
    start: Instant,
    at: AtomicU64,
}

/// What a connection carries; it is not open any more when this is dropped.
struct Connection {
    name: u64,
    address: Option<IpAddr>,
    deadline: Arc<Deadline>,
    connections: Arc<Connections>,
}

impl Deadline {
    fn set(&self, wait: Duration) {
        let at = u64::try_from((self.start.elapsed() + wait).as_millis()).unwrap_or(NEVER);
        self.at.store(at, Ordering::Relaxed);
    }

    /// The request is here, and worked on.
    pub(super) fn begin(&self) {
        self.at.store(NEVER, Ordering::Relaxed);
    }

    fn has_passed(&self, now: Duration) -> bool {
        u128::from(self.at.load(Ordering::Relaxed)) < now.as_millis()
    }
}

impl Connections {
    /// At most `each` connections of one address that is not `exempt`.
    #[must_use]
    pub fn new(each: usize, exempt: Vec<AddressRange>) -> Self {
        Self { start: Instant::now(), each, exempt, open: Mutex::default() }
    }

    /// Takes up a connection that was accepted, or shuts it down at once.
    pub(super) fn accept(self: &Arc<Self>, io: &dyn Any, data: &mut Extensions) {
        let Some(stream) = io.downcast_ref::<TcpStream>() else { return };
        let address = stream.peer_addr().ok().map(|peer| peer.ip().to_canonical());
        let Ok(socket) = SockRef::from(stream).try_clone() else {
            // There is no descriptor left: what cannot be watched is not kept.
            let _ = SockRef::from(stream).shutdown(std::net::Shutdown::Both);
            return;
        };
        let counted = address.filter(|ip| !self.exempt.iter().any(|range| range.contains(*ip)));
        let deadline = Arc::new(Deadline { start: self.start, at: AtomicU64::new(NEVER) });
        deadline.set(BETWEEN);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(address) = counted {
            let number = open.by_address.entry(address).or_default();
            if *number >= self.each {
                metrics::counter!("assay_connections_refused_total").increment(1);
                let _ = socket.shutdown(std::net::Shutdown::Both);
                return;
            }
            *number += 1;
        }
        open.last += 1;
        let name = open.last;
        open.by_name.insert(name, (socket, Arc::clone(&deadline)));
        drop(open);
        let connections = Arc::clone(self);
        data.insert(Connection { name, address: counted, deadline, connections });
    }

    /// How many are open.
    pub(super) fn number(&self) -> usize {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).by_name.len()
    }

    /// Shuts down what stands still, until `stop` says so.
    pub async fn watch(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        while tokio::time::timeout(LOOK, stop.changed()).await.is_err() {
            let now = self.start.elapsed();
            let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            for (socket, deadline) in open.by_name.values() {
                if deadline.has_passed(now) {
                    metrics::counter!("assay_connections_stalled_total").increment(1);
                    // One that is closed already is on its way out of the table.
                    let _ = socket.shutdown(std::net::Shutdown::Both);
                }
            }
        }
    }

    fn remove(&self, name: u64, address: Option<IpAddr>) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.by_name.remove(&name);
        let Some(address) = address else { return };
        if let Some(number) = open.by_address.get_mut(&address) {
            *number -= 1;
            if *number == 0 {
                open.by_address.remove(&address);
            }
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.connections.remove(self.name, self.address);
    }
}

/// The deadline of a request's connection.
pub(super) fn deadline_of(request: &actix_web::HttpRequest) -> Option<Arc<Deadline>> {
    request.conn_data::<Connection>().map(|connection| Arc::clone(&connection.deadline))
}

/// An answer's body, sent piece by piece, each with a deadline; behind it begins the wait for the next
/// request.
pub(super) struct Watched {
    body: Body,
    deadline: Option<Arc<Deadline>>,
}

enum Body {
    Whole(Bytes),
    Other(BoxBody),
}

impl Watched {
    pub(super) fn new(body: BoxBody, deadline: Option<Arc<Deadline>>) -> Self {
        let is_none = matches!(body.size(), BodySize::None);
        let body = match body {
            body if is_none => Body::Other(body),
            body => body.try_into_bytes().map_or_else(Body::Other, Body::Whole),
        };
        Self { body, deadline }
    }
}

impl MessageBody for Watched {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        match &self.body {
            Body::Whole(bytes) => BodySize::Sized(bytes.len() as u64),
            Body::Other(body) => body.size(),
        }
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if let Some(deadline) = &self.deadline {
            deadline.set(PIECE);
        }
        match &mut self.body {
            Body::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Body::Whole(bytes) => {
                let piece = bytes.split_to(bytes.len().min(PIECE_BYTES));
                Poll::Ready(Some(Ok(piece)))
            }
            Body::Other(body) => Pin::new(body).poll_next(context),
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(deadline) = &self.deadline {
            deadline.set(BETWEEN);
        }
    }
}
