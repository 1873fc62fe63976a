// SPDX-License-Identifier: MIT OR Apache-2.0
//! Nothing that a picture is not independent of is in two folds.

use std::collections::{BTreeMap, BTreeSet};

use assay::calibrate::folds::{Basis, Folds, FOLDS};
use assay::eval::manifest::{Picture, Truth};
use proptest::prelude::*;
use proptest::sample::select;

use crate::support::picture;

fn pictures() -> impl Strategy<Value = Vec<Picture>> {
    let one = (select(&Truth::ALL[..]), 0..12_usize, 0..30_usize);
    proptest::collection::vec(one, 1..60).prop_map(|parts| {
        let one = |(index, (truth, group, source)): (usize, (Truth, usize, usize))| Picture {
            source: format!("s{source}"),
            ..picture(truth, index, group)
        };
        parts.into_iter().enumerate().map(one).collect()
    })
}

fn folds_by(
    pictures: &[Picture],
    folds: &Folds,
    name: impl Fn(&Picture) -> Option<String>,
) -> usize {
    let mut found: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for (picture, fold) in pictures.iter().zip(&folds.of_picture) {
        if let Some(name) = name(picture) {
            found.entry(name).or_default().insert(*fold);
        }
    }
    found.values().map(BTreeSet::len).max().unwrap_or(0)
}

proptest! {
    #[test]
    fn groups_and_sources_are_whole_as_far_as_the_basis_says(pictures in pictures()) {
        let folds = Folds::of(&pictures);
        prop_assert_eq!(folds.of_picture.len(), pictures.len());
        prop_assert!(folds.of_picture.iter().all(|fold| *fold < FOLDS));
        let is_positive = |p: &Picture| p.truth != Truth::Authentic;
        let whole = |name: &dyn Fn(&Picture) -> Option<String>| folds_by(&pictures, &folds, name) <= 1;
        match folds.basis {
            Basis::GroupsAndSources => {
                prop_assert!(whole(&|p| Some(p.group.clone())));
                prop_assert!(whole(&|p| Some(p.source.clone())));
            }
            Basis::GroupsOrSources => {
                prop_assert!(whole(&|p| is_positive(p).then(|| p.group.clone())));
                prop_assert!(whole(&|p| (!is_positive(p)).then(|| p.source.clone())));
            }
        }
        prop_assert_eq!(Folds::of(&pictures), folds);
    }
}

#[test]
fn classes_are_spread_over_all_folds() {
    let of = |truth| (0..40).map(move |index| picture(truth, index, index % 8));
    let pictures: Vec<_> = of(Truth::Authentic).chain(of(Truth::AiGenerated)).collect();
    let folds = Folds::of(&pictures);
    assert_eq!(folds.basis, Basis::GroupsAndSources);
    for truth in [Truth::Authentic, Truth::AiGenerated] {
        let of_truth = pictures.iter().zip(&folds.of_picture).filter(|(p, _)| p.truth == truth);
        let filled: BTreeSet<_> = of_truth.map(|(_, fold)| *fold).collect();
        assert_eq!(filled.len(), FOLDS, "{truth:?}");
    }
}

#[test]
fn source_that_holds_every_group_is_divided_and_that_is_said() {
    let of = |truth| (0..40).map(move |index| picture(truth, index, index % 8));
    let both = of(Truth::Authentic).chain(of(Truth::AiGenerated));
    let pictures: Vec<_> = both
        .map(|p| match p.truth {
            Truth::AiGenerated => Picture { source: "one".into(), ..p },
            _ => p,
        })
        .collect();
    let folds = Folds::of(&pictures);
    assert_eq!(folds.basis, Basis::GroupsOrSources);
    assert!(folds.basis.text().contains("would leave most of a class in one fold"));
    let generated = pictures.iter().zip(&folds.of_picture).filter(|(p, _)| p.source == "one");
    assert_eq!(generated.map(|(_, fold)| *fold).collect::<BTreeSet<_>>().len(), FOLDS);
}
