// SPDX-License-Identifier: MIT OR Apache-2.0
//! The worker's side: closes itself in, then does what it is told until its host is gone.

use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileExt as _;
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
use super::loans::{Borrowing, Shelf};
use super::message::{DecodeOrder, DecodeReply, Exhibit, Grid, Lent, Reply, Task};
use super::program::become_program;
use crate::image::decode::{decode_into, Meanwhile};
use crate::image::{luma_coefficients, DecodeError};
use crate::memory::{behind, Own};

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
    /// What it has been lent and keeps.
    shelf: Shelf,
    /// Where the results of decoding go.
    outbox: Option<File>,
}

impl Child {
    fn work(
        &mut self,
        task: Task,
        lent: Vec<OwnedFd>,
        channel: &Channel,
    ) -> Result<(), ChildError> {
        let mut lent = lent.into_iter();
        let reply = match task {
            Task::Load(name) => {
                let file = lent.next().ok_or(ChildError::OutOfPlace)?;
                Reply::Loaded(self.load(&name, &file))
            }
            Task::Create(parameters) => Reply::Created(self.create(&parameters)),
            Task::Examine(exhibit) => Reply::Examined(self.examine(*exhibit, lent, channel)),
            Task::Decode(order) => {
                let (file, outbox) = self.take_up(&order.file, lent)?;
                Reply::Decoded(decoded(&file, &order, outbox).map(Box::new))
            }
            Task::Coefficients(order) => {
                let (file, outbox) = self.take_up(&order.file, lent)?;
                Reply::Coefficients(coefficients(&file, order.pixels, outbox, 0))
            }
            Task::Become(program) => {
                let mut next = || lent.next().ok_or(ChildError::OutOfPlace);
                return Err(ChildError::NoProgram(become_program(&program, next()?, next()?)));
            }
            Task::Start(_) | Task::Lend(_) => return Err(ChildError::OutOfPlace),
        };
        match channel.send(&reply, &[], None) {
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
        &mut self,
        exhibit: Exhibit,
        mut sent: impl Iterator<Item = OwnedFd>,
        channel: &Channel,
    ) -> Result<Report, NoScore> {
        let detector =
            self.detector.as_ref().ok_or_else(|| NoScore::failed("no detector is made"))?;
        let mut find = |lent| self.shelf.find(lent, &mut sent);
        let found = find(&exhibit.file).and_then(|file| Ok([file, find(&exhibit.rgb)?]));
        let unread = |error| NoScore::failed(format!("the picture cannot be read: {error}"));
        let found = found.map_err(unread)?;
        let evidence = Borrowed::new(exhibit, found, channel, &mut self.shelf);
        detector.detect(evidence.as_source()).into_result()
    }

    /// The file that is to be decoded, and where the result goes.
    fn take_up(
        &mut self,
        file: &Lent,
        mut sent: impl Iterator<Item = OwnedFd>,
    ) -> Result<(Borrowing, &File), ChildError> {
        let file = self.shelf.find(file, &mut sent).map_err(|_| ChildError::OutOfPlace)?;
        if let Some(outbox) = sent.next() {
            self.outbox = Some(outbox.into());
        }
        Ok((file, self.outbox.as_ref().ok_or(ChildError::OutOfPlace)?))
    }
}

/// The picture, whose pixels are put into `outbox`, and behind them its coefficients, if they were found.
fn decoded(file: &[u8], order: &DecodeOrder, outbox: &File) -> Result<DecodeReply, DecodeError> {
    let mut found = None;
    let mut read = |pixels| found = Some(coefficients(file, pixels, outbox, behind(pixels * 3)));
    let meanwhile = order.coefficients.then_some(&mut read as Meanwhile<'_>);
    let decoded = decode_into::<Own>(file, &order.limits, meanwhile)?;
    let (picture, rgb) = decoded.replace_pixels(());
    let no_memory = |error: std::io::Error| DecodeError::NoDecoder { reason: error.to_string() };
    outbox.write_all_at(&rgb, 0).map_err(no_memory)?;
    Ok(DecodeReply { picture, coefficients: found })
}

/// The coefficients, which are put into `outbox` from `offset` on.
fn coefficients(file: &[u8], pixels: u64, outbox: &File, offset: u64) -> Option<Grid> {
    let found = luma_coefficients(file, pixels)?;
    outbox.write_all_at(bytemuck::cast_slice(&found.values), offset).ok()?;
    Some(Grid { columns: found.block_columns, rows: found.block_rows })
}
