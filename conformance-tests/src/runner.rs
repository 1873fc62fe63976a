// SPDX-License-Identifier: MIT OR Apache-2.0
//! Runs cases, each in a process of its own, so that one that dies or hangs is a failed case.
//!
//! The child is this program with `run-case`. It reads its task on its standard input, where nobody
//! else sees the keys in it, and writes lines on its standard output that start with a mark: what it is
//! about to try, and at the end what came of it. Whatever a plugin prints has no mark and is passed over.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{mpsc, Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::case::{About, Check, Outcome, Status};
use crate::subject::Subject;

/// Start of a line from the child.
const MARK: &str = "\u{1}assay-case ";
/// How often a child is looked at.
const POLL: Duration = Duration::from_millis(3);
/// How long the output of a child that has ended is waited for: a process that it left behind may hold it
/// open.
const LAST_WORDS: Duration = Duration::from_secs(2);
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

/// What a child is told.
#[derive(Serialize, Deserialize)]
struct Task {
    id: String,
    seed: u64,
    subject: Subject,
}

/// Runs a case on a subject.
#[must_use]
pub fn run(about: About, subject: &Subject, settings: &Settings) -> Outcome {
    let start = Instant::now();
    let (status, message) = if settings.in_process {
        closed(subject.check(about.id, settings.seed, |_| {}))
    } else {
        run_child(about, subject, settings)
    };
    let duration_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    Outcome { about, status, message, duration_ms }
}

/// The child's part: reads its task, runs the case and writes the lines.
///
/// # Errors
/// When the task cannot be read or the lines not be written.
pub fn run_as_child(task: impl Read) -> std::io::Result<()> {
    let Task { id, seed, subject } = serde_json::from_reader(task)?;
    let progress = |what: &str| {
        // A parent that no longer listens has no use for the progress either.
        let _ = say(&Line::At(shortened(what)));
    };
    let (status, message) = closed(subject.check(&id, seed, progress));
    say(&Line::Done { status, message })
}

fn say(line: &Line) -> std::io::Result<()> {
    let text = serde_json::to_string(line)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{MARK}{text}")?;
    out.flush()
}

fn closed(result: Check) -> (Status, String) {
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

fn run_child(about: About, subject: &Subject, settings: &Settings) -> (Status, String) {
    let task = Task { id: about.id.into(), seed: settings.seed, subject: subject.clone() };
    let started = serde_json::to_vec(&task).map_err(std::io::Error::from).and_then(|task| {
        let mut child = Command::new(&settings.program)
            .arg("run-case")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        // One that has died meanwhile reads nothing; how it ended is seen below.
        let _ = child.stdin.take().map(|mut input| input.write_all(&task));
        Ok(child)
    });
    let mut child = match started {
        Ok(child) => child,
        Err(error) => {
            let program = settings.program.display();
            return (Status::Skipped, format!("{program} cannot be started: {error}"));
        }
    };
    let heard = Arc::new(Mutex::new(Heard::default()));
    let (at_end, end) = mpsc::channel::<()>();
    if let Some(out) = child.stdout.take() {
        let heard = Arc::clone(&heard);
        thread::spawn(move || {
            listen(out, &heard);
            drop(at_end);
        });
    }
    let ended = wait(&mut child, settings.timeout);
    // Nothing is ever sent: it returns when the listener is done, or after that time.
    let _ = end.recv_timeout(LAST_WORDS);
    let heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
    let at = if heard.at.is_empty() { "the beginning" } else { &heard.at };
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
