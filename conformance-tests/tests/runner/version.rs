// SPDX-License-Identifier: MIT OR Apache-2.0
//! The version of the kit stands for one set of cases.

use std::collections::BTreeSet;

use assay_conformance::{kit, plugin};

/// Of each version the digest of its cases. A line is never changed: what makes a new one stands in the
/// README, under *Versions*.
const PINNED: [(&str, &str); 1] =
    [("1.0", "7d8b8802248f2d8444ace87624d81430d13ac1839503f12fe95ed7b90d9115e2")];

#[test]
fn the_cases_are_those_of_the_version() {
    let (version, cases) = PINNED[PINNED.len() - 1];
    assert_eq!((kit::VERSION, kit::cases_sha256().as_str()), (version, cases));
}

#[test]
fn ids_are_kebab_case_and_unique_and_descriptions_are_sentences() {
    let mut ids = BTreeSet::new();
    for case in kit::all() {
        let is_kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(case.id.chars().all(is_kebab), "{}", case.id);
        assert!(ids.insert((case.subject, case.id)), "{} appears twice", case.id);
        assert!(case.description.ends_with('.') && case.description.len() > 20, "{}", case.id);
        let places =
            ["plugin contract, ", "API guide, ", "API guide as read", "beyond the API guide"];
        assert!(places.iter().any(|place| case.clause.place.starts_with(place)), "{}", case.id);
    }
}

#[test]
fn each_clause_stands_in_the_contract_and_each_of_its_rules_has_a_case() {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let readme = include_str!("../../../plugin-api/README.md");
    let (_, rules) = readme.split_once("## What a detector must keep\n").unwrap();
    let (rules, _) = rules.split_once("\n## ").unwrap();
    for case in plugin::cases() {
        assert!(plain(rules).contains(case.clause.words), "{}", case.id);
    }
    for rule in rules.split("\n- ").skip(1).map(plain) {
        let is_tried = plugin::cases().any(|case| rule.contains(case.clause.words));
        // Every case judges every answer by it.
        let is_judged = rule.starts_with("A score is within 0..=1;");
        assert!(is_tried || is_judged, "{rule}");
    }
}
