// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay serve`: the HTTP API over the configured detectors, and `assay worker`: jobs without it.

use std::io::Write as _;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use actix_web::rt::task::JoinHandle;
use actix_web::web::ServiceConfig;
use clap::Args;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::sync::{watch, Notify, Semaphore};

use super::host_place::HostPlace;
use super::lock::Lock;
use super::log::{Form, Log};
use super::{descriptors, setup, CommandError};
use crate::analysis::Pool;
use crate::api::{
    self, Cache, Connections, Guesses, HostTurns, Memo, Places, Policies, PolicySources,
    RateLimits, Runner, Shared, Throughput,
};
use crate::config::{Isolation, Service, Settings};
use crate::dashboard;
use crate::memory;
use crate::net::{Client, Fetcher, Guard, Timeouts};
use crate::presence::Presence;
use crate::store::{JobQueue as _, Notice, Store};
use crate::webhook::{Schedule, Sender, SystemClock};

/// Where each process lays the policies of the database as files, in the data directory.
const KEPT_POLICIES: &str = "policies";
/// How often what was measured is put together; until then each duration takes memory.
const UPKEEP: Duration = Duration::from_secs(5);
/// How often memory that is free is given back.
const TRIM: Duration = Duration::from_secs(10);
/// Upper ends of the buckets of durations, s.
const BUCKETS: [f64; 12] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0];

#[derive(Args)]
pub(super) struct ServeArguments {
    /// Where to listen
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080", value_parser = address)]
    listen: SocketAddr,
    /// Do no jobs and send no webhooks: others that share the database do
    #[arg(long)]
    no_jobs: bool,
    #[command(flatten)]
    host: HostArguments,
}

#[derive(Args)]
pub(super) struct WorkerArguments {
    /// Where to answer /healthz, /readyz, /version and /metrics, and nothing else
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8081", value_parser = address)]
    listen: SocketAddr,
    #[command(flatten)]
    host: HostArguments,
}

/// What every host is told.
#[derive(Args)]
struct HostArguments {
    #[command(flatten)]
    place: HostPlace,
    /// How to log, on standard error; what, says ASSAY_LOG as a tracing filter
    #[arg(long, value_enum, default_value_t)]
    log: Form,
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let mut found = text.to_socket_addrs().map_err(|e| {
        format!("expected an address and a port such as 127.0.0.1:8080 or 0.0.0.0:8080: {e}")
    })?;
    found.next().ok_or_else(|| "the host has no address".into())
}

/// What a host does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// It answers the API, does jobs and sends webhooks.
    Whole,
    /// It answers the API only.
    Front,
    /// It does jobs and sends webhooks only.
    Worker,
}

/// Serves until the process is told to stop.
pub(super) fn run(
    arguments: &ServeArguments,
    config: Option<&Path>,
) -> Result<ExitCode, CommandError> {
    let role = if arguments.no_jobs { Role::Front } else { Role::Whole };
    start(role, arguments.listen, &arguments.host, config)
}

/// Does jobs until the process is told to stop.
pub(super) fn work(
    arguments: &WorkerArguments,
    config: Option<&Path>,
) -> Result<ExitCode, CommandError> {
    start(Role::Worker, arguments.listen, &arguments.host, config)
}

fn start(
    role: Role,
    listen: SocketAddr,
    arguments: &HostArguments,
    config: Option<&Path>,
) -> Result<ExitCode, CommandError> {
    let mut settings = setup::settings(config)?;
    settings.service.allowed.extend(&arguments.place.allow);
    let log = Log::start(arguments.log)?;
    let served = serve(role, listen, arguments, settings);
    let served = actix_web::rt::System::new().block_on(served);
    log.write();
    served
}

