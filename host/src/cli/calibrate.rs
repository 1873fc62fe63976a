// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay calibrate`: a labelled collection in, a policy that is fitted to it out.

use std::fs::OpenOptions;
use std::io::{stdout, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;

use super::collection::CollectionArguments;
use super::evaluate::Format;
use super::{exit, CommandError};
use crate::calibrate::asked::{Both, Kinds};
use crate::calibrate::document::{text, Head};
use crate::calibrate::fit::Signs;
use crate::calibrate::monotone::Shape;
use crate::calibrate::operating::Promise;
use crate::calibrate::outcome::Outcome;
use crate::calibrate::run::{calibrate, Order};
use crate::config::document::names::is_kebab_case;
use crate::policy::{Hypothesis, Policy};

/// Seconds since 1970 that stand for the present, so that a file can be made again to the byte.
const EPOCH: &str = "SOURCE_DATE_EPOCH";

#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    collection: CollectionArguments,
    /// Write the policy into this file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Name of the policy [default: the base policy's and `-calibrated`]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Largest rate of false positives among camera originals, above 0 and below 1
    #[arg(
        long,
        visible_alias = "fpr",
        default_value_t = 0.01,
        value_name = "RATE",
        value_parser = rate
    )]
    target_fpr: f64,
    /// Largest rate in each tier of other authentic pictures [default: that of --target-fpr]
    #[arg(long, value_name = "RATE", value_parser = rate)]
    target_fpr_others: Option<f64>,
    /// Largest rate in each tier of authentic pictures of this kind, which then are in no other set; may
    /// be given for several kinds
    #[arg(long, value_name = "KIND=RATE", value_parser = named_rate)]
    target_fpr_of: Vec<(String, f64)>,
    /// Largest share of positives below `authentic_below`, above 0 and below 1
    #[arg(long, default_value_t = 0.05, value_name = "RATE", value_parser = rate)]
    target_miss: f64,
    /// The same for the positives of one hypothesis, `ai_generated` or `manipulated`
    #[arg(long, value_name = "HYPOTHESIS=RATE", value_parser = named_rate)]
    target_miss_of: Vec<(String, f64)>,
    /// Share of positives that the probabilities of one hypothesis assume, above 0 and below 1 [default: 0.5]
    #[arg(long, value_name = "HYPOTHESIS=SHARE", value_parser = named_rate)]
    prior: Vec<(String, f64)>,
    /// Abstain so that at most this share of authentic pictures is accused, and at most this share of
    /// the others called AUTHENTIC, of pictures to come: conformal, instead of the rates above
    #[arg(
        long,
        value_name = "ERROR",
        value_parser = rate,
        conflicts_with_all =
            ["target_fpr", "target_fpr_others", "target_fpr_of", "target_miss", "target_miss_of"]
    )]
    conformal: Option<f64>,
    /// How each detector is calibrated
    #[arg(long, value_enum, default_value_t = Shape::Logistic)]
    method: Shape,
    /// Whether a score for a hypothesis may be taken as one against it
    #[arg(long, value_enum, default_value_t = Signs::NonNegative)]
    weights: Signs,
    /// Replace the file if it is there
    #[arg(long)]
    force: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// What was found, and the policy that came of it.
#[derive(Serialize)]
struct Printed<'a> {
    #[serde(flatten)]
    outcome: &'a Outcome,
    policy: WrittenPolicy<'a>,
}

#[derive(Serialize)]
struct WrittenPolicy<'a> {
    file: String,
    name: &'a str,
    version: &'a str,
    digest: &'a str,
}

/// Fits and writes the policy; the exit code tells whether a picture failed.
pub(super) fn run(arguments: &Arguments, config: Option<&Path>) -> Result<ExitCode, CommandError> {
    // What can be refused is refused before hours of work.
    arguments.check()?;
    let (kinds, asked) = (arguments.kinds()?, arguments.asked()?);
    let date = today()?;
    let examined = arguments.collection.examine(config, None)?;
    let base = examined.analyser.policy();
    let [target_fpr, target_fpr_others, target_miss] = arguments.rates();
    let detectors: Vec<_> = examined.analyser.identities().cloned().collect();
    let (outcome, fitted) = calibrate(&Order {
        name: &examined.name,
        collection: &examined.collection,
        examinations: &examined.examinations,
        tiers: &examined.tiers,
        detectors: &detectors,
        base,
        shape: arguments.method,
        signs: arguments.weights,
        promise: if arguments.conformal.is_some() { Promise::Next } else { Promise::Observed },
        target_fpr,
        target_fpr_others,
        target_fpr_of: &kinds,
        asked,
    })?;
    let head = Head {
        name: arguments.name.clone().unwrap_or_else(|| format!("{}-calibrated", base.name)),
        command: arguments.command(),
        date,
        conformal: arguments.conformal,
        target_fpr,
        target_fpr_others,
        target_miss,
    };
    let text = text(&head, &outcome, &fitted)?;
    arguments.write(&text)?;
    let file = arguments.out.display().to_string();
    let policy = Policy::parse(&text, &file)?;
    let mut out = anstream::AutoStream::auto(stdout());
    match arguments.format {
        Format::Human => {
            write!(out, "{outcome}")?;
            writeln!(
                out,
                "written: {file} ({} {} {})",
                policy.name,
                policy.version,
                policy.digest()
            )?;
        }
        Format::Json => {
            let (name, version, digest) = (&policy.name, &policy.version, policy.digest());
            let policy = WrittenPolicy { file, name, version, digest };
            let printed = Printed { outcome: &outcome, policy };
            writeln!(out, "{}", serde_json::to_string_pretty(&printed)?)?;
        }
    }
    let has_failed = !outcome.failures.is_empty();
    Ok(if has_failed { ExitCode::from(exit::INPUT_FAILED) } else { ExitCode::SUCCESS })
}

