// SPDX-License-Identifier: MIT OR Apache-2.0
//! The board as one page: no script, no picture, nothing from elsewhere, and a policy in its head that lets
//! nothing in but its own style.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use sha2::{Digest as _, Sha256};

use super::board::{Board, Entry, EntryTier, GroupScore, Table};
use super::text::{headline, ordered};
use crate::eval::interval::Interval;
use crate::eval::svg::escaped;
use crate::eval::text::{estimate, matched};

/// Steps of AUC from which a cell has another ground; the number stands in it all the same.
const STEPS: [f64; 4] = [0.6, 0.7, 0.8, 0.9];

const STYLE: &str = "body{font:14px/1.45 system-ui,sans-serif;max-width:90rem;margin:2rem auto;\
padding:0 1rem;color:#222;background:#fff}h1{font-size:1.4rem}h2{border-top:2px solid #ddd;\
padding-top:1rem}.w{overflow-x:auto}table{border-collapse:collapse;font-size:13px}th,td{border:1px \
solid #ccc;padding:.3rem .5rem;text-align:left;vertical-align:top}thead th{background:#f6f6f4}\
small{color:#555;display:block}.f{background:#f6f6f4;font-style:italic}.r{color:#8a1c00}\
.c1{background:#eef5fb}.c2{background:#d6e8f5}.c3{background:#b5d6ec}.c4{background:#8fc1e0}";

/// Writes the page.
#[must_use]
pub fn page(board: &Board) -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    let n: Vec<_> =
        board.pictures.iter().map(|(truth, n)| format!("{n} {}", truth.as_str())).collect();
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta \
         http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src \
         'sha256-{hash}'\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Leaderboard of {0}</title><style>{STYLE}</style></head><body><h1>Leaderboard of \
         {0}</h1><p>{1}; {2}. Intervals are of 95 %. What each number is: docs/EVALUATION.md.</p>",
        escaped(&board.collection),
        n.join(", "),
        ordered(board),
    );
    for table in &board.tables {
        let _ = write!(page, "<h2>{} against authentic</h2>", table.positive.as_str());
        perturbations(&mut page, board, table);
        for tier in &board.tiers {
            generators(&mut page, table, tier);
        }
    }
    held_out(&mut page, board);
    page.push_str("</body></html>\n");
    page
}

/// Entries by what was done to the pictures; the floors stand above them.
fn perturbations(page: &mut String, board: &Board, table: &Table) {
    page.push_str(
        "<h3>By perturbation: content-matched mean AUC, AUC, TPR at 1 % FPR</h3><div class=\"w\">\
         <table><thead><tr><th scope=\"col\">Entry</th>",
    );
    for tier in &board.tiers {
        let _ = write!(page, "<th scope=\"col\">{tier}</th>");
    }
    page.push_str(
        "</tr></thead><tbody><tr class=\"f\"><th scope=\"row\">floor: size, format, quality, \
         metadata</th>",
    );
    for tier in &board.tiers {
        let cell = table.floors.get(tier).map_or_else(
            || "none".to_owned(),
            |floor| {
                let (within, auc) = (matched(floor.matched.as_ref()), estimate(Some(floor.auc)));
                format!("{within}<small>AUC {auc}</small>")
            },
        );
        let _ = write!(page, "<td>{cell}</td>");
    }
    page.push_str("</tr>");
    for entry in &table.entries {
        page.push_str("<tr>");
        name(page, entry);
        for tier in &board.tiers {
            match entry.tiers.get(tier) {
                Some(found) => one(page, found),
                None => page.push_str("<td>not measured</td>"),
            }
        }
        page.push_str("</tr>");
    }
    page.push_str("</tbody></table></div>");
}

fn one(page: &mut String, found: &EntryTier) {
    let (auc, tpr) = (estimate(found.auc), estimate(found.tpr_at_fpr_1));
    let n = found.auc.map_or_else(String::new, |a| format!("{} / {}", a.n_positive, a.n_negative));
    let class = found.headline.value.map_or_else(
        || if found.headline.refused.is_some() { " class=\"r\"" } else { "" }.to_owned(),
        |value| format!(" class=\"{}\"", ground(value)),
    );
    let missing = match found.unscored {
        0 => String::new(),
        some => format!(", {some} without a score"),
    };
    let _ = write!(
        page,
        "<td{class}>{}<small>AUC {auc}</small><small>TPR {tpr}</small><small>n {n}{missing}</small>\
         </td>",
        escaped(&headline(found))
    );
}

/// Entries by generator in one tier.
fn generators(page: &mut String, table: &Table, tier: &str) {
    let found = table.entries.iter().filter_map(|entry| entry.tiers.get(tier));
    let groups: BTreeSet<&String> = found.flat_map(|found| found.groups.keys()).collect();
    if groups.is_empty() {
        return;
    }
    let _ = write!(
        page,
        "<h3>By group at {tier}: AUC against all authentic, found at the threshold</h3>\
         <div class=\"w\"><table><thead><tr><th scope=\"col\">Entry</th>"
    );
    for group in &groups {
        let _ = write!(page, "<th scope=\"col\">{}</th>", escaped(group));
    }
    page.push_str("</tr></thead><tbody>");
    for entry in &table.entries {
        let Some(found) = entry.tiers.get(tier) else { continue };
        page.push_str("<tr>");
        name(page, entry);
        for group in &groups {
            match found.groups.get(*group) {
                Some(score) => cell(page, score),
                None => page.push_str("<td>no score</td>"),
            }
        }
        page.push_str("</tr>");
    }
    page.push_str("</tbody></table></div>");
}

fn cell(page: &mut String, score: &GroupScore) {
    let GroupScore { n, auc, interval: Interval { low, high }, found } = score;
    let _ = write!(
        page,
        "<td class=\"{}\">{auc:.3}<small>{low:.3}-{high:.3}</small><small>found {} of {n}</small>\
         </td>",
        ground(*auc),
        found.count
    );
}

fn name(page: &mut String, entry: &Entry) {
    let _ = write!(
        page,
        "<th scope=\"row\">{}<small>{}</small><small>{}</small></th>",
        escaped(&entry.series),
        escaped(&entry.version),
        escaped(&entry.results)
    );
}

/// The class of a cell by its AUC.
fn ground(auc: f64) -> &'static str {
    let steps = STEPS.iter().filter(|step| auc >= **step).count();
    ["c0", "c1", "c2", "c3", "c4"].get(steps).copied().unwrap_or("c0")
}

/// Whether the detectors had seen the pictures, for each of the results.
fn held_out(page: &mut String, board: &Board) {
    let entries = board.tables.iter().flat_map(|table| &table.entries);
    let said: BTreeSet<_> = entries.map(|entry| (&entry.results, &entry.held_out)).collect();
    page.push_str("<h2>Held out</h2><ul>");
    for (results, statement) in said {
        let _ = write!(page, "<li>{}: {}</li>", escaped(results), escaped(statement));
    }
    page.push_str("</ul>");
}
