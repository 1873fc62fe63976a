// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a worker gives up before it meets anything foreign, and what of that the system granted.
//!
//! Landlock [landlock(7)] leaves of the file system what it takes to load a library and what the policy
//! names; seccomp [seccomp(2)] leaves the calls of [`super::syscalls`]: no socket, no process; resource
//! limits bound memory, processor time, files. The process dies with its host, is the first to be taken
//! when the machine is out of memory, and cannot gain rights. Where the system lacks one of them the
//! others still hold, and the host is told.

#![allow(unsafe_code)] // closing descriptors by number, setting the allocator

use std::collections::BTreeMap;
use std::path::Path;

use landlock::{
    Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset,
    RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, ABI,
};
use rustix::process::{setrlimit, Resource, Rlimit, Signal};
use seccompiler::{
    apply_filter_all_threads, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp,
    SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
};

use super::message::Start;
use super::syscalls::{ALLOWED, ALLOWED_HERE, ALLOWED_ON_ITSELF, ALLOWED_TO_BECOME};
use super::wire::{fields, words, Malformed, Wire};

/// The newest Landlock whose rights are known here.
const LANDLOCK: ABI = ABI::V6;

/// Where the system keeps libraries, and how it finds them.
const LIBRARIES: [&str; 7] = [
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/etc/ld.so.cache",
    "/usr/share/zoneinfo",
];

/// Files that a worker may have open, those of its threads' libraries included.
const OPEN_FILES: u64 = 256;

/// How much of one protection is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Force {
    /// All of it.
    Full,
    /// What this kernel knows of it.
    Partial,
    /// Nothing.
    None,
}

/// What keeps a worker in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confinement {
    /// Landlock: files, TCP ports, signals and abstract sockets.
    pub landlock: Force,
    /// Seccomp: system calls.
    pub seccomp: Force,
    /// Resource limits: memory, processor time, files.
    pub limits: Force,
}

impl Confinement {
    /// That of a process like any other.
    pub const NONE: Self =
        Self { landlock: Force::None, seccomp: Force::None, limits: Force::None };

    /// Whether nothing is missing that keeps a worker from files, sockets and processes.
    #[must_use]
    pub fn is_tight(&self) -> bool {
        self.landlock != Force::None && self.seccomp == Force::Full && self.limits == Force::Full
    }
}

impl std::fmt::Display for Confinement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = |force| match force {
            Force::Full => "in force",
            Force::Partial => "partly in force",
            Force::None => "missing",
        };
        let Self { landlock, seccomp, limits } = *self;
        write!(f, "landlock {}, seccomp {}, ", word(landlock), word(seccomp))?;
        write!(f, "resource limits {}", word(limits))
    }
}

words! { Force { Full, Partial, None } }
fields! { Confinement { landlock, seccomp, limits } }

/// Closes every descriptor but the three standard ones: nothing of the host's is inherited.
pub(super) fn close_inherited() {
    // SAFETY: called before anything else of the process runs; nothing in it owns a descriptor yet.
    unsafe { libc::close_range(3, libc::c_uint::MAX, 0) };
}

/// Has the allocator keep what a call gave back, for the next call: it would return it to the system each
/// time, since a worker computes on its first thread, and fetching it anew takes a fault a page.
pub(super) fn keep_memory() {
    #[cfg(target_env = "gnu")]
    {
        /// What may lie idle, bytes: what reading the coefficients of 12 megapixels takes.
        const IDLE: libc::c_int = 64 << 20;
        /// The largest threshold that the allocator takes, bytes [mallopt(3), M_MMAP_THRESHOLD].
        const LARGEST: libc::c_int = 32 << 20;
        // SAFETY: sets two numbers of the allocator before any other thread runs.
        unsafe {
            libc::mallopt(libc::M_TRIM_THRESHOLD, IDLE);
            libc::mallopt(libc::M_MMAP_THRESHOLD, LARGEST);
        }
    }
}

/// Gives up what `start` does not grant.
pub(super) fn close_in(start: &Start) -> Confinement {
    // Missing rights to any of the four leave the process as it was. A session of its own is a group of its
    // own for signals, and where the system shares out time by session [sched(7), autogroup] all threads
    // of a worker together get what the host's get.
    let _ = rustix::process::setsid();
    let _ = rustix::process::set_parent_process_death_signal(Some(Signal::KILL));
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    let limits = limit(start);
    let landlock = landlock(start).unwrap_or(Force::None);
    let seccomp = if seccomp(start).is_some() { Force::Full } else { Force::None };
    Confinement { landlock, seccomp, limits }
}

/// Memory counts twice: what is private, and, twice as much, all addresses, which bounds what is shared.
fn limit(start: &Start) -> Force {
    let limits = [
        (Resource::Data, start.memory_bytes),
        (Resource::As, start.memory_bytes.saturating_mul(2)),
        (Resource::Cpu, start.processor_seconds),
        (Resource::Fsize, start.file_bytes),
        (Resource::Nofile, OPEN_FILES),
        (Resource::Core, 0),
    ];
    let set = |(resource, most): (Resource, u64)| {
        let limit = Rlimit { current: Some(most), maximum: Some(most) };
        setrlimit(resource, limit).is_ok()
    };
    if limits.map(set).iter().all(|&is_set| is_set) {
        Force::Full
    } else {
        Force::Partial
    }
}

