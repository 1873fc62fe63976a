// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which picture of one set of results is which of another: by the digests of the files, so that it does
//! not matter where they lay.

use std::collections::BTreeMap;

use crate::eval::manifest::Truth;
use crate::results::Under;

/// Files that are named in a refusal.
const NAMED: usize = 3;

/// Why two sets of results cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PairingError {
    /// Other pictures.
    #[error(
        "the results are not of the same pictures: {only_first} are in the first alone{first}, \
         {only_second} in the second alone{second}; evaluate one collection twice"
    )]
    Pictures {
        /// In the first alone.
        only_first: usize,
        /// Some of them.
        first: String,
        /// In the second alone.
        only_second: usize,
        /// Some of them.
        second: String,
    },
    /// One picture, two labels.
    #[error("{path} is {first} in the first results and {second} in the second")]
    Label {
        /// The picture, as the first names it.
        path: String,
        /// Its label there.
        first: &'static str,
        /// And in the second.
        second: &'static str,
    },
    /// Tiers.
    #[error("the results have no tier in common: {first} and {second}")]
    Tiers {
        /// Of the first.
        first: String,
        /// Of the second.
        second: String,
    },
    /// Series.
    #[error("there is no series `{name}` in the {which} results; there are {known}")]
    NoSeries {
        /// What was asked for.
        name: String,
        /// Where.
        which: &'static str,
        /// What is there.
        known: String,
    },
    /// Series that claim different things.
    #[error(
        "`{first}` is about {first_claim} and `{second}` about {second_claim}: only what claims the same can \
         be compared"
    )]
    Claims {
        /// The first series.
        first: String,
        /// What it tells from authentic pictures.
        first_claim: &'static str,
        /// The second series.
        second: String,
        /// What that tells.
        second_claim: &'static str,
    },
}

/// For each picture of the first its place in the second. Files that could not be read are in neither; of a
/// file that is there twice, the first is the first.
///
/// # Errors
/// When the pictures are not the same, or one of them has two labels.
pub fn places(first: &Under, second: &Under) -> Result<Vec<Option<usize>>, PairingError> {
    let mut by_digest: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, digest) in second.digests.iter().enumerate().rev() {
        if let Some(digest) = digest {
            by_digest.entry(digest).or_default().push(place);
        }
    }
    let path = |of: &Under, place: usize| {
        of.pictures
            .get(place)
            .map_or_else(String::new, |picture| picture.path.display().to_string())
    };
    let mut places = Vec::with_capacity(first.digests.len());
    let mut only_first = Vec::new();
    for (place, digest) in first.digests.iter().enumerate() {
        let other = digest.as_deref().and_then(|digest| by_digest.get_mut(digest)?.pop());
        if digest.is_some() && other.is_none() {
            only_first.push(path(first, place));
        }
        places.push(other);
    }
    let only_second: Vec<_> =
        by_digest.into_values().flatten().map(|place| path(second, place)).collect();
    if !only_first.is_empty() || !only_second.is_empty() {
        return Err(PairingError::Pictures {
            only_first: only_first.len(),
            first: some(&only_first),
            only_second: only_second.len(),
            second: some(&only_second),
        });
    }
    for (place, other) in places.iter().enumerate() {
        let truth = |of: &Under, place: usize| of.pictures.get(place).map(|picture| picture.truth);
        let truths = truth(first, place).zip(other.and_then(|other| truth(second, other)));
        if let Some((one, other)) = truths.filter(|(one, other)| one != other) {
            let (first_label, second_label) = (Truth::as_str(one), Truth::as_str(other));
            let path = path(first, place);
            return Err(PairingError::Label { path, first: first_label, second: second_label });
        }
    }
    Ok(places)
}

/// ` (a.jpg, b.jpg, …)`.
fn some(paths: &[String]) -> String {
    let named = paths.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match paths.len() {
        0 => String::new(),
        few if few <= NAMED => format!(" ({named})"),
        _ => format!(" ({named}, …)"),
    }
}
