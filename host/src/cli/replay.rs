// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay replay`: makes a stored verdict again, from the answers that were kept or from the picture.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::kept_policies::Beside;
use super::stored::Stored;
use super::{exit, setup, CommandError};
use crate::analysis::outcome::{DetectorOutcome, Outcome};
use crate::analysis::{Analyser, Derivation, Pool};
use crate::config::Settings;
use crate::fusion::Verdict;
use crate::image::decode::REVISION;
use crate::image::evidence::ImageEvidence;
use crate::plugin::Registry;
use crate::policy::{catalogue, Policy};
use crate::rescore::again;
use crate::view::verdict_json;

#[derive(Args)]
pub(super) struct Arguments {
    /// The request whose verdict is made again, `req_…`
    request_id: String,
    #[command(flatten)]
    stored: Stored,
    /// The picture: the detectors are run on it too
    #[arg(long, value_name = "FILE")]
    image: Option<PathBuf>,
    /// Policy to take if it is the one that was applied, by name or file [default: the one of the
    /// stored digest, else the one of the stored name]
    #[arg(long, value_name = "NAME|FILE")]
    policy: Option<String>,
}

/// What was compared so far.
struct Comparison {
    out: Box<dyn std::io::Write>,
    is_equal: bool,
}

impl Comparison {
    fn note(&mut self, what: &str, text: &str) -> std::io::Result<()> {
        writeln!(self.out, "{what:<10} {text}")
    }

    /// A difference that counts.
    fn differs(&mut self, what: &str, text: &str) -> std::io::Result<()> {
        self.is_equal = false;
        self.note(what, &format!("differs: {text}"))
    }

    /// Compares a verdict with the stored one.
    fn verdict(&mut self, what: &str, stored: &Value, made: &Verdict) -> std::io::Result<()> {
        let made = verdict_json(made);
        let said =
            |verdict: &Value, field: &str| verdict.get(field).unwrap_or(&Value::Null).to_string();
        let fields =
            ["label", "risk_level", "risk", "confidence", "p_ai_generated", "p_manipulated"];
        let differing = |field: &&&str| said(stored, field) != said(&made, field);
        let differing: Vec<_> = fields
            .iter()
            .filter(differing)
            .map(|field| {
                format!(
                    "{field} {} was stored, {} is made",
                    said(stored, field),
                    said(&made, field)
                )
            })
            .collect();
        if !differing.is_empty() {
            return self.differs(what, &differing.join("; "));
        }
        if stored.get("reasons") != made.get("reasons") {
            return self.differs(what, "the reasons are others");
        }
        let (label, risk) = (said(stored, "label"), said(stored, "risk"));
        self.note(what, &format!("equal: {}, risk {risk}", label.trim_matches('"')))
    }
}

/// Makes the verdict again and tells what is equal; exit code 1 where something differs.
pub(super) fn run(arguments: &Arguments, config: Option<&Path>) -> Result<ExitCode, CommandError> {
    let id = &arguments.request_id;
    let mut settings = setup::settings(config)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (found, kept) = runtime.block_on(async {
        let store = arguments.stored.open_existing(&settings).await?;
        Ok::<_, CommandError>((store.stored_analysis(id).await?, store.kept_policies().await?.1))
    })?;
    let _beside = Beside::of(&kept, &mut settings)?;
    let found = found.ok_or_else(|| format!("there is no finished analysis {id}"))?;
    let derivation = found.derivation.as_deref().ok_or_else(|| {
        format!("{id} was stored by an earlier version, without what its verdict was made from")
    })?;
    let derivation = Derivation::parse(derivation)?;
    let body: Value = serde_json::from_str(&found.body)?;
    let mut told = Comparison { out: Box::new(anstream::stdout()), is_equal: true };
    if found.request_id != *id {
        told.note("request", &format!("got the answer of {} again", found.request_id))?;
    }
    let registry = setup::registry(&settings)?;
    compare_makers(&mut told, &derivation, &registry)?;
    let Some(policy) = policy(&mut told, arguments, &settings, &body)? else {
        return Ok(ExitCode::from(exit::INPUT_FAILED));
    };
    let stored = body.get("verdict").cloned().unwrap_or(Value::Null);
    let verdict = again(&derivation, &policy)?;
    told.verdict("verdict", &stored, &verdict)?;
    if let Some(file) = &arguments.image {
        examine(&mut told, &settings, &registry, (file, policy), &derivation, &body)?;
    }
    told.out.flush()?;
    Ok(if told.is_equal { ExitCode::SUCCESS } else { ExitCode::from(exit::INPUT_FAILED) })
}

