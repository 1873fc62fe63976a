// SPDX-License-Identifier: MIT OR Apache-2.0
//! The settings of one installation, from `assay.toml`.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use super::document::fault::{Fault, Faults};
use super::document::reader::{Collector, Reader};
use super::document::{read_text, Node};
pub use super::limits::Limits;
pub use super::plans::{Allowance, Plans};
pub use super::service::Service;
use super::slot::{isolation, paths};
pub use super::slot::{Code, Isolation, PluginSlot, Script};
pub use super::surroundings::Surroundings;
use crate::depot::Location;
use crate::store::DatabaseUrl;
use crate::worker::WorkerSettings;

/// The configuration that the binary carries.
pub const BUILT_IN: &str = include_str!("../../../config/assay.toml");

/// Where the configuration is looked for in the working folder.
pub const USUAL_PATH: &str = "config/assay.toml";

/// How long answers are kept unless told otherwise: a day.
const USUAL_CACHE_SECONDS: u32 = 86_400;

/// What a detector's worker may be allowed of memory, MiB.
const MEMORY_MEGABYTES: RangeInclusive<u64> = 64..=1 << 20;

/// How long decoding one file may take unless told otherwise, ms.
const USUAL_DECODE_TIMEOUT_MS: u64 = 30_000;

/// How long it may be allowed to take, ms: ten minutes.
const MAX_DECODE_TIMEOUT_MS: u64 = 600_000;

/// Most threads that a pool may have.
const MAX_THREADS: u64 = 1024;

/// The settings of one installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The file that they are from; none for the built-in ones.
    pub file: Option<PathBuf>,
    /// Folders in which libraries are looked for, in order.
    pub plugin_search: Vec<PathBuf>,
    /// The detectors, in the order of results.
    pub plugins: Vec<PluginSlot>,
    /// How workers are started.
    pub workers: WorkerSettings,
    /// Where files are decoded; none where it is left to the command.
    pub decoder: Option<Isolation>,
    /// How long decoding one file may take in a process of its own, ms.
    pub decode_timeout_ms: u64,
    /// Folders in which policies are looked for before the shipped ones, in order.
    pub policy_search: Vec<PathBuf>,
    /// Threads that run detectors; 0 for as many as the machine has cores.
    pub pool_threads: usize,
    /// What is refused before it is decoded.
    pub limits: Limits,
    /// How long the server keeps answers for identical requests, s; 0 keeps none.
    pub cache_seconds: u32,
    /// What organisations may do.
    pub plans: Plans,
    /// Where images wait for their job; none for the data directory.
    pub blobs: Option<Location>,
    /// How the server works.
    pub service: Service,
    /// The database on a server, in the place of the one in the data directory.
    pub database: Option<DatabaseUrl>,
}

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The text is wrong.
    #[error("{faults}")]
    Invalid {
        /// Everything that is wrong.
        faults: Faults,
    },
    /// The file cannot be read.
    #[error("cannot read the configuration {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl From<Faults> for SettingsError {
    fn from(faults: Faults) -> Self {
        Self::Invalid { faults }
    }
}

impl Settings {
    /// Reads the file `chosen`, else `config/assay.toml` of the working folder, else the built-in
    /// configuration.
    ///
    /// # Errors
    /// When the file cannot be read, or everything that is wrong in it. A wrong or missing chosen
    /// file is never passed over for the next one.
    pub fn load(chosen: Option<&Path>) -> Result<Self, SettingsError> {
        Self::load_in(chosen, &Surroundings::of_process())
    }

