// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which of the entries of an archive a process examines.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

/// Most shards of one archive.
const MOST: u32 = 100_000;

/// One of so many equal parts of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    of: u32,
}

/// Why a text names no shard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected I/N, the number of the shard from 0 and how many there are, at most 100000, such as 0/8, found \"{0}\"")]
pub struct ShardError(String);

impl Shard {
    /// The whole archive.
    pub const WHOLE: Self = Self { index: 0, of: 1 };

    /// Whether an entry is of this shard: the first eight bytes of the SHA-256 of its name, as a big-endian
    /// number, modulo the number of shards, is the shard's own number.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        let digest = Sha256::digest(name.as_bytes());
        let number = digest.iter().take(8).fold(0, |number, &byte| number << 8 | u64::from(byte));
        number % u64::from(self.of) == u64::from(self.index)
    }

    /// Whether another is one of the same division, this one included.
    #[must_use]
    pub fn is_beside(&self, other: Self) -> bool {
        self.of == other.of
    }

    /// The name of one of its parts: `part-00003-of-00010-000001.parquet`.
    #[must_use]
    pub fn part(&self, number: u64) -> String {
        format!("part-{:05}-of-{:05}-{number:06}.parquet", self.index, self.of)
    }

    /// The shard and the number that a part's name tells; none where the name is no part's.
    #[must_use]
    pub fn of_part(name: &str) -> Option<(Self, u64)> {
        let mut words = name.strip_prefix("part-")?.strip_suffix(".parquet")?.split('-');
        let mut next = || words.next();
        let (index, of, of_all, number) = (next()?, next()?, next()?, next()?);
        let shard = Self { index: index.parse().ok()?, of: of_all.parse().ok()? };
        let number = number.parse().ok()?;
        (of == "of" && shard.part(number) == name).then_some((shard, number))
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let read = || {
            let (index, of) = text.split_once('/')?;
            let shard = Self { index: index.parse().ok()?, of: of.parse().ok()? };
            (shard.index < shard.of && shard.of <= MOST).then_some(shard)
        };
        read().ok_or_else(|| ShardError(text.into()))
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    #[test]
    fn the_shard_of_a_name_is_what_the_documentation_says() {
        // python3 -c 'import hashlib; d=hashlib.sha256(b"a/photo.jpg").digest();
        //   print(int.from_bytes(d[:8], "big") % 8)'
        let of = 8;
        let mine: Vec<_> =
            (0..of).filter(|&index| Shard { index, of }.has("a/photo.jpg")).collect();
        assert_eq!(mine, [7]);
    }

    proptest! {
        #[test]
        fn every_name_is_of_one_shard(name in ".{0,40}", of in 1..60_u32) {
            let shards = (0..of).filter(|&index| Shard { index, of }.has(&name));
            prop_assert_eq!(shards.count(), 1);
        }

        #[test]
        fn a_part_tells_its_shard(of in 1..=MOST, index in 0..MOST, number in 0..10_000_000_u64) {
            let shard = Shard { index: index % of, of };
            prop_assert_eq!(Shard::of_part(&shard.part(number)), Some((shard, number)));
            prop_assert_eq!(shard.to_string().parse(), Ok(shard));
        }

        #[test]
        fn what_is_no_shard_and_no_part_is_told(text in "[0-9/ -]{0,8}") {
            if let Ok(shard) = text.parse::<Shard>() {
                prop_assert!(shard.index < shard.of);
            }
            prop_assert_eq!(Shard::of_part(&text), None);
        }
    }
}
