// SPDX-License-Identifier: MIT OR Apache-2.0
//! The chain of the audit log: what an entry's hash is of, and whether entries fit each other.
//!
//! A hash is SHA-256 over parts, each preceded by its length in eight bytes, the lowest first: the tag
//! of the version, the hash of the entry before (32 zeros for the first), number and time (eight bytes
//! each), kind, actor, act, subject, organisation (one part behind a 1, or a 0 alone), detail. So no two
//! entries read alike, and whoever changes one has to make all later ones anew; a head that was noted
//! elsewhere finds that too.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// The version that is written.
pub(super) const VERSION: i64 = 1;
/// Its tag.
const TAG: &[u8] = b"assay audit log 1";
/// What stands for the hash before the first entry.
const NOTHING: [u8; 32] = [0; 32];

/// An entry as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Its place: 1, 2, 3 and so on.
    pub number: i64,
    /// Of its canonical form.
    pub version: i64,
    /// When, Unix seconds.
    pub at: i64,
    /// `administration` or `analysis`.
    pub kind: String,
    /// Who: `cli`, `server`, or a key's name.
    pub actor: String,
    /// What.
    pub act: String,
    /// On what.
    pub subject: String,
    /// Whom it is about.
    pub organisation: Option<String>,
    /// More about it, JSON.
    pub detail: String,
    /// The hash of the entry before.
    pub previous: Vec<u8>,
    /// Its own hash.
    pub hash: Vec<u8>,
}

/// A hash, as a person writes it: 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hash(pub(super) [u8; 32]);

/// The first thing that is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Broken {
    /// An entry of another number stands in a place.
    #[error("entry {expected} is missing: entry {found} stands in its place")]
    Place {
        /// The number that should be there.
        expected: i64,
        /// The number that is.
        found: i64,
    },
    /// An entry was written by a version that this one does not know.
    #[error("entry {number} has the form {version}, which this version does not know")]
    Version {
        /// The entry.
        number: i64,
        /// Its form.
        version: i64,
    },
    /// An entry does not follow the one before it.
    #[error("entry {number} does not follow the entry before it: one of the two was changed or replaced")]
    Order {
        /// The entry.
        number: i64,
    },
    /// An entry's hash is not that of what it says.
    #[error("entry {number} was changed: its hash is not that of what it says")]
    Content {
        /// The entry.
        number: i64,
    },
    /// The answer of an analysis is not the one that the log tells of.
    #[error("entry {number}: the stored answer of {subject} is not the one that was given")]
    Answer {
        /// The entry.
        number: i64,
        /// The request.
        subject: String,
    },
    /// The answer of an analysis that the log tells of is not there.
    #[error("entry {number}: the answer of {subject} was deleted")]
    Missing {
        /// The entry.
        number: i64,
        /// The request.
        subject: String,
    },
    /// The noted head is not in the log.
    #[error("no entry has the hash {head}: the log was cut off at its end, or written anew")]
    Head {
        /// What was noted.
        head: Hash,
    },
}

/// Follows a log from its first entry.
#[derive(Clone, Debug)]
pub struct Chain {
    number: i64,
    head: [u8; 32],
    /// A hash that must come, and has not yet.
    awaited: Option<Hash>,
}

impl LogEntry {
    /// The hash of what it says.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        part(TAG);
        part(&self.previous);
        part(&self.number.to_le_bytes());
        part(&self.at.to_le_bytes());
        for text in [&self.kind, &self.actor, &self.act, &self.subject] {
            part(text.as_bytes());
        }
        match &self.organisation {
            Some(name) => {
                part(&[1]);
                part(name.as_bytes());
            }
            None => part(&[0]),
        }
        part(self.detail.as_bytes());
        hash.finalize().into()
    }
}

impl Chain {
    /// A chain in which the noted head, if any, must come.
    #[must_use]
    pub fn new(noted: Option<Hash>) -> Self {
        Self { number: 0, head: NOTHING, awaited: noted.filter(|noted| noted.0 != NOTHING) }
    }

    /// Goes on behind an entry whose number and hash are known.
    pub(super) fn behind(last: Option<(i64, Vec<u8>)>) -> Option<Self> {
        let (number, head) = match last {
            Some((number, hash)) => (number, hash.try_into().ok()?),
            None => (0, NOTHING),
        };
        Some(Self { number, head, awaited: None })
    }

    /// The number of the next entry and the hash that stands in it.
    pub(super) fn next(&self) -> (i64, [u8; 32]) {
        (self.number + 1, self.head)
    }

    /// Takes the next entry.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn add(&mut self, entry: &LogEntry) -> Result<(), Broken> {
        let (expected, before) = self.next();
        let number = entry.number;
        if number != expected {
            return Err(Broken::Place { expected, found: number });
        }
        if entry.version != VERSION {
            return Err(Broken::Version { number, version: entry.version });
        }
        if entry.previous != before {
            return Err(Broken::Order { number });
        }
        let digest = entry.digest();
        if entry.hash != digest {
            return Err(Broken::Content { number });
        }
        (self.number, self.head) = (number, digest);
        self.awaited = self.awaited.filter(|noted| noted.0 != digest);
        Ok(())
    }

    /// How many entries there were, and the hash of the last one.
    ///
    /// # Errors
    /// When the noted head has not come.
    pub fn finish(self) -> Result<(i64, Hash), Broken> {
        match self.awaited {
            Some(head) => Err(Broken::Head { head }),
            None => Ok((self.number, Hash(self.head))),
        }
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::str::FromStr for Hash {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected a hash of 64 hexadecimal digits";
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(EXPECTED);
        }
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| EXPECTED)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| EXPECTED)?;
        }
        Ok(Self(bytes))
    }
}
