// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sends requests to the deployment and reads its answers.

use std::time::{Duration, Instant};

use reqwest::blocking::Client as Http;
use reqwest::redirect::Policy;
use reqwest::{Method, Url};
use serde_json::Value;

use crate::case::{Check, Problem};
use crate::subject::Progress;

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Longest `Retry-After` that is waited for, s.
const LONGEST_PAUSE: u64 = 61;
/// How often a request that was limited is sent again.
const PATIENCE: usize = 3;

/// The deployment's address could not be used.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Not an `http` or `https` address.
    #[error("{0}: expected an http or https address such as https://host/v1")]
    Address(String),
    /// The client could not be made.
    #[error("the HTTP client cannot be made: {0}")]
    Client(#[from] reqwest::Error),
}

/// A request before it is sent.
#[derive(Clone, Debug)]
pub struct Request {
    method: &'static str,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    is_patient: bool,
}

impl Request {
    /// A request without a body.
    #[must_use]
    pub fn new(method: &'static str, path: &str) -> Self {
        Self { method, path: path.into(), headers: vec![], body: vec![], is_patient: true }
    }

    /// A request with a JSON body.
    #[must_use]
    pub fn json(path: &str, body: &Value) -> Self {
        Self::new("POST", path).body("application/json", body.to_string())
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// With a key.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.header("Authorization", &format!("Bearer {key}"))
    }

    /// With a body.
    #[must_use]
    pub fn body(mut self, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("Content-Type", kind)
    }

    /// Takes a 429 as the answer instead of waiting and sending again.
    #[must_use]
    pub fn impatient(mut self) -> Self {
        self.is_patient = false;
        self
    }
}

/// One answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Method and path of the request.
    pub what: String,
    /// Status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
    /// From the request to the end of the body.
    pub took: Duration,
}

impl Answer {
    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body's beginning, for messages.
    #[must_use]
    pub fn excerpt(&self) -> String {
        String::from_utf8_lossy(&self.body).chars().take(300).collect()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// When it is none.
    pub fn json(&self) -> Result<Value, Problem> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let (what, text) = (&self.what, self.excerpt());
            Problem::failed(format!("{what}: expected JSON, found {text:?}: {error}"))
        })
    }

    /// Checks the status.
    ///
    /// # Errors
    /// When it is another.
    pub fn status(&self, expected: u16) -> Check {
        if self.status == expected {
            return Ok(());
        }
        let (what, found, text) = (&self.what, self.status, self.excerpt());
        Err(Problem::failed(format!("{what}: expected status {expected}, found {found}: {text}")))
    }

    /// Checks the status and the code of an error, and gives its message.
    ///
    /// # Errors
    /// When they are others, or the body is not the guide's.
    pub fn error(&self, status: u16, code: &str) -> Result<String, Problem> {
        self.status(status)?;
        let body = self.json()?;
        let text = |name: &str| body["error"][name].as_str().unwrap_or_default().to_owned();
        if text("code") != code || text("message").is_empty() || text("request_id").is_empty() {
            let (what, found) = (&self.what, self.excerpt());
            let message =
                format!("{what}: expected error {code} with message and request_id, found {found}");
            return Err(Problem::failed(message));
        }
        Ok(text("message"))
    }
}

/// A connection to the deployment.
#[derive(Debug)]
pub struct Client {
    http: Http,
    root: String,
    progress: Progress,
}

impl Client {
    /// A client of the deployment at `base`, with or without `/v1`; `progress` is told each request.
    ///
    /// # Errors
    /// When `base` is no such address or the client cannot be made.
    pub fn new(base: &str, timeout: Duration, progress: Progress) -> Result<Self, ClientError> {
        let wrong = || ClientError::Address(base.into());
        let url = Url::parse(base).map_err(|_| wrong())?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong());
        }
        // It may have been installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Http::builder()
            .no_proxy()
            .redirect(Policy::none())
            .connect_timeout(CONNECT)
            .timeout(timeout)
            .user_agent(concat!("assay-conformance/", env!("CARGO_PKG_VERSION")))
            .build()?;
        let root = base.trim_end_matches('/');
        Ok(Self { http, root: root.strip_suffix("/v1").unwrap_or(root).into(), progress })
    }

    /// Sends a request; one that was limited is sent again when its minute is over.
    ///
    /// # Errors
    /// When no answer comes.
    pub fn send(&self, request: &Request) -> Result<Answer, Problem> {
        let mut answer = self.send_once(request)?;
        for _ in 0..PATIENCE {
            let pause = answer.header("retry-after").and_then(|value| value.parse().ok());
            let pause = pause.filter(|&seconds: &u64| seconds <= LONGEST_PAUSE);
            let (429, true, Some(pause)) = (answer.status, request.is_patient, pause) else {
                break;
            };
            std::thread::sleep(Duration::from_secs(pause));
            answer = self.send_once(request)?;
        }
        Ok(answer)
    }

    fn send_once(&self, request: &Request) -> Result<Answer, Problem> {
        let what = format!("{} {}", request.method, request.path);
        (self.progress)(&what);
        let broken = |e: reqwest::Error| Problem::failed(format!("{what}: no answer: {e}"));
        let method = Method::from_bytes(request.method.as_bytes());
        let method = method.map_err(|e| Problem::failed(e.to_string()))?;
        let start = Instant::now();
        let mut sent = self.http.request(method, format!("{}{}", self.root, request.path));
        for (name, value) in &request.headers {
            sent = sent.header(name, value);
        }
        let answer = sent.body(request.body.clone()).send().map_err(broken)?;
        let status = answer.status().as_u16();
        let header =
            |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
                (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            };
        let headers = answer.headers().iter().map(header).collect();
        let body = answer.bytes().map_err(broken)?.to_vec();
        Ok(Answer { what, status, headers, body, took: start.elapsed() })
    }
}
