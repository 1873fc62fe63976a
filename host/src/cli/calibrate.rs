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
use crate::calibrate::document::{text, Head};
use crate::calibrate::monotone::Shape;
use crate::calibrate::outcome::Outcome;
use crate::calibrate::run::{calibrate, Order};
use crate::config::document::names::is_kebab_case;
use crate::policy::Policy;

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
    #[arg(long, default_value_t = 0.01, value_name = "RATE", value_parser = rate)]
    target_fpr: f64,
    /// Largest rate in each tier of other authentic pictures [default: that of --target-fpr]
    #[arg(long, value_name = "RATE", value_parser = rate)]
    target_fpr_others: Option<f64>,
    /// Largest share of positives below `authentic_below`, above 0 and below 1
    #[arg(long, default_value_t = 0.05, value_name = "RATE", value_parser = rate)]
    target_miss: f64,
    /// Calibrate each detector by knots instead of slope and offset; needs hundreds of pictures
    #[arg(long)]
    isotonic: bool,
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
    let date = today()?;
    let examined = arguments.collection.examine(config, None)?;
    let base = examined.analyser.policy();
    let detectors: Vec<_> = examined.analyser.identities().cloned().collect();
    let (outcome, fitted) = calibrate(&Order {
        name: &examined.name,
        collection: &examined.collection,
        examinations: &examined.examinations,
        tiers: &examined.tiers,
        detectors: &detectors,
        base,
        shape: if arguments.isotonic { Shape::Isotonic } else { Shape::Logistic },
        target_fpr: arguments.target_fpr,
        target_fpr_others: arguments.target_fpr_others(),
        target_miss: arguments.target_miss,
    })?;
    let head = Head {
        name: arguments.name.clone().unwrap_or_else(|| format!("{}-calibrated", base.name)),
        command: arguments.command(),
        date,
        target_fpr: arguments.target_fpr,
        target_fpr_others: arguments.target_fpr_others(),
        target_miss: arguments.target_miss,
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

    fn target_fpr_others(&self) -> f64 {
        self.target_fpr_others.unwrap_or(self.target_fpr)
    }

    /// The command without what changes nothing in the file.
    fn command(&self) -> String {
        let mut command = format!(
            "assay calibrate {} --target-fpr {} --target-fpr-others {} --target-miss {}",
            self.collection.words(),
            self.target_fpr,
            self.target_fpr_others(),
            self.target_miss
        );
        if self.isotonic {
            command += " --isotonic";
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