async fn serve(
    role: Role,
    listen: SocketAddr,
    arguments: &HostArguments,
    mut settings: Settings,
) -> Result<ExitCode, CommandError> {
    let wanted = settings.service.connections;
    let fit = descriptors::connections_within(descriptors::raise_limit(), wanted);
    settings.service.connections = fit;
    let store = arguments.place.stored.open(&settings).await?;
    let lock = match role {
        Role::Whole | Role::Front => Some(Lock::take(arguments.place.stored.data())?),
        Role::Worker => None,
    };
    let policies = Arc::new(policies(arguments, &settings, &store).await?);
    let turns = Arc::new(HostTurns::new()?);
    let has_keys = !store.keys().await?.is_empty();
    let shared = Arc::new(shared(arguments, settings, store, policies, Arc::clone(&turns))?);
    let former = lock.as_ref().and_then(|lock| lock.former());
    let recovered = shared.presence.begin(former).await?;
    let _lock = lock.map(|lock| lock.name(shared.presence.id())).transpose()?;
    if role != Role::Worker {
        // Nobody is accepted yet, so that every file without a job is left over.
        shared.blobs.sweep(&shared.store, Duration::ZERO).await?;
    }
    let routes = match role {
        Role::Whole | Role::Front => api::routes,
        Role::Worker => api::health,
    };
    let pages = match role {
        Role::Whole | Role::Front => dashboard::configure,
        Role::Worker => |_: &mut ServiceConfig| {},
    };
    let listening = api::listen(Arc::clone(&shared), listen, routes, pages)
        .map_err(|e| format!("cannot listen at {listen}: {e}"))?;
    let mut notes = anstream::stderr();
    for address in listening.addresses() {
        writeln!(notes, "listening on http://{address}")?;
    }
    if !has_keys && role != Role::Worker {
        let data = arguments.place.stored.data().display();
        writeln!(notes, "no keys yet; make one: assay keys create --org NAME --data {data}")?;
    }
    if fit < wanted {
        tracing::warn!(wanted, fit, "the limit of open files allows fewer connections");
    }
    if !recovered.is_empty() {
        tracing::info!(jobs = recovered.jobs, "jobs that were running are taken up again");
    }
    let _too_long = descriptors::survive_long_files()?;
    let (stop, stopped) = watch::channel(false);
    let patience = Duration::from_secs(shared.service.shutdown_seconds);
    // The lease outlasts what is done under it.
    let (leave, left) = watch::channel(false);
    let keeper = Arc::clone(&shared);
    let keeper = actix_web::rt::spawn(async move { keeper.presence.keep(left).await });
    let policies = Arc::clone(&shared.policies);
    let mut tasks = vec![
        actix_web::rt::spawn(policies.watch(shared.store.clone(), stopped.clone())),
        actix_web::rt::spawn(turns.run(shared.store.clone(), stopped.clone())),
        actix_web::rt::spawn(shared.store.clone().write_repeats(stopped.clone())),
        actix_web::rt::spawn(hear(Arc::clone(&shared), stopped.clone())),
        actix_web::rt::spawn(keep_up(shared.metrics.clone(), stopped.clone())),
        actix_web::rt::spawn(keep_small(stopped.clone())),
        actix_web::rt::spawn(Arc::clone(&shared.connections).watch(stopped.clone())),
    ];
    if role != Role::Front {
        let runner = Runner::new(Arc::clone(&shared)).run(stopped.clone(), patience);
        tasks.push(actix_web::rt::spawn(runner));
        tasks.push(actix_web::rt::spawn(Arc::clone(&shared.sender).run(stopped)));
    }
    listening.run().await?;
    tracing::info!("stopping: what runs is finished or handed back");
    // What they still have to do, they do now.
    let _ = stop.send(true);
    for task in tasks {
        end(task).await;
    }
    let _ = leave.send(true);
    end(keeper).await;
    shared.presence.end().await;
    let left = shared.store.jobs_to_do().await?;
    tracing::info!(jobs = left, "stopped; jobs that are left are done after the next start");
    Ok(ExitCode::SUCCESS)
}

/// Has this host do at once what others tell of.
async fn hear(shared: Arc<Shared>, mut stop: watch::Receiver<bool>) {
    let heard = shared.store.listen(|notice| match notice {
        Notice::Work => shared.work.notify_one(),
        Notice::Policies => shared.policies.look(),
    });
    tokio::select! {
        () = heard => {}
        _ = stop.changed() => {}
    }
}

