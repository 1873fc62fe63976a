// SPDX-License-Identifier: MIT OR Apache-2.0
//! What outlives a request: one SQLite file in the data directory. SQL lives here and nowhere else.
//!
//! Several processes may have the file open: the server, and commands that administrate it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::SqlitePool;

mod analyses;
mod audit;
mod chain;
mod claims;
mod deliveries;
mod derivations;
mod fingerprints;
mod first_answers;
mod generation;
mod jobs;
mod key_text;
mod key_words;
mod keys;
mod overviews;
mod queue;
mod repeats;
mod results;
mod search;
mod secrets;
mod sessions;
mod standing;
mod stored_analysis;
mod trouble;
mod usage;

pub use analyses::Kept;
pub use audit::AuditEntry;
pub use chain::{Broken, Chain, Hash, LogEntry};
pub use claims::{ClaimImage, DueClaim};
pub use deliveries::{Attempt, Delivery, DueDelivery, NewDelivery, Next};
pub use derivations::StoredDerivation;
pub use fingerprints::{KnownPicture, LookUp};
pub use first_answers::{FirstAnswer, Remembered};
pub use key_text::region_of;
pub use key_words::{Environment, Plan, Scope};
pub use keys::{ApiKey, KeyRequest, NewKey, OVERLAP_SECONDS};
pub use overviews::{BatchEntry, Receiver};
pub use queue::{Batch, BatchItem, BatchStanding, Job, JobEnd, JobQueue, JobStanding, NewJob};
pub use repeats::Repeat;
pub use results::KeptResult;
pub use search::{Behind, FoundAnalysis, Wanted};
pub use secrets::WebhookSecrets;
pub use sessions::{Session, SessionAge};
pub use standing::Standing;
pub use stored_analysis::StoredAnalysis;
pub use trouble::{of_file, Trouble};

/// Name of the database in the data directory.
const FILE: &str = "assay.sqlite";
/// Keys that are kept in memory.
const KNOWN_KEYS: u64 = 10_000;
/// How long a key is kept in memory at most, even if nothing says that keys have changed.
const KNOWN_FOR: Duration = Duration::from_secs(5);
/// How long a writer waits for another process's transaction.
const BUSY: Duration = Duration::from_secs(10);
/// Connections for reading; SQLite has one writer in any case.
const CONNECTIONS: u32 = 8;

use generation::Generation;
use repeats::Waiting;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// The database of one installation.
#[derive(Clone, Debug)]
pub struct Store {
    pool: SqlitePool,
    /// One connection that does not wait for the disk.
    light: SqlitePool,
    /// One that does not wait long.
    trial: SqlitePool,
    waiting: Arc<Mutex<Waiting>>,
    generation: Generation,
    /// Keys that were asked for, by the digest of their text, with the generation that they are of.
    known_keys: moka::sync::Cache<[u8; 32], (Arc<ApiKey>, u64)>,
}

/// Why the database did not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The data directory cannot be made.
    #[error("{}: cannot be made: {source}; choose another with --data", folder.display())]
    Folder {
        /// The directory.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database cannot be opened.
    #[error("{}: cannot be opened: {source}; give another directory with --data", file.display())]
    Open {
        /// The database.
        file: PathBuf,
        /// Why.
        source: sqlx::Error,
    },
    /// There is no database yet.
    #[error(
        "{}: there is no database; `assay keys create` or `assay serve` makes it, --data names another \
         directory", file.display()
    )]
    Missing {
        /// The database.
        file: PathBuf,
    },
    /// The file is no database of this version, or of a later one.
    #[error("{}: cannot be brought to this version: {source}", file.display())]
    Migrate {
        /// The database.
        file: PathBuf,
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
    /// A stored value that no version of ours wrote.
    #[error("the database holds an unknown {what}: `{value}`")]
    Corrupt {
        /// What it should be.
        what: &'static str,
        /// What it is.
        value: String,
    },
}

impl Store {
    /// Opens the database in `folder`, which is made if it is not there, and brings it to this
    /// version.
    ///
    /// # Errors
    /// When the folder or the database cannot be made, opened or brought to this version.
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder)
            .map_err(|source| StoreError::Folder { folder: folder.into(), source })?;
        let file = folder.join(FILE);
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY);
        // What is written often and of little weight survives the process, though not the machine.
        let light = options.clone().synchronous(SqliteSynchronous::Normal);
        let trial = trouble::trial(light.clone());
        let light = trouble::pool(1).connect_lazy_with(light);
        let pool = trouble::pool(CONNECTIONS).connect_with(options);
        let pool = pool.await.map_err(|source| StoreError::Open { file: file.clone(), source })?;
        MIGRATIONS
            .run(&pool)
            .await
            .map_err(|source| StoreError::Migrate { file: file.clone(), source })?;
        let known_keys = moka::sync::Cache::builder().max_capacity(KNOWN_KEYS);
        let known_keys = known_keys.time_to_live(KNOWN_FOR).build();
        let store = Self {
            pool,
            light,
            trial,
            waiting: Arc::default(),
            generation: Generation::of(folder),
            known_keys,
        };
        store.adopt_acts().await?;
        Ok(store)
    }

    /// Opens the database in `folder`, which must be there.
    ///
    /// # Errors
    /// When it is not, and as [`Store::open`].
    pub async fn open_existing(folder: &Path) -> Result<Self, StoreError> {
        let file = folder.join(FILE);
        if !file.exists() {
            return Err(StoreError::Missing { file });
        }
        Self::open(folder).await
    }
}
