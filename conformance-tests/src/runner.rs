// SPDX-License-Identifier: MIT OR Apache-2.0
//! Runs cases, each in a process of its own, so that one that dies or hangs is a failed case.
//!
//! The child is this program with `run-case`. It writes lines on its standard output that start
//! with a mark: what it is about to try, and at the end what came of it. Whatever a plugin prints
//! has no mark and is passed over.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::case::{Case, Outcome, Problem, Status};
use crate::plugin::Trial;

/// Start of a line from the child.
const MARK: &str = "\u{1}assay-case ";
/// How often a child is looked at.
const POLL: Duration = Duration::from_millis(3);
/// Longest line that is read from a child, bytes.
const MAX_LINE_BYTES: u64 = 1 << 20;
/// Longest description of what a child was about to try, bytes.
const MAX_PROGRESS_BYTES: usize = 400;

/// How cases are run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// This program, which has the `run-case` command.
    pub program: PathBuf,
    /// Seed of everything that is random.
    pub seed: u64,
    /// Longest time a case may take.
    pub timeout: Duration,
    /// Run the case here, for a debugger; nothing stops it then.
    pub in_process: bool,
}

/// One line from the child.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    /// About to try this.
    At(String),
    /// The end.
    Done { status: Status, message: String },
}

/// What was read from a child so far.
#[derive(Debug, Default)]
struct Heard {
    at: String,
    done: Option<(Status, String)>,
}

/// Runs a case on the plugin at `path`.
#[must_use]
pub fn run(case: &Case, path: &Path, settings: &Settings) -> Outcome {
    let start = Instant::now();
    let (status, message) = if settings.in_process {
        closed((case.run)(&Trial::new(path, settings.seed, &|_| {})))
    } else {
        run_child(case, path, settings)
    };
    Outcome {
        id: case.id.to_owned(),
        group: case.group,
        description: case.description.to_owned(),
        status,
        message,
        duration_ms: u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}

/// The child's part: runs a case and writes the lines.
///
/// # Errors
/// When the lines cannot be written.
pub fn run_as_child(case: &Case, path: &Path, seed: u64) -> std::io::Result<()> {
    let say = |line: &Line| -> std::io::Result<()> {
        let text = serde_json::to_string(line).map_err(std::io::Error::other)?;
        let mut out = std::io::stdout().lock();
        writeln!(out, "\n{MARK}{text}")?;
        out.flush()
    };
    let progress = |what: &str| {
        // A parent that no longer listens has no use for the progress either.
        let _ = say(&Line::At(shortened(what)));
    };
    let (status, message) = closed((case.run)(&Trial::new(path, seed, &progress)));
    say(&Line::Done { status, message })
}

fn closed(result: Result<(), Problem>) -> (Status, String) {
    match result {
        Ok(()) => (Status::Success, String::new()),
        Err(problem) => (problem.status, problem.message),
    }
}

fn shortened(text: &str) -> String {
    let ends = text.char_indices().map(|(at, _)| at).take_while(|&at| at <= MAX_PROGRESS_BYTES);
    let end = if text.len() <= MAX_PROGRESS_BYTES { text.len() } else { ends.last().unwrap_or(0) };
    text[..end].to_owned()
}

fn run_child(case: &Case, path: &Path, settings: &Settings) -> (Status, String) {
    let seed = settings.seed.to_string();
    let spawned = Command::new(&settings.program)
        .args(["run-case", "--seed", &seed, case.id])
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => {
            let program = settings.program.display();
            return (Status::Skipped, format!("{program} cannot be started: {error}"));
        }
    };
    let heard = Arc::new(Mutex::new(Heard::default()));
    let reader = child.stdout.take().map(|out| {
        let heard = Arc::clone(&heard);
        thread::spawn(move || listen(out, &heard))
    });
    let ended = wait(&mut child, settings.timeout);
    if let Some(reader) = reader {
        // It ends with the child's output; if it panicked, what it heard is still there.
        let _ = reader.join();
    }
    let heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
    let at = if heard.at.is_empty() { "opening the library" } else { &heard.at };
    match (ended, &heard.done) {
        (Ok(Some(_)), Some((status, message))) => (*status, message.clone()),
        (Ok(Some(status)), None) => {
            (Status::Crashed, format!("the process died ({}) at: {at}", cause(status)))
        }
        (Ok(None), _) => {
            let limit = settings.timeout.as_secs_f64();
            (Status::Crashed, format!("no answer within {limit} s at: {at}"))
        }
        (Err(error), _) => (Status::Skipped, format!("the process cannot be watched: {error}")),
    }
}

/// Waits for a child; one that takes longer than `timeout` is killed and gives `None`.
fn wait(child: &mut Child, timeout: Duration) -> std::io::Result<Option<ExitStatus>> {
    let end = Instant::now() + timeout;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= end {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(POLL);
    }
}

fn listen(out: impl Read, heard: &Mutex<Heard>) {
    let mut out = BufReader::new(out);
    let mut line = Vec::new();
    loop {
        line.clear();
        match (&mut out).take(MAX_LINE_BYTES).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&line);
        let Some(text) = text.strip_prefix(MARK) else { continue };
        let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        match serde_json::from_str(text) {
            Ok(Line::At(what)) => heard.at = what,
            Ok(Line::Done { status, message }) => heard.done = Some((status, message)),
            Err(_) => {}
        }
    }
}

#[cfg(unix)]
fn cause(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    let name = |signal| match signal {
        4 => " SIGILL",
        6 => " SIGABRT",
        7 => " SIGBUS",
        9 => " SIGKILL",
        11 => " SIGSEGV",
        _ => "",
    };
    let signal = status.signal().map(|signal| format!("signal {signal}{}", name(signal)));
    signal.unwrap_or_else(|| status.to_string())
}

#[cfg(not(unix))]
fn cause(status: ExitStatus) -> String {
    status.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_heard_between_whatever_else_is_printed() {
        let done = serde_json::to_string(&Line::Done {
            status: Status::Failed,
            message: "score must be within 0..=1, found NaN".into(),
        });
        let out = format!(
            "noise\n{MARK}{{\"at\":\"flat\"}}\n\u{1}other\n{MARK}garbage\n{MARK}{}\nend",
            done.unwrap()
        );
        let heard = Mutex::new(Heard::default());
        listen(out.as_bytes(), &heard);
        let heard = heard.into_inner().unwrap();
        assert_eq!(heard.at, "flat");
        let expected = (Status::Failed, "score must be within 0..=1, found NaN".to_owned());
        assert_eq!(heard.done, Some(expected));
    }

    #[test]
    fn progress_is_cut_at_a_character() {
        let long = "é".repeat(300);
        assert_eq!(shortened(&long).chars().count(), 200);
        assert_eq!(shortened("short"), "short");
    }
}