/// Waits for the end of a task.
async fn end(task: JoinHandle<()>) {
    if let Err(error) = task.await {
        tracing::error!(%error, "a task broke off");
    }
}

/// Puts together what was measured, whether anybody reads it or not.
async fn keep_up(metrics: PrometheusHandle, mut stop: watch::Receiver<bool>) {
    while tokio::time::timeout(UPKEEP, stop.changed()).await.is_err() {
        metrics.run_upkeep();
    }
}

/// Gives back memory that requests have left free.
async fn keep_small(mut stop: watch::Receiver<bool>) {
    while tokio::time::timeout(TRIM, stop.changed()).await.is_err() {
        // It may take some milliseconds, in which no request is to wait.
        if let Err(error) = tokio::task::spawn_blocking(memory::give_back).await {
            tracing::warn!(%error, "free memory is not given back");
        }
    }
}

/// The policies of the files and of the database, with their detectors.
async fn policies(
    arguments: &HostArguments,
    settings: &Settings,
    store: &Store,
) -> Result<Policies, CommandError> {
    let (turn, kept) = store.kept_policies().await?;
    let sources = PolicySources {
        default: arguments.place.policy.clone(),
        kept: api::own_folder(&arguments.place.stored.data().join(KEPT_POLICIES)),
        search: settings.policy_search.clone(),
        plans: settings.plans.clone(),
    };
    let pool = Arc::new(Pool::new(settings.pool_threads)?);
    Ok(Policies::new(settings.clone(), pool, sources, (turn, &kept))?)
}

fn shared(
    arguments: &HostArguments,
    settings: Settings,
    store: Store,
    policies: Arc<Policies>,
    turns: Arc<HostTurns>,
) -> Result<Shared, CommandError> {
    let limits = setup::limits(&settings);
    let decoder = setup::decoder(&settings, Isolation::Process)?;
    let service: Service = settings.service;
    let ms = Duration::from_millis;
    let guard = Guard::allowing(&service.allowed);
    let connect = ms(service.connect_timeout_ms);
    let fetching = Timeouts { connect, total: ms(service.fetch_timeout_ms) };
    let telling = Timeouts { connect, total: ms(service.webhook_timeout_ms) };
    let fetcher = Fetcher::new(guard.clone(), fetching, limits.max_file_bytes)?;
    let schedule = Schedule::new(service.retry_seconds.iter().copied());
    let client = Client::new(guard, telling)?;
    let lease = Duration::from_secs(service.lease_seconds);
    let presence = Arc::new(Presence::new(store.clone(), lease)?);
    let (clock, host) = (Arc::new(SystemClock), Arc::clone(&presence));
    let sender = Sender::new(store.clone(), client, schedule, clock, host);
    let at_once = service.examined_at_once();
    let places = Places::new(at_once + service.waiting, service.inside_each);
    let guesses = Guesses::new(service.unknown_keys, service.unknown_key_seconds);
    let connections = Connections::new(service.connections_each, service.trusted_proxies.clone());
    let keep = Duration::from_secs(service.keep_images_seconds);
    let metrics = PrometheusBuilder::new().set_buckets(&BUCKETS)?.install_recorder()?;
    Ok(Shared {
        policies,
        store,
        blobs: setup::blobs(
            arguments.place.blobs.as_deref(),
            settings.blobs,
            arguments.place.stored.data(),
            keep,
        )?,
        decoder,
        limits,
        cache: Cache::new(settings.cache_seconds, turns),
        memo: Memo::default(),
        rates: RateLimits::new(settings.plans),
        guesses,
        connections: Arc::new(connections),
        fetcher,
        presence,
        sender: Arc::new(sender),
        service,
        at_once,
        running: Arc::new(Semaphore::new(at_once)),
        places: Arc::new(places),
        work: Notify::new(),
        throughput: Throughput::default(),
        metrics,
    })
}
