// SPDX-License-Identifier: MIT OR Apache-2.0
//! The board as text: the floors stand above the entries.

use std::fmt::{self, Display, Formatter};

use super::board::{Board, Entry, EntryTier, OrderBy, Table};
use crate::eval::text::{estimate, matched};

/// Width of the column of names.
const NAME: usize = 34;

/// What entries are ordered by, in words.
pub(super) fn ordered(board: &Board) -> String {
    let by = match board.order {
        OrderBy::Matched => "content-matched mean AUC",
        OrderBy::Auc => "AUC",
        OrderBy::Tpr => "TPR at 1 % FPR",
    };
    format!("ordered by {by} at {}; what does not clear the floors stands last", board.at)
}

/// The headline of an entry, or why it is refused.
pub(super) fn headline(tier: &EntryTier) -> String {
    let found = matched(tier.content_matched.as_ref());
    match &tier.headline.refused {
        None => found,
        Some(why) => format!("refused: {why}; it would be {found}"),
    }
}

impl Display for Board {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let n: Vec<_> =
            self.pictures.iter().map(|(truth, n)| format!("{n} {}", truth.as_str())).collect();
        writeln!(f, "{}: {}; {}", self.collection, n.join(", "), ordered(self))?;
        self.tables.iter().try_for_each(|table| one(self, table, f))
    }
}

fn one(board: &Board, table: &Table, f: &mut Formatter<'_>) -> fmt::Result {
    writeln!(f, "\n=== {} against authentic ===", table.positive.as_str())?;
    for tier in &board.tiers {
        writeln!(f, "{tier}: content-matched mean AUC; AUC; TPR at 1 % FPR")?;
        if let Some(floor) = table.floors.get(tier) {
            let (auc, within) = (estimate(Some(floor.auc)), matched(floor.matched.as_ref()));
            writeln!(f, "  {:NAME$} {within}; {auc}", "floor: size, format, quality, metadata")?;
        }
        for entry in &table.entries {
            let Some(found) = entry.tiers.get(tier) else { continue };
            let (auc, tpr) = (estimate(found.auc), estimate(found.tpr_at_fpr_1));
            writeln!(f, "  {:NAME$} {}; {auc}; {tpr}", title(entry), headline(found))?;
        }
    }
    writeln!(f, "by group at {}: AUC against all authentic, n, found", board.at)?;
    for entry in &table.entries {
        let Some(found) = entry.tiers.get(board.at) else { continue };
        writeln!(f, "  {}", title(entry))?;
        for (group, score) in &found.groups {
            let (auc, ends, n) = (score.auc, score.interval, score.n);
            let (count, low, high) = (score.found.count, ends.low, ends.high);
            writeln!(f, "    {group:NAME$} {auc:.3} ({low:.3}-{high:.3}), found {count} of {n}")?;
        }
    }
    Ok(())
}

/// `gan 1.0.0 (0123456789ab), a.jsonl`.
fn title(entry: &Entry) -> String {
    format!("{} {}, {}", entry.series, entry.version, entry.results)
}
