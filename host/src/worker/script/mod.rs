// SPDX-License-Identifier: MIT OR Apache-2.0
//! A detector that is a program: any that reads questions from its standard input, finds the picture at
//! descriptor 3 and writes answers to its standard output (`docs/WORKER-PROTOCOL.md`).
//!
//! It is started as every worker is, by this program in another role, which closes itself in and then
//! becomes it. What it answers is checked as the answer of any detector; it is killed at its deadline,
//! replaced when it fails, and left alone for a while when it fails again and again.

mod files;
mod memory;
mod protocol;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use assay_plugin_api::check;
use assay_plugin_api::descriptor::Descriptor;
use assay_plugin_api::detector::NoScore;
use assay_plugin_api::load::LoadError;
use assay_plugin_api::report::{Attribute, Report};

use self::files::Files;
pub(super) use self::memory::{Extent, Shared};
pub(super) use self::protocol::Text;
use self::protocol::{Answer, Question};
use super::confinement::Confinement;
use super::crew::{cores, Crew, CrewError, CALLS};
use super::detector::{ApartError, LONGEST_CALL_S, SET_UP};
use super::message::{Program, Start};
use super::process::{Worker, WorkerFault};
use super::WorkerSettings;
use crate::config::Script;
use crate::image::evidence::ImageEvidence;

/// Most that a program may write into one file, bytes: what it complains of during a call.
const MAX_WRITTEN_BYTES: u64 = 16 << 20;

/// What stands for the version of the contract where a detector is a program.
const CONTRACT: &str = "worker protocol 1";

/// A detector that is a program, with workers that run it.
#[derive(Debug)]
pub struct ScriptPlugin {
    program: Arc<Running>,
    descriptor: Descriptor,
    crew: Arc<Crew>,
    confinement: Confinement,
}

/// What it takes to run the program once more.
#[derive(Debug)]
struct Running {
    script: Script,
    /// The file that names it.
    path: PathBuf,
    /// What its files had when it was opened.
    digest: String,
    /// What it said of itself when it was first run.
    descriptor: OnceLock<Descriptor>,
    settings: WorkerSettings,
}

/// The files that a program consists of, whose change is a change of it.
///
/// # Errors
/// When the program or a file of it is not there.
pub fn files_of(script: &Script) -> Result<Vec<PathBuf>, ApartError> {
    Ok(Files::of(script)?.parts)
}

/// The digest of the files that a program consists of.
///
/// # Errors
/// When the program or a file of it cannot be read.
pub fn digest_of(script: &Script) -> Result<String, ApartError> {
    Files::of(script)?.digest()
}

impl ScriptPlugin {
    /// Runs a program, whose files must have the digest `expected` (hexadecimal) where one is given, and
    /// asks it what it is.
    ///
    /// # Errors
    /// When a file is missing or another one, or the program does not answer as it must.
    pub fn open(
        script: &Script,
        expected: Option<&str>,
        settings: &WorkerSettings,
    ) -> Result<Self, ApartError> {
        let files = Files::of(script)?;
        let (digest, path) = (files.digest()?, files.path().to_path_buf());
        if let Some(expected) = expected.filter(|expected| *expected != digest) {
            let (expected, found) = (expected.to_owned(), digest);
            return Err(LoadError::WrongDigest { path, expected, found }.into());
        }
        let (script, settings) = (script.clone(), settings.clone());
        let descriptor = OnceLock::new();
        let program = Arc::new(Running { script, path, digest, descriptor, settings });
        let again = Arc::clone(&program);
        let crew = Crew::new(move || again.started()).map_err(|error| program.error(&error))?;
        let confinement = crew.confinement().unwrap_or(Confinement::NONE);
        if !confinement.is_tight() {
            let program = program.path.display();
            tracing::warn!(%program, %confinement, "a detector is not closed in as it should be");
        }
        let said = program.descriptor.get().cloned();
        let descriptor = said.ok_or_else(|| program.error(&out_of_place("a greeting")))?;
        Ok(Self { program, descriptor, crew, confinement })
    }

    /// The file that names it: the first of its own files.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.program.path
    }

    /// SHA-256 of its files, hexadecimal.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.program.digest
    }

    /// The protocol that it speaks.
    #[must_use]
    pub fn contract_version(&self) -> &str {
        CONTRACT
    }

    /// What it says about itself.
    #[must_use]
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// How far its workers are closed in.
    #[must_use]
    pub fn confinement(&self) -> Confinement {
        self.confinement
    }

    /// A detector; it takes no parameters but the arguments of its command.
    ///
    /// # Errors
    /// When some are given.
    pub fn create(&self, parameters: &[Attribute]) -> Result<ScriptDetector, ApartError> {
        if let Some(given) = parameters.first() {
            let message = format!(
                "{}: takes no parameter `{}`; give it arguments in `command`",
                self.path().display(),
                given.name
            );
            return Err(ApartError::Refused { message });
        }
        let program = self.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(ScriptDetector { crew: Arc::clone(&self.crew), program })
    }
}

