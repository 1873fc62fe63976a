// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sends what is due, and again when it failed.
//!
//! What is sent and when lies in the store; a host takes an attempt up before it makes it, so that no other
//! makes it too, and writes it down afterwards. Where a host dies in between, another makes the attempt once
//! more when the lease is over: at least once, never not at all. A receiver has at most [`AT_ONCE_TO_ONE`]
//! attempts of a host under way, so that a slow or dead one does not hold up the others.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use reqwest::header::CONTENT_TYPE;
use reqwest::Method;
use tokio::sync::{watch, Notify};
use tokio::task::JoinSet;

use super::clock::Clock;
use super::schedule::Schedule;
use super::sign::{guide_signature, standard_signature};
use crate::net::{Client, Target};
use crate::presence::Presence;
use crate::store::{Attempt, DueDelivery, Next, Store, StoreError, WebhookSecrets};

/// Attempts under way at once.
const AT_ONCE: usize = 64;
/// Of them to one receiver.
const AT_ONCE_TO_ONE: usize = 4;
/// How much of an answer is kept, bytes.
const ANSWER_BYTES: usize = 1 << 10;
/// How long nothing is sent after an attempt that could not be written down, ms: it would be made again
/// at once.
const PAUSE: i64 = 10_000;
/// Longest wait before the store is looked at again, ms: other hosts write there too.
const LONGEST_WAIT: i64 = 1_000;

/// Sends what is due.
pub struct Sender {
    store: Store,
    client: Client,
    schedule: Schedule,
    clock: Arc<dyn Clock>,
    presence: Arc<Presence>,
    wake: Notify,
}

/// What is under way.
#[derive(Default)]
struct UnderWay {
    tasks: JoinSet<Over>,
    ids: HashSet<String>,
    receivers: HashMap<String, usize>,
    /// Nothing is sent before, Unix milliseconds: an attempt could not be written down.
    not_before: i64,
}

/// An attempt that is over.
struct Over {
    id: String,
    receiver: String,
    is_written: bool,
}

impl Sender {
    /// Sends through a client whose timeouts are those of an attempt, as a host.
    #[must_use]
    pub fn new(
        store: Store,
        client: Client,
        schedule: Schedule,
        clock: Arc<dyn Clock>,
        presence: Arc<Presence>,
    ) -> Self {
        Self { store, client, schedule, clock, presence, wake: Notify::new() }
    }

