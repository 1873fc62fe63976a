// SPDX-License-Identifier: MIT OR Apache-2.0
//! Decoding in worker processes: a file made to break a decoder breaks one of these.

use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::confinement::Confinement;
use super::crew::{Crew, CrewError, CALLS};
use super::detector::out_of_place;
use super::message::{DecodeOrder, Lent, Reply, Start, Task};
use super::process::{Worker, WorkerFault};
use super::WorkerSettings;
use crate::image::evidence::ImageEvidence;
use crate::image::{
    sniff, CoefficientReader, Coefficients, DecodeError, DecodeLimits, DecodedPicture, Foreseen,
};
use crate::memory::Sealed;

/// Memory that a decoder takes beside what the limits allow a picture: code, tables, metadata.
const SURROUNDINGS_BYTES: u64 = 256 << 20;

/// Decoders in processes of their own.
#[derive(Clone, Debug)]
pub struct ApartDecoder {
    crew: Arc<Crew>,
    confinement: Confinement,
    limits: DecodeLimits,
    longest: Duration,
}

/// Decodes files within limits, here or in processes of their own.
#[derive(Clone, Debug)]
pub enum Decoder {
    /// In this process.
    Here(DecodeLimits),
    /// In others.
    Apart(Arc<ApartDecoder>),
}

/// What a worker made of a file.
struct Decoded {
    picture: DecodedPicture,
    rgb: Sealed,
    /// Nothing where it has not looked for them.
    coefficients: Option<Option<Coefficients>>,
}

impl Decoder {
    /// What a picture may cost.
    #[must_use]
    pub fn limits(&self) -> &DecodeLimits {
        match self {
            Self::Here(limits) => limits,
            Self::Apart(apart) => &apart.limits,
        }
    }

    /// Decodes a file and keeps it; what is foreseen is made on the way.
    ///
    /// # Errors
    /// When the file is not of a supported format, outside the limits, or damaged, or nobody can decode
    /// it.
    pub fn read(&self, bytes: Vec<u8>, foreseen: Foreseen) -> Result<ImageEvidence, DecodeError> {
        let apart = match self {
            Self::Here(limits) => return ImageEvidence::read(bytes, limits, foreseen),
            Self::Apart(apart) => apart,
        };
        apart.limits.check_file(bytes.len() as u64)?;
        let file = Sealed::copy_of(&bytes)
            .map_err(|error| DecodeError::NoDecoder { reason: error.to_string() })?;
        drop(bytes);
        let Decoded { picture, rgb, coefficients } = apart.decode(&file, foreseen.coefficients)?;
        let reader: Arc<dyn CoefficientReader> = Arc::clone(apart) as _;
        Ok(ImageEvidence::decoded_elsewhere(file, picture, rgb, coefficients, reader))
    }
}

impl ApartDecoder {
    /// Decoders within `limits`, each given `longest` for a picture; the first is started now.
    ///
    /// # Errors
    /// When there is no worker.
    pub fn start(
        settings: &WorkerSettings,
        limits: DecodeLimits,
        longest: Duration,
    ) -> Result<Self, DecodeError> {
        let start = Start {
            readable: Vec::new(),
            listable: Vec::new(),
            memory_bytes: limits.max_memory_bytes + SURROUNDINGS_BYTES,
            file_bytes: limits.max_memory_bytes,
            // A picture is decoded on one thread, or on a few.
            processor_seconds: u64::from(CALLS) * (longest.as_secs() + 1) * 4,
            runs_a_program: false,
        };
        let program = settings.program.clone();
        let make = move || Worker::start(&program, &start).map_err(CrewError::from);
        let crew = Crew::of_files(make)
            .map_err(|error| DecodeError::NoDecoder { reason: error.to_string() })?;
        let confinement = crew.confinement().unwrap_or(Confinement::NONE);
        if !confinement.is_tight() {
            tracing::warn!(%confinement, "decoders are not closed in as they should be");
        }
        Ok(Self { crew, confinement, limits, longest })
    }

    /// How far its workers are closed in.
    #[must_use]
    pub fn confinement(&self) -> Confinement {
        self.confinement
    }

    /// Decodes a file, and reads its coefficients if they are wanted and it costs no time.
    ///
    /// # Errors
    /// As [`crate::image::decode::decode()`]; [`DecodeError::Unfinished`] where the file ended its decoder
    /// or took too long, [`DecodeError::NoDecoder`] where there is none.
    fn decode(&self, file: &Sealed, coefficients: bool) -> Result<Decoded, DecodeError> {
        self.limits.check_file(file.len() as u64)?;
        let format = sniff(file)?;
        let until = Instant::now() + self.longest;
        let order = DecodeOrder { limits: self.limits, coefficients };
        let answered = self.crew.call(|worker| {
            let (reply, lent) = worker.ask(&Task::Decode(order), &[file.as_fd()], until)?;
            let Reply::Decoded(decoded) = reply else { return Err(out_of_place()) };
            let reply = match decoded {
                Ok(reply) => reply,
                Err(error) => return Ok(Err(error)),
            };
            let mut lent = lent.into_iter();
            let pixels = u64::from(reply.picture.width) * u64::from(reply.picture.height);
            let memory = lent.next().ok_or_else(out_of_place)?;
            let rgb = Sealed::received(memory, pixels * 3)
                .map_err(|error| WorkerFault::Protocol(error.to_string()))?;
            let read = |found: Option<Lent>| received(found?, lent.next()?);
            let coefficients = reply.coefficients.map(read);
            Ok(Ok(Decoded { picture: reply.picture, rgb, coefficients }))
        });
        let unfinished = |reason: String| DecodeError::Unfinished { format, reason };
        match answered {
            Ok(decoded) => decoded.and_then(|decoded| {
                self.limits.check_size(decoded.picture.width, decoded.picture.height)?;
                Ok(decoded)
            }),
            Err(CrewError::Fault(WorkerFault::Late)) => {
                Err(unfinished(format!("it takes longer than {} ms", self.longest.as_millis())))
            }
            Err(CrewError::Fault(fault @ (WorkerFault::Ended(_) | WorkerFault::Protocol(_)))) => {
                metrics::counter!("assay_worker_faults_total", "library" => "decoder").increment(1);
                tracing::warn!(%format, %fault, "a decoder failed at a file");
                Err(unfinished("it ends the decoder".into()))
            }
            Err(error) => Err(DecodeError::NoDecoder { reason: error.to_string() }),
        }
    }
}

impl CoefficientReader for ApartDecoder {
    fn read(&self, file: &Sealed, pixels: u64) -> Option<Coefficients> {
        let until = Instant::now() + self.longest;
        let answered = self.crew.call(|worker| {
            let (reply, memory) =
                worker.ask(&Task::Coefficients(pixels), &[file.as_fd()], until)?;
            let Reply::Coefficients(lent) = reply else { return Err(out_of_place()) };
            Ok(lent.zip(memory.into_iter().next()))
        });
        let found = answered.inspect_err(|error| {
            tracing::warn!(%error, "the coefficients of a file were not read");
        });
        let (lent, memory) = found.ok()??;
        received(lent, memory)
    }
}

/// Coefficients that a worker lends.
fn received(lent: Lent, memory: OwnedFd) -> Option<Coefficients> {
    let Lent { columns, rows, bytes } = lent;
    Coefficients::in_memory(columns, rows, Sealed::received(memory, bytes).ok()?)
}
