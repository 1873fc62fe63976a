// SPDX-License-Identifier: MIT OR Apache-2.0
//! How the server works: its place, its way out, its queue, its webhooks.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::document::reader::Reader;
use super::document::{Content, Node};
use crate::net::{AddressRange, Target};

/// Longest of the times that are set in milliseconds: ten minutes.
const LONGEST_MS: u64 = 600_000;
/// Longest of the times that are set in seconds: a year.
const LONGEST_S: u64 = 31_536_000;

/// How the server works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Where the deployment stands.
    pub region: String,
    /// Base URLs of the regions.
    pub regions: BTreeMap<String, String>,
    /// Base URL of this deployment, without `/v1`; that of the request where none is given.
    pub public_url: Option<String>,
    /// Addresses that may be dialled though they are not public.
    pub allowed: Vec<AddressRange>,
    /// Addresses whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<AddressRange>,
    /// Until a connection for fetching stands, ms.
    pub connect_timeout_ms: u64,
    /// Until a picture is fetched, ms.
    pub fetch_timeout_ms: u64,
    /// Images that are examined at once; 0 for as many as the machine has cores.
    pub at_once: usize,
    /// Requests that may wait for their turn.
    pub waiting: usize,
    /// Of all requests inside those of one organisation; 0 for half of them.
    pub inside_each: usize,
    /// Jobs that may wait for their turn.
    pub jobs: u64,
    /// Largest body of a batch, bytes.
    pub max_batch_bytes: u64,
    /// How long the server waits for a body of which nothing comes, s.
    pub body_patience_seconds: u64,
    /// Bytes of a body that earn it a second more.
    pub body_bytes_per_second: u64,
    /// Connections that may be open.
    pub connections: usize,
    /// Of them those of one address.
    pub connections_each: usize,
    /// Unknown keys that an address may send at once.
    pub unknown_keys: u32,
    /// After how many seconds it may send another.
    pub unknown_key_seconds: u32,
    /// How long the process waits for what runs when it is told to stop, s.
    pub shutdown_seconds: u64,
    /// How long a host that says nothing keeps what it has taken up, s.
    pub lease_seconds: u64,
    /// How long the images of jobs are kept after these are done, s.
    pub keep_images_seconds: u64,
    /// Until a receiver must have answered, ms.
    pub webhook_timeout_ms: u64,
    /// Delays between attempts, s.
    pub retry_seconds: Vec<u32>,
}

impl Default for Service {
    fn default() -> Self {
        Self {
            region: "local".into(),
            regions: BTreeMap::new(),
            public_url: None,
            allowed: Vec::new(),
            trusted_proxies: Vec::new(),
            connect_timeout_ms: 3_000,
            fetch_timeout_ms: 10_000,
            at_once: 0,
            waiting: 256,
            inside_each: 0,
            jobs: 100_000,
            max_batch_bytes: 128 << 20,
            body_patience_seconds: 20,
            body_bytes_per_second: 8_192,
            connections: 10_000,
            connections_each: 2_500,
            unknown_keys: 30,
            unknown_key_seconds: 2,
            shutdown_seconds: 25,
            lease_seconds: 15,
            keep_images_seconds: 0,
            webhook_timeout_ms: 10_000,
            retry_seconds: vec![5, 30, 120, 600, 3_600],
        }
    }
}

impl Service {
    /// Images that are examined at once, on this machine.
    #[must_use]
    pub fn examined_at_once(&self) -> usize {
        match self.at_once {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            at_once => at_once,
        }
    }

