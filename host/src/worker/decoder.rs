// SPDX-License-Identifier: MIT OR Apache-2.0
//! Decoding in worker processes: a file made to break a decoder breaks one of these.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::confinement::Confinement;
use super::crew::{Crew, CrewError, CALLS};
use super::detector::out_of_place;
use super::message::{CoefficientOrder, DecodeOrder, Grid, Reply, Start, Task};
use super::process::{Worker, WorkerFault};
use super::WorkerSettings;
use crate::image::evidence::ImageEvidence;
use crate::image::{
    sniff, CoefficientReader, Coefficients, DecodeError, DecodeLimits, DecodedPicture, Foreseen,
};
use crate::memory::{behind, Bytes, Outbox, Readers};

/// Memory that a decoder takes beside what the limits allow a picture: code, tables, metadata.
const SURROUNDINGS_BYTES: u64 = 256 << 20;

/// Bytes that coefficients may take more than two a pixel: blocks up to the end of an MCU, 32 px at most, on two sides
/// of 65,535 px at most.
const MOST_PADDING_BYTES: u64 = 2 * 32 * (2 * 65_535 + 32);

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
    rgb: Bytes,
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
        // The file is lent to the decoder too, and what is in one memory to all of its readers.
        let readers = foreseen.readers.and(&Readers::of([apart.crew.number()]));
        let file = Bytes::from(bytes).lent_to(&readers);
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
            file_bytes: limits.max_memory_bytes + SURROUNDINGS_BYTES,
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
    fn decode(&self, file: &Bytes, coefficients: bool) -> Result<Decoded, DecodeError> {
        self.limits.check_file(file.len() as u64)?;
        let format = sniff(file)?;
        let until = Instant::now() + self.longest;
        let answered = self.crew.call(|worker| {
            let mut sent = Vec::new();
            let lent = worker.ledger.lend(file, self.crew.number(), &mut sent);
            let lent = lent.map_err(WorkerFault::Start)?;
            let order = DecodeOrder { file: lent, limits: self.limits, coefficients };
            let (reply, results) = worker.ask_for_results(&Task::Decode(order), &sent, until)?;
            let Reply::Decoded(decoded) = reply else { return Err(out_of_place()) };
            let checked = decoded.and_then(|reply| {
                self.limits.check_size(reply.picture.width, reply.picture.height)?;
                Ok(reply)
            });
            let reply = match checked {
                Ok(reply) => reply,
                Err(error) => return Ok(Err(error)),
            };
            let pixels = u64::from(reply.picture.width) * u64::from(reply.picture.height);
            let rgb = copied(results, file.readers(), pixels * 3, 0).ok_or_else(|| {
                WorkerFault::Protocol("it has sent fewer pixels than it says".into())
            })?;
            let read = |found: Option<Grid>| {
                received(found?, pixels, results, file.readers(), behind(pixels * 3))
            };
            let coefficients = reply.coefficients.map(read);
            Ok(Ok(Decoded { picture: reply.picture, rgb, coefficients }))
        });
        let unfinished = |reason: String| DecodeError::Unfinished { format, reason };
        match answered {
            Ok(decoded) => decoded,
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
    fn read(&self, file: &Bytes, pixels: u64) -> Option<Coefficients> {
        let until = Instant::now() + self.longest;
        let answered = self.crew.call(|worker| {
            let mut sent = Vec::new();
            let lent = worker.ledger.lend(file, self.crew.number(), &mut sent);
            let lent = lent.map_err(WorkerFault::Start)?;
            let task = Task::Coefficients(CoefficientOrder { file: lent, pixels });
            let (reply, results) = worker.ask_for_results(&task, &sent, until)?;
            let Reply::Coefficients(found) = reply else { return Err(out_of_place()) };
            Ok(found.and_then(|grid| received(grid, pixels, results, file.readers(), 0)))
        });
        let found = answered.inspect_err(|error| {
            tracing::warn!(%error, "the coefficients of a file were not read");
        });
        found.ok()?
    }
}

/// Coefficients that a worker has put into its outbox; `None` where that is not so.
fn received(
    Grid { columns, rows }: Grid,
    pixels: u64,
    results: &Outbox,
    readers: &Readers,
    offset: u64,
) -> Option<Coefficients> {
    let bytes = u64::from(columns).checked_mul(u64::from(rows))?.checked_mul(128)?;
    if bytes > pixels.checked_mul(2)?.checked_add(MOST_PADDING_BYTES)? {
        return None;
    }
    Coefficients::in_memory(columns, rows, copied(results, readers, bytes, offset)?)
}

/// What a worker has put into its outbox, to be lent to `readers`; `None` where it is less.
fn copied(results: &Outbox, readers: &Readers, length: u64, offset: u64) -> Option<Bytes> {
    // Before any memory is taken.
    let is_there = results.holds(length, offset);
    let length = usize::try_from(length).ok().filter(|_| is_there)?;
    Bytes::filled(readers, length, |room| results.read(room, offset)).ok()
}
