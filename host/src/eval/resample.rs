// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pictures drawn again, as how often each of them was: whole groups, or sources and in each of them the
//! pictures of each class. The seed is fixed, so that every number that is computed of the same pictures
//! sees the same draws: a difference of two numbers is paired by itself.
//!
//! *References.* Efron and Tibshirani 1993, section 8.3.

use std::collections::BTreeMap;

use super::estimates::{RESAMPLES, SEED};
use super::interval::{percentiles, Interval};
use super::metrics::mean;
use super::random::Random;

/// Groups that are drawn whole.
#[derive(Clone, Debug)]
pub struct Clusters {
    /// Places of the pictures of each group.
    groups: Vec<Vec<usize>>,
    pictures: usize,
}

/// Sources that are drawn, and in each of them the pictures of each class.
#[derive(Clone, Debug)]
pub struct Strata(Vec<Stratum>);

/// The places of one source's pictures, by class.
#[derive(Clone, Debug)]
struct Stratum {
    positives: Vec<usize>,
    negatives: Vec<usize>,
}

impl Clusters {
    /// The groups of pictures by their names.
    #[must_use]
    pub fn of<K: Ord>(names: impl Iterator<Item = K>) -> Self {
        let mut groups: BTreeMap<K, Vec<usize>> = BTreeMap::new();
        let mut pictures = 0;
        for name in names {
            groups.entry(name).or_default().push(pictures);
            pictures += 1;
        }
        Self { groups: groups.into_values().collect(), pictures }
    }

    /// The percentile interval of a statistic of how often each picture was drawn; `None` with fewer than
    /// two groups, or where more than half of the resamples have none.
    #[must_use]
    pub fn interval(&self, statistic: impl Fn(&[u32]) -> Option<f64>) -> Option<Interval> {
        if self.groups.len() < 2 {
            return None;
        }
        let mut random = Random::new(SEED);
        let mut drawn = vec![0; self.pictures];
        let mut values = Vec::with_capacity(RESAMPLES);
        for _ in 0..RESAMPLES {
            drawn.fill(0);
            for _ in &self.groups {
                let group = self.groups.get(random.below(self.groups.len()));
                group.into_iter().flatten().for_each(|&place| draw(&mut drawn, place));
            }
            values.extend(statistic(&drawn));
        }
        percentiles(values, RESAMPLES)
    }
}

impl Strata {
    /// The sources with the classes of their pictures.
    #[must_use]
    pub fn of<C: Iterator<Item = bool>>(sources: impl Iterator<Item = C>) -> Self {
        let stratum = |classes: C| {
            let (positives, negatives): (Vec<_>, Vec<_>) =
                classes.enumerate().partition(|(_, is_positive)| *is_positive);
            let places = |class: Vec<(usize, bool)>| class.into_iter().map(|(at, _)| at).collect();
            Stratum { positives: places(positives), negatives: places(negatives) }
        };
        Self(sources.map(stratum).collect())
    }

    /// The percentile interval of the mean over drawn sources of a number of a source (its place) and how
    /// often each of its pictures was drawn; `None` with fewer than two sources.
    #[must_use]
    pub fn interval(&self, number: impl Fn(usize, &[u32]) -> Option<f64>) -> Option<Interval> {
        if self.0.len() < 2 {
            return None;
        }
        let mut random = Random::new(SEED);
        let mut drawn = Vec::new();
        let mut values = Vec::with_capacity(RESAMPLES);
        for _ in 0..RESAMPLES {
            let mut numbers = Vec::with_capacity(self.0.len());
            for _ in &self.0 {
                let source = random.below(self.0.len());
                let Some(stratum) = self.0.get(source) else { continue };
                drawn.clear();
                drawn.resize(stratum.positives.len() + stratum.negatives.len(), 0);
                for class in [&stratum.positives, &stratum.negatives] {
                    for _ in class {
                        let place = class.get(random.below(class.len()));
                        place.into_iter().for_each(|&place| draw(&mut drawn, place));
                    }
                }
                numbers.extend(number(source, &drawn));
            }
            values.extend(mean(&numbers));
        }
        percentiles(values, RESAMPLES)
    }
}

fn draw(drawn: &mut [u32], place: usize) {
    if let Some(count) = drawn.get_mut(place) {
        *count += 1;
    }
}
