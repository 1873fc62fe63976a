// SPDX-License-Identifier: MIT OR Apache-2.0
//! A policy's monotone correction of a detector's score, for fusion alone.
//!
//! *What.* A map from score to score: logistic (`slope`, `offset` on the log-odds) or piecewise
//! linear (`knots`). Neither ever falls, so that a higher score never speaks less for a hypothesis.
//!
//! *Why.* A detector is calibrated on the data that its author had; on pictures of another origin
//! the same score is worth more or less.
//!
//! *When it does not apply.* To the score, the label and the findings that results show: those are
//! the detector's own. Without a calibration fusion takes the score as it is, to the bit
//! (`fusion::voice` applies it).

use std::ops::RangeInclusive;

use serde::Serialize;

use super::read::LOG_ODDS;
use crate::config::document::reader::{number_of, Reader};
use crate::config::document::{Content, Node};

/// Slopes: 0 silences the detector, a negative one would turn its meaning round.
const SLOPE: RangeInclusive<f64> = 0.0..=50.0;
/// Most knots: each should rest on pictures, and nobody reads more.
pub const MAX_KNOTS: usize = 64;

/// A monotone correction of a detector's score.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Calibration {
    /// `1 / (1 + exp(-(slope * logit(score) + offset)))`.
    Logistic {
        /// Factor of the log-odds, 0..=50.
        slope: f64,
        /// Added to the log-odds, -50..=50.
        offset: f64,
    },
    /// Straight lines between points; constant before the first and after the last.
    Knots {
        /// Score and what it counts as, both 0..=1; scores ascend, the others never fall.
        knots: Vec<[f64; 2]>,
    },
}

/// Reads `slope` and `offset`, or `knots`; what is wrong goes to the reader's collector.
pub(super) fn calibration(mut reader: Reader<'_>) -> Option<Calibration> {
    let (slope, offset) = (reader.number("slope", SLOPE), reader.number("offset", LOG_ODDS));
    let nodes = reader.array("knots");
    let is_logistic = reader.has("slope") || reader.has("offset");
    let found = match (is_logistic, reader.has("knots")) {
        (true, true) => {
            let message = "give either `knots` or `slope` and `offset`, not both";
            reader.fault("knots", message);
            None
        }
        (false, false) => {
            reader.missing("slope", "a number (or give `knots`)");
            None
        }
        (true, false) => {
            let (slope, offset) = (slope.unwrap_or(1.0), offset.unwrap_or(0.0));
            Some(Calibration::Logistic { slope, offset })
        }
        (false, true) => knots(nodes, &reader).map(|knots| Calibration::Knots { knots }),
    };
    reader.finish();
    found
}

fn knots(nodes: &[Node], reader: &Reader<'_>) -> Option<Vec<[f64; 2]>> {
    if nodes.is_empty() || nodes.len() > MAX_KNOTS {
        let (path, n) = (reader.path_of("knots"), nodes.len());
        let message = format!("`{path}` must have 1 to {MAX_KNOTS} knots, found {n}");
        reader.fault("knots", message);
        return None;
    }
    let mut knots: Vec<[f64; 2]> = Vec::new();
    for node in nodes {
        let Some(knot) = knot(node) else {
            reader.wrong("knots", node, "pairs [score, score] of numbers within 0..=1");
            return None;
        };
        if let Some(last) = knots.last() {
            if knot[0] <= last[0] || knot[1] < last[1] {
                let expected = format!(
                    "in ascending order: after [{}, {}] the first number must be larger and the \
                     second not smaller",
                    last[0], last[1]
                );
                reader.wrong("knots", node, &expected);
                return None;
            }
        }
        knots.push(knot);
    }
    Some(knots)
}

fn knot(node: &Node) -> Option<[f64; 2]> {
    let Content::Array(pair) = &node.content else { return None };
    let [from, to] = pair.as_slice() else { return None };
    let unit = |node| number_of(node).filter(|number| (0.0..=1.0).contains(number));
    Some([unit(from)?, unit(to)?])
}
