// SPDX-License-Identifier: MIT OR Apache-2.0
//! The HTTP API of the guide, over the same pipeline as the command line.

mod auth;
mod body;
mod cache;
mod envelope;
mod error;
mod idempotency;
mod policies;
mod rate_limit;
mod routes;
mod submission;

use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::middleware::from_fn;
use actix_web::{web, App, HttpServer};

use crate::image::DecodeLimits;
use crate::store::Store;

pub use cache::Cache;
pub use error::ApiError;
pub use policies::Policies;
pub use rate_limit::RateLimits;

/// What all requests share.
pub struct Shared {
    /// The detectors under each policy.
    pub policies: Policies,
    /// The database.
    pub store: Store,
    /// What is refused before it is decoded.
    pub limits: DecodeLimits,
    /// Answers that identical requests get again.
    pub cache: Cache,
    /// How often organisations may ask.
    pub rates: RateLimits,
}

/// A server that listens but does not answer yet.
pub struct Listening {
    server: actix_web::dev::Server,
    addresses: Vec<SocketAddr>,
}

impl Listening {
    /// Where it listens; a port of 0 has been replaced by the one that the system gave.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Answers until the process is told to stop; requests under way are finished.
    ///
    /// # Errors
    /// When the server fails.
    pub async fn run(self) -> std::io::Result<()> {
        self.server.await
    }
}

/// Begins to listen at `address`.
///
/// # Errors
/// When the address cannot be had.
pub fn listen(shared: Arc<Shared>, address: SocketAddr) -> std::io::Result<Listening> {
    let shared = web::Data::from(shared);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(shared.clone())
            .wrap(from_fn(envelope::wrap))
            .configure(routes::configure)
    });
    let server = server.bind(address)?;
    let addresses = server.addrs();
    Ok(Listening { server: server.run(), addresses })
}
