// SPDX-License-Identifier: MIT OR Apache-2.0
//! The manifests of a store as a tree: the picture's own, and within it those of the pictures that it was
//! made from. Who wrote and signed them and what was done; never what they say of persons and places, nor
//! the names of files.

use c2pa::{Manifest, Reader, Relationship};
use serde_json::{json, Value};

use crate::text::shown;

/// Most manifests of a tree: what it takes as JSON stays far below an attribute's 64 kB.
const MAX_MANIFESTS: usize = 24;
/// Most levels of a tree. A store may name a manifest within itself.
const MAX_DEPTH: usize = 8;
/// Most actions of one manifest.
const MAX_ACTIONS: usize = 12;

/// The tree as JSON; `actions` gives the names of a manifest's actions.
pub(super) fn chain(
    reader: &Reader,
    active: &Manifest,
    actions: impl Fn(&Manifest) -> Vec<String>,
) -> String {
    let mut left = MAX_MANIFESTS;
    node(reader, active, "active", &actions, MAX_DEPTH, &mut left).to_string()
}

fn node(
    reader: &Reader,
    manifest: &Manifest,
    relation: &str,
    actions: &impl Fn(&Manifest) -> Vec<String>,
    depth: usize,
    left: &mut usize,
) -> Value {
    *left = left.saturating_sub(1);
    let mut ingredients = Vec::new();
    for ingredient in manifest.ingredients() {
        if *left == 0 || depth == 0 {
            break;
        }
        let relation = match ingredient.relationship() {
            Relationship::ParentOf => "parent",
            Relationship::ComponentOf => "component",
            Relationship::InputTo => "input",
        };
        let within = ingredient.active_manifest().and_then(|label| reader.get_manifest(label));
        ingredients.push(match within {
            Some(within) => node(reader, within, relation, actions, depth - 1, left),
            None => {
                *left -= 1;
                json!({ "relation": relation })
            }
        });
    }
    let mut actions = actions(manifest);
    actions.truncate(MAX_ACTIONS);
    json!({
        "relation": relation,
        "issuer": manifest.issuer().map(|name| shown(&name)),
        "signed_at": manifest.time().map(|time| shown(&time)),
        "generator": super::read::generator(manifest),
        "actions": actions,
        "ingredients": ingredients,
    })
}
