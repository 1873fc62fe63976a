// SPDX-License-Identifier: MIT OR Apache-2.0
//! Stored verdicts under two policies: which differ.

use crate::fusion::{Verdict, VerdictLabel};
use crate::policy::Policy;
use crate::rescore::transitions::LABELS;
use crate::rescore::{refused, Transitions};
use crate::store::StoredDerivation;

/// What other numbers make of stored analyses.
#[derive(Debug, Default)]
pub(super) struct Refused {
    /// Analyses that were made again.
    pub(super) made: usize,
    /// Those that could not be read.
    pub(super) unreadable: usize,
    /// A row for each label that the policy gives, with how many have which label now.
    pub(super) table: Vec<TableRow>,
    /// Analyses whose label or risk level is another, the newest first.
    pub(super) changes: Vec<Change>,
}

#[derive(Debug)]
pub(super) struct TableRow {
    pub(super) label: &'static str,
    /// By the label now, in the order of the table.
    pub(super) counts: Vec<Count>,
}

#[derive(Debug)]
pub(super) struct Count {
    pub(super) number: usize,
    pub(super) is_same: bool,
}

/// An analysis that reads otherwise.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) request_id: String,
    pub(super) reference: Option<String>,
    pub(super) before: Said,
    pub(super) now: Said,
}

/// A verdict in short.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) label: &'static str,
    pub(super) level: &'static str,
    pub(super) risk: String,
}

impl Refused {
    /// The labels above the table's columns.
    pub(super) fn labels(&self) -> [&'static str; 4] {
        LABELS.map(VerdictLabel::as_str)
    }
}

/// Makes stored verdicts again under both policies.
pub(super) fn refuse(stored: &[StoredDerivation], base: &Policy, edited: &Policy) -> Refused {
    let mut result = Refused::default();
    let mut transitions = Transitions::default();
    for one in stored {
        let both = |policy| refused(&one.derivation, policy).ok();
        let Some((before, now)) = both(base).zip(both(edited)) else {
            result.unreadable += 1;
            continue;
        };
        result.made += 1;
        transitions.add(before.label, now.label);
        if before.label != now.label || before.risk_level != now.risk_level {
            result.changes.push(Change {
                request_id: one.request_id.clone(),
                reference: one.reference_id.clone(),
                before: said(&before),
                now: said(&now),
            });
        }
    }
    let row = |(index, (label, counts)): (usize, (VerdictLabel, [usize; LABELS.len()]))| TableRow {
        label: label.as_str(),
        counts: counts
            .into_iter()
            .enumerate()
            .map(|(column, number)| Count { number, is_same: column == index })
            .collect(),
    };
    result.table = transitions.rows().enumerate().map(row).collect();
    result
}

fn said(verdict: &Verdict) -> Said {
    Said {
        label: verdict.label.as_str(),
        level: verdict.risk_level.as_str(),
        risk: format!("{:.2}", verdict.risk),
    }
}
