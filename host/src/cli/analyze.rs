// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay analyze`: pictures in, a verdict for each out.

use std::collections::BTreeMap;
use std::io::stdout;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use assay_plugin_api::evidence::keys;
use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::in_order::{cores, each_in_order, progress};
use super::inputs::{self, Input};
use super::output::{Analysed, Format, Item, Printer, Timeline};
use super::{drawing, exit, setup, CommandError};
use crate::analysis::{Analyser, AnalysisRequest, ClaimedAt, Models, Pool};
use crate::claim::{self, Facts, Look, Member};
use crate::config::Isolation;
use crate::policy::RiskLevel;
use crate::stage::Stage;
use crate::view::{ErrorView, Pictures, RequestId};
use crate::worker::Decoder;

/// Random bytes that serial numbers are keyed with.
const SECRET_BYTES: usize = 32;

#[derive(Args)]
pub(super) struct Arguments {
    /// Pictures, folders, patterns, or - for standard input
    #[arg(required = true, value_name = "PATH|DIR|GLOB|-")]
    inputs: Vec<String>,
    /// Policy by name or file
    #[arg(long, default_value = "default", value_name = "NAME|FILE")]
    policy: String,
    /// Detectors to run, by model name, instead of all
    #[arg(long, value_delimiter = ',', value_name = "A,B")]
    models: Option<Vec<String>>,
    /// Leave the metadata detector out
    #[arg(long)]
    no_metadata: bool,
    /// Write for each picture an overlay, a mask and what detectors draw into this folder
    #[arg(long, value_name = "DIR")]
    heatmap: Option<PathBuf>,
    /// When the pictures are said to have been taken (RFC 3339 date or time)
    #[arg(long, value_name = "T")]
    claimed_at: Option<ClaimedAt>,
    /// Compare the pictures with each other as one claim, and tell what is found behind them
    #[arg(long)]
    claim: bool,
    /// Tell for each picture what took how long
    #[arg(long)]
    timings: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Pictures examined at once [default: as many as cores]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// Exit with 10 if any picture reaches this risk level
    #[arg(long, value_enum, value_name = "RISK")]
    fail_on: Option<FailOn>,
}

/// A risk level on the command line.
#[derive(Clone, Copy, ValueEnum)]
enum FailOn {
    Low,
    Medium,
    High,
}

impl From<FailOn> for RiskLevel {
    fn from(level: FailOn) -> Self {
        match level {
            FailOn::Low => Self::Low,
            FailOn::Medium => Self::Medium,
            FailOn::High => Self::High,
        }
    }
}

/// What every picture of one command shares.
struct Job<'a> {
    analyser: &'a Analyser,
    request: AnalysisRequest,
    decoder: Decoder,
    heatmap: Option<&'a Path>,
    /// What serial numbers are kept under while the pictures are compared; none where they are no claim.
    secret: Option<[u8; SECRET_BYTES]>,
    /// Whether what took how long is told.
    timings: bool,
}