    /// Reads the server's keys of the root; a wrong value is a fault and reads as the default.
    pub(super) fn read(root: &mut Reader<'_>) -> Self {
        let mut service = Self::default();
        if let Some(region) = root.text("region") {
            if !is_region(&region) {
                root.fault("region", "`region` must be lower-case letters, digits and hyphens");
            }
            service.region = region;
        }
        for (name, entry) in root.entries("regions") {
            match entry.node.as_text().filter(|url| Target::parse(url).is_ok()) {
                Some(url) if is_region(name) => {
                    service.regions.insert(name.into(), url.trim_end_matches('/').into());
                }
                _ => root.fault("regions", format!("`regions.{name}` must be a base URL")),
            }
        }
        if let Some(reader) = root.table("server") {
            service.read_server(reader);
        }
        if let Some(mut reader) = root.table("network") {
            service.allowed = ranges(&mut reader, "allow");
            service.trusted_proxies = ranges(&mut reader, "trusted_proxies");
            set(&mut service.connect_timeout_ms, &mut reader, "connect_timeout_ms", 1..=LONGEST_MS);
            set(&mut service.fetch_timeout_ms, &mut reader, "fetch_timeout_ms", 1..=LONGEST_MS);
            reader.finish();
        }
        if let Some(mut reader) = root.table("retention") {
            set(&mut service.keep_images_seconds, &mut reader, "image_seconds", 0..=LONGEST_S);
            reader.finish();
        }
        if let Some(mut reader) = root.table("webhooks") {
            set(&mut service.webhook_timeout_ms, &mut reader, "timeout_ms", 1..=LONGEST_MS);
            if reader.has("retry_seconds") {
                service.retry_seconds = seconds(&mut reader, "retry_seconds");
            }
            reader.finish();
        }
        service
    }

    fn read_server(&mut self, mut reader: Reader<'_>) {
        self.public_url = reader.text("public_url").map(|url| url.trim_end_matches('/').to_owned());
        if self.public_url.as_ref().is_some_and(|url| Target::parse(url).is_err()) {
            reader.fault("public_url", "`server.public_url` must be an http or https URL");
        }
        number(&mut self.at_once, &mut reader, "at_once", 0..=1_024);
        number(&mut self.waiting, &mut reader, "waiting", 0..=100_000);
        number(&mut self.inside_each, &mut reader, "inside_each", 0..=100_000);
        number(&mut self.connections, &mut reader, "connections", 1..=1_000_000);
        number(&mut self.connections_each, &mut reader, "connections_each", 1..=1_000_000);
        number(&mut self.unknown_keys, &mut reader, "unknown_keys", 1..=1_000_000);
        number(&mut self.unknown_key_seconds, &mut reader, "unknown_key_seconds", 1..=3_600);
        set(&mut self.body_patience_seconds, &mut reader, "body_patience_seconds", 1..=3_600);
        set(&mut self.body_bytes_per_second, &mut reader, "body_bytes_per_second", 1..=1 << 32);
        set(&mut self.jobs, &mut reader, "jobs", 1..=100_000_000);
        set(&mut self.max_batch_bytes, &mut reader, "max_batch_bytes", 1..=1 << 32);
        set(&mut self.lease_seconds, &mut reader, "lease_seconds", 1..=3_600);
        set(&mut self.shutdown_seconds, &mut reader, "shutdown_seconds", 0..=3_600);
        reader.finish();
    }
}

fn set(value: &mut u64, reader: &mut Reader<'_>, key: &'static str, range: RangeInclusive<u64>) {
    *value = reader.whole(key, range).unwrap_or(*value);
}

/// The same for a number of another width.
fn number<T: Copy + TryFrom<u64>>(
    value: &mut T,
    reader: &mut Reader<'_>,
    key: &'static str,
    range: RangeInclusive<u64>,
) {
    let read = reader.whole(key, range).and_then(|number| T::try_from(number).ok());
    *value = read.unwrap_or(*value);
}

/// Whether a text can name a region: it becomes part of keys and headers.
fn is_region(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=32).contains(&text.len()) && text.bytes().all(fits)
}

fn ranges(reader: &mut Reader<'_>, key: &'static str) -> Vec<AddressRange> {
    let mut ranges = Vec::new();
    for node in reader.array(key) {
        match node.as_text().map(str::parse) {
            Some(Ok(range)) => ranges.push(range),
            Some(Err(error)) => reader.fault(key, format!("`{}`: {error}", reader.path_of(key))),
            None => reader.wrong(key, node, "an array of address ranges"),
        }
    }
    ranges
}

fn seconds(reader: &mut Reader<'_>, key: &'static str) -> Vec<u32> {
    let mut seconds = Vec::new();
    for node in reader.array(key) {
        match node {
            Node { content: Content::Int(value), .. } if (0..=604_800).contains(value) => {
                seconds.extend(u32::try_from(*value));
            }
            _ => reader.wrong(key, node, "an array of seconds, each at most a week"),
        }
    }
    seconds
}
