// SPDX-License-Identifier: MIT OR Apache-2.0
//! One sequence of calls on a store in a file and on one on a server: every answer is the same.

use std::time::Duration;

use assay::store::{
    Attempt, Batch, Charge, DatabaseUrl, Delivery, FirstAnswer, Job, JobEnd, JobQueue as _, Kept,
    KeptResult, KeyRequest, Location, LookUp, NewAnalysis, NewDelivery, NewJob, NewJobs, Next,
    Remembered, Repeat, Scope, Store, StoreError, Wanted,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use crate::cluster::cluster;
use crate::database;

const ORGANISATIONS: [&str; 2] = ["acme", "øther"];
const HOSTS: [&str; 2] = ["host_a", "host_b"];
/// How long hosts keep what they have, unless they are released.
const LEASE: Duration = Duration::from_secs(86_400);
/// Enough for every list of a run.
const ALL: u32 = 10_000;
/// A moment of the names of requests.
const MOMENT: &str = "req_0190000000";

/// A call, with what it is given.
#[derive(Clone, Debug)]
enum Call {
    Accept { organisation: usize, images: usize, is_batch: bool, is_claim: bool },
    Take { host: usize },
    Silence { host: usize },
    Finish { of: usize, is_complete: bool, is_refunded: bool },
    HandBack { of: usize },
    TakeClaim { host: usize, is_released: bool },
    Analyse { organisation: usize, body: String, hash: u64 },
    Search { organisation: usize, wanted: Wanted },
    Like { organisation: usize, hash: u64 },
    TakeImages { organisation: usize, images: u32, limit: u64 },
    FirstAnswer { key: u8, status: u16, now: i64, since: i64 },
    KeepResult { key: u8, now: i64, since: i64 },
    Deliver { organisation: usize, at: i64, receiver: u8 },
    Due { host: usize, now: i64, except: usize, busy: u8 },
    Attempt { host: usize, of: usize, status: Option<u16>, next: u8 },
    Redeliver { of: usize, now: i64 },
    Repeat { organisation: usize, name: u8 },
    Lists { organisation: usize },
}

/// Texts at which engines may differ.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("a".into()),
        Just("A".into()),
        Just("ä".into()),
        Just("a%_".into()),
        Just("z\u{10ffff}".into()),
        "[a-cA-C é'\"\\\\{}-]{0,6}",
    ]
}

fn body() -> impl Strategy<Value = String> {
    let label = prop_oneof![Just("AUTHENTIC"), Just("MANIPULATED"), Just("ö")];
    let risk = prop_oneof![Just(0.1), Just(1.0 / 3.0), 0.0..1.0];
    let whole = (label, risk, proptest::option::of(text())).prop_map(|(label, risk, reference)| {
        json!({ "verdict": { "label": label, "risk": risk, "risk_level": "LOW" },
            "reference_id": reference, "image_info": { "sha256": "ab12" } })
        .to_string()
    });
    let nul = json!({ "verdict": { "label": "ö", "risk": 1 }, "made_by": "a\0b" }).to_string();
    let odd = prop_oneof![
        Just("no JSON".to_owned()),
        Just("{\"verdict\":[1]}".into()),
        Just("{\"verdict\":{\"label\":null}}".into()),
        Just(nul),
    ];
    prop_oneof![8 => whole, 2 => odd]
}

fn wanted() -> impl Strategy<Value = Wanted> {
    let label = proptest::option::of(prop_oneof![Just("AUTHENTIC".to_owned()), Just("ö".into())]);
    let text = proptest::option::of(prop_oneof![3 => text(), 1 => Just("AB12".into())]);
    (text, label).prop_map(|(text, label)| Wanted { text, label, ..Wanted::default() })
}

