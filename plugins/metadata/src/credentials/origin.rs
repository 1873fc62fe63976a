// SPDX-License-Identifier: MIT OR Apache-2.0
//! How a picture came to be, as the manifests of its store tell.
//!
//! **What it tests.** Actions and digital source types of the active manifest, of those that it
//! continues (`parentOf`) and of those whose pictures stand in it (`componentOf`). What only served
//! as an input of a generator (`inputTo`) says nothing of the pixels. A manifest that tells nothing and has
//! one component wraps it: OpenAI signs so what it has signed before. Only that a generator made it is
//! believed of such a component, and nothing for a camera.
//!
//! **When it does not apply.** A program that leaves the source type out is believed to have
//! generated only where it says `c2pa.created` and is a generator by name: a signer alone is no
//! sign of one.
//!
//! **Constants and their source.** Names of actions and terms: C2PA Technical Specification 2.2
//! §18.14; IPTC NewsCodes, Digital Source Type. `c2pa.ai_generated_content` is written by Black Forest
//! Labs.

use std::collections::{BTreeMap, BTreeSet};

use crate::cue::program_named;

/// Longest chain that is followed.
const MAX_MANIFESTS: usize = 256;
const GENERATED: &str = "trainedAlgorithmicMedia";
const COMPOSITE: &str = "compositeWithTrainedAlgorithmicMedia";
/// Terms of a camera.
const CAPTURES: [&str; 2] = ["digitalCapture", "computationalCapture"];
/// Assertion that says that a generator made the picture.
pub(super) const AI_ASSERTION: &str = "c2pa.ai_generated_content";
/// The action by which a picture comes to be.
const CREATED: &str = "c2pa.created";
/// Actions that leave the picture as it was, so that a source type beside them speaks of the whole.
const PASSING: [&str; 9] = [
    CREATED,
    "c2pa.opened",
    "c2pa.converted",
    "c2pa.published",
    "c2pa.transcoded",
    "c2pa.repackaged",
    "c2pa.watermarked",
    "c2pa.edited.metadata",
    "c2pa.redacted",
];
/// Actions that change all of the picture alike.
const GLOBAL: [&str; 6] = [
    "c2pa.color_adjustments",
    "c2pa.adjustedColor",
    "c2pa.cropped",
    "c2pa.resized",
    "c2pa.resized.proportional",
    "c2pa.orientation",
];

/// How the picture came to be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Origin {
    /// A generator made it.
    Generated {
        /// The generator, as far as it is named.
        program: Option<String>,
    },
    /// A generator made or changed a part of it.
    PartlyGenerated {
        /// The generator, as far as it is named.
        program: Option<String>,
    },
    /// A camera took it.
    Captured {
        /// The digital source type.
        term: String,
        /// What was done to it since.
        edits: Edits,
    },
    /// It was made in another way.
    Made {
        /// The digital source type.
        term: String,
    },
    /// The store does not say.
    Unknown,
}

impl Origin {
    /// The digital source type that says it.
    pub(crate) fn term(&self) -> Option<&str> {
        match self {
            Self::Generated { .. } => Some(GENERATED),
            Self::PartlyGenerated { .. } => Some(COMPOSITE),
            Self::Captured { term, .. } | Self::Made { term } => Some(term),
            Self::Unknown => None,
        }
    }
}

/// What was done to a picture since a camera took it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Edits {
    /// Nothing that shows.
    None,
    /// The whole was cropped, turned, scaled or coloured.
    Global,
    /// Anything else.
    Local,
}

/// What one manifest says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Told {
    /// Its actions.
    pub actions: Vec<Action>,
    /// Digital source types outside actions.
    pub terms: Vec<String>,
    /// An assertion says that a generator made the picture.
    pub says_generated: bool,
    /// The program that wrote it.
    pub generator: Option<String>,
    /// Manifests of other pictures, by label.
    pub ingredients: Vec<(Relation, String)>,
    /// Other pictures without a manifest, and mere inputs.
    pub others: usize,
}

impl Told {
    /// Whether it tells nothing and has a single other picture, which it can only be.
    fn is_wrapper(&self) -> bool {
        let is_silent = self.actions.is_empty() && self.terms.is_empty() && !self.says_generated;
        is_silent && self.ingredients.len() == 1 && self.others == 0
    }
}

/// One action.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Action {
    /// `c2pa.created`, ….
    pub name: String,
    /// Program that did it.
    pub agent: Option<String>,
    /// Last part of the digital source type's address.
    pub term: Option<String>,
}

