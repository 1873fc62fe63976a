// SPDX-License-Identifier: MIT OR Apache-2.0
//! A detector whose library is opened in worker processes only: the host reads its file and never runs
//! its code.

use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use assay_plugin_api::check;
use assay_plugin_api::descriptor::Descriptor;
use assay_plugin_api::detector::NoScore;
use assay_plugin_api::load::{CheckedFile, LoadError};
use assay_plugin_api::report::{Attribute, Report, Value};

use super::confinement::Confinement;
use super::crew::{cores, Crew, CrewError, CALLS};
use super::exhibit::{exhibit, wanted};
use super::message::{LentGrid, Reply, Start, Task};
use super::process::{Worker, WorkerFault};
use super::WorkerSettings;
use crate::image::evidence::ImageEvidence;
use crate::memory::Sealed;

/// How long opening a library, or making a detector, may take.
pub(super) const SET_UP: Duration = Duration::from_secs(60);

/// Longest deadline that the bound on processor time reckons with, s a call.
pub(super) const LONGEST_CALL_S: u64 = 600;

/// A library that is opened in worker processes.
#[derive(Debug)]
pub struct ApartPlugin {
    library: Arc<Library>,
    descriptor: Descriptor,
    confinement: Confinement,
    /// By the parameters of their detectors, which policies have mostly in common; they last as long as a
    /// detector uses them.
    crews: Mutex<Vec<(Vec<Attribute>, Weak<Crew>)>>,
}

/// A library's file, checked as far as that goes without running it, and what its workers may do.
#[derive(Debug)]
struct Library {
    path: PathBuf,
    digest: String,
    contract_version: String,
    file: Sealed,
    settings: WorkerSettings,
}

/// Why a library or a detector cannot be had from a worker.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApartError {
    /// Its file was refused.
    #[error(transparent)]
    File(#[from] LoadError),
    /// The worker refused it.
    #[error("{message}")]
    Refused {
        /// What the worker says; names the file.
        message: String,
    },
    /// No worker came of it.
    #[error("{}: {message}", path.display())]
    Worker {
        /// The library.
        path: PathBuf,
        /// Why.
        message: String,
    },
}

impl ApartPlugin {
    /// Reads and checks a library's file, and asks a worker what it is.
    ///
    /// # Errors
    /// When the file is refused, by the host or by the worker.
    pub fn open(
        path: &Path,
        expected: Option<&str>,
        settings: &WorkerSettings,
    ) -> Result<Self, ApartError> {
        let checked = CheckedFile::read(path, expected)?;
        let file = Sealed::copy_of(&checked.bytes)
            .map_err(|e| ApartError::Worker { path: path.into(), message: e.to_string() })?;
        let CheckedFile { digest, contract_version, .. } = checked;
        let settings = settings.clone();
        let library = Library { path: path.into(), digest, contract_version, file, settings };
        let (worker, descriptor) = library.loaded(&[]).map_err(|e| library.error(e))?;
        check::descriptor(&descriptor).map_err(|breach| LoadError::Descriptor {
            path: path.into(),
            message: breach.to_string(),
        })?;
        let confinement = worker.confinement;
        if !confinement.is_tight() {
            let library = path.display();
            tracing::warn!(%library, %confinement, "a detector is not closed in as it should be");
        }
        Ok(Self { library: Arc::new(library), descriptor, confinement, crews: Mutex::default() })
    }

    /// The file as it was named.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.library.path
    }

    /// SHA-256 of the file, hexadecimal.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.library.digest
    }

    /// Version of the contract that the plugin was built against.
    #[must_use]
    pub fn contract_version(&self) -> &str {
        &self.library.contract_version
    }

    /// What the detector says about itself.
    #[must_use]
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// How far its workers are closed in.
    #[must_use]
    pub fn confinement(&self) -> Confinement {
        self.confinement
    }

    /// A detector with these parameters: workers of its own, the first of which is made now.
    ///
    /// # Errors
    /// When the detector refuses them, or there is no worker.
    pub fn create(&self, parameters: &[Attribute]) -> Result<ApartDetector, ApartError> {
        let mut crews = self.crews.lock().unwrap_or_else(PoisonError::into_inner);
        crews.retain(|(_, crew)| crew.strong_count() > 0);
        let present = crews.iter().find(|(given, _)| given == parameters);
        if let Some(crew) = present.and_then(|(_, crew)| crew.upgrade()) {
            return Ok(self.detector(crew));
        }
        let (library, given) = (Arc::clone(&self.library), parameters.to_vec());
        let crew = Crew::new(move || library.made(&given)).map_err(|e| self.library.error(e))?;
        crews.push((parameters.to_vec(), Arc::downgrade(&crew)));
        Ok(self.detector(crew))
    }

    fn detector(&self, crew: Arc<Crew>) -> ApartDetector {
        let library = self.library.path.file_name().unwrap_or_default();
        ApartDetector { crew, library: library.to_string_lossy().into_owned() }
    }
}

