// SPDX-License-Identifier: MIT OR Apache-2.0
//! What outlives a request: one SQLite file in the data directory, or a database on a PostgreSQL server that
//! several hosts share. SQL lives here and nowhere else.
//!
//! Several processes may have either open: servers, and commands that administrate them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sqlx::migrate::MigrateError;

mod analyses;
mod audit;
mod chain;
mod claims;
mod deliveries;
mod derivations;
mod engine;
mod fingerprints;
mod first_answers;
mod generation;
mod given_verdicts;
mod guesses;
mod host_turns;
mod hosts;
mod jobs;
mod key_text;
mod key_words;
mod keys;
mod location;
mod migrations;
mod minutes;
mod notices;
mod overviews;
mod policies;
mod queue;
mod repeats;
mod results;
mod search;
mod secrets;
mod sessions;
mod standing;
mod stored_analysis;
mod trouble;
mod turns;
mod usage;

pub use analyses::{Kept, NewAnalysis};
pub use audit::AuditEntry;
pub use chain::{Broken, Chain, Hash, LogEntry};
pub use claims::{ClaimImage, DueClaim};
pub use deliveries::{Attempt, Delivery, DueDelivery, NewDelivery, Next};
pub use derivations::StoredDerivation;
pub use fingerprints::{KnownPicture, LookUp};
pub use first_answers::{FirstAnswer, Remembered};
pub use given_verdicts::GivenVerdict;
pub use hosts::Released;
pub use key_text::region_of;
pub use key_words::{Environment, Plan, Scope};
pub use keys::{ApiKey, KeyRequest, NewKey, OVERLAP_SECONDS};
pub use location::{DatabaseUrl, Location};
pub use minutes::Counted;
pub use notices::Notice;
pub use overviews::{BatchEntry, Receiver};
pub use policies::KeptPolicy;
pub use queue::{
    Batch, BatchItem, BatchStanding, Hold, Job, JobEnd, JobQueue, JobStanding, NewJob, NewJobs,
};
pub use repeats::Repeat;
pub use results::KeptResult;
pub use search::{Behind, FoundAnalysis, Wanted};
pub use secrets::WebhookSecrets;
pub use sessions::{Session, SessionAge};
pub use standing::Standing;
pub use stored_analysis::StoredAnalysis;
pub use trouble::{of_file, Trouble};
pub use usage::Charge;

/// Held in the data directory by the process that opens the database.
const LOCK: &str = "open.lock";
/// Keys that are kept in memory.
const KNOWN_KEYS: u64 = 10_000;
/// How long a key is kept in memory at most, even if nothing says that keys have changed.
const KNOWN_FOR: Duration = Duration::from_secs(5);

use engine::{File, Pool, Server};
use generation::Generation;
use location::Place;
use repeats::Waiting;

/// The database of one installation.
#[derive(Clone, Debug)]
pub struct Store {
    pool: Pool,
    /// One connection that does not wait for the disk.
    light: Pool,
    /// One that does not wait long.
    trial: Pool,
    waiting: Arc<Mutex<Waiting>>,
    generation: Generation,
    /// Where what other hosts tell is heard; none for a file.
    server: Option<Server>,
    /// Keys that were asked for, by the digest of their text, with the generation that they are of.
    known_keys: moka::sync::Cache<[u8; 32], (Arc<ApiKey>, u64)>,
}

