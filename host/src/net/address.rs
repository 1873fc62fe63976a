// SPDX-License-Identifier: MIT OR Apache-2.0
//! Ranges of addresses, in CIDR notation, versions 4 and 6.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A range of addresses: `192.0.2.0/24`, `2001:db8::/32`, `192.0.2.7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressRange {
    first: IpAddr,
    prefix: u32,
}

/// A text that is no range of addresses.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "expected an address range such as 192.0.2.0/24 or 2001:db8::/32, found \"{found}\": {why}"
)]
pub struct AddressRangeError {
    found: String,
    why: &'static str,
}

impl AddressRange {
    /// Whether an address lies in the range; a version 4 address that is written as version 6
    /// counts as itself.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.first, canonical(address)) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                self.matches(first.to_bits().into(), address.to_bits().into(), 32)
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                self.matches(first.to_bits(), address.to_bits(), 128)
            }
            _ => false,
        }
    }

    fn matches(&self, a: u128, b: u128, bits: u32) -> bool {
        let differing = a ^ b;
        // A shift by all 128 bits is no shift at all in Rust's terms.
        differing.checked_shr(bits - self.prefix).unwrap_or(0) == 0
    }
}

fn canonical(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(address) => address.to_ipv4_mapped().map_or(IpAddr::V6(address), IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

impl FromStr for AddressRange {
    type Err = AddressRangeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = |why| AddressRangeError { found: text.chars().take(64).collect(), why };
        let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
        let first: IpAddr = address.parse().map_err(|_| error("no address"))?;
        if matches!(first, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some()) {
            return Err(error("write a version 4 address as such"));
        }
        let most = if first.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => most,
            Some(text) if text.bytes().all(|b| b.is_ascii_digit()) => {
                text.parse().ok().filter(|p| *p <= most).ok_or_else(|| error("prefix too long"))?
            }
            Some(_) => return Err(error("no prefix length")),
        };
        let range = Self { first, prefix };
        let lowest = match first {
            IpAddr::V4(v4) => u128::from(v4.to_bits()),
            IpAddr::V6(v6) => v6.to_bits(),
        };
        let host_bits = most - prefix;
        let has_host_bits = lowest & !u128::MAX.checked_shl(host_bits).unwrap_or(0) != 0;
        if has_host_bits {
            return Err(error("bits beyond the prefix are set"));
        }
        Ok(range)
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn range(text: &str) -> AddressRange {
        text.parse().unwrap()
    }

    #[test]
    fn ranges_hold_what_their_prefix_says() {
        let contains = |text: &str, address: &str| range(text).contains(address.parse().unwrap());
        assert!(contains("192.0.2.0/24", "192.0.2.255"));
        assert!(!contains("192.0.2.0/24", "192.0.3.0"));
        assert!(contains("192.0.2.0/24", "::ffff:192.0.2.9"));
        assert!(contains("192.0.2.7", "192.0.2.7") && !contains("192.0.2.7", "192.0.2.6"));
        assert!(contains("0.0.0.0/0", "203.0.113.1") && !contains("0.0.0.0/0", "2001:db8::1"));
        assert!(contains("2001:db8::/32", "2001:db8:ffff::1"));
        assert!(!contains("2001:db8::/32", "2001:db9::") && contains("::/0", "fe80::1"));
    }

    #[test]
    fn what_is_no_range_is_said_to_be_none() {
        for (text, why) in [
            ("", "no address"),
            ("192.0.2", "no address"),
            ("192.0.2.0/33", "prefix too long"),
            ("192.0.2.0/+8", "no prefix length"),
            ("192.0.2.1/24", "bits beyond the prefix"),
            ("2001:db8::1/64", "bits beyond the prefix"),
            ("::ffff:192.0.2.0/120", "version 4"),
        ] {
            let error = text.parse::<AddressRange>().unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn a_range_is_written_as_it_is_read(bits in any::<u32>(), prefix in 0_u32..=32) {
            let first = bits & u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
            let text = format!("{}/{prefix}", std::net::Ipv4Addr::from_bits(first));
            prop_assert_eq!(range(&text).to_string(), &*text);
            let address = std::net::Ipv4Addr::from_bits(bits);
            prop_assert!(range(&text).contains(address.into()));
        }
    }
}