fn call() -> impl Strategy<Value = Call> {
    let organisation = 0..ORGANISATIONS.len();
    let one = || organisation.clone();
    prop_oneof![
        3 => (one(), 1..4_usize, any::<bool>(), any::<bool>()).prop_map(
            |(organisation, images, is_batch, is_claim)| Call::Accept { organisation, images, is_batch, is_claim }
        ),
        6 => (0..HOSTS.len()).prop_map(|host| Call::Take { host }),
        1 => (0..HOSTS.len()).prop_map(|host| Call::Silence { host }),
        5 => (0..4_usize, any::<bool>(), any::<bool>()).prop_map(
            |(of, is_complete, is_refunded)| Call::Finish { of, is_complete, is_refunded }
        ),
        1 => (0..4_usize).prop_map(|of| Call::HandBack { of }),
        2 => (0..HOSTS.len(), any::<bool>()).prop_map(
            |(host, is_released)| Call::TakeClaim { host, is_released }
        ),
        4 => (one(), body(), any::<u64>()).prop_map(
            |(organisation, body, hash)| Call::Analyse { organisation, body, hash }
        ),
        3 => (one(), wanted()).prop_map(|(organisation, wanted)| Call::Search { organisation, wanted }),
        2 => (one(), any::<u64>()).prop_map(|(organisation, hash)| Call::Like { organisation, hash }),
        3 => (one(), 1..5_u32, 0..12_u64).prop_map(
            |(organisation, images, limit)| Call::TakeImages { organisation, images, limit }
        ),
        2 => (any::<u8>(), 200..600_u16, 0..50_i64, 0..50_i64).prop_map(
            |(key, status, now, since)| Call::FirstAnswer { key: key % 4, status, now, since }
        ),
        2 => (any::<u8>(), 0..50_i64, 0..50_i64).prop_map(
            |(key, now, since)| Call::KeepResult { key: key % 4, now, since }
        ),
        3 => (one(), 0..50_i64, 0..3_u8).prop_map(
            |(organisation, at, receiver)| Call::Deliver { organisation, at, receiver }
        ),
        2 => (0..HOSTS.len(), 0..60_i64, 0..4_usize, 0..4_u8).prop_map(
            |(host, now, except, busy)| Call::Due { host, now, except, busy }
        ),
        2 => (0..HOSTS.len(), 0..4_usize, proptest::option::of(200..600_u16), 0..3_u8).prop_map(
            |(host, of, status, next)| Call::Attempt { host, of, status, next }
        ),
        1 => (0..4_usize, 0..50_i64).prop_map(|(of, now)| Call::Redeliver { of, now }),
        1 => (one(), any::<u8>()).prop_map(|(organisation, name)| Call::Repeat { organisation, name }),
        2 => one().prop_map(|organisation| Call::Lists { organisation }),
    ]
}

/// One store with what a caller knows of it.
struct Side {
    store: Store,
    running: Vec<Job>,
    deliveries: Vec<(String, String)>,
    /// Names given so far.
    names: usize,
}

impl Side {
    async fn open(at: Location) -> Self {
        let store = Store::open(at).await.unwrap();
        for organisation in ORGANISATIONS {
            let request = KeyRequest::unrestricted(organisation, vec![Scope::Read]);
            store.create_key(&request, "local", "test").await.unwrap();
        }
        for host in HOSTS {
            store.hold_lease(host, LEASE).await.unwrap();
        }
        Self { store, running: Vec::new(), deliveries: Vec::new(), names: 0 }
    }

    fn name(&mut self, kind: &str) -> String {
        self.names += 1;
        format!("{kind}_{:04}", self.names)
    }

