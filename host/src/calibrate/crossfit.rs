// SPDX-License-Identifier: MIT OR Apache-2.0
//! The fit to everything beside the fits to everything but one fold, and what is measured on the
//! latter.

use super::fit::{balanced, fused, Fit, Fitter};
use super::folds::FOLDS;
use super::measure::{honesty, limited, performance, positives, set_of, Sets, Told};
use super::operating::{authentic_below, bands, threshold, Promise};
use super::outcome::{Honesty, HypothesisOutcome, Mapped};
use super::rows::{hypothesis_of, silenced, truth_of, Row};
use super::run::Order;
use crate::analysis::outcome::DetectorOutcome;
use crate::eval::manifest::Truth;
use crate::fusion::ensemble::sigmoid;
use crate::fusion::voice::voice;
use crate::policy::{Hypothesis, Policy};

/// A fit and its cross-fits.
#[derive(Clone, Debug)]
pub struct CrossFit<'a> {
    /// What was asked for.
    pub order: &'a Order<'a>,
    /// Every row.
    pub rows: Vec<&'a Row<'a>>,
    fitter: Fitter<'a>,
    /// The base as it fuses silent rows.
    base: Policy,
    whole: Fit,
    /// By the fold that was left out.
    crossed: Vec<Fit>,
}