    /// Has the store looked at again: something was added to it.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// The clock that decides what is due.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Sends until `stop` says so; attempts under way are given up then, and made again by another
    /// host or the next life of this one.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut under_way = UnderWay::default();
        while !*stop.borrow() {
            if let Err(error) = self.start_due(&mut under_way).await {
                tracing::error!(%error, "webhooks cannot be read");
            }
            let next = self.next_look(&under_way).await;
            tokio::select! {
                Some(done) = under_way.tasks.join_next(), if !under_way.tasks.is_empty() => {
                    match done {
                        Ok(over) => {
                            under_way.end(&over.id, &over.receiver);
                            if !over.is_written {
                                under_way.not_before = self.clock.now() + PAUSE;
                            }
                        }
                        Err(error) => tracing::error!(%error, "a webhook's task broke off"),
                    }
                }
                () = self.wake.notified() => {}
                () = self.clock.wait_until(next) => {}
                _ = stop.changed() => {}
            }
        }
    }

    async fn next_look(&self, under_way: &UnderWay) -> i64 {
        let now = self.clock.now();
        let latest = now + LONGEST_WAIT;
        if under_way.ids.len() >= AT_ONCE {
            return latest;
        }
        if now < under_way.not_before {
            return under_way.not_before.min(latest);
        }
        let next = self.store.next_delivery_at(now).await.ok().flatten();
        next.map_or(latest, |next| next.min(latest))
    }

    async fn start_due(self: &Arc<Self>, under_way: &mut UnderWay) -> Result<(), StoreError> {
        let now = self.clock.now();
        let free = AT_ONCE.saturating_sub(under_way.ids.len());
        if free == 0 || now < under_way.not_before || !self.presence.is_held() {
            return Ok(());
        }
        let ids: Vec<_> = under_way.ids.iter().cloned().collect();
        let limit = u32::try_from(AT_ONCE).unwrap_or(u32::MAX);
        // Deliveries to one receiver could fill a whole look; the others are found by the next one.
        loop {
            let busy: Vec<_> = under_way.busy().cloned().collect();
            let due =
                self.store.due_deliveries(self.presence.id(), now, &ids, &busy, limit).await?;
            let mut has_skipped = false;
            let mut has_started = false;
            for delivery in due {
                if under_way.ids.len() >= AT_ONCE {
                    return Ok(());
                }
                if under_way.ids.contains(&delivery.id) {
                    continue;
                }
                if under_way.is_busy(&delivery.receiver) {
                    has_skipped = true;
                    continue;
                }
                if !self.store.take_delivery(&delivery.id, self.presence.id(), now).await? {
                    continue;
                }
                has_started = true;
                under_way.begin(&delivery);
                let sender = Arc::clone(self);
                under_way.tasks.spawn(async move {
                    let written = sender.attempt(&delivery).await;
                    if let Err(error) = &written {
                        tracing::error!(%error, webhook_id = delivery.id, "an attempt is not recorded");
                    }
                    let DueDelivery { id, receiver, .. } = delivery;
                    Over { id, receiver, is_written: written.is_ok() }
                });
            }
            if !(has_skipped && has_started) {
                return Ok(());
            }
        }
    }

    async fn attempt(&self, delivery: &DueDelivery) -> Result<(), StoreError> {
        let at = self.clock.now();
        let secrets = self.store.webhook_secrets(&delivery.organisation).await?;
        if !self.presence.is_held() {
            // Another host may be making it.
            return Ok(());
        }
        let start = Instant::now();
        let answer = self.send(delivery, &secrets, at.div_euclid(1_000)).await;
        let latency_ms = i64::try_from(start.elapsed().as_millis()).unwrap_or(i64::MAX);
        let is_delivered = matches!(&answer, Ok((status, _)) if (200..300).contains(status));
        let (status, error, answer) = match answer {
            Ok((status, answer)) => (Some(status), None, answer),
            Err(error) => (None, Some(error), String::new()),
        };
        metrics::counter!("assay_webhook_attempts_total", "delivered" => is_delivered.to_string())
            .increment(1);
        tracing::info!(
            webhook_id = delivery.id,
            status,
            error,
            latency_ms,
            lag_ms = at - delivery.due_at,
            "webhook attempt"
        );
        let next = if is_delivered {
            Next::Delivered
        } else {
            let delay = self.schedule.delay(delivery.tries + 1, random());
            delay.map_or(Next::Abandoned, |delay| Next::Again(self.clock.now() + delay))
        };
        let attempt = Attempt { number: 0, at, status, error, latency_ms, answer };
        let host = self.presence.id();
        if !self.store.record_attempt(&delivery.id, host, &attempt, next).await? {
            tracing::warn!(webhook_id = delivery.id, "another host makes this attempt too");
        }
        Ok(())
    }

    /// The answer's status and its start, or why there is none.
    async fn send(
        &self,
        delivery: &DueDelivery,
        secrets: &WebhookSecrets,
        timestamp: i64,
    ) -> Result<(u16, String), String> {
        let target = Target::parse(&delivery.url).map_err(|error| error.to_string())?;
        let unreachable = || "no answer from there".to_owned();
        let request = self.client.request(Method::POST, &target).ok_or_else(unreachable)?;
        let body = delivery.body.as_bytes();
        let sign = |secret: &String| standard_signature(secret, &delivery.id, timestamp, body);
        let signatures: Vec<_> =
            std::iter::once(&secrets.secret).chain(&secrets.previous).map(sign).collect();
        let request = request
            .header(CONTENT_TYPE, "application/json")
            .header("X-CheckReal-Signature", guide_signature(&secrets.secret, body))
            .header("webhook-id", &delivery.id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signatures.join(" "))
            .body(delivery.body.clone());
        let lost = |error: reqwest::Error| {
            if error.is_timeout() {
                "no answer in time".to_owned()
            } else {
                unreachable()
            }
        };
        let mut response = request.send().await.map_err(lost)?;
        let status = response.status().as_u16();
        let mut answer = Vec::new();
        while answer.len() < ANSWER_BYTES {
            match response.chunk().await {
                Ok(Some(chunk)) => answer.extend_from_slice(&chunk),
                // The status has been given; how the body ends does not change it.
                Ok(None) | Err(_) => break,
            }
        }
        answer.truncate(ANSWER_BYTES);
        Ok((status, String::from_utf8_lossy(&answer).into_owned()))
    }
}

impl UnderWay {
    fn begin(&mut self, delivery: &DueDelivery) {
        self.ids.insert(delivery.id.clone());
        *self.receivers.entry(delivery.receiver.clone()).or_default() += 1;
    }

    fn end(&mut self, id: &str, receiver: &str) {
        self.ids.remove(id);
        if let Some(number) = self.receivers.get_mut(receiver) {
            *number -= 1;
            if *number == 0 {
                self.receivers.remove(receiver);
            }
        }
    }

    fn is_busy(&self, receiver: &str) -> bool {
        self.receivers.get(receiver).is_some_and(|number| *number >= AT_ONCE_TO_ONE)
    }

    fn busy(&self) -> impl Iterator<Item = &String> {
        self.receivers.iter().filter(|(_, n)| **n >= AT_ONCE_TO_ONE).map(|(receiver, _)| receiver)
    }
}

/// A number within 0..1; 0 where the system has none.
fn random() -> f64 {
    let mut bytes = [0; 4];
    let filled = getrandom::fill(&mut bytes);
    filled.map_or(0.0, |()| f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0))
}
