// SPDX-License-Identifier: MIT OR Apache-2.0
//! Does the file open, and what does it say about itself?

use assay_plugin_api::load::LoadError;

use super::{keeps, Case, Trial};
use crate::case::Problem;

pub(super) const CASES: &[Case] = &[
    Case {
        id: "opens",
        group: "library",
        description: "The file is a library with the contract's mark and memory layout.",
        clause: keeps("The library carries the mark and the memory layout of this major version of the contract."),
        run: opens,
    },
    Case {
        id: "descriptor",
        group: "library",
        description: "The descriptor keeps the rules for names, texts and parameters.",
        clause: keeps("Its descriptor keeps the rules of `check`, and is the same whenever it is asked for."),
        run: descriptor,
    },
    Case {
        id: "descriptor-stable",
        group: "library",
        description: "The descriptor is the same every time the library is opened.",
        clause: keeps("Its descriptor keeps the rules of `check`, and is the same whenever it is asked for."),
        run: descriptor_stable,
    },
    Case {
        id: "model-card",
        group: "library",
        description: "The model card and the parameters are documented (a warning if not).",
        clause: keeps("Its model card names a method, limits and a reference, and each parameter has a doc (a warning if not)."),
        run: model_card,
    },
];

/// Openings whose descriptors are compared. Each has statics of its own.
const OPENINGS: usize = 3;

fn opens(trial: &Trial<'_>) -> Result<(), Problem> {
    match trial.try_open() {
        Ok(_) | Err(LoadError::Descriptor { .. }) => Ok(()),
        Err(error) => Err(Problem::failed(error.to_string())),
    }
}

fn descriptor(trial: &Trial<'_>) -> Result<(), Problem> {
    match trial.try_open() {
        Ok(_) => Ok(()),
        Err(LoadError::Descriptor { message, .. }) => Err(Problem::failed(message)),
        Err(error) => Err(Problem::skipped(error.to_string())),
    }
}

fn descriptor_stable(trial: &Trial<'_>) -> Result<(), Problem> {
    let first = trial.open()?;
    for _ in 1..OPENINGS {
        let again = trial.open()?;
        if again.descriptor() != first.descriptor() {
            let written = |plugin: &assay_plugin_api::load::LoadedPlugin| {
                format!("{:?}", plugin.descriptor())
            };
            let difference = super::difference(&written(&first), &written(&again));
            return Err(Problem::failed(format!("two openings gave {difference}")));
        }
    }
    Ok(())
}

fn model_card(trial: &Trial<'_>) -> Result<(), Problem> {
    let plugin = trial.open()?;
    let descriptor = plugin.descriptor();
    let card = &descriptor.card;
    let mut missing = Vec::new();
    for (what, text) in [("method", &card.method), ("limits", &card.limits)] {
        if text.trim().is_empty() {
            missing.push(format!("the card's {what}"));
        }
    }
    if card.references.is_empty() {
        missing.push("a reference".into());
    }
    let silent = descriptor.params.iter().filter(|spec| spec.doc.trim().is_empty());
    missing.extend(silent.map(|spec| format!("the doc of parameter `{}`", spec.name)));
    if missing.is_empty() {
        return Ok(());
    }
    Err(Problem::warning(format!("missing: {}", missing.join(", "))))
}
