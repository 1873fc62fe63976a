// SPDX-License-Identifier: MIT OR Apache-2.0
//! The server's log on standard error.
//!
//! A system call a line would cost more than a kept answer does, so lines are written together, a moment's
//! at a time; warnings and errors take what stands before them along at once. A process that is killed
//! loses the lines of its last moment.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use clap::ValueEnum;
use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::EnvFilter;

use super::CommandError;

/// What is logged unless the environment says otherwise.
const USUAL: &str = "info,actix_server=warn,sqlx=warn,hyper=warn,reqwest=warn";
const MOMENT: Duration = Duration::from_millis(50);
/// What waits is written at once beyond this, bytes.
const MOST_WAITING: usize = 64 << 10;

/// How to log.
#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// For people
    #[default]
    Human,
    /// One JSON object a line
    Json,
}

/// Lines that wait to be written.
#[derive(Clone, Default)]
pub(super) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Starts to log what `ASSAY_LOG` says.
    ///
    /// # Errors
    /// When that is no filter, or there is no thread to be had.
    pub(super) fn start(form: Form) -> Result<Self, CommandError> {
        let filter = std::env::var("ASSAY_LOG").unwrap_or_else(|_| USUAL.into());
        let filter = EnvFilter::try_new(filter).map_err(|e| format!("ASSAY_LOG: {e}"))?;
        let log = Self::default();
        let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(log.clone());
        match form {
            Form::Human => builder.with_ansi(false).init(),
            Form::Json => builder.json().flatten_event(true).init(),
        }
        let waiting = log.clone();
        thread::Builder::new().name("log".into()).spawn(move || loop {
            thread::sleep(MOMENT);
            waiting.write();
        })?;
        Ok(log)
    }

    /// Writes what waits.
    pub(super) fn write(&self) {
        let mut out = io::stderr().lock();
        let lines = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        // There is nobody to tell that standard error is gone.
        let _ = out.write_all(&lines);
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { log: self, is_urgent: true }
    }

    fn make_writer_for(&'a self, about: &Metadata<'_>) -> Line<'a> {
        Line { log: self, is_urgent: *about.level() <= Level::WARN }
    }
}

/// One line.
pub(super) struct Line<'a> {
    log: &'a Log,
    is_urgent: bool,
}

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut waiting = self.log.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.extend_from_slice(bytes);
        self.is_urgent |= waiting.len() > MOST_WAITING;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        if self.is_urgent {
            self.log.write();
        }
    }
}
