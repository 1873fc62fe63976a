// SPDX-License-Identifier: MIT OR Apache-2.0
//! One detector of the ensemble: what its code is, what it is called, and where it runs.

use std::path::{Path, PathBuf};

use assay_plugin_api::descriptor::Kind;

use super::document::names::is_snake_case;
use super::document::reader::Reader;
use super::document::Content;
use super::surroundings::Surroundings;
use crate::plugin::Signer;

/// The libraries that come with the program, which run in its process unless told otherwise.
const SHIPPED: [&str; 6] = [
    "assay_gan",
    "assay_diffusion",
    "assay_noise",
    "assay_metadata",
    "assay_frequency",
    "assay_splicing",
];

/// Longest title, bytes: what fits into a line of a report.
const MAX_TITLE_BYTES: usize = 60;

/// One detector of the ensemble.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginSlot {
    /// Name in requests and policies: `splicing`.
    pub model: String,
    /// What is run.
    pub code: Code,
    /// Name in results; the detector's own where none is given.
    pub result_key: Option<String>,
    /// Name for a person; the detector's own where none is given.
    pub title: Option<String>,
    /// What a high score speaks for; the detector's own where none is given.
    pub kind: Option<Kind>,
    /// SHA-256 that the library or the script must have, lower-case hexadecimal.
    pub sha256: Option<String>,
    /// Who must have signed the library.
    pub signed_by: Option<Signer>,
    /// Where it runs.
    pub isolation: Isolation,
}

/// What a detector's code is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Code {
    /// Name of a library without the system's prefix and suffix, or a path.
    Library(String),
    /// A program that speaks the worker protocol.
    Script(Script),
}

/// A program that speaks the worker protocol, and what it may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The program and its arguments, as they are given to it.
    pub command: Vec<String>,
    /// The folder that it starts in: that of the configuration.
    pub folder: PathBuf,
    /// Files and folders that are part of it beside those that the command names.
    pub files: Vec<PathBuf>,
    /// Files and folders that it may read and that are no part of it.
    pub readable: Vec<PathBuf>,
}

/// Where foreign code runs, or code that meets foreign files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// In the host's process.
    None,
    /// In processes of their own.
    Process,
}

impl PluginSlot {
    /// Whether its library is one of those that come with the program.
    #[must_use]
    pub fn is_shipped(&self) -> bool {
        matches!(&self.code, Code::Library(library) if SHIPPED.contains(&library.as_str()))
    }

    /// Reads a `[[plugin]]` table; what is wrong goes to the reader's collector.
    pub(super) fn read(
        mut reader: Reader<'_>,
        of_all: Option<Isolation>,
        folder: &Path,
        here: &Surroundings,
    ) -> Self {
        let model = reader.required_text("model");
        let isolation = isolation(&mut reader).or(of_all);
        let (code, isolation) = match script(&mut reader, folder, here) {
            Some(script) => {
                if isolation == Some(Isolation::None) && reader.has("isolation") {
                    let message = "`isolation` of a `command` can only be \"process\" or \"auto\"";
                    reader.fault("isolation", message);
                }
                (Code::Script(script), Isolation::Process)
            }
            None => {
                let library = reader.required_text("library");
                let usual = match SHIPPED.contains(&library.as_str()) {
                    true => Isolation::None,
                    false => Isolation::Process,
                };
                let path = match library.contains(['/', '\\']) {
                    true => here.resolve(&library, folder).display().to_string(),
                    false => library,
                };
                (Code::Library(path), isolation.unwrap_or(usual))
            }
        };
        let signed_by = reader.text("signed_by").and_then(|text| {
            text.parse().map_err(|e| reader.fault("signed_by", format!("`signed_by`: {e}"))).ok()
        });
        if signed_by.is_some() && matches!(code, Code::Script(_)) {
            reader.fault("signed_by", "only libraries are signed; pin a `command` by `sha256`");
        }
        let kinds = [Kind::Generation, Kind::Manipulation, Kind::Provenance];
        let slot = Self {
            model,
            code,
            result_key: reader.text("result_key"),
            title: reader.text("title"),
            kind: reader.word("kind", &kinds.map(|kind| (kind.as_str(), kind))),
            sha256: reader.text("sha256").map(|digest| digest.to_lowercase()),
            signed_by,
            isolation,
        };
        for (key, value) in [("model", Some(&slot.model)), ("result_key", slot.result_key.as_ref())]
        {
            if value.is_some_and(|v| !v.is_empty() && (!is_snake_case(v) || v == "all")) {
                reader.fault(key, format!("`{key}` must be snake_case and not `all`"));
            }
        }
        let fits = |title: &String| !title.trim().is_empty() && title.len() <= MAX_TITLE_BYTES;
        if slot.title.as_ref().is_some_and(|title| !fits(title)) {
            reader.fault("title", format!("`title` must have 1 to {MAX_TITLE_BYTES} bytes"));
        }
        let is_digest = |d: &String| d.len() == 64 && d.chars().all(|c| c.is_ascii_hexdigit());
        if slot.sha256.as_ref().is_some_and(|digest| !is_digest(digest)) {
            reader.fault("sha256", "`sha256` must be 64 hexadecimal digits");
        }
        reader.finish();
        slot
    }
}

/// The script of a table that has a `command`.
fn script(reader: &mut Reader<'_>, folder: &Path, here: &Surroundings) -> Option<Script> {
    let nodes = reader.array("command");
    let is_script = reader.has("command");
    let mut command = Vec::new();
    for node in nodes {
        match &node.content {
            Content::Text(word) if !word.contains('\0') => command.push(word.clone()),
            _ => reader.wrong("command", node, "an array of texts"),
        }
    }
    let files = paths(reader, "files", folder, here);
    let readable = paths(reader, "readable", folder, here);
    if !is_script {
        for key in ["files", "readable"] {
            if reader.has(key) {
                reader.fault(key, format!("`{key}` is for a detector with a `command` only"));
            }
        }
        return None;
    }
    if command.first().is_none_or(String::is_empty) {
        reader.fault("command", "`command` must be a program and its arguments");
    }
    if reader.entry("library").is_some() {
        reader.fault("library", "give either `library` or `command`, not both");
    }
    Some(Script { command, folder: folder.into(), files, readable })
}

/// The value of `isolation`; none where it is left to the default of each.
pub(super) fn isolation(reader: &mut Reader<'_>) -> Option<Isolation> {
    let node = reader.node("isolation")?;
    match node.as_text() {
        Some("auto") => None,
        Some("none") => Some(Isolation::None),
        Some("process") => Some(Isolation::Process),
        _ => {
            reader.wrong("isolation", node, "\"auto\", \"none\" or \"process\"");
            None
        }
    }
}

/// The paths under a key.
pub(super) fn paths(
    reader: &mut Reader<'_>,
    key: &'static str,
    folder: &Path,
    here: &Surroundings,
) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for node in reader.array(key) {
        match &node.content {
            Content::Text(path) if !path.is_empty() => paths.push(here.resolve(path, folder)),
            _ => reader.wrong(key, node, "an array of paths"),
        }
    }
    paths
}
