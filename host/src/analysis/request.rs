// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is asked of one analysis.

use super::claimed_at::ClaimedAt;

/// The model key of the detector that `options.metadata_analysis` switches.
const METADATA_MODEL: &str = "metadata";

/// Which detectors to run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Models {
    /// Every detector that the policy enables.
    #[default]
    All,
    /// These, by model key.
    Named(Vec<String>),
}

/// What is asked of one analysis; checked against the detectors by [`super::Analyser::analyse`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnalysisRequest {
    /// Which detectors to run.
    pub models: Models,
    /// Whether the metadata detector may run.
    pub metadata_analysis: bool,
    /// When the picture is said to have been taken.
    pub claimed_at: Option<ClaimedAt>,
}

impl Default for AnalysisRequest {
    fn default() -> Self {
        Self { models: Models::All, metadata_analysis: true, claimed_at: None }
    }
}

/// A request that no ensemble can be formed for.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestError {
    /// A model that is not there.
    #[error("unknown model \"{name}\"{}; known: all, {}", hint(nearest.as_deref()), known.join(", "))]
    UnknownModel {
        /// As it was asked for.
        name: String,
        /// The known name most like it.
        nearest: Option<String>,
        /// All known names.
        known: Vec<String>,
    },
    /// `metadata` was asked for and switched off.
    #[error("\"metadata\" is asked for in models and switched off by metadata_analysis; drop one")]
    MetadataContradiction,
    /// Nothing is left to run.
    #[error("no detector is left to run; name at least one of: {}", known.join(", "))]
    NoModels {
        /// All known names.
        known: Vec<String>,
    },
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!(", did you mean \"{name}\"?"))
}

impl AnalysisRequest {
    /// Which of `known` model keys the request runs, as positions in it.
    ///
    /// # Errors
    /// When a name is unknown, `metadata` is both asked for and switched off, or nothing is left.
    pub fn choose(&self, known: &[&str]) -> Result<Vec<usize>, RequestError> {
        let owned = || known.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let names = match &self.models {
            Models::All => None,
            Models::Named(names) if names.iter().any(|name| name == "all") => None,
            Models::Named(names) => Some(names),
        };
        for name in names.into_iter().flatten() {
            if !known.contains(&name.as_str()) {
                let nearest = nearest(name, known);
                return Err(RequestError::UnknownModel {
                    name: name.clone(),
                    nearest,
                    known: owned(),
                });
            }
        }
        let names_metadata = names.is_some_and(|names| names.iter().any(|n| n == METADATA_MODEL));
        if names_metadata && !self.metadata_analysis {
            return Err(RequestError::MetadataContradiction);
        }
        let wanted = |model: &str| {
            names.is_none_or(|names| names.iter().any(|name| name == model))
                && (self.metadata_analysis || model != METADATA_MODEL)
        };
        let chosen: Vec<_> = (0..known.len()).filter(|&i| wanted(known[i])).collect();
        if chosen.is_empty() {
            return Err(RequestError::NoModels { known: owned() });
        }
        Ok(chosen)
    }
}

/// Similarity from which a name counts as a slip of another, 0..=1 (Jaro-Winkler).
const LIKE: f64 = 0.75;

fn nearest(name: &str, known: &[&str]) -> Option<String> {
    let likeness = |other: &&&str| strsim::jaro_winkler(name, other);
    let best = known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(&best) >= LIKE).then(|| (*best).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 3] = ["gan", "metadata", "splicing"];

    fn request(models: &[&str], metadata_analysis: bool) -> AnalysisRequest {
        let models = Models::Named(models.iter().map(|&m| m.into()).collect());
        AnalysisRequest { models, metadata_analysis, claimed_at: None }
    }

    #[test]
    fn all_runs_everything_but_switched_off_metadata() {
        assert_eq!(AnalysisRequest::default().choose(&KNOWN).unwrap(), [0, 1, 2]);
        assert_eq!(request(&["all"], true).choose(&KNOWN).unwrap(), [0, 1, 2]);
        let without = AnalysisRequest { metadata_analysis: false, ..AnalysisRequest::default() };
        assert_eq!(without.choose(&KNOWN).unwrap(), [0, 2]);
    }

    #[test]
    fn subset_runs_in_the_configured_order_once_each() {
        let chosen = request(&["splicing", "gan", "gan"], true).choose(&KNOWN).unwrap();
        assert_eq!(chosen, [0, 2]);
    }

    #[test]
    fn unknown_model_is_named_with_the_nearest_and_all_known() {
        let error = request(&["splicin"], true).choose(&KNOWN).unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown model \"splicin\", did you mean \"splicing\"?; known: all, gan, metadata, splicing"
        );
    }

    #[test]
    fn naming_metadata_while_switching_it_off_is_a_contradiction() {
        let error = request(&["gan", "metadata"], false).choose(&KNOWN).unwrap_err();
        assert_eq!(error, RequestError::MetadataContradiction);
    }

    #[test]
    fn empty_choice_is_refused() {
        assert!(matches!(request(&[], true).choose(&KNOWN), Err(RequestError::NoModels { .. })));
    }
}