/// What another picture is to this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    /// This picture continues it.
    Parent,
    /// This picture is it, by a manifest that tells nothing else.
    Wrapped,
    /// It stands in this picture.
    Component,
}

/// Origin and names of the actions, the active manifest's first.
pub(super) fn origin(manifests: &BTreeMap<String, Told>, active: &str) -> (Origin, Vec<String>) {
    let mut waiting = vec![(Relation::Parent, active)];
    let mut seen = BTreeSet::new();
    let mut names: Vec<String> = Vec::new();
    let (mut whole, mut part) = (None, None);
    let mut made = None;
    let mut edits = Edits::None;
    while let Some((relation, label)) = waiting.pop() {
        let Some(told) = manifests.get(label) else { continue };
        if !seen.insert(label) || seen.len() > MAX_MANIFESTS {
            continue;
        }
        for action in &told.actions {
            let program = || action.agent.clone().or_else(|| told.generator.clone());
            match (claim(action, told), relation) {
                (Some(Claim::Whole), Relation::Parent | Relation::Wrapped) => {
                    _ = whole.get_or_insert_with(program);
                }
                (Some(_), _) => _ = part.get_or_insert_with(program),
                (None, Relation::Parent) if action.name == CREATED => {
                    made = action.term.clone().or(made);
                }
                (None, _) => {}
            }
            if relation == Relation::Parent {
                edits = edits.max(edits_of(action));
                if !names.contains(&action.name) {
                    names.push(action.name.clone());
                }
            }
        }
        let program = || told.generator.clone();
        for term in &told.terms {
            match (term.as_str(), relation) {
                (GENERATED, Relation::Parent | Relation::Wrapped) => {
                    _ = whole.get_or_insert_with(program);
                }
                (GENERATED | COMPOSITE, _) => _ = part.get_or_insert_with(program),
                (_, Relation::Parent) => _ = made.get_or_insert_with(|| term.clone()),
                _ => {}
            }
        }
        match relation {
            Relation::Parent | Relation::Wrapped if told.says_generated => {
                _ = whole.get_or_insert_with(program);
            }
            Relation::Component if told.says_generated => _ = part.get_or_insert_with(program),
            _ => {}
        }
        for (kind, label) in &told.ingredients {
            let kind = match (relation, *kind) {
                (Relation::Component, _) => Relation::Component,
                (_, Relation::Component) if told.is_wrapper() => Relation::Wrapped,
                (whole, Relation::Parent) => whole,
                (_, kind) => kind,
            };
            waiting.push((kind, label.as_str()));
        }
    }
    let origin = match (whole, part, made) {
        (Some(program), ..) => Origin::Generated { program },
        (None, Some(program), _) => Origin::PartlyGenerated { program },
        (None, None, Some(term)) if CAPTURES.contains(&term.as_str()) => {
            Origin::Captured { term, edits }
        }
        (None, None, Some(term)) => Origin::Made { term },
        (None, None, None) => Origin::Unknown,
    };
    (origin, names)
}

/// What an action claims of a generator.
enum Claim {
    /// It made the whole.
    Whole,
    /// It made a part.
    Part,
}

fn claim(action: &Action, told: &Told) -> Option<Claim> {
    let agent = action.agent.as_ref().or(told.generator.as_ref());
    match action.term.as_deref() {
        Some(GENERATED) if PASSING.contains(&action.name.as_str()) => Some(Claim::Whole),
        Some(GENERATED | COMPOSITE) => Some(Claim::Part),
        Some(_) => None,
        None if action.name == AI_ASSERTION => Some(Claim::Whole),
        None if action.name == CREATED
            && agent.is_some_and(|name| program_named(name).is_some()) =>
        {
            Some(Claim::Whole)
        }
        None => None,
    }
}