fn landlock(start: &Start) -> Result<Force, RulesetError> {
    let ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(LANDLOCK))?
        .handle_access(AccessNet::from_all(LANDLOCK))?
        .scope(Scope::from_all(LANDLOCK))?
        .create()?;
    let mut granted = LIBRARIES.iter().copied().chain(start.readable.iter().map(String::as_str));
    let ruleset = granted.try_fold(ruleset, |ruleset, path| readable(ruleset, Path::new(path)))?;
    let ruleset = start.listable.iter().try_fold(ruleset, |ruleset, folder| {
        let Ok(opened) = PathFd::new(folder) else { return Ok(ruleset) };
        ruleset.add_rule(PathBeneath::new(opened, AccessFs::ReadDir))
    })?;
    Ok(match ruleset.restrict_self()?.ruleset {
        RulesetStatus::FullyEnforced => Force::Full,
        RulesetStatus::PartiallyEnforced => Force::Partial,
        RulesetStatus::NotEnforced => Force::None,
    })
}

/// Lets a file or what is below a folder be read; what is not there is left out.
fn readable(ruleset: RulesetCreated, path: &Path) -> Result<RulesetCreated, RulesetError> {
    let Ok(opened) = PathFd::new(path) else { return Ok(ruleset) };
    let is_folder = path.is_dir();
    let rights = AccessFs::from_read(LANDLOCK);
    let rights = if is_folder { rights } else { rights & AccessFs::from_file(LANDLOCK) };
    ruleset.add_rule(PathBeneath::new(opened, rights))
}

/// `None` where the system has no seccomp.
fn seccomp(start: &Start) -> Option<()> {
    let machine = TargetArch::try_from(std::env::consts::ARCH).ok()?;
    let refusing = |rules, mismatch, matched| {
        let filter = SeccompFilter::new(rules, mismatch, matched, machine).ok()?;
        BpfProgram::try_from(filter).ok()
    };
    let refused = |errno: i32| SeccompAction::Errno(errno.unsigned_abs());
    let become_another = if start.runs_a_program { ALLOWED_TO_BECOME } else { &[] };
    let allowed = ALLOWED.iter().chain(ALLOWED_HERE).chain(become_another);
    let mut rules: BTreeMap<_, _> = allowed.map(|&call| (call, Vec::new())).collect();
    rules.insert(libc::SYS_clone, vec![starts_a_thread()?]);
    rules.insert(libc::SYS_prlimit64, vec![concerns(0)?]);
    rules.extend(itself()?);
    rules.extend(prctl()?);
    if start.runs_a_program {
        rules.insert(libc::SYS_ioctl, marks_to_close()?);
    }
    let allowed = refusing(rules, refused(libc::EPERM), SeccompAction::Allow)?;
    // A second filter, since a filter has one answer for what it lists.
    let no_clone3 = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
    let no_clone3 = refusing(no_clone3, SeccompAction::Allow, refused(libc::ENOSYS))?;
    apply_filter_all_threads(&no_clone3).ok()?;
    apply_filter_all_threads(&allowed).ok()
}

/// `clone` with the flag of a thread.
fn starts_a_thread() -> Option<SeccompRule> {
    let flag = libc::CLONE_THREAD.unsigned_abs().into();
    condition(0, SeccompCmpOp::MaskedEq(flag), flag)
}

/// The first argument is this process or 0, which says so.
fn concerns(process: u64) -> Option<SeccompRule> {
    condition(0, SeccompCmpOp::Eq, process)
}

/// `ioctl` that marks a descriptor to be closed or unmarks it, which Python does to each file that it opens.
fn marks_to_close() -> Option<Vec<SeccompRule>> {
    /// FIOCLEX and FIONCLEX [Linux, `asm-generic/ioctls.h`].
    const REQUESTS: [u64; 2] = [0x5451, 0x5450];
    REQUESTS.iter().map(|&request| condition(1, SeccompCmpOp::Eq, request)).collect()
}

fn condition(argument: u8, compare: SeccompCmpOp, value: u64) -> Option<SeccompRule> {
    let condition =
        SeccompCondition::new(argument, SeccompCmpArgLen::Dword, compare, value).ok()?;
    SeccompRule::new(vec![condition]).ok()
}

fn itself() -> Option<Vec<(i64, Vec<SeccompRule>)>> {
    let own = u64::from(std::process::id());
    let rule = |&call: &i64| Some((call, vec![concerns(own)?]));
    ALLOWED_ON_ITSELF.iter().map(rule).collect()
}

/// Names of threads and of memory, and nothing else that `prctl` does.
fn prctl() -> Option<Vec<(i64, Vec<SeccompRule>)>> {
    let allowed = [libc::PR_SET_NAME, libc::PR_GET_NAME, libc::PR_SET_VMA];
    let rules = allowed.iter().map(|option| concerns(option.unsigned_abs().into()));
    Some(vec![(libc::SYS_prctl, rules.collect::<Option<_>>()?)])
}
