// SPDX-License-Identifier: MIT OR Apache-2.0
//! Numbers of a policy that a person may try others for, and the policy that then lies over it: a file of its own
//! with what was changed and nothing else.

use std::fmt::Write as _;

use super::schema::{Hypothesis, Policy};

/// Weights and biases that are tried, log-odds; the schema allows more.
const TRIED_LOG_ODDS: (f64, f64) = (-5.0, 5.0);
const UNIT: (f64, f64) = (0.0, 1.0);

/// One number of a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Knob {
    /// Its key, dotted: `fusion.manipulated.weights.splicing`.
    pub path: String,
    /// What it is, beside others of its group.
    pub title: String,
    /// What the group is about.
    pub group: &'static str,
    /// The range that is worth trying; other values that the schema allows are right too.
    pub range: (f64, f64),
    /// What the policy says.
    pub value: f64,
}

/// The numbers of a policy for detectors by their model keys: weights, thresholds and bands, in the order of a
/// page.
#[must_use]
pub fn knobs(policy: &Policy, models: &[&str]) -> Vec<Knob> {
    let mut knobs = Vec::new();
    let mut add = |path: String, title: &str, group, range, value| {
        knobs.push(Knob { path, title: title.to_owned(), group, range, value });
    };
    let verdict = &policy.verdict;
    let group = "Verdict thresholds";
    add("verdict.ai_generated".into(), "AI_GENERATED from", group, UNIT, verdict.ai_generated);
    add("verdict.manipulated".into(), "MANIPULATED from", group, UNIT, verdict.manipulated);
    add("verdict.authentic_below".into(), "AUTHENTIC below", group, UNIT, verdict.authentic_below);
    let group = "Risk bands";
    add("risk.medium".into(), "MEDIUM from", group, UNIT, policy.risk.medium);
    add("risk.high".into(), "HIGH above", group, UNIT, policy.risk.high);
    for hypothesis in Hypothesis::ALL {
        let (name, group) = match hypothesis {
            Hypothesis::AiGenerated => ("ai_generated", "Weights: AI_GENERATED"),
            Hypothesis::Manipulated => ("manipulated", "Weights: MANIPULATED"),
        };
        let fusion = policy.fusion.of(hypothesis);
        add(format!("fusion.{name}.bias"), "bias", group, TRIED_LOG_ODDS, fusion.bias);
        for model in models {
            let weight = fusion.weights.get(*model).copied().unwrap_or(0.0);
            add(format!("fusion.{name}.weights.{model}"), model, group, TRIED_LOG_ODDS, weight);
        }
    }
    let group = "Detectors' own labels";
    for model in models {
        let detector = policy.detector(model);
        let title = format!("{model}: positive from");
        add(format!("detectors.{model}.threshold"), &title, group, UNIT, detector.threshold);
        let title = format!("{model}: AUTHENTIC below");
        add(format!("detectors.{model}.clear_below"), &title, group, UNIT, detector.clear_below);
    }
    knobs
}

/// The text of a policy of a name that lies over another and changes these keys. Whether it makes sense tells
/// who reads it.
#[must_use]
pub fn overlay(base: &Policy, name: &str, changed: &[(&str, f64)]) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let mut text = format!(
        "# Over {} {} ({}).\nname = {}\nversion = \"1\"\nextends = {}\n",
        base.name,
        one_line(&base.version),
        base.digest(),
        quoted(name),
        quoted(&base.name)
    );
    for (path, value) in changed {
        // Writing to a text cannot fail. `{:?}` is the shortest form that reads back the same.
        let _ = writeln!(text, "{path} = {value:?}");
    }
    text
}

/// What may stand in a comment.
fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Policy {
        Policy::load("default", &[]).unwrap()
    }

    #[test]
    fn what_is_changed_stands_in_the_file_and_all_else_is_inherited() {
        let base = base();
        let changed =
            [("verdict.manipulated", 0.55), ("fusion.manipulated.weights.splicing", 1.25)];
        let text = overlay(&base, "ours", &changed);
        let made = Policy::parse(&text, "ours.toml").unwrap();
        assert_eq!((made.name.as_str(), made.verdict.manipulated), ("ours", 0.55));
        assert_eq!(made.fusion.manipulated.weights["splicing"], 1.25);
        assert_eq!(made.verdict.ai_generated, base.verdict.ai_generated);
        assert_eq!(text.lines().count(), 6);
    }

    #[test]
    fn every_number_reads_back_from_its_key() {
        let base = base();
        let models = ["gan", "splicing"];
        for Knob { path, value, .. } in knobs(&base, &models) {
            let other = if value > 0.5 { value - 0.001 } else { value + 0.001 };
            let made = Policy::parse(&overlay(&base, "ours", &[(&path, other)]), "ours.toml");
            let made = made.unwrap_or_else(|error| panic!("{path}: {error}"));
            let read = knobs(&made, &models).into_iter().find(|knob| knob.path == path).unwrap();
            assert_eq!(read.value, other, "{path}");
        }
    }

    #[test]
    fn a_name_that_is_none_is_an_error_and_breaks_nothing() {
        for name in ["Not Kebab", "a\"\nfusion = 1\nb = \"", ""] {
            assert!(Policy::parse(&overlay(&base(), name, &[]), "ours.toml").is_err(), "{name}");
        }
    }
}