impl Arguments {
    fn check(&self) -> Result<(), CommandError> {
        let out = self.out.display();
        if self.out.is_dir() {
            return Err(format!("--out {out}: is a folder; name a file").into());
        }
        if self.out.exists() && !self.force {
            return Err(format!("--out {out}: is there already; --force replaces it").into());
        }
        let folder = self.out.parent().filter(|folder| !folder.as_os_str().is_empty());
        if folder.is_some_and(|folder| !folder.is_dir()) {
            return Err(format!("--out {out}: its folder is not there; make it first").into());
        }
        match &self.name {
            Some(name) if !is_kebab_case(name) => {
                Err(format!("--name {name}: must be lower-case words joined by `-`").into())
            }
            _ => Ok(()),
        }
    }

    /// The rates of false positives of camera originals and of others, and of misses. An authentic
    /// picture can be accused of two things, which share a conformal error.
    fn rates(&self) -> [f64; 3] {
        match self.conformal {
            Some(error) => [error / 2.0, error / 2.0, error],
            None => {
                let others = self.target_fpr_others.unwrap_or(self.target_fpr);
                [self.target_fpr, others, self.target_miss]
            }
        }
    }

    /// The rates that are asked of single kinds.
    fn kinds(&self) -> Result<Kinds, CommandError> {
        let mut kinds = Kinds::new();
        for (kind, rate) in &self.target_fpr_of {
            if kinds.insert(kind.clone(), *rate).is_some() {
                return Err(format!("--target-fpr-of {kind}: is given twice").into());
            }
        }
        Ok(kinds)
    }

    /// What is asked of each hypothesis.
    fn asked(&self) -> Result<Both, CommandError> {
        let [.., target_miss] = self.rates();
        let mut asked = Both::even(target_miss);
        for (name, rate) in &self.target_miss_of {
            asked.of_mut(hypothesis("--target-miss-of", name)?).target_miss = *rate;
        }
        for (name, share) in &self.prior {
            asked.of_mut(hypothesis("--prior", name)?).prior = *share;
        }
        Ok(asked)
    }

    /// The command without what changes nothing in the file.
    fn command(&self) -> String {
        let mut command = format!("assay calibrate {}", self.collection.words());
        command += &match (self.conformal, self.rates()) {
            (Some(error), _) => format!(" --conformal {error}"),
            (None, [fpr, others, miss]) => {
                format!(" --target-fpr {fpr} --target-fpr-others {others} --target-miss {miss}")
            }
        };
        let named = [
            ("--target-fpr-of", &self.target_fpr_of),
            ("--target-miss-of", &self.target_miss_of),
            ("--prior", &self.prior),
        ];
        for (option, values) in named {
            for (name, number) in values {
                command += &format!(" {option} {name}={number}");
            }
        }
        if self.method == Shape::Isotonic {
            command += " --method isotonic";
        }
        if self.weights == Signs::Signed {
            command += " --weights signed";
        }
        if let Some(name) = &self.name {
            command += &format!(" --name {name}");
        }
        command
    }

    fn write(&self, text: &str) -> Result<(), CommandError> {
        let mut options = OpenOptions::new();
        options.write(true);
        match self.force {
            true => options.create(true).truncate(true),
            false => options.create_new(true),
        };
        let written = options.open(&self.out).and_then(|mut file| file.write_all(text.as_bytes()));
        Ok(written.map_err(|error| format!("--out {}: {error}", self.out.display()))?)
    }
}

/// A share that is neither nothing nor all.
fn rate(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| *number > 0.0 && *number < 1.0);
    number.ok_or_else(|| "must be a number above 0 and below 1, such as 0.01".to_owned())
}

/// A name with a share.
fn named_rate(text: &str) -> Result<(String, f64), String> {
    let (name, number) = text
        .split_once('=')
        .filter(|(name, _)| !name.is_empty())
        .ok_or_else(|| "must be a name, `=` and a number, such as web=0.01".to_owned())?;
    Ok((name.to_owned(), rate(number)?))
}

/// The hypothesis of a name.
fn hypothesis(option: &str, name: &str) -> Result<Hypothesis, CommandError> {
    let found = Hypothesis::ALL.into_iter().find(|hypothesis| hypothesis.as_str() == name);
    found.ok_or_else(|| {
        format!("{option} {name}: must be of `ai_generated` or of `manipulated`").into()
    })
}

/// The day (UTC) of [`EPOCH`], or of the clock.
fn today() -> Result<String, CommandError> {
    let now = match std::env::var(EPOCH) {
        Ok(seconds) => {
            let time =
                seconds.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
            time.ok_or_else(|| format!("{EPOCH} must be seconds since 1970, found \"{seconds}\""))?
        }
        Err(_) => Timestamp::now(),
    };
    Ok(now.strftime("%Y-%m-%d").to_string())
}
