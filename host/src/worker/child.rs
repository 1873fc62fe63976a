// SPDX-License-Identifier: MIT OR Apache-2.0
//! The worker's side: closes itself in, then does what it is told until its host is gone.

use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;

use assay_plugin_api::abi::DetectorBox;
use assay_plugin_api::descriptor::Descriptor;
use assay_plugin_api::detector::NoScore;
use assay_plugin_api::load::LoadedPlugin;
use assay_plugin_api::report::{Attribute, Report};

use super::borrowed::Borrowed;
use super::channel::{Channel, ChannelError};
use super::confinement::{close_in, close_inherited, keep_memory};
use super::message::{DecodeOrder, DecodeReply, Exhibit, Lent, Reply, Task};
use super::program::become_program;
use crate::image::decode::{decode_into, Meanwhile};
use crate::image::{luma_coefficients, DecodeError};
use crate::memory::{Own, Sealed};

/// Why a worker stops.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChildError {
    /// It was not started by a host.
    #[error("a worker is started by the program itself, not by hand")]
    NotStarted,
    /// The host is gone, or speaks another protocol.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// A task that needs another one before it, or memory that was not lent.
    #[error("a task that cannot be done now")]
    OutOfPlace,
    /// The program that it was to become cannot be run.
    #[error("{0}")]
    NoProgram(String),
}