    /// [`Self::load`] from given surroundings.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_in(chosen: Option<&Path>, here: &Surroundings) -> Result<Self, SettingsError> {
        let usual = here.working_folder.join(USUAL_PATH);
        let path = match chosen {
            Some(path) => here.working_folder.join(path),
            None if usual.is_file() => usual,
            None => return Self::parse(BUILT_IN, None, here),
        };
        let text = read_text(&path)
            .map_err(|source| SettingsError::Unreadable { path: path.clone(), source })?;
        Self::parse(&text, Some(&path), here)
    }

    /// Reads a text; `file` is where it is from. Relative paths in it start at the file's folder,
    /// those of the built-in configuration at the working folder.
    ///
    /// # Errors
    /// Everything that is wrong, each with file, line, column, what was expected.
    pub fn parse(
        text: &str,
        file: Option<&Path>,
        here: &Surroundings,
    ) -> Result<Self, SettingsError> {
        let name = file.map_or("<built-in>/assay.toml".into(), |file| file.display().to_string());
        let root = Node::parse(text, &name).map_err(Faults::from)?;
        let folder = file.and_then(Path::parent).unwrap_or(&here.working_folder);
        let collector = Collector::default();
        let mut settings = Self {
            file: file.map(Path::to_path_buf),
            plugin_search: Vec::new(),
            plugins: Vec::new(),
            workers: WorkerSettings::default(),
            decoder: None,
            decode_timeout_ms: USUAL_DECODE_TIMEOUT_MS,
            policy_search: file.map(|_| folder.join("policies")).into_iter().collect(),
            pool_threads: 0,
            limits: Limits::default(),
            cache_seconds: USUAL_CACHE_SECONDS,
            plans: Plans::default(),
            blobs: None,
            service: Service::default(),
            database: None,
        };
        let mut reader = Reader::root(&root, &collector);
        settings.blobs = reader.text("blobs").and_then(|text| {
            let folder = folder.to_path_buf();
            Location::parse(&text, &folder)
                .map_err(|e| reader.fault("blobs", format!("`blobs`: {e}")))
                .ok()
        });
        settings.service = Service::read(&mut reader);
        settings.database = reader.text("database").map(DatabaseUrl::new);
        let plugins = reader.table("plugins");
        let isolation = plugins.and_then(|reader| settings.read_plugins(reader, folder, here));
        if let Some(reader) = reader.table("decoder") {
            settings.read_decoder(reader);
        }
        if let Some(mut reader) = reader.table("policies") {
            if reader.has("search") {
                settings.policy_search = paths(&mut reader, "search", folder, here);
            }
            reader.finish();
        }
        if let Some(mut reader) = reader.table("pool") {
            let threads = reader.whole("threads", 0..=MAX_THREADS).unwrap_or(0);
            settings.pool_threads = usize::try_from(threads).unwrap_or(0);
            reader.finish();
        }
        if let Some(reader) = reader.table("limits") {
            settings.limits = Limits::read(reader);
        }
        if let Some(mut reader) = reader.table("cache") {
            let seconds = reader.whole("seconds", 0..=u64::from(u32::MAX)).map(u32::try_from);
            settings.cache_seconds = seconds.and_then(Result::ok).unwrap_or(USUAL_CACHE_SECONDS);
            reader.finish();
        }
        if let Some(reader) = reader.table("plans") {
            settings.plans.read(reader);
        }
        for node in reader.array("organisation") {
            settings.plans.read_organisation(node, &collector);
        }
        for node in reader.array("plugin") {
            if let Some(reader) = Reader::new(node, "plugin", &collector) {
                let slot = PluginSlot::read(reader, isolation, folder, here);
                settings.take(slot, node, &collector);
            }
        }
        if settings.plugins.is_empty() {
            reader.missing("plugin", "at least one [[plugin]] table");
        }
        reader.finish();
        Ok(collector.finish(settings)?)
    }

    fn read_plugins(
        &mut self,
        mut reader: Reader<'_>,
        folder: &Path,
        here: &Surroundings,
    ) -> Option<Isolation> {
        self.plugin_search = paths(&mut reader, "search", folder, here);
        let isolation = isolation(&mut reader);
        let megabytes = reader.whole("memory_megabytes", MEMORY_MEGABYTES);
        if let Some(megabytes) = megabytes {
            self.workers.memory_bytes = megabytes << 20;
        }
        reader.finish();
        isolation
    }

    fn read_decoder(&mut self, mut reader: Reader<'_>) {
        self.decoder = isolation(&mut reader);
        let timeout = reader.whole("timeout_ms", 1..=MAX_DECODE_TIMEOUT_MS);
        self.decode_timeout_ms = timeout.unwrap_or(USUAL_DECODE_TIMEOUT_MS);
        reader.finish();
    }

    /// Takes a detector whose model is no other's.
    fn take(&mut self, slot: PluginSlot, node: &Node, collector: &Collector) {
        if self.plugins.iter().any(|other| other.model == slot.model) && !slot.model.is_empty() {
            let message = format!("`{}` is the model of another [[plugin]] already", slot.model);
            let place = node.as_table().and_then(|table| table.get("model"));
            let place = place.map_or(&node.place, |entry| &entry.node.place);
            collector.push(Fault::new(place.clone(), message));
        }
        self.plugins.push(slot);
    }
}
