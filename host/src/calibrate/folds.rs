// SPDX-License-Identifier: MIT OR Apache-2.0
//! Folds in which nothing that a picture is not independent of stands on both sides.
//!
//! *What.* Pictures that share a group or a source, directly or through others, are one unit; whole
//! units are dealt to five folds.
//!
//! *Why.* A fit that has seen a picture's generator, camera or origin is flattered by that picture.
//!
//! *When it does not apply.* Where most pictures hang together (one source with every group), a unit
//! would be most of the collection. Then positives are kept together by group and authentic pictures
//! by source only, and [`Basis`] says so.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::eval::manifest::{Picture, Truth};

/// Folds of every cross-fit.
pub const FOLDS: usize = 5;
/// Share of a class from which one unit of it is too much: what is left would be less than it.
const GIANT: f64 = 0.5;

/// The fold of each picture, and what was kept together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folds {
    /// By the pictures' order, below [`FOLDS`].
    pub of_picture: Vec<usize>,
    /// What was kept together.
    pub basis: Basis,
}

/// What is kept together in one fold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Pictures that share a group or a source.
    GroupsAndSources,
    /// Positives that share a group; authentic pictures that share a source.
    GroupsOrSources,
}

impl Basis {
    /// For a person.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::GroupsAndSources => "whole groups and whole sources",
            Self::GroupsOrSources => {
                "whole groups of positives and whole sources of authentic pictures: groups and \
                 sources together would leave most of a class in one fold"
            }
        }
    }
}

impl Folds {
    /// Deals pictures to folds; the same pictures give the same folds.
    #[must_use]
    pub fn of(pictures: &[Picture]) -> Self {
        let (joined, apart) = (joined(pictures), apart(pictures));
        // A class that is one unit either way is no reason to take the others apart.
        let spread = giants(pictures, &apart);
        let is_better = giants(pictures, &joined).iter().any(|truth| !spread.contains(truth));
        let (units, basis) = match is_better {
            true => (apart, Basis::GroupsOrSources),
            false => (joined, Basis::GroupsAndSources),
        };
        Self { of_picture: dealt(pictures, &units), basis }
    }
}

/// The unit of each picture: the group of a positive, the source of an authentic one.
fn apart(pictures: &[Picture]) -> Vec<String> {
    let unit = |picture: &Picture| match picture.truth {
        Truth::Authentic => format!("source {}", picture.source),
        Truth::AiGenerated | Truth::Manipulated => format!("group {}", picture.group),
    };
    pictures.iter().map(unit).collect()
}

/// The unit of each picture: the first name of all that hang together through groups and sources.
fn joined(pictures: &[Picture]) -> Vec<String> {
    let mut parents: BTreeMap<String, String> = BTreeMap::new();
    let names = |picture: &Picture| {
        (format!("group {}", picture.group), format!("source {}", picture.source))
    };
    for picture in pictures {
        let (group, source) = names(picture);
        let (group, source) = (root(&parents, &group), root(&parents, &source));
        if group != source {
            let (first, other) = if group < source { (group, source) } else { (source, group) };
            parents.insert(other, first);
        }
    }
    pictures.iter().map(|picture| root(&parents, &names(picture).0)).collect()
}

fn root(parents: &BTreeMap<String, String>, name: &str) -> String {
    let mut name = name;
    while let Some(parent) = parents.get(name) {
        name = parent;
    }
    name.to_owned()
}

/// The classes of which one unit has too much.
fn giants(pictures: &[Picture], units: &[String]) -> BTreeSet<Truth> {
    let mut sizes: BTreeMap<(Truth, &str), usize> = BTreeMap::new();
    let mut totals: BTreeMap<Truth, usize> = BTreeMap::new();
    for (picture, unit) in pictures.iter().zip(units) {
        *sizes.entry((picture.truth, unit)).or_default() += 1;
        *totals.entry(picture.truth).or_default() += 1;
    }
    let total = |truth| totals.get(&truth).copied().unwrap_or(0) as f64;
    let giants = sizes.iter().filter(|((truth, _), size)| **size as f64 > GIANT * total(*truth));
    giants.map(|((truth, _), _)| *truth).collect()
}

/// Gives each unit, largest first, to the fold that has least of the unit's classes so far.
fn dealt(pictures: &[Picture], units: &[String]) -> Vec<usize> {
    let mut totals: BTreeMap<Truth, usize> = BTreeMap::new();
    let mut contents: BTreeMap<&str, BTreeMap<Truth, usize>> = BTreeMap::new();
    for (picture, unit) in pictures.iter().zip(units) {
        *totals.entry(picture.truth).or_default() += 1;
        *contents.entry(unit).or_default().entry(picture.truth).or_default() += 1;
    }
    let mut largest_first: Vec<_> = contents.iter().collect();
    let size = |counts: &BTreeMap<Truth, usize>| counts.values().sum::<usize>();
    largest_first.sort_by(|a, b| size(b.1).cmp(&size(a.1)).then(a.0.cmp(b.0)));
    let mut filled: Vec<BTreeMap<Truth, usize>> = vec![BTreeMap::new(); FOLDS];
    let mut folds = BTreeMap::new();
    for (unit, counts) in largest_first {
        let share = |fold: &BTreeMap<Truth, usize>, truth: &Truth| {
            let part = fold.get(truth).copied().unwrap_or(0) as f64;
            part / totals.get(truth).copied().unwrap_or(1) as f64
        };
        let fullness = |fold: &BTreeMap<Truth, usize>| -> f64 {
            counts.keys().map(|truth| share(fold, truth)).sum()
        };
        let emptiest = filled.iter().enumerate();
        let emptiest = emptiest.min_by(|a, b| fullness(a.1).total_cmp(&fullness(b.1)));
        let fold = emptiest.map_or(0, |(fold, _)| fold);
        if let Some(filled) = filled.get_mut(fold) {
            for (truth, count) in counts {
                *filled.entry(*truth).or_default() += count;
            }
        }
        folds.insert(*unit, fold);
    }
    let fold = |unit: &String| folds.get(unit.as_str()).copied().unwrap_or(0);
    units.iter().map(fold).collect()
}
