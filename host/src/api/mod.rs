// SPDX-License-Identifier: MIT OR Apache-2.0
//! The HTTP API of the guide, over the same pipeline as the command line.

pub(crate) mod acceptance;
pub(crate) mod administration;
pub(crate) mod answers;
pub(crate) mod auth;
pub mod bodies;
pub(crate) mod body;
mod cache;
mod connections;
mod envelope;
pub(crate) mod error;
mod guesses;
mod host_turns;
mod idempotency;
mod jobs;
mod json;
mod kept_policies;
mod memo;
mod openapi;
pub(crate) mod page;
mod places;
mod policies;
mod rate_limit;
mod routes;
pub(crate) mod submission;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::HOST;
use actix_web::middleware::from_fn;
use actix_web::{web, App, HttpRequest, HttpServer};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::{Notify, Semaphore};

use crate::config::Service;
use crate::image::DecodeLimits;
use crate::net::Fetcher;
use crate::presence::Presence;
use crate::store::{JobQueue as _, Store};
use crate::webhook::Sender;
use crate::worker::Decoder;
use body::Pace;
use places::Place;
use submission::Bounds;

pub use cache::Cache;
pub use connections::Connections;
pub use error::ApiError;
pub use guesses::Guesses;
pub use host_turns::HostTurns;
pub use jobs::{Blobs, Runner, Throughput};
pub use kept_policies::{own_folder, KeptFolder, KeptFolderError};
pub use memo::Memo;
pub use places::Places;
pub use policies::{Policies, PoliciesError, PolicySources};
pub use rate_limit::RateLimits;
pub use routes::{check_endpoint, configure as routes, health};

/// When a client that found everything full may come again, s.
const COME_AGAIN_SECONDS: u64 = 2;

/// What all requests share.
pub struct Shared {
    /// The detectors under each policy.
    pub policies: Arc<Policies>,
    /// The database.
    pub store: Store,
    /// Images that wait for their job.
    pub blobs: Blobs,
    /// What decodes files.
    pub decoder: Decoder,
    /// What is refused before it is decoded.
    pub limits: DecodeLimits,
    /// Answers that identical requests get again.
    pub cache: Cache,
    /// What bodies that were read before ask for.
    pub memo: Memo,
    /// How often organisations may ask.
    pub rates: RateLimits,
    /// Who sends unknown keys.
    pub guesses: Guesses,
    /// Connections that are open.
    pub connections: Arc<Connections>,
    /// Fetches what clients point at.
    pub fetcher: Fetcher,
    /// This host among others.
    pub presence: Arc<Presence>,
    /// Tells receivers what became of their images.
    pub sender: Arc<Sender>,
    /// How the server works.
    pub service: Service,
    /// Images that are examined at once.
    pub at_once: usize,
    /// As many permits.
    pub running: Arc<Semaphore>,
    /// Requests with an image that may be inside.
    pub places: Arc<Places>,
    /// Tells the runner that there is work.
    pub work: Notify,
    /// How long images take.
    pub throughput: Throughput,
    /// What was measured.
    pub metrics: PrometheusHandle,
}

impl Shared {
    /// Takes a place inside for an organisation, if one is left.
    pub(crate) fn enter(&self, organisation: &Arc<str>) -> Result<Place, ApiError> {
        self.places.take(organisation).ok_or_else(overloaded)
    }

    pub(crate) fn pace(&self) -> Pace {
        Pace {
            patience: Duration::from_secs(self.service.body_patience_seconds),
            bytes_per_second: self.service.body_bytes_per_second,
        }
    }

    /// Checks that so many more jobs of an organisation may wait: in all, and of its own no more than are left
    /// for the others then. So one alone fills half of the queue, two together two thirds, and whoever comes
    /// finds room: a dynamic threshold, as of queues that share a switch's memory [Choudhury, Hahne 1998].
    async fn check_queue(&self, organisation: &str, more: u64) -> Result<(), ApiError> {
        let (waiting, own) = self.store.jobs_beside(organisation).await?;
        let left = self.service.jobs.checked_sub(waiting + more).ok_or_else(overloaded)?;
        if own + more > left {
            let message = format!(
                "{own} images of your organisation are waiting already, and {more} more would leave too little \
                 room for others; try again later."
            );
            return Err(
                ApiError::new(error::Code::Overloaded, message).retry_after(COME_AGAIN_SECONDS)
            );
        }
        Ok(())
    }

    pub(crate) fn bounds(&self) -> Bounds<'_> {
        Bounds {
            image_bytes: self.limits.max_file_bytes,
            guard: self.fetcher.guard(),
            pace: self.pace(),
        }
    }

    /// Base URL of this deployment, without `/v1`.
    fn public_url(&self, request: &HttpRequest) -> String {
        if let Some(url) = &self.service.public_url {
            return url.clone();
        }
        let host = request.headers().get(HOST).and_then(|value| value.to_str().ok());
        format!("http://{}", host.unwrap_or("localhost"))
    }
}

fn overloaded() -> ApiError {
    let message = "Too much is waiting already; try again later.";
    ApiError::new(error::Code::Overloaded, message).retry_after(COME_AGAIN_SECONDS)
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

/// Begins to listen at `address`; `routes` registers what programs ask, [`routes()`] or [`health`], and `pages`
/// what people see in a browser.
///
/// # Errors
/// When the address cannot be had.
pub fn listen(
    shared: Arc<Shared>,
    address: SocketAddr,
    routes: fn(&mut web::ServiceConfig),
    pages: fn(&mut web::ServiceConfig),
) -> std::io::Result<Listening> {
    let patience = shared.service.shutdown_seconds;
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let of_a_worker = shared.service.connections.div_ceil(workers);
    let connections = Arc::clone(&shared.connections);
    let shared = web::Data::from(shared);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(shared.clone())
            .wrap(from_fn(envelope::wrap))
            .configure(routes)
            .configure(pages)
    });
    let server = server
        .workers(workers)
        .max_connections(of_a_worker)
        .keep_alive(connections::KEEP_ALIVE)
        .client_request_timeout(connections::HEAD)
        .client_disconnect_timeout(connections::LINGER)
        // Who has closed its side waits for no answer: its request is dropped, and what it waits for given up.
        .h1_allow_half_closed(false)
        .on_connect(move |io, data| connections.accept(io, data))
        .shutdown_timeout(patience)
        .bind(address)?;
    let addresses = server.addrs();
    Ok(Listening { server: server.run(), addresses })
}
