// SPDX-License-Identifier: MIT OR Apache-2.0
//! A detector that attacks the process it runs in, as the parameter `attack` names.
//!
//! What ends the process has no answer. What reaches out of it says in `detail` whether that worked:
//! `done: …` or `refused: …`.

#![allow(unsafe_code)] // breaking a process takes it

use std::fs::File;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::FromRawFd as _;
use std::os::unix::net::UnixStream;
use std::process::Command;

use assay_plugin_api::prelude::*;

/// An answer like any detector's, then one word for each attack.
const ATTACKS: &[&str] = &[
    "sound",
    "segfault",
    "overflow",
    "allocate",
    "exit",
    "abort",
    "spin",
    "process",
    "kill_host",
    "tcp",
    "udp",
    "listen",
    "unix",
    "read_secret",
    "read_own_file",
    "write_file",
    "environment",
    "descriptors",
    "trace_host",
    "print",
    "forge",
    "flood",
    "huge_report",
    "write_picture",
    "unseal_picture",
    "threads",
];

/// More memory than a worker is allowed, bytes.
const TOO_MUCH: usize = 10 << 30;
/// Descriptors that `forge` and `flood` write to.
const DESCRIPTORS: std::ops::Range<i32> = 0..64;
/// Threads that `threads` leaves behind, each of which computes for ever.
const THREADS: usize = 8;

struct Hostile {
    attack: String,
    file: String,
}

impl Detector for Hostile {
    const ID: &'static str = "hostile";
    const MODEL_KEY: &'static str = "hostile";
    const RESULT_KEY: &'static str = "hostile_test";
    const TITLE: &'static str = "Hostile detector";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const LICENCE: &'static str = "MIT OR Apache-2.0";
    const KIND: Kind = Kind::Manipulation;
    const INPUTS: &'static [Input] = &[Input::Luma];

    fn card() -> ModelCard {
        ModelCard::new("Says nothing about pictures; attacks the process it runs in on demand.")
            .method("None.")
            .limits("For tests.")
            .reference("None.")
    }

    fn params() -> Vec<ParamSpec> {
        vec![
            ParamSpec::choice("attack", "sound", ATTACKS).doc("How to attack."),
            ParamSpec::choice("file", "", &[]).doc("A file for the attacks that take one."),
        ]
    }

    fn new(params: &Params) -> Result<Self, String> {
        let text = |name| params.text(name).to_owned();
        Ok(Self { attack: text("attack"), file: text("file") })
    }

    fn detect(&self, evidence: &Evidence<'_>) -> Result<Report, NoScore> {
        let luma = evidence.luma()?;
        let report = Report::new(Score::clamped(0.5));
        Ok(match self.attack.as_str() {
            "sound" => report.detail("As a conforming detector says."),
            "huge_report" => {
                let cells = luma.width() * luma.height();
                let report = report.heatmap(Heatmap {
                    columns: u32::MAX,
                    rows: 1,
                    cell_px: 1,
                    values: vec![0.5; cells].into(),
                });
                report.attribute("text", "x".repeat(80 << 20))
            }
            "write_picture" => {
                // SAFETY: none; the fault is what is wanted.
                unsafe { evidence.encoded().as_ptr().cast_mut().write_volatile(0) };
                report.detail("done: it worked")
            }
            "unseal_picture" => report.detail(told(unseal(evidence.encoded()))),
            attack => report.detail(self.outcome(attack)),
        })
    }
}