impl Running {
    /// A worker that has become the program and said what it is.
    fn started(&self) -> Result<Worker, CrewError> {
        let files = Files::of(&self.script).map_err(refused)?;
        if files.digest().map_err(refused)? != self.digest {
            let changed = format!("{}: changed since it was opened", self.path.display());
            return Err(CrewError::Refused(changed));
        }
        let start = Start {
            readable: files.readable(&self.script),
            listable: files.listable(),
            memory_bytes: self.settings.memory_bytes,
            file_bytes: MAX_WRITTEN_BYTES,
            processor_seconds: u64::from(CALLS) * LONGEST_CALL_S * cores() as u64,
            runs_a_program: true,
        };
        let mut worker = Worker::start(&self.settings.program, &start)?;
        let text = |path: &Path| path.display().to_string();
        let program = Program {
            file: text(&files.program),
            arguments: self.script.command.iter().skip(1).cloned().collect(),
            folder: text(&self.script.folder),
        };
        let until = Instant::now() + SET_UP;
        worker.become_program(program, until)?;
        let descriptor = match asked(&mut worker, &Question::HELLO, until)? {
            Answer::Hello(descriptor) => *descriptor,
            _ => return Err(out_of_place("a greeting")),
        };
        check::descriptor(&descriptor)
            .map_err(|breach| CrewError::Refused(format!("{}: {breach}", self.path.display())))?;
        match self.descriptor.get_or_init(|| descriptor.clone()) == &descriptor {
            true => Ok(worker),
            false => {
                let other = format!("{}: says that it is another detector", self.path.display());
                Err(CrewError::Refused(other))
            }
        }
    }

    fn error(&self, error: &CrewError) -> ApartError {
        match error {
            CrewError::Refused(message) => ApartError::Refused { message: message.clone() },
            other => ApartError::Worker { path: self.path.clone(), message: other.to_string() },
        }
    }
}

/// Reads what a program answered about a picture of this size; none where it greeted.
///
/// # Errors
/// What of it is no answer, and that there is no score.
pub(super) fn read_answer(
    answer: &Text,
    width: u32,
    height: u32,
) -> Result<Option<Result<Report, NoScore>>, String> {
    match Answer::read(answer)? {
        Answer::Hello(_) => Ok(None),
        Answer::Report(report) => Ok(Some(Ok(report.read(width, height)?))),
        Answer::NoScore(none) => Ok(Some(Err(none))),
    }
}

fn refused(error: ApartError) -> CrewError {
    CrewError::Refused(error.to_string())
}

fn out_of_place(expected: &str) -> CrewError {
    WorkerFault::Protocol(format!("it answered something else than {expected}")).into()
}

/// Asks a question and reads the answer.
fn asked(worker: &mut Worker, question: &Question, until: Instant) -> Result<Answer, CrewError> {
    let answer = worker.converse(&Text::of(question), until)?;
    Answer::read(&answer).map_err(|fault| WorkerFault::Protocol(fault).into())
}

/// A detector that is a program.
#[derive(Clone, Debug)]
pub struct ScriptDetector {
    crew: Arc<Crew>,
    /// Its file name.
    program: String,
}

impl ScriptDetector {
    /// Examines a picture.
    ///
    /// # Errors
    /// As the program says; [`NoScore::Failed`] where its process did.
    pub fn detect(
        &self,
        image: &ImageEvidence,
        claimed_at: Option<&str>,
        deadline: Instant,
    ) -> Result<Report, NoScore> {
        let examined = self.crew.call(|worker| {
            let no_memory = |error| CrewError::Fault(WorkerFault::Start(error));
            let extents = worker.lend(image).map_err(no_memory)?;
            let left = deadline.saturating_duration_since(Instant::now());
            let question = Question::examine(image, claimed_at, extents, left);
            let answer = asked(worker, &question, deadline)?;
            worker.take_back().map_err(no_memory)?;
            match answer {
                Answer::Report(report) => {
                    let report = report.read(image.width(), image.height());
                    report.map(Ok).map_err(|fault| WorkerFault::Protocol(fault).into())
                }
                Answer::NoScore(none) => Ok(Err(none)),
                Answer::Hello(_) => Err(out_of_place("a report")),
            }
        });
        examined.unwrap_or_else(|error| {
            metrics::counter!("assay_worker_faults_total", "library" => self.program.clone())
                .increment(1);
            Err(NoScore::failed(error.to_string()))
        })
    }
}
