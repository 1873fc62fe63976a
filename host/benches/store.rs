// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the store's two engines take: looking a key up, keeping an answer with its charge, alone and by sixteen
//! at once, and reading while sixteen write.
//!
//! `ASSAY_TEST_POSTGRES=postgres://USER@HOST cargo bench -p assay --bench store`; without it the file only.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // a measurement, not a server

use std::future::Future;
use std::path::Path;
use std::time::{Duration, Instant};

use assay::store::{Charge, DatabaseUrl, Kept, KeyRequest, Location, NewAnalysis, Scope, Store};
use sqlx::{AssertSqlSafe, Connection as _};

const ORGANISATION: &str = "acme";
/// Calls of each kind, alone.
const CALLS: usize = 300;
/// Tasks that do them at once, each so many.
const AT_ONCE: usize = 16;
const EACH: usize = 60;
/// An answer of the usual length, bytes.
const ANSWER: usize = 20_000;

/// Median, 99th percentile.
fn spread(mut times: Vec<Duration>) -> String {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    format!("median {:6.2} ms, 99 % {:7.2} ms, n = {}", at(0.5), at(0.99), times.len())
}

async fn alone<F: Future>(what: &str, mut call: impl FnMut(usize) -> F) {
    let mut times = Vec::new();
    for number in 0..CALLS {
        let start = Instant::now();
        call(number).await;
        times.push(start.elapsed());
    }
    println!("  {what:32} {}", spread(times));
}

async fn at_once<F>(what: &str, call: impl Fn(usize) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let start = Instant::now();
    let numbers = (0..AT_ONCE).map(|task| task * EACH..(task + 1) * EACH);
    let tasks = numbers.map(|numbers| {
        let calls: Vec<_> = numbers.map(&call).collect();
        tokio::spawn(async move {
            for call in calls {
                call.await;
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let rate = (AT_ONCE * EACH) as f64 / start.elapsed().as_secs_f64();
    println!("  {what:32} {rate:6.0} a second by {AT_ONCE} at once");
}

async fn keep(store: Store, name: String, body: String) {
    let kept = Kept { body: &body, localisation: None, derivation: None, fingerprint: None };
    let new = NewAnalysis {
        actor: "bench",
        request_id: &name,
        organisation: ORGANISATION,
        kept,
        charge: Some(Charge { day: 1, images: 1, limit: 1 << 40 }),
        answer: None,
    };
    store.keep_analysis(&new).await.unwrap();
}

async fn measure(store: Store) {
    let request = KeyRequest::unrestricted(ORGANISATION, vec![Scope::Read]);
    let key = store.create_key(&request, "local", "bench").await.unwrap().key;
    let body = format!(
        "{{\"verdict\":{{\"label\":\"AUTHENTIC\",\"risk\":0.1}},\"more\":\"{}\"}}",
        "x".repeat(ANSWER)
    );
    let keep = |name: String| keep(store.clone(), name, body.clone());
    alone("looking a key up", async |_| assert!(store.find_key(&key).await.unwrap().is_some()))
        .await;
    alone("keeping an answer", |number| keep(format!("req_a{number}"))).await;
    at_once("keeping an answer", |number| keep(format!("req_b{number}"))).await;
    let writers: Vec<_> = (0..AT_ONCE)
        .map(|task| {
            let calls: Vec<_> = (0..EACH).map(|n| keep(format!("req_c{task}_{n}"))).collect();
            tokio::spawn(async move {
                for call in calls {
                    call.await;
                }
            })
        })
        .collect();
    let mut times = Vec::new();
    while writers.iter().any(|writer| !writer.is_finished()) {
        let start = Instant::now();
        assert!(store.analysis("req_a0", ORGANISATION).await.unwrap().is_some());
        times.push(start.elapsed());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    println!("  {:32} {}", "reading while they keep answers", spread(times));
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let data = tempfile::tempdir().unwrap();
    println!("a file");
    measure(Store::open(data.path()).await.unwrap()).await;
    let Ok(server) = std::env::var("ASSAY_TEST_POSTGRES") else { return };
    let name = format!("assay_bench_{}", std::process::id());
    let mut admin = sqlx::PgConnection::connect(&format!("{server}/postgres")).await.unwrap();
    let make = AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::raw_sql(make).execute(&mut admin).await.unwrap();
    println!("a server");
    let url = DatabaseUrl::new(format!("{server}/{name}"));
    let location = Location::of(Some(&url), Path::new("none")).unwrap();
    measure(Store::open(location).await.unwrap()).await;
    let drop = AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"));
    sqlx::raw_sql(drop).execute(&mut admin).await.unwrap();
}