/// Tells which detectors and which decoder made the answers and which are here. That they differ is no
/// difference of the verdict.
fn compare_makers(
    told: &mut Comparison,
    derivation: &Derivation,
    registry: &Registry,
) -> Result<(), CommandError> {
    let decoder = match derivation.decoder {
        REVISION => format!("same: revision {REVISION}"),
        other => format!("other: revision {other} was used, {REVISION} is here"),
    };
    told.note("decoder", &decoder)?;
    for outcome in derivation.outcomes()? {
        let here = registry.detectors().iter().find(|d| d.model_key == outcome.model_key);
        let used = named(&outcome.version, &outcome.digest);
        let text = match here {
            Some(here) if here.plugin.digest() == outcome.digest => format!("same: {used}"),
            Some(here) => {
                format!(
                    "other: {used} was used, {} is here",
                    named(here.descriptor().version.as_str(), here.plugin.digest())
                )
            }
            None => format!("other: {used} was used, none is here"),
        };
        told.note(&outcome.model_key, &text)?;
    }
    Ok(())
}

fn named(version: &str, digest: &str) -> String {
    format!("{version} ({})", digest.get(..12).unwrap_or(digest))
}

/// The policy that was applied if it is here, else the one of its name.
fn policy(
    told: &mut Comparison,
    arguments: &Arguments,
    settings: &Settings,
    body: &Value,
) -> Result<Option<Policy>, CommandError> {
    let text = |field: &str| body.pointer(&format!("/policy/{field}")).and_then(Value::as_str);
    let (name, digest) = (text("name").unwrap_or_default(), text("digest").unwrap_or_default());
    let used = format!("{name} {}", named(text("version").unwrap_or_default(), digest));
    let known = match &arguments.policy {
        Some(policy) => vec![setup::policy(settings, policy)?],
        None => {
            let names = catalogue::available(&settings.policy_search)?;
            names.iter().filter_map(|name| setup::policy(settings, name).ok()).collect()
        }
    };
    let is_used = |policy: &&Policy| policy.digest() == digest;
    if let Some(policy) = known.iter().find(is_used) {
        told.note("policy", &format!("same: {used}"))?;
        return Ok(Some(policy.clone()));
    }
    let namesake =
        known.into_iter().find(|policy| policy.name == name || arguments.policy.is_some());
    let Some(policy) = namesake else {
        told.differs("policy", &format!("{used} was applied, none of this name is here"))?;
        return Ok(None);
    };
    let here = format!("{} {}", policy.name, named(&policy.version, policy.digest()));
    told.differs("policy", &format!("{used} was applied, {here} is here"))?;
    Ok(Some(policy))
}

/// Runs the detectors on the picture, if it is the one, and compares score by score.
fn examine(
    told: &mut Comparison,
    settings: &Settings,
    registry: &Registry,
    (file, policy): (&Path, Policy),
    derivation: &Derivation,
    body: &Value,
) -> Result<(), CommandError> {
    let bytes = std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let stored = body.pointer("/image_info/sha256").and_then(Value::as_str).unwrap_or_default();
    if digest != stored {
        told.differs("image", &format!("{stored} was examined, this is {digest}"))?;
        return Ok(());
    }
    told.note("image", &format!("same: {digest}"))?;
    let pool = Arc::new(Pool::new(settings.pool_threads)?);
    let analyser = Analyser::new(registry, Arc::new(policy), pool)?;
    let image = Arc::new(ImageEvidence::from_bytes(bytes, &setup::limits(settings))?);
    let analysis = analyser.analyse(&image, &derivation.asked.request()?)?;
    let before = derivation.outcomes()?;
    let mut changed = Vec::new();
    for now in &analysis.outcomes {
        let then = before.iter().find(|then| then.model_key == now.model_key);
        let (then, now_said) = (then.map_or_else(|| "nothing".into(), said), said(now));
        if then != now_said {
            changed.push(format!("{} said {then}, now {now_said}", now.model_key));
        }
    }
    match changed.is_empty() {
        true => told.note("scores", "equal, to the last bit")?,
        false => told.differs("scores", &changed.join("; "))?,
    }
    let stored = body.get("verdict").cloned().unwrap_or(Value::Null);
    told.verdict("rerun", &stored, &analysis.verdict)?;
    Ok(())
}

/// A detector's score, or the word for why there is none.
fn said(outcome: &DetectorOutcome) -> String {
    match &outcome.outcome {
        Outcome::Scored(report) => report.score.to_string(),
        other => other.status().into(),
    }
}
