// SPDX-License-Identifier: MIT OR Apache-2.0
//! What cases work with: the deployment, keys, fresh pictures, a place that it can reach.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::{json, Value};

use super::client::{Answer, Client, Request};
use super::hooks::Hooks;
use crate::case::Problem;
use crate::fixtures::made;
use crate::synth::codec::Jpeg;
use crate::synth::{Camera, Picture, Scene};

/// Keys and what else the caller gave.
#[derive(Clone, Debug, Default)]
pub struct Settings {
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
    /// Longest wait for an answer, a webhook or a batch.
    pub timeout: Duration,
    /// Seed of the pictures.
    pub seed: u64,
}

/// What cases work with.
#[derive(Debug)]
pub struct Bench {
    /// The deployment.
    pub client: Client,
    /// What the caller gave.
    pub settings: Settings,
    /// Where the deployment can reach this program, if it can.
    pub hooks: Option<Hooks>,
    /// Pictures made so far.
    pub made: AtomicU64,
}

impl Bench {
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
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let seed = self.settings.seed.wrapping_mul(1_000).wrapping_add(number);
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
