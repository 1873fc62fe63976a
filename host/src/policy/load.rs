// SPDX-License-Identifier: MIT OR Apache-2.0
//! From a name or a file to a policy, the policies that it extends included.

use std::path::{Path, PathBuf};

use super::error::PolicyError;
use super::schema::Policy;
use super::{check, digest, read, shipped};
use crate::config::document::fault::{known_names, Fault, Faults};
use crate::config::document::names::is_kebab_case;
use crate::config::document::overlay::overlay;
use crate::config::document::reader::Collector;
use crate::config::document::{read_text, Content, Node, Place};

/// Longest chain of policies that extend one another.
const MAX_CHAIN: usize = 8;

/// Arrays of tables that an overlay joins by name.
const KEYED_ARRAYS: [&str; 1] = ["rule"];

impl Policy {
    /// Reads a policy from its text; it may extend the shipped ones. `file_name` is for messages.
    ///
    /// # Errors
    /// Everything that is wrong in it, each with file, line, column, what was expected.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, PolicyError> {
        from_text(text, file_name, &[])
    }

    /// The same; what it extends is looked for in `folders` first.
    ///
    /// # Errors
    /// As [`Policy::parse`], and when a file that it extends cannot be read.
    pub fn parse_in(text: &str, file_name: &str, folders: &[PathBuf]) -> Result<Self, PolicyError> {
        from_text(text, file_name, folders)
    }

    /// Reads the policy of a name, or of a file where `name_or_path` ends in `.toml` or has a path
    /// separator. A name is looked for as `<name>.toml` in `folders`, in their order, then among the
    /// shipped policies. So is what the policy extends.
    ///
    /// # Errors
    /// When there is no such policy, the file cannot be read, or something in it is wrong.
    pub fn load(name_or_path: &str, folders: &[PathBuf]) -> Result<Self, PolicyError> {
        let is_path = name_or_path.ends_with(".toml") || name_or_path.contains(['/', '\\']);
        let (text, file_name) = match is_path {
            true => (read_file(Path::new(name_or_path))?, name_or_path.to_owned()),
            false => find(name_or_path, folders)?.ok_or_else(|| unknown(name_or_path, folders))?,
        };
        from_text(&text, &file_name, folders)
    }
}

fn from_text(text: &str, file_name: &str, folders: &[PathBuf]) -> Result<Policy, PolicyError> {
    let collector = Collector::default();
    let top = Node::parse(text, file_name).map_err(Faults::from)?;
    let merged = extend(top, folders, &mut Vec::new(), &collector)?;
    let mut policy = read::policy(&merged, &collector);
    // Before that the policy has defaults where values are wrong, and those would be blamed.
    if collector.is_empty() {
        check::sense(&policy, &collector);
    }
    match digest::digest_of(&policy) {
        Ok(digest) => policy.digest = digest,
        Err(error) => {
            let message = format!("has no canonical form: {error}");
            collector.push(Fault::new(merged.place, message));
        }
    }
    Ok(collector.finish(policy)?)
}

/// Lays a document over what it extends. `chain` has the names from the top down to it.
fn extend(
    layer: Node,
    folders: &[PathBuf],
    chain: &mut Vec<String>,
    collector: &Collector,
) -> Result<Node, PolicyError> {
    read::check_head(&layer, collector);
    let Some((name, place)) = extended(&layer) else { return Ok(layer) };
    if chain.contains(&name) || chain.len() >= MAX_CHAIN {
        let path = chain.join(" -> ");
        let message = format!("`extends` must come to an end, found {path} -> {name}");
        return Err(Faults::from(Fault::new(place, message)).into());
    }
    let Some((text, file_name)) = find(&name, folders)? else {
        let fault = Fault::unknown_name(place, "policy", &name, "", &shipped::names());
        return Err(Faults::from(fault).into());
    };
    chain.push(name);
    let lower = Node::parse(&text, &file_name).map_err(Faults::from)?;
    let mut lower = extend(lower, folders, chain, collector)?;
    if let Content::Table(table) = &mut lower.content {
        // The numbers that the upper layer changes were not fitted to anything.
        table.remove("calibrated");
    }
    Ok(overlay(lower, layer, &KEYED_ARRAYS))
}

/// The name in a document's `extends`, and its place.
fn extended(layer: &Node) -> Option<(String, Place)> {
    let node = &layer.as_table()?.get("extends")?.node;
    node.as_text().map(|name| (name.to_owned(), node.place.clone()))
}

/// Text and file name of the policy of a name; `None` when there is none.
fn find(name: &str, folders: &[PathBuf]) -> Result<Option<(String, String)>, PolicyError> {
    let paths = folders.iter().map(|folder| folder.join(format!("{name}.toml")));
    let found = is_kebab_case(name).then_some(paths).into_iter().flatten();
    if let Some(path) = found.into_iter().find(|path| path.is_file()) {
        return Ok(Some((read_file(&path)?, path.display().to_string())));
    }
    Ok(shipped::shipped(name).map(|text| (text.to_owned(), format!("<shipped>/{name}.toml"))))
}

fn read_file(path: &Path) -> Result<String, PolicyError> {
    read_text(path).map_err(|source| PolicyError::Unreadable { path: path.into(), source })
}

fn unknown(name: &str, folders: &[PathBuf]) -> PolicyError {
    let folders: Vec<_> = folders.iter().map(|folder| folder.display().to_string()).collect();
    PolicyError::Unknown {
        name: name.chars().take(64).collect(),
        searched: if folders.is_empty() { "no folder".into() } else { folders.join(", ") },
        hint: known_names(name, &shipped::names()),
    }
}