    /// Does a call; the answer without what is of the clock.
    async fn answer(&mut self, call: &Call) -> Result<String, StoreError> {
        Ok(match call.clone() {
            Call::Accept { organisation, images, is_batch, is_claim } => {
                let organisation = ORGANISATIONS[organisation];
                let batch = is_batch.then(|| Batch {
                    batch_id: self.name("batch"),
                    reference_id: Some("ref".into()),
                    webhook_url: Some("http://r/".into()),
                    claim_asked: is_claim.then(|| "{}".into()),
                });
                let job = |_| NewJob {
                    request_id: self.name("req"),
                    reference_id: None,
                    webhook_url: None,
                    task: "{}".into(),
                };
                let jobs: Vec<_> = (0..images).map(job).collect();
                let store = &self.store;
                let batch = batch.as_ref();
                let (actor, charge, answer) = ("test", None, None);
                let new = NewJobs { actor, organisation, batch, jobs: &jobs, charge, answer };
                store.accept_jobs(&new).await?;
                format!("{:?}", store.jobs_to_do().await?)
            }
            Call::Take { host } => {
                let job = self.store.take_job(HOSTS[host]).await?;
                self.running.extend(job.clone());
                format!("{job:?}")
            }
            Call::Silence { host } => {
                self.store.end_lease(HOSTS[host]).await?;
                let released = self.store.release_dead().await?;
                let hosts = self.store.hosts().await?;
                self.store.hold_lease(HOSTS[host], LEASE).await?;
                format!("{released:?} {hosts}")
            }
            Call::Finish { of, is_complete, is_refunded } => {
                let Some(job) = self.running.get(of).cloned() else { return Ok(String::new()) };
                self.running.remove(of);
                let end = JobEnd {
                    body: is_complete.then(|| "{}".into()),
                    localisation: None,
                    derivation: Some("{}".into()),
                    fingerprint: None,
                    label: is_complete.then(|| ["B", "a", "Ä"][of % 3].into()),
                    outcome: json!({ "code": "X" }).to_string(),
                    is_refunded,
                };
                let mut told = None;
                let tell = |batch: &Batch, standing: &assay::store::BatchStanding| {
                    told = Some(format!("{batch:?} {standing:?}"));
                    Ok(None)
                };
                let is_held = self.store.finish_job(&job, &end, None, tell).await?;
                let batch = match &job.batch_id {
                    Some(id) => {
                        let items = self.store.batch_items(id, 0, ALL).await?;
                        let images = self.store.claim_images(id).await?;
                        format!(
                            "{:?} {items:?} {images:?}",
                            self.store.batch(id, &job.organisation).await?
                        )
                    }
                    None => String::new(),
                };
                format!(
                    "{is_held} {told:?} {batch} {:?}",
                    self.store.job(&job.request_id, &job.organisation).await?
                )
            }
            Call::HandBack { of } => {
                let Some(job) = self.running.get(of).cloned() else { return Ok(String::new()) };
                self.running.remove(of);
                self.store.hand_back_job(&job.request_id, &job.hold).await?;
                format!("{}", self.store.is_to_do(&job.request_id).await?)
            }
            Call::TakeClaim { host, is_released } => {
                let claim = self.store.take_claim(HOSTS[host]).await?;
                let mut is_held = None;
                if let Some(claim) = &claim {
                    if is_released {
                        self.store.end_lease(HOSTS[host]).await?;
                        self.store.release_dead().await?;
                        self.store.hold_lease(HOSTS[host], LEASE).await?;
                    }
                    let made = json!({ "risk": 0.5, "risk_level": "LOW" }).to_string();
                    is_held = Some(self.store.finish_claim(claim, &made, |_, _| Ok(None)).await?);
                }
                // Those of one second are taken in any order.
                format!("{is_held:?}")
            }
            Call::Analyse { organisation, body, hash } => {
                let name = self.name("req");
                let fingerprint = fingerprint(hash);
                let kept = Kept {
                    body: &body,
                    localisation: None,
                    derivation: Some("{}"),
                    fingerprint: Some(&fingerprint),
                };
                let (store, organisation) = (&self.store, ORGANISATIONS[organisation]);
                let (actor, request_id) = ("test", name.as_str());
                let (charge, answer) = (None, None);
                let new = NewAnalysis { actor, request_id, organisation, kept, charge, answer };
                store.keep_analysis(&new).await?;
                let own = store.own_analysis(&name, organisation).await?;
                format!("{own:?} {:?}", store.stored_analysis(&name).await?)
            }
            Call::Search { organisation, wanted } => {
                let organisation = ORGANISATIONS[organisation];
                let mut found = self.store.search(organisation, &wanted, None, ALL).await?;
                found.iter_mut().for_each(|analysis| analysis.finished_at = 0);
                found.sort_by(|a, b| a.request_id.cmp(&b.request_id));
                format!("{found:?}")
            }
            Call::Like { organisation, hash } => {
                let organisation = ORGANISATIONS[organisation];
                let store = &self.store;
                let mut like = store.pictures_like(organisation, &[7; 32], &[hash, !hash]).await?;
                like.sort();
                let look_up = LookUp { organisation, batch_id: "batch_0001" };
                let newest = store.newest_pictures(look_up, 3).await?;
                let names: Vec<_> = like.iter().map(|(name, _)| name.clone()).take(3).collect();
                let known = store.known_pictures(look_up, &names).await?;
                format!("{like:?} {newest:?} {known:?}")
            }
            Call::TakeImages { organisation, images, limit } => {
                let name = self.name("req");
                let (store, organisation) = (&self.store, ORGANISATIONS[organisation]);
                let charge = Some(Charge { day: 20_000, images, limit });
                let kept = store.keep_failure("test", &name, organisation, "X", charge).await;
                let is_over = matches!(kept, Err(StoreError::DayIsOver { .. }));
                assert!(is_over || kept.is_ok(), "{kept:?}");
                format!("{is_over} {}", store.images(organisation, 20_000).await?)
            }
            Call::FirstAnswer { key, status, now, since } => {
                let key = format!("key{key}");
                let answer = FirstAnswer { request: vec![0, 255], status, body: "{}".into() };
                let remembered = Remembered { key: &key, answer, since };
                self.store.keep_first_answer("acme", &remembered, now).await?;
                format!("{:?}", self.store.first_answer("acme", &key, since).await?)
            }
            Call::KeepResult { key, now, since } => {
                let result = KeptResult {
                    rest: format!("rest {now}"),
                    localisation: None,
                    derivation: Some(String::new()),
                    fingerprint: Some(Vec::new()),
                    first: "req_0001".into(),
                };
                self.store.keep_result(&[key; 32], &result, now, since).await?;
                format!("{:?}", self.store.result(&[key; 32], since).await?)
            }
            Call::Deliver { organisation, at, receiver } => {
                let organisation = ORGANISATIONS[organisation];
                let delivery = NewDelivery {
                    id: self.name("msg"),
                    event: "analysis.complete",
                    url: "http://r/".into(),
                    receiver: ["b:80", "A:80", "ä:80"][usize::from(receiver)].into(),
                    body: "{}".into(),
                    // No two at once: their order is not said.
                    next_at: at * 100_000 + i64::try_from(self.names).unwrap(),
                };
                self.deliveries.push((delivery.id.clone(), organisation.into()));
                self.store.keep_delivery(organisation, &delivery).await?;
                format!(
                    "{:?}",
                    self.store
                        .receivers(organisation)
                        .await?
                        .iter()
                        .map(|r| (&r.name, r.pending, r.delivered, r.abandoned))
                        .collect::<Vec<_>>()
                )
            }
            Call::Due { host, now, except, busy } => {
                let now = now * 100_000;
                let except: Vec<_> =
                    self.deliveries.iter().take(except).map(|(id, _)| id.clone()).collect();
                let busy: Vec<_> = (0..busy).map(|_| "A:80".to_owned()).collect();
                let store = &self.store;
                let due = store.due_deliveries(HOSTS[host], now, &except, &busy, 5).await?;
                let next = store.next_delivery_at(now).await?;
                let first = due.first().map(|delivery| &delivery.id);
                let is_taken = match first {
                    Some(id) => store.take_delivery(id, HOSTS[host], now).await?,
                    None => false,
                };
                let lag = store.delivery_lag_ms(now).await?;
                format!("{due:?} {is_taken} {next:?} {lag}")
            }
            Call::Attempt { host, of, status, next } => {
                let Some((id, organisation)) = self.deliveries.get(of).cloned() else {
                    return Ok(String::new());
                };
                let attempt = Attempt {
                    number: 0,
                    at: 5,
                    status,
                    error: status.is_none().then(|| "none".into()),
                    latency_ms: 3,
                    answer: "é".into(),
                };
                let again = Next::Again(9_000_000 + i64::try_from(self.names).unwrap());
                let next = [Next::Delivered, again, Next::Abandoned][usize::from(next)];
                self.names += 1;
                let (host, far) = (HOSTS[host], i64::MAX);
                let is_taken = self.store.take_delivery(&id, host, far).await?;
                let is_written = self.store.record_attempt(&id, host, &attempt, next).await?;
                let found = self.store.delivery(&id, &organisation).await?;
                let found = found.map(|(delivery, attempts)| (timeless(delivery), attempts));
                format!("{is_taken} {is_written} {found:?}")
            }
            Call::Redeliver { of, now } => {
                let Some((id, organisation)) = self.deliveries.get(of).cloned() else {
                    return Ok(String::new());
                };
                let now = now * 100_000 + i64::try_from(self.names).unwrap();
                self.names += 1;
                format!("{}", self.store.redeliver(&id, &organisation, now, "test").await?)
            }
            Call::Repeat { organisation, name } => {
                let request_id = format!("{MOMENT}{name:02x}");
                let organisation = ORGANISATIONS[organisation];
                self.store.keep_repeat(Repeat {
                    request_id: request_id.clone(),
                    organisation: organisation.into(),
                    first: "req_0001".into(),
                    reference_id: Some("é\"'".into()),
                });
                let (stop, stopped) = tokio::sync::watch::channel(true);
                self.store.clone().write_repeats(stopped).await;
                drop(stop);
                let store = &self.store;
                let mut repeat = format!("{:?}", store.repeat(&request_id, organisation).await?);
                repeat += &format!("{:?}", store.repeat(&request_id, "nobody").await?);
                repeat + &format!("{:?}", store.stored_analysis(&request_id).await?)
            }
            Call::Lists { organisation } => {
                let (store, organisation) = (&self.store, ORGANISATIONS[organisation]);
                let mut batches = store.batches(organisation, i64::MAX, ALL).await?;
                batches.iter_mut().for_each(|batch| (batch.accepted_at, batch.number) = (0, 0));
                let pending =
                    store.deliveries(organisation, Some("pending"), i64::MAX, ALL).await?;
                let all = store.deliveries(organisation, None, i64::MAX, ALL).await?;
                let ids = |list: Vec<Delivery>| list.into_iter().map(|d| d.id).collect::<Vec<_>>();
                let acts = store.audit(Some(organisation), i64::MAX, ALL).await?;
                let acts: Vec<_> =
                    acts.into_iter().map(|entry| (entry.number, entry.act)).collect();
                let whole = store.verify_log(None).await?.map(|(entries, _)| entries);
                let days = store.images_by_day(organisation, 0).await?;
                format!("{batches:?} {:?} {:?} {acts:?} {whole:?} {days:?}", ids(pending), ids(all))
            }
        })
    }
}

