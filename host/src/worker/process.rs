// SPDX-License-Identifier: MIT OR Apache-2.0
//! One worker process as its host sees it.
//!
//! Workers are started by one thread that lives as long as the host, because a worker dies with the
//! thread that started it [prctl(2), PR_SET_PDEATHSIG]. Between calls a worker is stopped, so that
//! threads which a detector left behind take no processor time.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Sender};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rustix::process::{kill_process_group, Pid, Signal};

use super::channel::{Channel, ChannelError};
use super::confinement::Confinement;
use super::leftover;
use super::loans::Ledger;
use super::message::{Program, Reply, Start, Task};
use super::script::{Extent, Shared, Text};
use super::wire::Wire;
use crate::image::evidence::ImageEvidence;
use crate::memory::Outbox;

/// The word by which the program is told to be a worker.
pub(crate) const ROLE: &str = "apart";

/// How long starting a worker may take.
const START: Duration = Duration::from_secs(20);

/// Why a worker gave no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum WorkerFault {
    /// It could not be started.
    #[error("its process cannot be started: {0}")]
    Start(io::Error),
    /// It ended.
    #[error("its process {0}")]
    Ended(String),
    /// It did not answer in time and was killed.
    #[error("its process did not answer in time and was killed")]
    Late,
    /// It answered what is no answer, and was killed.
    #[error("its process broke the protocol: {0}")]
    Protocol(String),
}

/// A running worker; ended when dropped.
#[derive(Debug)]
pub(super) struct Worker {
    child: Child,
    channel: Channel,
    /// How far it is closed in.
    pub(super) confinement: Confinement,
    /// Calls that it has answered.
    pub(super) calls: u32,
    /// It is stopped.
    rests: bool,
    /// What it has been lent and keeps.
    pub(super) ledger: Ledger,
    /// Where its results go, if it decodes.
    outbox: Option<Outbox>,
    /// What it shares with the host once it has become another program.
    shared: Option<Shared>,
}

