// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay report`: one analysis as a page for people or as JSON, of a file or of a stored answer.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde_json::Value;

use super::inputs::Input;
use super::kept_policies::Beside;
use super::stored::Stored;
use super::{exit, setup, CommandError};
use crate::analysis::{Analyser, AnalysisRequest, Asked, ClaimedAt, Derivation, Pool};
use crate::config::{Isolation, Settings};
use crate::image::evidence::ImageEvidence;
use crate::image::Foreseen;
use crate::policy::{catalogue, Policy};
use crate::report::{page, Dossier, Heat, Photo, Sources};
use crate::view::{AnalysisView, Pictures, RequestId};
use crate::worker::Decoder;

/// How names of requests start.
const REQUEST: &str = "req_";
/// The policy that a file is examined by where none is named.
const DEFAULT_POLICY: &str = "default";

#[derive(Args)]
pub(super) struct Arguments {
    /// A picture's file, - for standard input, or the request whose stored answer is taken
    #[arg(value_name = "REQUEST_ID|FILE|-")]
    subject: String,
    /// The picture of a stored answer, which does not hold it
    #[arg(long, value_name = "FILE")]
    image: Option<PathBuf>,
    #[command(flatten)]
    stored: Stored,
    /// Policy by name or file [default: default; of a stored answer the one that was applied]
    #[arg(long, value_name = "NAME|FILE")]
    policy: Option<String>,
    /// When the picture is said to have been taken (RFC 3339 date or time)
    #[arg(long, value_name = "T")]
    claimed_at: Option<ClaimedAt>,
    /// File to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Html)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One page that needs nothing beside it
    Html,
    /// The same for machines
    Json,
}

/// What is told, and the picture if it is at hand.
struct Told {
    dossier: Dossier,
    photo: Option<Photo>,
}

/// An input that cannot be told of; the exit code says so.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct BadInput(String);