/// An answer, or the refusal of a call; a database that fails is neither.
fn told(answer: Result<String, StoreError>) -> String {
    match answer {
        Ok(answer) => answer,
        Err(StoreError::Database(error)) => panic!("{error}"),
        Err(refusal) => refusal.to_string(),
    }
}

/// A delivery without when it was asked for.
fn timeless(mut delivery: Delivery) -> Delivery {
    delivery.created_at = 0;
    delivery
}

/// The start of a fingerprint's bytes, which is all that the store reads: form, digest, hash.
fn fingerprint(hash: u64) -> Vec<u8> {
    let form = std::iter::once(1).chain([7; 32]);
    form.chain(hash.to_le_bytes()).chain([0; 64]).collect()
}

#[test]
fn both_engines_answer_every_call_alike() {
    let (Some(server), None) = (cluster(), database::server()) else { return };
    let data = tempfile::tempdir().unwrap();
    database::make(server, "alike");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let url = DatabaseUrl::new(format!("{server}/alike"));
    let mut file = runtime.block_on(Side::open(data.path().into()));
    let mut shared = runtime.block_on(Side::open(Location::of(Some(&url), data.path()).unwrap()));
    let sides = std::cell::RefCell::new((&mut file, &mut shared));
    let calls = proptest::collection::vec(call(), 30..60);
    let mut runner = TestRunner::new(Config::with_cases(16));
    let run = |calls: Vec<Call>| {
        let (file, shared) = &mut *sides.borrow_mut();
        for call in calls {
            let one = told(runtime.block_on(file.answer(&call)));
            let other = told(runtime.block_on(shared.answer(&call)));
            prop_assert_eq!(one, other, "{:?}", call);
        }
        Ok(())
    };
    runner.run(&calls, run).unwrap();
}
