// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay compare`: two detectors, two versions of one, or two policies on the same pictures, from kept
//! results.

use std::io::{stdout, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::evaluate::Format;
use super::{setup, CommandError};
use crate::compare::{Comparison, Side};
use crate::policy::Policy;
use crate::results::Results;

#[derive(Args)]
pub(super) struct Arguments {
    /// Results of `assay evaluate --results`
    #[arg(value_name = "RESULTS")]
    first: PathBuf,
    /// Results of the same pictures [default: the first]
    #[arg(value_name = "RESULTS")]
    second: Option<PathBuf>,
    /// Compare one series (a model, or `verdict ai_generated`) with itself, or two: A,B [default: all
    /// that both have]
    #[arg(long, value_delimiter = ',', num_args = 1, value_name = "A,B")]
    series: Vec<String>,
    /// Fuse the answers by these policies, by name or file: one for both, or A,B [default: those that the
    /// results were made under]
    #[arg(long, value_delimiter = ',', num_args = 1, value_name = "A,B")]
    policies: Vec<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// Compares and prints.
pub(super) fn run(arguments: &Arguments, config: Option<&Path>) -> Result<ExitCode, CommandError> {
    let series = two(&arguments.series, "--series")?;
    let named = two(&arguments.policies, "--policies")?;
    let differs = |pair: Option<[&String; 2]>| pair.is_some_and(|[a, b]| a != b);
    if arguments.second.is_none() && !differs(series) && !differs(named) {
        let text = "nothing to compare: name a second file of results, or two policies \
                    (--policies A,B), or two series (--series A,B)";
        return Err(text.into());
    }
    let first = Results::read(&arguments.first)?;
    let other = arguments.second.as_deref().map(Results::read).transpose()?;
    let second = other.as_ref().unwrap_or(&first);
    let [mut of_first, mut of_second] = [first.policy.clone(), second.policy.clone()];
    if let Some([a, b]) = named {
        let settings = setup::settings(config)?;
        (of_first, of_second) = (setup::policy(&settings, a)?, setup::policy(&settings, b)?);
    }
    let (under_first, under_second) = (first.under(&of_first)?, second.under(&of_second)?);
    let names = [&arguments.first, arguments.second.as_ref().unwrap_or(&arguments.first)];
    let [name, other_name] = names.map(|name| name.display().to_string());
    let comparison = Comparison::of(
        Side {
            name: &name,
            policy: &of_first,
            under: &under_first,
            series: series.map(|[a, _]| a.as_str()),
        },
        Side {
            name: &other_name,
            policy: &of_second,
            under: &under_second,
            series: series.map(|[_, b]| b.as_str()),
        },
    )?;
    warn_unheard(&of_first, &first.unheard(&of_first));
    warn_unheard(&of_second, &second.unheard(&of_second));
    let mut out = anstream::AutoStream::auto(stdout());
    match arguments.format {
        Format::Human => write!(out, "{comparison}")?,
        Format::Json => writeln!(out, "{}", serde_json::to_string_pretty(&comparison)?)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Two names: one that is given stands for both.
fn two<'a>(names: &'a [String], option: &str) -> Result<Option<[&'a String; 2]>, CommandError> {
    match names {
        [] => Ok(None),
        [one] => Ok(Some([one, one])),
        [one, other] => Ok(Some([one, other])),
        more => Err(format!("{option}: takes one name or two, found {}", more.len()).into()),
    }
}

/// Tells of detectors that a policy weighs and that were never asked.
pub(super) fn warn_unheard(policy: &Policy, unheard: &[String]) {
    if !unheard.is_empty() {
        anstream::eprintln!(
            "note: policy {} weighs {}, which the results have no answers of: absent",
            policy.name,
            unheard.join(", ")
        );
    }
}