fn edits_of(action: &Action) -> Edits {
    let is_in = |list: &[&str]| list.contains(&action.name.as_str());
    if is_in(&PASSING) || action.name.starts_with("c2pa.watermarked.") {
        Edits::None
    } else if is_in(&GLOBAL) {
        Edits::Global
    } else {
        Edits::Local
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn action(name: &str, agent: &str, term: &str) -> Action {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Action { name: name.into(), agent: some(agent), term: some(term) }
    }

    fn told(actions: Vec<Action>, ingredients: &[(Relation, &str)]) -> Told {
        let ingredients = ingredients.iter().map(|(kind, label)| (*kind, (*label).into()));
        Told { actions, ingredients: ingredients.collect(), ..Told::default() }
    }

    fn of(manifests: Vec<Told>) -> (Origin, Vec<String>) {
        let labels = ["a", "b", "c"].into_iter().map(String::from);
        origin(&labels.zip(manifests).collect(), "a")
    }

    #[test]
    fn a_generated_parent_stays_generated_through_edits() {
        let (origin, names) = of(vec![
            told(vec![action("c2pa.cropped", "Editor", "")], &[(Relation::Parent, "b")]),
            told(vec![action(CREATED, "Firefly", GENERATED)], &[]),
        ]);
        assert_eq!(origin, Origin::Generated { program: Some("Firefly".into()) });
        assert_eq!(names, ["c2pa.cropped", CREATED]);
    }

    #[test]
    fn a_generated_component_makes_a_part_generated() {
        let (origin, _) = of(vec![
            told(
                vec![action("c2pa.placed", "", "")],
                &[(Relation::Parent, "c"), (Relation::Component, "b")],
            ),
            told(vec![action(CREATED, "Firefly", GENERATED)], &[]),
            told(vec![action(CREATED, "", "digitalCapture")], &[]),
        ]);
        assert_eq!(origin, Origin::PartlyGenerated { program: Some("Firefly".into()) });
    }

    #[test]
    fn a_manifest_that_tells_nothing_wraps_its_only_component() {
        let silent = |ingredients| told(vec![], ingredients);
        let generated = || told(vec![action(CREATED, "GPT-4o", GENERATED)], &[]);
        let whole = Origin::Generated { program: Some("GPT-4o".into()) };
        let wrapped = silent(&[(Relation::Component, "b")]);
        assert_eq!(of(vec![wrapped.clone(), generated()]).0, whole);
        let continued = silent(&[(Relation::Parent, "c")]);
        assert_eq!(of(vec![wrapped.clone(), continued, generated()]).0, whole);
        // Beside another picture, or after an action, it is a part.
        let beside = Told { others: 1, ..wrapped.clone() };
        let placed = told(vec![action("c2pa.placed", "", "")], &[(Relation::Component, "b")]);
        for outer in [beside, placed] {
            assert!(matches!(of(vec![outer, generated()]).0, Origin::PartlyGenerated { .. }));
        }
        // A camera's word is not passed on in this way.
        let taken = told(vec![action(CREATED, "", "digitalCapture")], &[]);
        assert_eq!(of(vec![wrapped, taken]).0, Origin::Unknown);
    }

    #[test]
    fn generative_fill_is_a_part() {
        let edit = action("c2pa.edited", "Photoshop", COMPOSITE);
        let (origin, _) = of(vec![told(vec![edit], &[])]);
        assert!(matches!(origin, Origin::PartlyGenerated { .. }));
    }

    #[test]
    fn a_capture_tells_how_it_was_edited() {
        let taken = action(CREATED, "", "digitalCapture");
        for (name, expected) in [
            ("c2pa.published", Edits::None),
            ("c2pa.cropped", Edits::Global),
            ("c2pa.drawing", Edits::Local),
            ("org.example.anything", Edits::Local),
        ] {
            let (origin, _) = of(vec![told(vec![taken.clone(), action(name, "", "")], &[])]);
            let term = "digitalCapture".to_owned();
            assert_eq!(origin, Origin::Captured { term, edits: expected }, "{name}");
        }
    }

    #[test]
    fn a_generator_by_name_generates_only_what_it_created() {
        let (created, _) = of(vec![told(vec![action(CREATED, "Bing Image Creator", "")], &[])]);
        assert!(matches!(created, Origin::Generated { .. }));
        let (edited, _) = of(vec![told(vec![action("c2pa.edited", "Adobe Firefly", "")], &[])]);
        assert_eq!(edited, Origin::Unknown);
    }

    #[test]
    fn an_algorithm_without_a_trained_model_is_not_called_ai() {
        let (origin, _) = of(vec![told(vec![action(CREATED, "x", "algorithmicMedia")], &[])]);
        assert_eq!(origin, Origin::Made { term: "algorithmicMedia".into() });
    }

    #[test]
    fn manifests_that_refer_to_each_other_end() {
        let (origin, _) = of(vec![
            told(vec![], &[(Relation::Parent, "b")]),
            told(vec![], &[(Relation::Parent, "a"), (Relation::Component, "b")]),
        ]);
        assert_eq!(origin, Origin::Unknown);
    }
}