/// Examines the pictures; the exit code tells of the worst that happened.
pub(super) fn run(arguments: &Arguments, config: Option<&Path>) -> Result<ExitCode, CommandError> {
    if arguments.claim && arguments.format == Format::Csv {
        return Err("--claim has no place in CSV; use --format human, json or jsonl".into());
    }
    if arguments.timings && arguments.format == Format::Csv {
        return Err("--timings has no place in CSV; use --format human, json or jsonl".into());
    }
    let settings = setup::settings(config)?;
    let policy = Arc::new(setup::policy(&settings, &arguments.policy)?);
    let registry = setup::registry(&settings)?;
    let pool = Arc::new(Pool::new(settings.pool_threads)?);
    let analyser = Analyser::new(&registry, policy, pool)?;
    let models = arguments.models.clone().map_or(Models::All, Models::Named);
    let request = AnalysisRequest {
        models,
        metadata_analysis: !arguments.no_metadata,
        claimed_at: arguments.claimed_at.clone(),
    };
    request.choose(&analyser.models())?;
    if let Some(folder) = &arguments.heatmap {
        let failed = |e| format!("{}: {e}", folder.display());
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let inputs = inputs::resolve(&arguments.inputs)?;
    let decoder = setup::decoder(&settings, Isolation::None)?;
    let secret = arguments.claim.then(secret).transpose()?;
    let heatmap = arguments.heatmap.as_deref();
    let timings = arguments.timings;
    let job = Job { analyser: &analyser, request, decoder, heatmap, secret, timings };
    let mut members = Members::default();
    let result_keys = registry.detectors().iter().map(|d| d.result_key.clone()).collect();
    let out = anstream::AutoStream::auto(stdout());
    let mut printer = Printer::new(arguments.format, out, analyser.policy(), result_keys);
    let progress = progress(inputs.len());
    let threads = arguments.jobs.map_or_else(cores, usize::from).min(inputs.len());
    let fail_on = arguments.fail_on.map(RiskLevel::from);
    let (mut has_failed, mut has_tripped) = (false, false);
    each_in_order(
        &inputs,
        threads,
        |input| job.examine(input),
        |item| {
            match &item.result {
                Ok(done) => {
                    has_tripped |= fail_on.is_some_and(|l| done.analysis.verdict.risk_level >= l);
                }
                Err(_) => has_failed = true,
            }
            if arguments.claim {
                members.add(item);
            }
            progress.suspend(|| printer.print(item))?;
            progress.inc(1);
            Ok(())
        },
    )?;
    if arguments.claim {
        let made = claim::make(&members.list, &[], analyser.policy());
        progress.suspend(|| printer.claim(&made, &members.names))?;
    }
    printer.end()?;
    progress.finish_and_clear();
    Ok(match (has_tripped, has_failed) {
        (true, _) => ExitCode::from(exit::FAIL_ON),
        (false, true) => ExitCode::from(exit::INPUT_FAILED),
        (false, false) => ExitCode::SUCCESS,
    })
}

/// What is compared, and the names of the pictures by request.
#[derive(Default)]
struct Members {
    list: Vec<Member>,
    names: BTreeMap<String, String>,
}

impl Members {
    fn add(&mut self, item: &Item) {
        let (request_id, risk, fingerprint) = match &item.result {
            Ok(done) => {
                let risk = Some(done.analysis.verdict.risk);
                (done.request_id.to_string(), risk, done.fingerprint.clone())
            }
            Err(error) => (error.request_id.to_string(), None, None),
        };
        self.names.insert(request_id.clone(), item.source.clone());
        self.list.push(Member { request_id, risk, fingerprint });
    }
}

/// New with each run: nothing that it keys is kept.
fn secret() -> std::io::Result<[u8; SECRET_BYTES]> {
    let mut secret = [0; SECRET_BYTES];
    getrandom::fill(&mut secret).map_err(std::io::Error::other)?;
    Ok(secret)
}

impl Job<'_> {
    /// Examines one picture. An input that cannot be analysed is an item; what would go wrong with
    /// every input is an error.
    fn examine(&self, input: &Input) -> Result<Item, CommandError> {
        let source = input.name();
        let request_id = RequestId::random()?;
        let start = Instant::now();
        let failed = |code: &'static str, message: String| Item {
            source: source.clone(),
            result: Err(ErrorView {
                request_id: request_id.clone(),
                source: source.clone(),
                code,
                message,
            }),
        };
        let most = self.decoder.limits().max_file_bytes;
        let (read, fetch) = Stage::time("fetch", || input.read(most));
        let bytes = match read {
            Ok(bytes) => bytes,
            Err(error) => return Ok(failed("INVALID_REQUEST", format!("cannot be read: {error}"))),
        };
        let foreseen = self.analyser.foresees(&self.request);
        let (decoded, decode) = Stage::time("decode", || self.decoder.read(bytes, foreseen));
        let image = match decoded {
            Ok(image) => Arc::new(image),
            Err(error) => return Ok(failed(error.code(), error.to_string())),
        };
        let secret = self.secret.as_ref();
        let look = secret.map(|secret| {
            let seen = Arc::clone(&image);
            (self.analyser.beside(move || Look::of_image(&seen)), secret)
        });
        let analysis = self.analyser.analyse(&image, &self.request)?;
        let processing_time_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let timeline = self.timings.then(|| {
            let stages = analysis.stages.iter().cloned();
            Timeline::of([fetch, decode].into_iter().chain(stages))
        });
        let heatmap = match (self.heatmap, &analysis.localisation) {
            (Some(folder), Some(found)) => Some(drawing::write(folder, &source, &image, found)?),
            _ => None,
        };
        let pictures = match self.heatmap {
            Some(folder) => drawing::write_pictures(folder, &source, &image, &analysis.outcomes)?,
            None => Pictures::LeftOut,
        };
        let fingerprint = look.map(|(look, secret)| {
            let claimed_at = self.request.claimed_at.as_ref().map(ClaimedAt::as_str);
            let exif = image.blob(keys::EXIF);
            let facts = Facts::read(exif, &analysis.outcomes, claimed_at, secret);
            look.get().clone().with(facts)
        });
        let processed_at = Timestamp::now();
        let analysed = Analysed {
            request_id,
            processed_at,
            processing_time_ms,
            analysis,
            heatmap,
            pictures,
            fingerprint,
            timeline,
        };
        Ok(Item { source, result: Ok(analysed) })
    }
}
