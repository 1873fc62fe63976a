// SPDX-License-Identifier: MIT OR Apache-2.0
//! Two policies on the same kept answers: which verdicts differ, and what that does to the error rates of
//! each part of the collection.

use std::collections::BTreeMap;

use serde::Serialize;

use super::transitions::Transitions;
use crate::compare::mcnemar::McNemar;
use crate::eval::interval::Share;
use crate::eval::manifest::{Picture, Truth};
use crate::eval::record::Examined;
use crate::eval::report::PolicyName;
use crate::eval::tiers::Tier;
use crate::fusion::VerdictLabel;
use crate::policy::Policy;
use crate::results::{Results, Under, UnderError};

/// What the parts of a collection are made by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// A generator's family, a camera, …
    Group,
    /// Where pictures were collected.
    Source,
    /// Kind of authentic picture; positives are one part.
    Kind,
}

/// Two policies on kept results.
#[derive(Clone, Debug, Serialize)]
pub struct PolicyDiff {
    /// The results, as they were named.
    pub results: String,
    /// The policy before and the policy now.
    pub policies: [PolicyName; 2],
    /// What the parts are made by.
    pub by: By,
    /// The tiers.
    pub tiers: Vec<TierDiff>,
}

/// One tier.
#[derive(Clone, Debug, Serialize)]
pub struct TierDiff {
    /// `clean`, `q90`, …
    pub tier: &'static str,
    /// Verdicts by truth.
    pub transitions: BTreeMap<Truth, Transitions>,
    /// Pictures whose label is another.
    pub n_changed: usize,
    /// As many of them as were asked for, in the collection's order.
    pub changed: Vec<Changed>,
    /// All pictures of a truth, then its parts.
    pub rates: Vec<PartRates>,
}

/// A picture that reads otherwise.
#[derive(Clone, Debug, Serialize)]
pub struct Changed {
    /// Where it was.
    pub path: String,
    /// SHA-256 of the file.
    pub sha256: Option<String>,
    /// What it is.
    pub truth: Truth,
    /// Its group.
    pub group: String,
    /// The verdict before.
    pub before: Said,
    /// And now.
    pub now: Said,
}

/// A verdict in short.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Said {
    /// The label.
    pub label: &'static str,
    /// The probability that a generator made it.
    pub p_ai_generated: f64,
    /// The probability that part of it was changed.
    pub p_manipulated: f64,
}

/// Rates of one part.
#[derive(Clone, Debug, Serialize)]
pub struct PartRates {
    /// What its pictures are.
    pub truth: Truth,
    /// The part; none for all pictures of the truth.
    pub part: Option<String>,
    /// Before and now.
    pub rates: [Rates; 2],
    /// The test of the errors before and now, picture by picture.
    pub errors: McNemar,
}

/// What was said of pictures of one truth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rates {
    /// Rightly: AUTHENTIC of authentic pictures, else the label of what they are.
    pub right: Share,
    /// Errors: an accusation of authentic pictures, AUTHENTIC of others.
    pub wrong: Share,
    /// INCONCLUSIVE.
    pub undecided: Share,
}

