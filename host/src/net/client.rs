// SPDX-License-Identifier: MIT OR Apache-2.0
//! An HTTP client that dials only what the guard permits, and follows nothing by itself.

use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder};

use super::guard::{Guard, Target};

/// How long a request may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Until the connection stands.
    pub connect: Duration,
    /// Until the answer is there, all of it.
    pub total: Duration,
}

/// An HTTP client that dials only what its guard permits.
#[derive(Clone, Debug)]
pub struct Client {
    client: reqwest::Client,
    guard: Guard,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
#[error("no HTTP client can be made: {0}")]
pub struct ClientError(#[from] reqwest::Error);

/// Says what TLS is made with, which every client of this process needs to be told before it is made.
pub(crate) fn provide_tls() {
    // Where it has been said already, it was the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

impl Client {
    /// A client behind this guard.
    ///
    /// # Errors
    /// When the system's TLS roots cannot be read.
    pub fn new(guard: Guard, timeouts: Timeouts) -> Result<Self, ClientError> {
        provide_tls();
        let client = reqwest::Client::builder()
            .dns_resolver(Arc::new(guard.clone()))
            .redirect(Policy::none())
            // What a body may cost is reckoned for one request a connection.
            .http1_only()
            .no_proxy()
            // Each request resolves its host anew, and no connection outlives the guard's look at it.
            .pool_max_idle_per_host(0)
            .referer(false)
            .user_agent(concat!("assay/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.total)
            .build()?;
        Ok(Self { client, guard })
    }

    /// Whom it dials.
    #[must_use]
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// A request to a target; `None` when the guard does not permit it.
    ///
    /// The resolver is not asked where the host is written as an address, so that case is decided
    /// here.
    #[must_use]
    pub fn request(&self, method: Method, target: &Target) -> Option<RequestBuilder> {
        let is_permitted = self.guard.permits_target(target);
        is_permitted.then(|| self.client.request(method, target.url().clone()))
    }
}
