// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay policy put|withdraw|list`: policies that are in force on every host of one database.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use jiff::Timestamp;

use super::stored::Stored;
use super::{exit, setup, CommandError};
use crate::analysis::Pool;
use crate::api::{KeptFolder, Policies, PolicySources};
use crate::config::document::read_text;
use crate::config::Settings;
use crate::policy::Policy;
use crate::store::{KeptPolicy, Store};
use crate::view::RequestId;

/// Who changes policies here.
const ACTOR: &str = "cli";

/// Puts the policy of a file into force, if all policies together are right with it.
pub(super) fn put(
    file: &Path,
    stored: &Stored,
    config: Option<&Path>,
) -> Result<ExitCode, CommandError> {
    let settings = setup::settings(config)?;
    let text = read_text(file).map_err(|e| format!("{}: cannot be read: {e}", file.display()))?;
    on_store(stored, &settings, async |store| {
        let (_, mut kept) = store.kept_policies().await?;
        let policy = parse(&text, file, &settings, &kept)?;
        let put = KeptPolicy {
            name: policy.name.clone(),
            text: text.clone(),
            digest: policy.digest().to_owned(),
            put_at: Timestamp::now().as_second(),
        };
        kept.retain(|other| other.name != put.name);
        kept.push(put.clone());
        try_all(&settings, &kept)?;
        store.put_policy(&put, ACTOR).await?;
        writeln!(anstream::stdout(), "{} {} {}", policy.name, policy.version, policy.digest())?;
        Ok(ExitCode::SUCCESS)
    })
}

/// Takes a policy out of force, if the others are right without it.
pub(super) fn withdraw(
    name: &str,
    stored: &Stored,
    config: Option<&Path>,
) -> Result<ExitCode, CommandError> {
    let settings = setup::settings(config)?;
    on_store(stored, &settings, async |store| {
        let (_, mut kept) = store.kept_policies().await?;
        if !kept.iter().any(|policy| policy.name == name) {
            let names: Vec<_> = kept.iter().map(|policy| policy.name.as_str()).collect();
            anstream::eprintln!(
                "error: the database has no policy `{name}`; it has: {}",
                names.join(", ")
            );
            return Ok(ExitCode::from(exit::INPUT_FAILED));
        }
        kept.retain(|policy| policy.name != name);
        try_all(&settings, &kept)?;
        store.withdraw_policy(name, ACTOR).await?;
        Ok(ExitCode::SUCCESS)
    })
}

/// Lists the policies of the database: name, when it was put, digest.
pub(super) fn list(stored: &Stored, config: Option<&Path>) -> Result<ExitCode, CommandError> {
    let settings = setup::settings(config)?;
    on_store(stored, &settings, async |store| {
        let mut out = anstream::stdout();
        for KeptPolicy { name, digest, put_at, .. } in store.kept_policies().await?.1 {
            let at = Timestamp::from_second(put_at)?;
            writeln!(out, "{name:24} {at} {digest}")?;
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn on_store(
    stored: &Stored,
    settings: &Settings,
    act: impl AsyncFnOnce(&Store) -> Result<ExitCode, CommandError>,
) -> Result<ExitCode, CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = stored.open(settings).await?;
        act(&store).await
    })
}

/// A folder that nobody else has, and that is gone when it is dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> std::io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("assay-policies-{}", RequestId::random()?));
        std::fs::create_dir(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left of it is the system's to remove.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Policies of a database that are looked for beside those of files as long as this is held.
pub(super) struct Beside {
    _folder: KeptFolder,
    _scratch: Scratch,
}

impl Beside {
    /// Has them looked for first.
    pub(super) fn of(kept: &[KeptPolicy], settings: &mut Settings) -> Result<Self, CommandError> {
        let scratch = Scratch::new()?;
        let folder = KeptFolder::of(&scratch.0, "kept", kept)?;
        settings.policy_search.insert(0, folder.path().to_owned());
        Ok(Self { _folder: folder, _scratch: scratch })
    }
}

/// Reads a text that may extend policies of the database.
fn parse(
    text: &str,
    file: &Path,
    settings: &Settings,
    kept: &[KeptPolicy],
) -> Result<Policy, CommandError> {
    let mut settings = settings.clone();
    let _beside = Beside::of(kept, &mut settings)?;
    Ok(Policy::parse_in(text, &file.display().to_string(), &settings.policy_search)?)
}

/// Makes all policies with their detectors, as a server does.
fn try_all(settings: &Settings, kept: &[KeptPolicy]) -> Result<(), CommandError> {
    let scratch = Scratch::new()?;
    let sources = PolicySources {
        default: "default".into(),
        kept: scratch.0.clone(),
        search: settings.policy_search.clone(),
        plans: settings.plans.clone(),
    };
    Policies::new(settings.clone(), Arc::new(Pool::new(1)?), sources, (0, kept))?;
    Ok(())
}