impl<'a> CrossFit<'a> {
    /// Fits everything, and for each fold everything but it.
    #[must_use]
    pub fn of(order: &'a Order<'a>, rows: &'a [Row<'a>]) -> Self {
        let Order { base, detectors, shape, signs, .. } = *order;
        let fitter = Fitter { base, detectors, shape, signs };
        let rows: Vec<_> = rows.iter().collect();
        let without =
            |fold| -> Vec<_> { rows.iter().filter(|row| row.fold != fold).copied().collect() };
        let fit = |rows: &[&Row<'_>]| fitter.fit(rows).at(&order.asked);
        let crossed = (0..FOLDS).map(|fold| fit(&without(fold))).collect();
        let base = silenced(order.base, order.detectors);
        Self { order, base, whole: fit(&rows), crossed, rows, fitter }
    }

    /// Why the base's numbers stay for a hypothesis; `None` where they are new.
    #[must_use]
    pub fn kept(&self, hypothesis: Hypothesis) -> Option<String> {
        let name = hypothesis.as_str();
        let is_of = |row: &&&Row<'_>| row.picture.truth == truth_of(hypothesis);
        if !self.rows.iter().any(|row| is_of(&row)) {
            return Some(format!("the collection has no picture labelled {name}"));
        }
        let classed = self.rows.iter().filter(|row| row.class(hypothesis).is_some());
        let lacks =
            |fold: usize| self.crossed.get(fold).is_none_or(|fit| !fit.ridges.contains_key(name));
        if classed.clone().any(|row| lacks(row.fold)) {
            let why =
                "it cannot be cross-fitted, because all pictures of a class are in one fold; \
                       more groups and sources are needed";
            return Some(why.to_owned());
        }
        let weights = &self.whole.policy.fusion.of(hypothesis).weights;
        let is_silent = |key: &String| weights.get(key).is_none_or(|weight| *weight == 0.0);
        if self.fitter.fitted(hypothesis).iter().all(is_silent) {
            return Some("no detector tells its pictures from authentic ones".to_owned());
        }
        let told = self.told(hypothesis);
        let told: Vec<_> = told.iter().map(|one| (one.p, one.is_positive, one.share)).collect();
        let nothing_said = self.order.asked.of(hypothesis).nothing_said();
        let brier = honesty(&told).map_or(nothing_said, |honesty| honesty.brier);
        (brier >= nothing_said).then(|| {
            format!(
                "on pictures that it has not seen, the fit tells them from authentic ones no better \
                 than a constant would (Brier score {brier:.4}, {nothing_said:.4} says nothing)"
            )
        })
    }

    /// The larger of both probabilities of each authentic row that counts for a threshold, by set,
    /// under the base and under the new policy; of what is new by the fit that has not seen the row.
    #[must_use]
    pub fn risks(&self, kept: &[Option<String>; 2], policy: &Policy) -> [Sets; 2] {
        let policy = silenced(policy, self.order.detectors);
        let (mut before, mut after) = (Sets::new(), Sets::new());
        for row in self.rows.iter().filter(|row| row.picture.truth == Truth::Authentic) {
            let Some(set) = set_of(row, self.order.target_fpr_of) else { continue };
            let p = |(hypothesis, kept): (Hypothesis, &Option<String>)| {
                let crossed = self.crossed.get(row.fold).map(|fit| &fit.policy);
                let by = crossed.filter(|_| kept.is_none()).unwrap_or(&policy);
                fused(hypothesis, row, by).p
            };
            let risk = Hypothesis::ALL.into_iter().zip(kept).map(p).fold(0.0, f64::max);
            after.entry(set.clone()).or_default().push(risk);
            let p = |hypothesis| fused(hypothesis, row, &self.base).p;
            let risk = Hypothesis::ALL.into_iter().map(p).fold(0.0, f64::max);
            before.entry(set).or_default().push(risk);
        }
        [before, after]
    }

    /// Every row of both classes with the probability of the fit that has not seen its fold.
    #[must_use]
    pub fn told(&self, hypothesis: Hypothesis) -> Vec<Told<'a>> {
        self.told_by(hypothesis, |row| self.crossed.get(row.fold).map(|fit| &fit.policy))
    }

    /// Every row of both classes with the base's probability.
    #[must_use]
    pub fn told_before(&self, hypothesis: Hypothesis) -> Vec<Told<'a>> {
        self.told_by(hypothesis, |_| Some(&self.base))
    }

    fn told_by<'p>(
        &self,
        hypothesis: Hypothesis,
        policy: impl Fn(&Row<'_>) -> Option<&'p Policy>,
    ) -> Vec<Told<'a>> {
        let told = |(row, is_positive, share): (&'a Row<'a>, bool, f64)| {
            let p = fused(hypothesis, row, policy(row)?).p;
            let share = self.order.asked.of(hypothesis).share(is_positive, share);
            Some(Told { row, is_positive, share, p })
        };
        balanced(hypothesis, &self.rows).into_iter().filter_map(told).collect()
    }

    /// The base with everything that is new: `kept` in the order of [`Hypothesis::ALL`].
    #[must_use]
    pub fn policy(&self, kept: &[Option<String>; 2]) -> Policy {
        let (order, fitted) = (self.order, &self.whole.policy);
        let mut policy = order.base.clone();
        for key in self.new_maps(kept) {
            let calibration = fitted.detectors.get(key).and_then(|of| of.calibration.clone());
            policy.detectors.entry(key.to_owned()).or_default().calibration = calibration;
        }
        let mut below: Option<f64> = None;
        for (hypothesis, _) in Hypothesis::ALL.into_iter().zip(kept).filter(|(_, k)| k.is_none()) {
            *policy.fusion.of_mut(hypothesis) = fitted.fusion.of(hypothesis).clone();
            let told = self.told(hypothesis);
            let sets: Vec<_> = limited(&told, order).into_values().collect();
            if let Some(threshold) = threshold(&sets, order.promise) {
                *policy.verdict.of_mut(hypothesis) = threshold;
            }
            let target_miss = order.asked.of(hypothesis).target_miss;
            for positives in self.missable(&told) {
                let own = authentic_below(&positives, target_miss, order.promise);
                below = own.map(|own| below.map_or(own, |below| below.min(own))).or(below);
            }
        }
        let thresholds = Hypothesis::ALL.map(|hypothesis| policy.verdict.of(hypothesis));
        let below = below.unwrap_or(policy.verdict.authentic_below);
        let bands = bands(thresholds, below, policy.risk.medium, policy.risk.high);
        policy.verdict.authentic_below = bands.authentic_below;
        (policy.risk.medium, policy.risk.high) = (bands.medium, bands.high);
        policy
    }

    /// The sets of positives of which a rate of misses is asked: all together, or, where something is
    /// promised of the next picture, each tier by itself, whose pictures are there once.
    fn missable(&self, told: &[Told<'_>]) -> Vec<Vec<f64>> {
        match self.order.promise {
            Promise::Observed => {
                vec![told.iter().filter(|one| one.is_positive).map(|one| one.p).collect()]
            }
            Promise::Next => positives(told).into_values().collect(),
        }
    }

    /// The detectors whose map is new: those that a new hypothesis weighs.
    fn new_maps(&self, kept: &[Option<String>; 2]) -> Vec<&str> {
        let new = Hypothesis::ALL.into_iter().zip(kept).filter(|(_, kept)| kept.is_none());
        let weighed: Vec<_> =
            new.flat_map(|(hypothesis, _)| self.fitter.fitted(hypothesis)).collect();
        let mapped = self.whole.mapped.iter().filter(|key| weighed.contains(key));
        mapped.map(String::as_str).collect()
    }

    /// What became of a hypothesis under the new policy.
    #[must_use]
    pub fn outcome(
        &self,
        hypothesis: Hypothesis,
        kept: Option<String>,
        policy: &Policy,
    ) -> HypothesisOutcome {
        let name = hypothesis.as_str();
        let (base, part) = (self.order.base, policy.fusion.of(hypothesis));
        let at = |told: &[Told<'_>], policy: &Policy| {
            let verdict = &policy.verdict;
            let kinds = self.order.target_fpr_of;
            performance(told, verdict.of(hypothesis), verdict.authentic_below, kinds)
        };
        let is_new = kept.is_none();
        HypothesisOutcome {
            name,
            n_positive: pictures(self.rows.iter().copied(), truth_of(hypothesis)),
            n_authentic: pictures(self.rows.iter().copied(), Truth::Authentic),
            prior: self.order.asked.of(hypothesis).prior,
            ridge: self.whole.ridges.get(name).copied().filter(|_| is_new),
            bias: part.bias,
            weights: part.weights.clone(),
            before: at(&self.told_before(hypothesis), base),
            after: is_new.then(|| at(&self.told(hypothesis), policy)).flatten(),
            kept,
        }
    }

    /// A detector's map and its voices before and after; `None` for provenance.
    #[must_use]
    pub fn mapped(&self, detector: &DetectorOutcome, kept: &[Option<String>; 2]) -> Option<Mapped> {
        let (hypothesis, key) = (hypothesis_of(detector.kind)?, &detector.model_key);
        let scored: Vec<_> =
            self.rows.iter().filter(|row| row.score(key).is_some()).copied().collect();
        let scored_by = |truth| pictures(scored.iter().copied(), truth);
        let mut mapped = Mapped {
            detector: key.clone(),
            calibration: None,
            n_positive: scored_by(truth_of(hypothesis)),
            n_authentic: scored_by(Truth::Authentic),
            before: None,
            after: None,
        };
        if self.new_maps(kept).contains(&key.as_str()) {
            let shared = balanced(hypothesis, &scored);
            mapped.calibration =
                self.whole.policy.detectors.get(key).and_then(|of| of.calibration.clone());
            mapped.before = voiced(key, &shared, |_| Some(&self.base));
            mapped.after = voiced(key, &shared, |row| {
                let fit = self.crossed.get(row.fold)?;
                fit.mapped.contains(key).then_some(&fit.policy)
            });
        }
        Some(mapped)
    }
}

/// A detector's scores as a policy takes them, on the rows that it has a policy for.
fn voiced<'p>(
    key: &str,
    rows: &[(&Row<'_>, bool, f64)],
    policy: impl Fn(&Row<'_>) -> Option<&'p Policy>,
) -> Option<Honesty> {
    let voiced = |(row, is_positive, share): &(&Row<'_>, bool, f64)| {
        Some((sigmoid(voice(key, row.score(key)?, policy(row)?)), *is_positive, *share))
    };
    honesty(&rows.iter().filter_map(voiced).collect::<Vec<_>>())
}

/// How many pictures of a truth rows are of.
fn pictures<'a>(rows: impl Iterator<Item = &'a Row<'a>>, truth: Truth) -> usize {
    let of_truth = rows.filter(|row| row.picture.truth == truth);
    let mut paths: Vec<_> = of_truth.map(|row| &row.picture.path).collect();
    paths.sort_unstable();
    paths.dedup();
    paths.len()
}
