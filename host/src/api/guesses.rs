// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whoever guesses at keys is slowed down, by address.
//!
//! A key's secret has 256 random bits, so that nobody finds one; but each try asks the database. An
//! address may send some unknown keys at once and then one every few seconds; beyond it no key that is
//! new there is looked up. A key that was accepted from there lately goes on, so that one client's
//! mistake does not lock out its neighbours behind the same address.
//!
//! Hosts of one database count together: whoever has looked up an unknown key learns how many the others have. So
//! an address gets at most one more from each further host, and no good request writes anything.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Addresses that are counted apart; all further ones share one count.
const MOST_ADDRESSES: usize = 65_536;
/// Keys with the address that they were accepted from, which are remembered.
const MOST_KNOWN: u64 = 65_536;
/// How long they are.
const KNOWN_FOR: Duration = Duration::from_secs(3_600);
/// How far ahead of this host's clock others may have put an address.
const LONGEST: Duration = Duration::from_secs(86_400);
/// Bits of a version 6 address that one subscriber chooses at will.
const OWN_BITS: u32 = 64;

/// Unknown keys by the address that sent them.
#[derive(Debug)]
pub struct Guesses {
    /// How long the count of an address may run ahead of the clock.
    most_ahead: Duration,
    /// How far one unknown key puts it ahead.
    step: Duration,
    counts: Mutex<Counts>,
    known: moka::sync::Cache<[u8; 32], ()>,
}

/// When each count will have been paid off.
#[derive(Debug, Default)]
struct Counts {
    by_address: HashMap<IpAddr, Instant>,
    others: Option<Instant>,
}

impl Guesses {
    /// Lets each address send `at_once` unknown keys and then one each `seconds`.
    #[must_use]
    pub fn new(at_once: u32, seconds: u32) -> Self {
        let step = Duration::from_secs(seconds.into());
        Self {
            most_ahead: step * at_once.saturating_sub(1),
            step,
            counts: Mutex::default(),
            known: moka::sync::Cache::builder()
                .max_capacity(MOST_KNOWN)
                .time_to_live(KNOWN_FOR)
                .build(),
        }
    }

    /// How long an address has to wait until this key is looked up; `None` for at once.
    pub(super) fn wait(&self, address: IpAddr, key: &str) -> Option<Duration> {
        let now = Instant::now();
        let paid_off = {
            let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
            counts.of(place(address))
        };
        let ahead = paid_off?.saturating_duration_since(now);
        let wait = ahead.checked_sub(self.most_ahead).filter(|wait| !wait.is_zero())?;
        (!self.known.contains_key(&digest(address, key))).then_some(wait)
    }

    /// Counts an unknown key.
    pub(super) fn count(&self, address: IpAddr, key: &str) {
        self.known.invalidate(&digest(address, key));
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let count = counts.entry(place(address), now);
        *count = (*count).max(now) + self.step;
    }

    /// How far one unknown key puts its address ahead.
    pub(super) fn step(&self) -> Duration {
        self.step
    }

    /// Learns how far ahead all hosts together have put an address.
    pub(super) fn learn(&self, address: IpAddr, ahead: Duration) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let count = counts.entry(place(address), now);
        *count = (*count).max(now + ahead.min(LONGEST));
    }

    /// Remembers that a key was accepted.
    pub(super) fn accept(&self, address: IpAddr, key: &str) {
        let digest = digest(address, key);
        if !self.known.contains_key(&digest) {
            self.known.insert(digest, ());
        }
    }
}

impl Counts {
    fn of(&self, address: IpAddr) -> Option<Instant> {
        match self.by_address.get(&address) {
            Some(paid_off) => Some(*paid_off),
            None if self.by_address.len() >= MOST_ADDRESSES => self.others,
            None => None,
        }
    }

    fn entry(&mut self, address: IpAddr, now: Instant) -> &mut Instant {
        if self.by_address.len() >= MOST_ADDRESSES && !self.by_address.contains_key(&address) {
            self.by_address.retain(|_, paid_off| *paid_off > now);
            if self.by_address.len() >= MOST_ADDRESSES {
                return self.others.get_or_insert(now);
            }
        }
        self.by_address.entry(address).or_insert(now)
    }
}

/// What is counted together, as all hosts call it.
pub(super) fn name(address: IpAddr) -> String {
    place(address).to_string()
}

/// What is counted together: a version 4 address, or the network of a version 6 one.
fn place(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            Ipv6Addr::from_bits(address.to_bits() >> OWN_BITS << OWN_BITS).into()
        }
        address @ IpAddr::V4(_) => address,
    }
}

fn digest(address: IpAddr, key: &str) -> [u8; 32] {
    let mut hash = blake3::Hasher::new();
    match place(address) {
        IpAddr::V4(address) => hash.update(&address.octets()),
        IpAddr::V6(address) => hash.update(&address.octets()),
    };
    hash.update(key.as_bytes());
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn after_so_many_unknown_keys_an_address_waits_and_others_do_not() {
        let guesses = Guesses::new(3, 60);
        let (here, there) = (address("192.0.2.1"), address("192.0.2.2"));
        for _ in 0..3 {
            assert_eq!(guesses.wait(here, "x"), None);
            guesses.count(here, "x");
        }
        let wait = guesses.wait(here, "x").unwrap();
        assert!(wait <= Duration::from_secs(60) && wait > Duration::from_secs(50), "{wait:?}");
        assert!(guesses.wait(address("::ffff:192.0.2.1"), "x").is_some());
        assert_eq!(guesses.wait(there, "x"), None);
    }

    #[test]
    fn a_key_that_was_accepted_goes_on_until_it_is_unknown() {
        let guesses = Guesses::new(1, 60);
        let here = address("2001:db8:1:2::1");
        guesses.accept(here, "good");
        guesses.count(here, "x");
        // Another address of the same subscriber.
        let beside = address("2001:db8:1:2:ffff::9");
        assert_eq!((guesses.wait(here, "good"), guesses.wait(beside, "good")), (None, None));
        assert!(guesses.wait(beside, "x").is_some());
        assert_eq!(guesses.wait(address("2001:db8:1:3::1"), "x"), None);
        guesses.count(here, "good");
        assert!(guesses.wait(here, "good").is_some());
    }

    #[test]
    fn the_table_is_bounded_and_nobody_escapes_by_it() {
        let guesses = Guesses::new(1, 3_600);
        for bits in 0..=u32::try_from(MOST_ADDRESSES).unwrap() {
            guesses.count(std::net::Ipv4Addr::from_bits(bits).into(), "x");
        }
        assert_eq!(guesses.counts.lock().unwrap().by_address.len(), MOST_ADDRESSES);
        assert!(guesses.wait(address("203.0.113.9"), "x").is_some());
    }
}