impl Worker {
    /// Starts a worker of `program` that may touch what `start` says.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn start(program: &Path, start: &Start) -> Result<Self, WorkerFault> {
        let (host_end, worker_end) = UnixStream::pair().map_err(WorkerFault::Start)?;
        let child = starter(program, worker_end.into()).map_err(WorkerFault::Start)?;
        let channel = Channel::new(host_end);
        let mut worker = Self {
            child,
            channel,
            confinement: Confinement::NONE,
            calls: 0,
            rests: false,
            ledger: Ledger::default(),
            outbox: None,
            shared: None,
        };
        let until = Instant::now() + START;
        match worker.ask(&Task::Start(start.clone()), &[], until)? {
            (Reply::Started(confinement), _) => worker.confinement = confinement,
            _ => return Err(WorkerFault::Protocol("it did not say that it had started".into())),
        }
        Ok(worker)
    }

    /// Sends a task and waits for a reply and what is lent with it.
    ///
    /// # Errors
    /// When the process ended, is late, or breaks the protocol.
    pub(super) fn ask(
        &mut self,
        task: &Task,
        lent: &[BorrowedFd<'_>],
        until: Instant,
    ) -> Result<(Reply, Vec<OwnedFd>), WorkerFault> {
        self.exchange(task, lent, until).map_err(|error| self.fault(error))
    }

    /// [`Self::ask`], whose results go to memory that is made and sent along when there is none yet.
    ///
    /// # Errors
    /// As [`Self::ask`]; when the system has no memory.
    pub(super) fn ask_for_results(
        &mut self,
        task: &Task,
        lent: &[BorrowedFd<'_>],
        until: Instant,
    ) -> Result<(Reply, &Outbox), WorkerFault> {
        let made = match &self.outbox {
            Some(_) => None,
            None => Some(Outbox::new().map_err(WorkerFault::Start)?),
        };
        let mut sent = lent.to_vec();
        sent.extend(made.as_ref().map(AsFd::as_fd));
        let (reply, _) = self.ask(task, &sent, until)?;
        self.outbox = self.outbox.take().or(made);
        let outbox = self.outbox.as_ref();
        Ok((reply, outbox.ok_or_else(|| WorkerFault::Protocol("it has no results".into()))?))
    }

    /// Has it become another program, which is asked by [`Self::converse`] from then on.
    ///
    /// # Errors
    /// When the process ended or the system has no memory to share.
    pub(super) fn become_program(
        &mut self,
        program: Program,
        until: Instant,
    ) -> Result<(), WorkerFault> {
        let shared = Shared::new().map_err(WorkerFault::Start)?;
        let sent = self.channel.send(&Task::Become(program), &shared.ends(), Some(until));
        self.shared = Some(shared);
        sent.map_err(|error| self.fault(error))
    }

    /// Puts a picture where the program finds it.
    ///
    /// # Errors
    /// When it has not become one, or the system has no memory.
    pub(super) fn lend(&self, image: &ImageEvidence) -> io::Result<[Extent; 2]> {
        let shared = self.shared.as_ref();
        shared.ok_or_else(|| io::Error::other("nothing is shared"))?.lend(image)
    }

    /// Gives the memory of a picture back to the system.
    ///
    /// # Errors
    /// When the system refuses.
    pub(super) fn take_back(&self) -> io::Result<()> {
        self.shared.as_ref().map_or(Ok(()), Shared::clear)
    }

    /// Sends a program a message and waits for its answer.
    ///
    /// # Errors
    /// As [`Self::ask`]; with the last line that the program complained of.
    pub(super) fn converse(&mut self, message: &Text, until: Instant) -> Result<Text, WorkerFault> {
        let answer = self.exchange(message, &[], until);
        answer.map(|(answer, _)| answer).map_err(|error| {
            let complaint = self.shared.as_ref().and_then(Shared::last_complaint);
            match (self.fault(error), complaint) {
                (WorkerFault::Ended(how), Some(line)) => {
                    WorkerFault::Ended(format!("{how}; the last that it wrote: {line}"))
                }
                (fault, _) => fault,
            }
        })
    }

    fn exchange<M: Wire, R: Wire>(
        &mut self,
        message: &M,
        lent: &[BorrowedFd<'_>],
        until: Instant,
    ) -> Result<(R, Vec<OwnedFd>), ChannelError> {
        let wake = || {
            if self.rests {
                self.signal(Signal::CONT);
            }
        };
        let sent = self.channel.send_and_wake(message, lent, Some(until), wake);
        self.rests = false;
        sent?;
        self.channel.receive(Some(until))
    }

    /// Whether it still runs.
    pub(super) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Whether threads that its last call left behind still compute.
    pub(super) fn computes(&self) -> bool {
        leftover::computes(self.child.id())
    }

    /// Stops it until it is asked something.
    pub(super) fn rest(&mut self) {
        self.signal(Signal::STOP);
        self.rests = true;
        // What the system does not take now it takes after the next call.
        let _ = self.outbox.as_ref().map(Outbox::tidy);
    }

    /// To its whole group: where nothing keeps it from starting processes, they are in it.
    fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(id) = id {
            // It fails where the process has ended, which is found elsewhere.
            let _ = kill_process_group(id, signal);
        }
    }

    /// What an error of the channel says about the process.
    fn fault(&mut self, error: ChannelError) -> WorkerFault {
        match error {
            ChannelError::Late => WorkerFault::Late,
            // It may have closed the channel and live on.
            ChannelError::Closed => match self.ended() {
                Some(status) => WorkerFault::Ended(described(status)),
                None => WorkerFault::Protocol("it closed its channel".into()),
            },
            other => WorkerFault::Protocol(other.to_string()),
        }
    }

    /// How it ended, if it does so presently: a channel closes a moment before its process has ended.
    fn ended(&mut self) -> Option<ExitStatus> {
        const MOMENT: Duration = Duration::from_millis(500);
        const LOOK: Duration = Duration::from_millis(1);
        let until = Instant::now() + MOMENT;
        while Instant::now() < until {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            std::thread::sleep(LOOK);
        }
        None
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if self.is_alive() {
            self.signal(Signal::KILL);
            // It may not have come to have a group of its own.
            let _ = self.child.kill();
        }
        // A killed process has an end, and waiting for it leaves no zombie.
        let _ = self.child.wait();
    }
}

/// What became of a process, for a person.
fn described(status: ExitStatus) -> String {
    let Some(number) = status.signal() else {
        return format!("ended by itself ({status})");
    };
    let name = match number {
        libc::SIGSEGV => "SIGSEGV: it read or wrote memory that is not its own",
        libc::SIGBUS => "SIGBUS: it read or wrote memory that is not there",
        libc::SIGILL => "SIGILL: it ran what is no instruction",
        libc::SIGFPE => "SIGFPE: an arithmetic fault",
        libc::SIGABRT => "SIGABRT: it gave up, as when it is refused memory",
        libc::SIGKILL => "SIGKILL: somebody or the system ended it",
        libc::SIGXCPU => "SIGXCPU: it used up its processor time",
        libc::SIGXFSZ => "SIGXFSZ: it wrote too large a file",
        _ => return format!("was ended by signal {number}"),
    };
    format!("was ended by signal {number} ({name})")
}

/// A program to start, the worker's end of the channel, and where the child goes.
type Order = (PathBuf, OwnedFd, Sender<io::Result<Child>>);

/// Has the one thread start a worker.
fn starter(program: &Path, socket: OwnedFd) -> io::Result<Child> {
    static STARTER: OnceLock<Sender<Order>> = OnceLock::new();
    let orders = STARTER.get_or_init(|| {
        let (orders, ordered) = mpsc::channel::<Order>();
        // Without the thread the orders come back unanswered.
        let _ = std::thread::Builder::new().name("starter".into()).spawn(move || {
            for (program, socket, answer) in ordered {
                let _ = answer.send(spawn(&program, socket));
            }
        });
        orders
    });
    let gone = |_| io::Error::other("the thread that starts processes is gone");
    let (answer, answered) = mpsc::channel();
    orders.send((program.into(), socket, answer)).map_err(|_| gone(mpsc::RecvError))?;
    answered.recv().map_err(gone)?
}

fn spawn(program: &Path, socket: OwnedFd) -> io::Result<Child> {
    Command::new(program)
        .arg0("assay")
        .arg(ROLE)
        .env_clear()
        .stdin(Stdio::from(socket))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}
