// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay bulk`: archives of millions, a shard a process, to Parquet; or rows for a program that asks.

use std::io::{BufRead as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{mpsc, Arc};
use std::time::{Duration, Instant};

use clap::Args;
use tokio::runtime::{Builder, Runtime};

use super::in_order::cores;
use super::{exit, setup, CommandError};
use crate::analysis::{Analyser, AnalysisRequest, Models, Pool};
use crate::bulk::{self, Base, Ended, Examiner, Input, Outcome, Shard, Task};
use crate::config::Isolation;
use crate::depot::{Depot, Location};

/// Stands for standard input and output.
const STANDARD: &str = "-";
/// How often it is looked whether a program that asks has been told to end.
const MOMENT: Duration = Duration::from_millis(100);

#[derive(Args)]
pub(super) struct Arguments {
    /// What to examine: a folder, s3://BUCKET/PREFIX, or a manifest: FILE.csv with a column of paths, any
    /// other file with one a line; - for names from standard input
    #[arg(value_name = "MANIFEST|DIR|URL|-")]
    input: String,
    /// Where the Parquet files go; - for JSON Lines on standard output, with - for the input only
    #[arg(long, value_name = "DIR|URL|-")]
    out: String,
    /// Which shard of how many, counted from 0
    #[arg(long, value_name = "I/N", default_value_t = Shard::WHOLE)]
    shard: Shard,
    /// Policy by name or file
    #[arg(long, default_value = "default", value_name = "NAME|FILE")]
    policy: String,
    /// Detectors to run, by model name, instead of all
    #[arg(long, value_delimiter = ',', value_name = "A,B")]
    models: Option<Vec<String>>,
    /// Leave the metadata detector out
    #[arg(long)]
    no_metadata: bool,
    /// Column of a CSV manifest that has the paths
    #[arg(long, value_name = "NAME", default_value = "path")]
    column: String,
    /// Most rows of one file: what a process that is killed does again at most
    #[arg(long, value_name = "K", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    part_rows: u32,
    /// Pictures examined at once [default: as many as cores]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// Remove what this shard has written before, and start again
    #[arg(long)]
    restart: bool,
}

/// Does a shard; the exit code is 0 when every entry of it has its row.
pub(super) fn run(arguments: &Arguments, config: Option<&Path>) -> Result<ExitCode, CommandError> {
    let is_asked = arguments.input == STANDARD;
    if is_asked != (arguments.out == STANDARD) {
        return Err("- as the input and --out - go together".into());
    }
    let examiner = examiner(arguments, config)?;
    // One thread for what is waited for; pictures are examined on others.
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let stop = Arc::new(AtomicBool::new(false));
    runtime.spawn(stop_when_told(Arc::clone(&stop)));
    let threads = arguments.jobs.map_or_else(cores, usize::from);
    match is_asked {
        true => answer(&runtime, &examiner, threads, &stop),
        false => shard(&runtime, arguments, &examiner, threads, &stop),
    }
}

fn examiner(arguments: &Arguments, config: Option<&Path>) -> Result<Examiner, CommandError> {
    let settings = setup::settings(config)?;
    let policy = Arc::new(setup::policy(&settings, &arguments.policy)?);
    let registry = setup::registry(&settings)?;
    let pool = Arc::new(Pool::new(settings.pool_threads)?);
    let analyser = Analyser::new(&registry, policy, pool)?;
    let request = AnalysisRequest {
        models: arguments.models.clone().map_or(Models::All, Models::Named),
        metadata_analysis: !arguments.no_metadata,
        claimed_at: None,
    };
    // One file of millions that breaks its decoder must not end the run.
    let decoder = setup::decoder(&settings, Isolation::Process)?;
    Ok(Examiner::new(analyser, request, decoder)?)
}

fn shard(
    runtime: &Runtime,
    arguments: &Arguments,
    examiner: &Examiner,
    threads: usize,
    stop: &AtomicBool,
) -> Result<ExitCode, CommandError> {
    let out = Location::parse_here(&arguments.out).map_err(|e| format!("--out: {e}"))?;
    let out = Depot::open(out)?;
    let input = runtime.block_on(Input::open(&arguments.input, &arguments.column))?;
    let task = Task {
        input: &input,
        input_name: &arguments.input,
        out: &out,
        shard: arguments.shard,
        part_rows: usize::try_from(arguments.part_rows)?,
        threads,
        is_restart: arguments.restart,
    };
    let (start, shard) = (Instant::now(), arguments.shard);
    let outcome = bulk::run(runtime, &task, examiner, stop, |so_far| {
        let rate = so_far.written as f64 / start.elapsed().as_secs_f64().max(0.001);
        anstream::eprintln!("shard {shard}: {}, {rate:.2} a second", told(so_far));
    })?;
    anstream::println!("shard {shard}: {}", told(&outcome));
    Ok(if outcome.is_early { ExitCode::from(exit::STOPPED) } else { ExitCode::SUCCESS })
}

fn told(outcome: &Outcome) -> String {
    let Outcome { entries, before, written, failed, repeated, .. } = *outcome;
    let done = before + written;
    let mut text =
        format!("{done} of {entries} done, {before} before, {written} now, {failed} failed");
    if repeated > 0 {
        text.push_str(&format!("; {repeated} names stand in the input again"));
    }
    text
}

/// Answers a line of JSON for every name on standard input, in their order.
fn answer(
    runtime: &Runtime,
    examiner: &Examiner,
    threads: usize,
    stop: &Arc<AtomicBool>,
) -> Result<ExitCode, CommandError> {
    let input = Input::Manifest { text: Vec::new(), column: None, base: Base::Folder("".into()) };
    let (lines, names) = mpsc::sync_channel(1);
    // Reading cannot be broken off, so nobody waits for this thread.
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            if lines.send(line).is_err() {
                return;
            }
        }
    });
    let is_told = Arc::clone(stop);
    let names = std::iter::from_fn(move || loop {
        match names.recv_timeout(MOMENT) {
            Ok(name) => return Some(name),
            Err(mpsc::RecvTimeoutError::Disconnected) => return None,
            Err(mpsc::RecvTimeoutError::Timeout) if is_told.load(Ordering::Acquire) => return None,
            Err(mpsc::RecvTimeoutError::Timeout) => {}
        }
    });
    let columns = examiner.columns();
    let mut out = std::io::stdout().lock();
    let ended = bulk::rows_of(runtime, (&input, names), examiner, threads, stop, |row| {
        let line = columns.json(&row);
        writeln!(out, "{line}").and_then(|()| out.flush()).map_err(|e| e.to_string())
    })?;
    Ok(if ended == Ended::Early { ExitCode::from(exit::STOPPED) } else { ExitCode::SUCCESS })
}

/// Says so when the process is told to end: what is being examined is finished and written.
async fn stop_when_told(stop: Arc<AtomicBool>) {
    use tokio::signal::unix::{signal, SignalKind};
    let Ok(mut terminated) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = terminated.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    stop.store(true, Ordering::Release);
}