impl Library {
    /// A worker that has opened it, and what it says about itself.
    fn loaded(&self, parameters: &[Attribute]) -> Result<(Worker, Descriptor), CrewError> {
        let start = Start {
            readable: readable(parameters),
            listable: Vec::new(),
            memory_bytes: self.settings.memory_bytes,
            file_bytes: self.settings.memory_bytes,
            processor_seconds: u64::from(CALLS) * LONGEST_CALL_S * cores() as u64,
            runs_a_program: false,
        };
        let mut worker = Worker::start(&self.settings.program, &start)?;
        let task = Task::Load(self.path.display().to_string());
        match worker.ask(&task, &[self.file.as_fd()], Instant::now() + SET_UP)? {
            (Reply::Loaded(Ok(descriptor)), _) => Ok((worker, *descriptor)),
            (Reply::Loaded(Err(message)), _) => Err(CrewError::Refused(message)),
            _ => Err(out_of_place()),
        }
    }

    /// A worker that has made a detector.
    fn made(&self, parameters: &[Attribute]) -> Result<Worker, CrewError> {
        let (mut worker, descriptor) = self.loaded(parameters)?;
        let task = Task::Create(parameters.to_vec());
        match worker.ask(&task, &[], Instant::now() + SET_UP)? {
            (Reply::Created(Ok(_)), _) => Ok(worker),
            (Reply::Created(Err(message)), _) => {
                let (path, id) = (self.path.clone(), descriptor.id.to_string());
                Err(CrewError::Refused(LoadError::Create { path, id, message }.to_string()))
            }
            _ => Err(out_of_place()),
        }
    }

    fn error(&self, error: CrewError) -> ApartError {
        match error {
            CrewError::Refused(message) => ApartError::Refused { message },
            other => ApartError::Worker { path: self.path.clone(), message: other.to_string() },
        }
    }
}

/// The files and folders that parameters name: what a policy names, a worker may read.
fn readable(parameters: &[Attribute]) -> Vec<String> {
    let named = parameters.iter().filter_map(|parameter| match &parameter.value {
        Value::Text(text) if !text.is_empty() => std::fs::canonicalize(text.as_str()).ok(),
        _ => None,
    });
    named.map(|path| path.display().to_string()).collect()
}

pub(super) fn out_of_place() -> CrewError {
    WorkerFault::Protocol("an answer to something else".into()).into()
}

/// A detector that runs in workers.
#[derive(Clone, Debug)]
pub struct ApartDetector {
    crew: Arc<Crew>,
    /// The file name of its library.
    library: String,
}

impl ApartDetector {
    /// The number by which memory is lent to its workers.
    #[must_use]
    pub fn reader(&self) -> u64 {
        self.crew.number()
    }

    /// Examines a picture.
    ///
    /// # Errors
    /// As the detector says; [`NoScore::Failed`] where its process did.
    pub fn detect(
        &self,
        image: &ImageEvidence,
        claimed_at: Option<&str>,
        deadline: Instant,
    ) -> Result<Report, NoScore> {
        let reader = self.reader();
        let examined =
            self.crew.call(|worker| examine(worker, reader, image, claimed_at, deadline));
        examined.unwrap_or_else(|error| {
            metrics::counter!("assay_worker_faults_total", "library" => self.library.clone())
                .increment(1);
            Err(NoScore::failed(error.to_string()))
        })
    }
}

/// What a worker, as a `reader`, says of a picture: an answer, or a request for more of the evidence before it.
fn examine(
    worker: &mut Worker,
    reader: u64,
    image: &ImageEvidence,
    claimed_at: Option<&str>,
    deadline: Instant,
) -> Result<Result<Report, NoScore>, CrewError> {
    /// A detector asks for each of two once.
    const MOST_WANTS: usize = 2;
    let no_memory = |error| CrewError::Fault(WorkerFault::Start(error));
    let mut sent = Vec::new();
    let file = worker.ledger.lend(image.encoded_bytes(), reader, &mut sent).map_err(no_memory)?;
    let rgb = worker.ledger.lend(image.rgb_bytes(), reader, &mut sent).map_err(no_memory)?;
    let mut task = Task::Examine(Box::new(exhibit(image, [file, rgb], claimed_at, deadline)));
    for _ in 0..=MOST_WANTS {
        let want = match worker.ask(&task, &sent, deadline)?.0 {
            Reply::Examined(answer) => return Ok(answer),
            Reply::Want(want) => want,
            _ => return Err(out_of_place()),
        };
        sent.clear();
        let mut lend = |(grid, bytes)| {
            let memory = worker.ledger.lend(bytes, reader, &mut sent)?;
            Ok(LentGrid { grid, memory })
        };
        task = Task::Lend(wanted(image, want).map(&mut lend).transpose().map_err(no_memory)?);
    }
    Err(WorkerFault::Protocol("it asked for evidence again and again".into()).into())
}