impl Hostile {
    fn outcome(&self, attack: &str) -> String {
        match attack {
            // SAFETY: none; the fault is what is wanted.
            "segfault" => unsafe { std::ptr::dangling_mut::<u64>().write_volatile(1) },
            "overflow" => return overflow(0).to_string(),
            "allocate" => return vec![1u8; TOO_MUCH].len().to_string(),
            "exit" => std::process::exit(0),
            "abort" => std::process::abort(),
            "spin" => loop {
                std::hint::spin_loop();
            },
            "process" => return told(Command::new("/bin/true").status()),
            "kill_host" => return told(kill_host()),
            "tcp" => return told(TcpStream::connect("127.0.0.1:9")),
            "udp" => return told(UdpSocket::bind("127.0.0.1:0")),
            "listen" => return told(TcpListener::bind("127.0.0.1:0")),
            "unix" => return told(UnixStream::pair()),
            "read_secret" => return told(std::fs::read("/etc/passwd")),
            "read_own_file" => return told(std::fs::read(&self.file)),
            "write_file" => return told(std::fs::write(&self.file, "overwritten")),
            "environment" => {
                let names: Vec<_> = std::env::vars().map(|(name, _)| name).collect();
                return format!("environment: {}", names.join(" "));
            }
            "descriptors" => return descriptors(),
            "trace_host" => return told(std::fs::read(format!("/proc/{}/mem", parent()))),
            "print" => {
                let text = "x".repeat(1 << 20);
                let _ = std::io::stdout().write_all(text.as_bytes());
                let _ = std::io::stderr().write_all(text.as_bytes());
            }
            "forge" => write_everywhere(b"no message of any protocol"),
            "flood" => (0..100_000).for_each(|_| write_everywhere(&[0xff; 4096])),
            _ => (0..THREADS).for_each(|_| {
                std::thread::spawn(|| loop {
                    std::hint::spin_loop();
                });
            }),
        }
        "done".into()
    }
}

fn told<T>(result: std::io::Result<T>) -> String {
    match result {
        Ok(_) => "done: it worked".into(),
        Err(error) => format!("refused: {error}"),
    }
}

/// Uses up the stack.
#[allow(unconditional_recursion)] // what is wanted
fn overflow(depth: u64) -> u64 {
    let frame = std::hint::black_box([depth; 512]);
    overflow(std::hint::black_box(depth + 1)) + frame[0]
}

extern "C" {
    fn getppid() -> i32;
    fn kill(process: i32, signal: i32) -> i32;
    fn mprotect(address: *mut u8, length: usize, protection: i32) -> i32;
}

fn parent() -> i32 {
    // SAFETY: takes and touches nothing.
    unsafe { getppid() }
}

/// Asks whether the host could be sent a signal: 0 is none.
fn kill_host() -> std::io::Result<()> {
    // SAFETY: passes two numbers.
    match unsafe { kill(parent(), 0) } {
        0 => Ok(()),
        _ => Err(std::io::Error::last_os_error()),
    }
}

/// Asks that lent memory may be written.
fn unseal(bytes: &[u8]) -> std::io::Result<()> {
    /// PROT_READ and PROT_WRITE.
    const READ_AND_WRITE: i32 = 3;
    const PAGE_BYTES: usize = 4096;
    let before = bytes.as_ptr().addr() % PAGE_BYTES;
    let page = bytes.as_ptr().wrapping_sub(before).cast_mut();
    // SAFETY: nothing is written; whether it could be is what is asked.
    match unsafe { mprotect(page, PAGE_BYTES, READ_AND_WRITE) } {
        0 => Ok(()),
        _ => Err(std::io::Error::last_os_error()),
    }
}

/// What is open, by number; the folder itself is one of them where it can be listed.
fn descriptors() -> String {
    let is_open = |number: &i32| std::fs::metadata(format!("/proc/self/fd/{number}")).is_ok();
    let open: Vec<_> = (0..256).filter(is_open).map(|number| number.to_string()).collect();
    format!("descriptors: {}", open.join(" "))
}

fn write_everywhere(bytes: &[u8]) {
    for number in DESCRIPTORS {
        // SAFETY: none; writing where somebody else does is what is wanted.
        let file = unsafe { File::from_raw_fd(number) };
        let _ = (&file).write_all(bytes);
        std::mem::forget(file);
    }
}

export_detector!(Hostile);
