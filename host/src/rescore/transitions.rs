// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which label became which, counted.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use crate::fusion::VerdictLabel;

/// Labels in the order of tables.
pub const LABELS: [VerdictLabel; 4] = [
    VerdictLabel::Authentic,
    VerdictLabel::AiGenerated,
    VerdictLabel::Manipulated,
    VerdictLabel::Inconclusive,
];

/// Verdicts by the label before and the label now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transitions([[usize; LABELS.len()]; LABELS.len()]);

impl Transitions {
    /// Counts one verdict.
    pub fn add(&mut self, before: VerdictLabel, now: VerdictLabel) {
        let row = place(before).and_then(|row| self.0.get_mut(row));
        if let Some(count) = row.zip(place(now)).and_then(|(row, column)| row.get_mut(column)) {
            *count += 1;
        }
    }

    /// How many were one and are the other.
    #[must_use]
    pub fn count(&self, before: VerdictLabel, now: VerdictLabel) -> usize {
        let row = place(before).and_then(|row| self.0.get(row));
        row.zip(place(now)).and_then(|(row, column)| row.get(column)).copied().unwrap_or(0)
    }

    /// A row for each label before, with the counts by the label now.
    pub fn rows(&self) -> impl Iterator<Item = (VerdictLabel, [usize; LABELS.len()])> + '_ {
        LABELS.into_iter().zip(self.0)
    }

    /// All.
    #[must_use]
    pub fn n(&self) -> usize {
        self.0.iter().flatten().sum()
    }

    /// Those with another label now.
    #[must_use]
    pub fn changed(&self) -> usize {
        self.n() - LABELS.into_iter().map(|label| self.count(label, label)).sum::<usize>()
    }
}

fn place(label: VerdictLabel) -> Option<usize> {
    LABELS.iter().position(|other| *other == label)
}

impl Serialize for Transitions {
    /// `{"AUTHENTIC": {"AUTHENTIC": 3, …}, …}`, without what is 0.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (before, counts) in self.rows() {
            let found = LABELS.into_iter().zip(counts).filter(|(_, count)| *count > 0);
            let found: std::collections::BTreeMap<_, _> =
                found.map(|(now, count)| (now.as_str(), count)).collect();
            if !found.is_empty() {
                map.serialize_entry(before.as_str(), &found)?;
            }
        }
        map.end()
    }
}