/// Serves the host that started this process, until that is gone.
///
/// # Errors
/// When there is no host, or it breaks the protocol.
pub(super) fn serve() -> Result<(), ChildError> {
    close_inherited();
    keep_memory();
    let channel = Channel::new(socket()?);
    let (Task::Start(start), _) = channel.receive(None)? else {
        return Err(ChildError::OutOfPlace);
    };
    let confinement = close_in(&start);
    channel.send(&Reply::Started(confinement), &[], None)?;
    let mut worker = Child::default();
    loop {
        match channel.receive(None) {
            Ok((task, lent)) => worker.work(task, lent, &channel)?,
            Err(ChannelError::Closed) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

/// The socket that stands at standard input.
fn socket() -> Result<UnixStream, ChildError> {
    let input = std::io::stdin();
    let is_socket = rustix::fs::fstat(input.as_fd())
        .is_ok_and(|stat| rustix::fs::FileType::from_raw_mode(stat.st_mode).is_socket());
    if !is_socket {
        return Err(ChildError::NotStarted);
    }
    let socket = input.as_fd().try_clone_to_owned().map_err(|_| ChildError::NotStarted)?;
    Ok(UnixStream::from(socket))
}

/// What a worker has been told so far.
#[derive(Default)]
struct Child {
    plugin: Option<LoadedPlugin>,
    detector: Option<DetectorBox>,
}

impl Child {
    fn work(
        &mut self,
        task: Task,
        lent: Vec<OwnedFd>,
        channel: &Channel,
    ) -> Result<(), ChildError> {
        let mut lent = lent.into_iter();
        let mut next = || lent.next().ok_or(ChildError::OutOfPlace);
        let (reply, memory) = match task {
            Task::Load(name) => (Reply::Loaded(self.load(&name, &next()?)), Vec::new()),
            Task::Create(parameters) => (Reply::Created(self.create(&parameters)), Vec::new()),
            Task::Examine(exhibit) => {
                let (file, rgb) = (next()?, next()?);
                (Reply::Examined(self.examine(*exhibit, file, rgb, channel)), Vec::new())
            }
            Task::Decode(order) => match decoded(&mapped(next()?)?, order) {
                Ok((reply, memory)) => (Reply::Decoded(Ok(Box::new(reply))), memory),
                Err(error) => (Reply::Decoded(Err(error)), Vec::new()),
            },
            Task::Coefficients(pixels) => {
                let (found, memory) = coefficients(&mapped(next()?)?, pixels).unzip();
                (Reply::Coefficients(found), memory.into_iter().collect())
            }
            Task::Become(program) => {
                return Err(ChildError::NoProgram(become_program(&program, next()?, next()?)));
            }
            Task::Start(_) | Task::Lend(_) => return Err(ChildError::OutOfPlace),
        };
        let lent: Vec<_> = memory.iter().map(AsFd::as_fd).collect();
        match channel.send(&reply, &lent, None) {
            Err(ChannelError::TooLong { length }) => {
                let message = format!("its answer takes {length} bytes, which is too long");
                let refused = Reply::Examined(Err(NoScore::failed(message)));
                Ok(channel.send(&refused, &[], None)?)
            }
            sent => Ok(sent?),
        }
    }

    /// Opens the library that is lent; `name` is what people call it.
    fn load(&mut self, name: &str, file: &OwnedFd) -> Result<Box<Descriptor>, String> {
        use std::os::fd::AsRawFd as _;
        let path = format!("/proc/self/fd/{}", file.as_raw_fd());
        let named = |error: String| error.replace(&path, name);
        let plugin = LoadedPlugin::open(Path::new(&path)).map_err(|e| named(e.to_string()))?;
        Ok(Box::new(self.plugin.insert(plugin).descriptor().clone()))
    }

    fn create(&mut self, parameters: &[Attribute]) -> Result<bool, String> {
        let plugin = self.plugin.as_ref().ok_or("no library is loaded")?;
        let made = plugin.create_or_message(parameters)?;
        self.detector = Some(made);
        Ok(true)
    }

    fn examine(
        &self,
        exhibit: Exhibit,
        file: OwnedFd,
        rgb: OwnedFd,
        channel: &Channel,
    ) -> Result<Report, NoScore> {
        let detector =
            self.detector.as_ref().ok_or_else(|| NoScore::failed("no detector is made"))?;
        let pixels = u64::from(exhibit.width) * u64::from(exhibit.height);
        let file = Sealed::received(file, exhibit.file_bytes);
        let rgb = Sealed::received(rgb, pixels * 3);
        let (file, rgb) = file
            .and_then(|file| Ok((file, rgb?)))
            .map_err(|error| NoScore::failed(format!("the picture cannot be read: {error}")))?;
        let evidence = Borrowed::new(exhibit, file, rgb, channel);
        detector.detect(evidence.as_source()).into_result()
    }
}

/// A file that is lent to be decoded, whatever its length.
fn mapped(file: OwnedFd) -> Result<Sealed, ChildError> {
    let length = rustix::fs::fstat(&file).map_err(|_| ChildError::OutOfPlace)?.st_size;
    let length = u64::try_from(length).map_err(|_| ChildError::OutOfPlace)?;
    Sealed::received(file, length).map_err(|_| ChildError::OutOfPlace)
}

/// The picture, and in memory its pixels and then its coefficients, if they were found.
fn decoded(file: &[u8], order: DecodeOrder) -> Result<(DecodeReply, Vec<Sealed>), DecodeError> {
    let mut found = None;
    let mut read = |pixels| found = Some(coefficients(file, pixels));
    let meanwhile = order.coefficients.then_some(&mut read as Meanwhile<'_>);
    let decoded = decode_into::<Own>(file, &order.limits, meanwhile)?;
    let (picture, rgb) = decoded.replace_pixels(());
    let no_memory = |error: std::io::Error| DecodeError::NoDecoder { reason: error.to_string() };
    let mut memory = vec![Sealed::copy_of(&rgb).map_err(no_memory)?];
    let coefficients = found.map(|found| {
        found.map(|(lent, values)| {
            memory.push(values);
            lent
        })
    });
    Ok((DecodeReply { picture, coefficients }, memory))
}

fn coefficients(file: &[u8], pixels: u64) -> Option<(Lent, Sealed)> {
    let found = luma_coefficients(file, pixels)?;
    let memory = Sealed::copy_of(bytemuck::cast_slice(&found.values)).ok()?;
    let bytes = memory.len() as u64;
    Some((Lent { columns: found.block_columns, rows: found.block_rows, bytes }, memory))
}