/// Writes the report; exit code 1 where the picture cannot be examined or is another one.
pub(super) fn run(arguments: &Arguments, config: Option<&Path>) -> Result<ExitCode, CommandError> {
    let settings = setup::settings(config)?;
    let subject = &arguments.subject;
    let is_request = subject.starts_with(REQUEST) && !Path::new(subject).exists();
    let told = match is_request {
        true => stored(arguments, &settings),
        false => examined(arguments, &settings),
    };
    let told = match told {
        Err(error) if error.is::<BadInput>() => {
            anstream::eprintln!("error: {error}");
            return Ok(ExitCode::from(exit::INPUT_FAILED));
        }
        told => told?,
    };
    let text = match arguments.format {
        Format::Html => page(&told.dossier, told.photo.as_ref())?,
        Format::Json => serde_json::to_string_pretty(&told.dossier)? + "\n",
    };
    match &arguments.out {
        Some(file) => std::fs::write(file, text).map_err(|e| format!("{}: {e}", file.display()))?,
        None => std::io::stdout().lock().write_all(text.as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Examines a file now.
fn examined(arguments: &Arguments, settings: &Settings) -> Result<Told, CommandError> {
    if arguments.image.is_some() {
        return Err("--image goes with a request's name; a file is its own picture".into());
    }
    let policy = arguments.policy.as_deref().unwrap_or(DEFAULT_POLICY);
    let policy = Arc::new(setup::policy(settings, policy)?);
    let registry = setup::registry(settings)?;
    let pool = Arc::new(Pool::new(settings.pool_threads)?);
    let analyser = Analyser::new(&registry, policy, pool)?;
    let decoder = setup::decoder(settings, Isolation::None)?;
    let input = match arguments.subject.as_str() {
        "-" => Input::Stdin,
        path => Input::File(path.into()),
    };
    let start = Instant::now();
    let asked = Asked {
        models: vec!["all".into()],
        metadata_analysis: true,
        claimed_at: arguments.claimed_at.as_ref().map(|time| time.as_str().to_owned()),
    };
    let request =
        AnalysisRequest { claimed_at: arguments.claimed_at.clone(), ..AnalysisRequest::default() };
    let image = Arc::new(read(&decoder, &input, analyser.foresees(&request))?);
    let analysis = analyser.analyse(&image, &request)?;
    let source = input.name();
    let view = AnalysisView {
        request_id: RequestId::random()?,
        reference_id: None,
        source: Some(&source),
        processed_at: Timestamp::now(),
        processing_time_ms: u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
        heatmap: None,
        pictures: Pictures::Inline,
        analysis: &analysis,
        policy: analyser.policy(),
    };
    let size = [image.width(), image.height()];
    let dossier = Dossier::of(Sources {
        body: &view.to_json(),
        heat: analysis.localisation.as_ref().map(|found| Heat::of(found, size)),
        derivation: Some(&Derivation::of(&analysis, asked)),
        policy: Some(analyser.policy()),
    });
    Ok(Told { dossier, photo: Some(Photo::of(&image)?) })
}

/// Takes a stored answer, with its picture if that is given.
fn stored(arguments: &Arguments, settings: &Settings) -> Result<Told, CommandError> {
    if arguments.claimed_at.is_some() {
        return Err("--claimed-at goes with a file; a stored answer has its own".into());
    }
    let id = &arguments.subject;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (found, kept) = runtime.block_on(async {
        let store = arguments.stored.open_existing(settings).await?;
        Ok::<_, CommandError>((store.stored_analysis(id).await?, store.kept_policies().await?.1))
    })?;
    let mut settings = settings.clone();
    let _beside = Beside::of(&kept, &mut settings)?;
    let settings = &settings;
    let found = found.ok_or_else(|| format!("there is no finished analysis {id}"))?;
    let body: Value = serde_json::from_str(&found.body)?;
    let derivation = found.derivation.as_deref().and_then(|text| Derivation::parse(text).ok());
    let policy = applied(arguments.policy.as_deref(), settings, &body)?;
    let image = match &arguments.image {
        Some(file) => Some(same_picture(file, settings, &body)?),
        None => None,
    };
    let dossier = Dossier::of(Sources {
        body: &body,
        heat: found.localisation.as_deref().and_then(Heat::read),
        derivation: derivation.as_ref(),
        policy: policy.as_ref(),
    });
    Ok(Told { dossier, photo: image.as_ref().map(Photo::of).transpose()? })
}

fn read(decoder: &Decoder, input: &Input, foreseen: Foreseen) -> Result<ImageEvidence, BadInput> {
    let name = input.name();
    let bytes = input.read(decoder.limits().max_file_bytes);
    let bytes = bytes.map_err(|e| BadInput(format!("{name}: cannot be read: {e}")))?;
    decoder.read(bytes, foreseen).map_err(|e| BadInput(format!("{name}: {}: {e}", e.code())))
}

/// The picture of a stored answer, if the file is it.
fn same_picture(
    file: &Path,
    settings: &Settings,
    body: &Value,
) -> Result<ImageEvidence, CommandError> {
    let decoder = setup::decoder(settings, Isolation::None)?;
    let image = read(&decoder, &Input::File(file.into()), Foreseen::default())?;
    let examined = body.pointer("/image_info/sha256").and_then(Value::as_str).unwrap_or_default();
    let given = image.info().sha256;
    if given != examined {
        let name = file.display();
        let message =
            format!("{name} is another picture: {examined} was examined, this is {given}");
        return Err(BadInput(message).into());
    }
    Ok(image)
}

/// The policy that was applied, if it is here; a policy that is named must be it.
fn applied(
    named: Option<&str>,
    settings: &Settings,
    body: &Value,
) -> Result<Option<Policy>, CommandError> {
    let digest = body.pointer("/policy/digest").and_then(Value::as_str).unwrap_or_default();
    if let Some(named) = named {
        let policy = setup::policy(settings, named)?;
        if policy.digest() != digest {
            return Err(format!("{named} is not the policy that was applied, {digest}").into());
        }
        return Ok(Some(policy));
    }
    let names = catalogue::available(&settings.policy_search)?;
    let mut known = names.iter().filter_map(|name| setup::policy(settings, name).ok());
    Ok(known.find(|policy| policy.digest() == digest))
}