/// One picture under both.
type Row<'a> = (usize, &'a Picture, [&'a Examined; 2]);

impl PolicyDiff {
    /// Compares two policies on results, naming at most `limit` changed pictures a tier.
    ///
    /// # Errors
    /// When the kept answers cannot be fused by one of them.
    pub fn of(
        name: &str,
        results: &Results,
        [before, now]: [&Policy; 2],
        by: By,
        limit: usize,
    ) -> Result<Self, UnderError> {
        let both = [results.under(before)?, results.under(now)?];
        let [first, _] = &both;
        let tiers = first.tiers.iter().filter(|tier| **tier != Tier::Lowpass);
        let tiers = tiers.map(|tier| TierDiff::of(*tier, &both, by, limit)).collect();
        let policies = [before, now].map(PolicyName::of);
        Ok(Self { results: name.to_owned(), policies, by, tiers })
    }
}

impl TierDiff {
    fn of(tier: Tier, [before, now]: &[Under; 2], by: By, limit: usize) -> Self {
        // The same results: the rows are the same pictures in the same order.
        let rows = before.numbered(tier).into_iter().zip(now.numbered(tier));
        let rows: Vec<Row<'_>> =
            rows.map(|((place, picture, a), (.., b))| (place, picture, [a, b])).collect();
        let mut transitions: BTreeMap<_, Transitions> = BTreeMap::new();
        let mut parts: BTreeMap<(Truth, Option<&str>), Vec<[&Examined; 2]>> = BTreeMap::new();
        let mut changed = Vec::new();
        for (place, picture, [a, b]) in &rows {
            transitions.entry(picture.truth).or_default().add(a.verdict, b.verdict);
            for part in [None, Some(by.part(picture))] {
                parts.entry((picture.truth, part)).or_default().push([a, b]);
            }
            if a.verdict != b.verdict {
                changed.push(Changed {
                    path: picture.path.display().to_string(),
                    sha256: before.digests.get(*place).cloned().flatten(),
                    truth: picture.truth,
                    group: picture.group.clone(),
                    before: Said::of(a),
                    now: Said::of(b),
                });
            }
        }
        let n_changed = changed.len();
        changed.truncate(limit);
        let rates = parts.iter().filter_map(|((truth, part), rows)| {
            let rates = [Rates::of(*truth, rows, 0)?, Rates::of(*truth, rows, 1)?];
            let errors = rows.iter().map(|pair| pair.map(|e| is_wrong(*truth, e.verdict)));
            let (part, errors) = (part.map(str::to_owned), McNemar::of(errors));
            Some(PartRates { truth: *truth, part, rates, errors })
        });
        Self { tier: tier.as_str(), transitions, n_changed, changed, rates: rates.collect() }
    }
}

impl By {
    fn part(self, picture: &Picture) -> &str {
        match self {
            Self::Group => &picture.group,
            Self::Source => &picture.source,
            Self::Kind if picture.kind.is_empty() => "not stated",
            Self::Kind => &picture.kind,
        }
    }
}

impl Said {
    fn of(examined: &Examined) -> Self {
        Self {
            label: examined.verdict.as_str(),
            p_ai_generated: examined.p_ai_generated,
            p_manipulated: examined.p_manipulated,
        }
    }
}

impl Rates {
    fn of(truth: Truth, rows: &[[&Examined; 2]], which: usize) -> Option<Self> {
        let labels = rows.iter().filter_map(|pair| Some(pair.get(which)?.verdict));
        let labels: Vec<_> = labels.collect();
        let share = |is_counted: &dyn Fn(VerdictLabel) -> bool| {
            Share::of(labels.iter().filter(|label| is_counted(**label)).count(), labels.len())
        };
        Some(Self {
            right: share(&|label| label == right(truth))?,
            wrong: share(&|label| is_wrong(truth, label))?,
            undecided: share(&|label| label == VerdictLabel::Inconclusive)?,
        })
    }
}

fn right(truth: Truth) -> VerdictLabel {
    match truth {
        Truth::Authentic => VerdictLabel::Authentic,
        Truth::AiGenerated => VerdictLabel::AiGenerated,
        Truth::Manipulated => VerdictLabel::Manipulated,
    }
}

/// An accusation of an authentic picture, AUTHENTIC of another. That a forgery is called generated is
/// neither right nor this error.
fn is_wrong(truth: Truth, label: VerdictLabel) -> bool {
    match truth {
        Truth::Authentic => {
            matches!(label, VerdictLabel::AiGenerated | VerdictLabel::Manipulated)
        }
        Truth::AiGenerated | Truth::Manipulated => label == VerdictLabel::Authentic,
    }
}
