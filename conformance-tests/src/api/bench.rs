// SPDX-License-Identifier: MIT OR Apache-2.0
//! What cases work with: the deployment, keys, fresh pictures, a place that it can reach.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};

use super::client::{Answer, Client, Request};
use super::hooks::Hooks;
use crate::case::Problem;
use crate::fixtures::made;
use crate::subject::Progress;
use crate::synth::codec::Jpeg;
use crate::synth::{Camera, Picture, Scene};

/// Where the deployment reaches this program.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Listening {
    /// Where this program listens.
    pub address: SocketAddr,
    /// Base URL that the deployment is told; otherwise the address.
    pub url: Option<String>,
}

/// The deployment, keys and what else the caller gave.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Settings {
    /// Base URL of the deployment, with or without `/v1`.
    pub base_url: String,
    /// A key that may analyse and read.
    pub key: String,
    /// A key of the same organisation with the scope admin.
    pub admin_key: Option<String>,
    /// A key of another region.
    pub foreign_key: Option<String>,
    /// A key that may not do what the cases do.
    pub restricted_key: Option<String>,
    /// A key of another organisation, whose minute holds at most 400 requests.
    pub limited_key: Option<String>,
    /// A key of another organisation, whose day is used up.
    pub spent_key: Option<String>,
    /// The organisation's webhook secret.
    pub webhook_secret: Option<String>,
    /// Where the deployment reaches this program, if it can.
    pub hooks: Option<Listening>,
    /// Longest wait for an answer, a webhook or a batch.
    pub wait: Duration,
}

impl Settings {
    /// A client of the deployment, which tells each request.
    ///
    /// # Errors
    /// When the address cannot be used.
    pub fn client(&self, progress: Progress) -> Result<Client, Problem> {
        Client::new(&self.base_url, self.wait, progress)
            .map_err(|error| Problem::skipped(error.to_string()))
    }
}

/// Most pictures of a case, at least.
const PICTURES: u64 = 100;

/// What a case works with.
#[derive(Debug)]
pub struct Bench {
    /// The deployment.
    pub client: Client,
    /// What the caller gave.
    pub settings: Settings,
    /// Seed of the pictures.
    pub seed: u64,
    /// Where the deployment can reach this program, if it can.
    pub hooks: Option<Hooks>,
    /// Number of the next picture.
    next: AtomicU64,
}

impl Bench {
    /// What the case with a `number` works with; pictures differ from case to case.
    ///
    /// # Errors
    /// When the address cannot be used, or this program cannot listen.
    pub fn new(
        settings: Settings,
        seed: u64,
        number: u64,
        progress: Progress,
    ) -> Result<Self, Problem> {
        let client = settings.client(progress)?;
        let first = seed.wrapping_mul(10_000).wrapping_add(number * PICTURES);
        let listen = |at: &Listening| {
            let listening = Hooks::listen(at.address, at.url.as_deref(), first);
            listening.map_err(|error| Problem::skipped(format!("{}: {error}", at.address)))
        };
        let hooks = settings.hooks.as_ref().map(listen).transpose()?;
        Ok(Self { client, settings, seed, hooks, next: AtomicU64::new(first) })
    }

    /// Sends a request without a key.
    ///
    /// # Errors
    /// When no answer comes.
    pub fn send(&self, request: &Request) -> Result<Answer, Problem> {
        self.client.send(request)
    }

    /// Reads a path with the key.
    ///
    /// # Errors
    /// When no answer comes.
    pub fn get(&self, path: &str) -> Result<Answer, Problem> {
        self.send(&Request::new("GET", path).key(&self.settings.key))
    }

    /// Posts JSON with the key.
    ///
    /// # Errors
    /// When no answer comes.
    pub fn post(&self, path: &str, body: &Value) -> Result<Answer, Problem> {
        self.send(&Request::json(path, body).key(&self.settings.key))
    }

    /// Submits an image with further fields of the request.
    ///
    /// # Errors
    /// When no answer comes.
    pub fn analyze(&self, image: &[u8], more: &Value) -> Result<Answer, Problem> {
        let mut body = json!({ "image_base64": BASE64_STANDARD.encode(image) });
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        self.post("/v1/analyze", &body)
    }

    /// A picture that no other case has.
    #[must_use]
    pub fn picture(&self) -> Picture {
        let seed = self.next.fetch_add(1, Ordering::Relaxed);
        Camera::with_body(seed).shoot(&Scene::new(seed).light(400, 320), seed)
    }

    /// The same as a JPEG.
    ///
    /// # Errors
    /// When it cannot be encoded.
    pub fn photo(&self) -> Result<Vec<u8>, Problem> {
        made(Jpeg::quality(92).encode(&self.picture()))
    }

    /// Where the deployment can reach this program.
    ///
    /// # Errors
    /// Skips the case where it cannot.
    pub fn hooks(&self) -> Result<&Hooks, Problem> {
        self.hooks.as_ref().ok_or_else(|| Problem::skipped("no --hooks was given"))
    }
}