/// Why the database did not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The data directory cannot be made, or not be written.
    #[error("{}: cannot be made or written: {source}; choose another with --data", folder.display())]
    Folder {
        /// The directory.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The URL of the database is none.
    #[error(
        "the database's URL cannot be used: {reason}; it must be like postgres://user@host/name"
    )]
    Url {
        /// What is wrong with it.
        reason: String,
    },
    /// The database cannot be opened.
    #[error("{database}: cannot be opened: {source}; {}", database.advice())]
    Open {
        /// The database.
        database: Location,
        /// Why.
        source: sqlx::Error,
    },
    /// There is no database yet.
    #[error(
        "{database}: there is no database; `assay keys create` or `assay serve` makes it, --data names another \
         directory, --database a server"
    )]
    Missing {
        /// The database.
        database: Location,
    },
    /// What is there is no database of this version, or of a later one.
    #[error("{database}: cannot be brought to this version: {source}")]
    Migrate {
        /// The database.
        database: Location,
        /// Why.
        source: sqlx::migrate::MigrateError,
    },
    /// The database refused.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The system has no random numbers.
    #[error("no random numbers can be had: {0}")]
    Random(std::io::Error),
    /// No key has this name.
    #[error("no key `{id}`; `assay keys list` shows all")]
    NoSuchKey {
        /// The name.
        id: String,
    },
    /// The key has been revoked or has expired.
    #[error("key `{id}` is {state}; create another")]
    KeyIsOver {
        /// The name.
        id: String,
        /// `revoked` or `expired`.
        state: &'static str,
    },
    /// No organisation has this name.
    #[error("no organisation `{name}`; `assay keys create --org` makes one")]
    NoSuchOrganisation {
        /// The name.
        name: String,
    },
    /// The file that tells of changed keys cannot be written.
    #[error("the data directory cannot be written: {0}")]
    Generation(std::io::Error),
    /// The organisation is there with another plan.
    #[error("organisation `{name}` has the plan {has}, not {asked}")]
    OtherPlan {
        /// The organisation.
        name: String,
        /// Its plan.
        has: Plan,
        /// The plan that was asked for.
        asked: Plan,
    },
    /// More images than the organisation has left of its day.
    #[error("more than {limit} images in a day")]
    DayIsOver {
        /// Most images of a day.
        limit: u64,
    },
    /// Another host answered the same request while this one worked on it.
    #[error("another host answered the request meanwhile")]
    AnsweredBefore,
    /// A stored value that no version of ours wrote.
    #[error("the database holds an unknown {what}: `{value}`")]
    Corrupt {
        /// What it should be.
        what: &'static str,
        /// What it is.
        value: String,
    },
}

/// Keeps other processes from bringing the database in a folder to another version meanwhile; a server has a
/// lock for that. Another task of this process may hold it, so that no thread of the runtime waits for it.
async fn alone(folder: &Path) -> Result<std::fs::File, StoreError> {
    let path = folder.join(LOCK);
    let locked = tokio::task::spawn_blocking(move || {
        let file = std::fs::File::create(path)?;
        file.lock()?;
        Ok(file)
    });
    let locked = locked.await.unwrap_or_else(|ended| Err(std::io::Error::other(ended)));
    locked.map_err(|source| StoreError::Folder { folder: folder.into(), source })
}

impl Store {
    /// Opens a database and brings it to this version. That in a data directory is made with it if it is not
    /// there; that on a server must be there, and may be empty.
    ///
    /// # Errors
    /// When the folder or the database cannot be made, opened or brought to this version.
    pub async fn open(at: impl Into<Location>) -> Result<Self, StoreError> {
        let database = at.into();
        let cannot_open = |source| StoreError::Open { database: database.clone(), source };
        let cannot_migrate = |error| match error {
            MigrateError::Execute(source) => cannot_open(source),
            source => StoreError::Migrate { database: database.clone(), source },
        };
        match &database.0 {
            Place::Folder(folder) => {
                std::fs::create_dir_all(folder)
                    .map_err(|source| StoreError::Folder { folder: folder.into(), source })?;
                let file = File::of(&location::file(folder));
                let _alone = alone(folder).await?;
                file.migrate(&migrations::SQLITE).await.map_err(cannot_migrate)?;
                let pool = file.open().await.map_err(cannot_open)?;
                let pools = [pool, file.light(), file.trial()];
                let store = Self::over(pools, Generation::of(folder), None);
                store.adopt_acts().await?;
                Ok(store)
            }
            Place::Server(server) => {
                server.migrate(&migrations::POSTGRES).await.map_err(cannot_migrate)?;
                let pool = server.open().await.map_err(cannot_open)?;
                let pools = [pool, server.light(), server.trial()];
                Ok(Self::over(pools, Generation::unknown(), Some(server.clone())))
            }
        }
    }

    fn over(
        [pool, light, trial]: [Pool; 3],
        generation: Generation,
        server: Option<Server>,
    ) -> Self {
        let known_keys = moka::sync::Cache::builder().max_capacity(KNOWN_KEYS);
        let known_keys = known_keys.time_to_live(KNOWN_FOR).build();
        Self { pool, light, trial, waiting: Arc::default(), generation, known_keys, server }
    }

    /// Opens a database that must have been made before.
    ///
    /// # Errors
    /// When it has not, and as [`Store::open`].
    pub async fn open_existing(at: impl Into<Location>) -> Result<Self, StoreError> {
        let database = at.into();
        let is_made = match &database.0 {
            Place::Folder(folder) => location::file(folder).exists(),
            Place::Server(server) => server
                .is_made()
                .await
                .map_err(|source| StoreError::Open { database: database.clone(), source })?,
        };
        if !is_made {
            return Err(StoreError::Missing { database });
        }
        Self::open(database).await
    }
}
