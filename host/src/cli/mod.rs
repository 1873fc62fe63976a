// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod analyze;
mod audit;
mod bench;
mod bulk;
mod calibrate;
mod camera;
mod collection;
mod compare;
mod descriptors;
mod dev;
mod doctor;
mod drawing;
mod evaluate;
mod host_place;
mod in_order;
mod inputs;
mod install;
mod kept_policies;
mod keys;
mod leaderboard;
mod lock;
mod log;
mod output;
mod plugins;
mod policy;
mod replay;
mod report;
mod rescore;
mod scaffold;
mod serve;
mod setup;
mod stored;
mod webhooks;

/// Tells whether a picture is a camera's, a generator's or a retoucher's, why, and how sure it is.
#[derive(Parser)]
#[command(name = "assay", version, arg_required_else_help = true)]
struct Arguments {
    /// Configuration file [default: ./config/assay.toml, else the built-in one]
    #[arg(long, global = true, value_name = "FILE", env = "ASSAY_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Examine pictures and print a verdict for each
    Analyze(analyze::Arguments),
    /// Measure how fast pictures are examined here, stage by stage
    Bench(bench::Arguments),
    /// Examine an archive of millions, a shard a process, to Parquet
    Bulk(bulk::Arguments),
    /// Measure detectors and a policy on a labelled collection
    Evaluate(evaluate::Arguments),
    /// Compare detectors or policies on the same pictures, from kept results
    Compare(compare::Arguments),
    /// Set kept results of the same pictures side by side
    Leaderboard(leaderboard::Arguments),
    /// Fit a policy to a labelled collection
    Calibrate(calibrate::Arguments),
    /// Enrol cameras by their sensors, or tell which took a picture
    Camera(camera::Arguments),
    /// List, inspect, check, install, make or develop detector plugins
    Plugins(plugins::Arguments),
    /// Tell what is configured, whether it can be had, and what keeps it in
    Doctor(doctor::Arguments),
    /// Check, show or compare policies, and make kept verdicts again under one
    Policy(policy::Arguments),
    /// Answer the HTTP API
    Serve(serve::ServeArguments),
    /// Do jobs and send webhooks for servers that share the database
    Worker(serve::WorkerArguments),
    /// Make, list, rotate or revoke API keys
    Keys(keys::Arguments),
    /// Show or rotate what webhooks are signed with
    Webhooks(webhooks::Arguments),
    /// Do one thing for the process that started this one
    #[command(hide = true)]
    Apart,
    /// Check or print the audit log
    Audit(audit::Arguments),
    /// Make a stored verdict again and tell what is equal
    Replay(replay::Arguments),
    /// Write a report of a picture or of a stored answer
    Report(report::Arguments),
}

/// Exit codes: 0 done, 1 an input failed, 2 usage or configuration, 3 told to stop before the end, 10
/// `--fail-on` tripped.
mod exit {
    pub(super) const INPUT_FAILED: u8 = 1;
    pub(super) const USAGE: u8 = 2;
    pub(super) const STOPPED: u8 = 3;
    pub(super) const FAIL_ON: u8 = 10;
}

/// An error that ends the command: usage, configuration, or output that cannot be written.
type CommandError = Box<dyn std::error::Error>;

/// Runs the command that the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let config = arguments.config.as_deref();
    let done = match &arguments.command {
        Command::Analyze(arguments) => analyze::run(arguments, config),
        Command::Bench(arguments) => bench::run(arguments, config),
        Command::Bulk(arguments) => bulk::run(arguments, config),
        Command::Evaluate(arguments) => evaluate::run(arguments, config),
        Command::Compare(arguments) => compare::run(arguments, config),
        Command::Leaderboard(arguments) => leaderboard::run(arguments),
        Command::Calibrate(arguments) => calibrate::run(arguments, config),
        Command::Camera(arguments) => camera::run(arguments, config),
        Command::Plugins(arguments) => plugins::run(arguments, config),
        Command::Doctor(arguments) => doctor::run(arguments, config),
        Command::Policy(arguments) => policy::run(arguments, config),
        Command::Serve(arguments) => serve::run(arguments, config),
        Command::Worker(arguments) => serve::work(arguments, config),
        Command::Keys(arguments) => keys::run(arguments, config),
        Command::Webhooks(arguments) => webhooks::run(arguments, config),
        Command::Apart => crate::worker::serve().map(|()| ExitCode::SUCCESS),
        Command::Audit(arguments) => audit::run(arguments, config),
        Command::Replay(arguments) => replay::run(arguments, config),
        Command::Report(arguments) => report::run(arguments, config),
    };
    done.unwrap_or_else(|error| {
        if is_broken_pipe(&*error) {
            return ExitCode::SUCCESS;
        }
        anstream::eprintln!("error: {error}");
        ExitCode::from(exit::USAGE)
    })
}

/// Whether the reader of the output has gone, as `head` does: no error of ours.
fn is_broken_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    let error = error.downcast_ref::<std::io::Error>();
    error.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}
