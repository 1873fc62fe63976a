// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which addresses may be dialled on behalf of a client.
//!
//! Whoever may name a URL could otherwise make the server ask what only the server can reach: a
//! neighbour, its own administration, the cloud's metadata. So only addresses that are unicast and
//! reachable from everywhere are dialled, and those that the operator allows by name. A host's name is
//! resolved once and the connection goes to the address that was checked: there is no second look-up
//! that could answer otherwise.
//!
//! The ranges are the IANA special-purpose registries (RFC 6890 and its updates) for version 4 and 6;
//! of version 6 only 2000::/3 is in use for global unicast (RFC 4291), and within it those ranges are
//! refused that wrap a version 4 address or are set aside.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::Url;

use super::address::AddressRange;

/// Longest URL, bytes.
const LONGEST_URL: usize = 2_048;

/// First address and prefix of the version 4 ranges that are not global unicast.
const REFUSED_V4: [([u8; 4], u32); 17] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    // Azure's metadata and DNS answer here, on an otherwise public address.
    ([168, 63, 129, 16], 32),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
    ([255, 255, 255, 255], 32),
];

/// First groups and prefix of the ranges within 2000::/3 that are not global unicast.
const REFUSED_V6: [([u16; 3], u32); 4] = [
    // IETF protocol assignments, with Teredo.
    ([0x2001, 0, 0], 23),
    // Documentation.
    ([0x2001, 0x0db8, 0], 32),
    // 6to4 wraps any version 4 address.
    ([0x2002, 0, 0], 16),
    // Documentation.
    ([0x3fff, 0, 0], 20),
];

/// Decides which addresses may be dialled.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    allowed: Arc<[AddressRange]>,
}

/// A URL that may be asked: `http` or `https`, with a host, without credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target(Url);

/// A text that is no URL that may be asked.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum TargetError {
    /// Too long.
    #[error("the URL must be at most {LONGEST_URL} bytes")]
    TooLong,
    /// No URL at all.
    #[error("expected an absolute URL such as https://storage.example.com/photo.jpg")]
    NoUrl,
    /// Another scheme.
    #[error("only http and https URLs can be used")]
    Scheme,
    /// A user's name or password in it.
    #[error("the URL must not hold a user name or password")]
    Credentials,
}

impl Target {
    /// Reads a URL.
    ///
    /// # Errors
    /// When it is none that may be asked. Where it leads is not looked at.
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        if text.len() > LONGEST_URL {
            return Err(TargetError::TooLong);
        }
        Url::parse(text).map_err(|_| TargetError::NoUrl)?.try_into()
    }

    /// The URL.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// Host and port: whom it leads to.
    #[must_use]
    pub fn receiver(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        format!("{host}:{}", self.0.port_or_known_default().unwrap_or(0))
    }

    /// Where a redirect from here leads.
    ///
    /// # Errors
    /// When that may not be asked.
    pub fn join(&self, location: &str) -> Result<Self, TargetError> {
        if location.len() > LONGEST_URL {
            return Err(TargetError::TooLong);
        }
        self.0.join(location).map_err(|_| TargetError::NoUrl)?.try_into()
    }

    /// The address, when the host is written as one.
    fn literal(&self) -> Option<IpAddr> {
        let host = self.0.host_str()?;
        host.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }
}

impl TryFrom<Url> for Target {
    type Error = TargetError;

    fn try_from(url: Url) -> Result<Self, TargetError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(TargetError::Scheme);
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(TargetError::NoUrl);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(TargetError::Credentials);
        }
        Ok(Self(url))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Guard {
    /// A guard that also lets these ranges through.
    #[must_use]
    pub fn allowing(ranges: &[AddressRange]) -> Self {
        Self { allowed: ranges.into() }
    }

    /// Whether an address may be dialled.
    #[must_use]
    pub fn permits(&self, address: IpAddr) -> bool {
        is_global(address) || self.allowed.iter().any(|range| range.contains(address))
    }

    /// Whether a URL may be dialled as far as it is written: a host that is an address must be a
    /// permitted one. Names are checked when they are resolved.
    #[must_use]
    pub fn permits_target(&self, target: &Target) -> bool {
        target.literal().is_none_or(|address| self.permits(address))
    }

    fn filtered(&self, found: impl Iterator<Item = SocketAddr>) -> Vec<SocketAddr> {
        found.filter(|address| self.permits(address.ip())).collect()
    }
}

/// A name that leads nowhere that may be dialled.
#[derive(Debug, thiserror::Error)]
#[error("no address of this name may be dialled")]
struct NoAddress;

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses = guard.filtered(found);
            if addresses.is_empty() {
                return Err(NoAddress.into());
            }
            let addresses: Addrs = Box::new(addresses.into_iter());
            Ok(addresses)
        })
    }
}

/// Whether an address is unicast and can be reached from everywhere.
fn is_global(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_global_v4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            // Written as version 6, but dialled as version 4; never what an honest name resolves to.
            Some(_) => false,
            None => is_global_v6(address),
        },
    }
}

fn is_global_v4(address: Ipv4Addr) -> bool {
    let within = |&(first, prefix): &([u8; 4], u32)| {
        let differing = address.to_bits() ^ Ipv4Addr::from(first).to_bits();
        differing >> (32 - prefix) == 0
    };
    !REFUSED_V4.iter().any(within)
}

fn is_global_v6(address: Ipv6Addr) -> bool {
    let is_unicast = address.to_bits() >> 125 == 0b001;
    let within = |&([a, b, c], prefix): &([u16; 3], u32)| {
        let differing = address.to_bits() ^ Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0).to_bits();
        differing >> (128 - prefix) == 0
    };
    is_unicast && !REFUSED_V6.iter().any(within)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn permits(text: &str) -> bool {
        Guard::default().permits(text.parse().unwrap())
    }

    #[test]
    fn only_global_unicast_is_dialled() {
        let refused = [
            "0.0.0.0",
            "0.1.2.3",
            "10.255.255.255",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.1",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::a00:1",
            "64:ff9b::808:808",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ];
        for address in refused {
            assert!(!permits(address), "{address}");
        }
        let permitted = [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.1",
            "168.63.129.17",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "2a00:1450::1",
        ];
        for address in permitted {
            assert!(permits(address), "{address}");
        }
    }

    #[test]
    fn what_the_operator_allows_is_dialled_and_nothing_beside_it() {
        let guard = Guard::allowing(&["10.1.0.0/16".parse().unwrap(), "fd00::/8".parse().unwrap()]);
        for (address, is_permitted) in [
            ("10.1.2.3", true),
            ("::ffff:10.1.2.3", true),
            ("10.2.0.1", false),
            ("fd00::5", true),
            ("fc00::5", false),
            ("8.8.8.8", true),
        ] {
            assert_eq!(guard.permits(address.parse().unwrap()), is_permitted, "{address}");
        }
    }

    #[test]
    fn hosts_in_disguise_are_seen_as_the_addresses_they_are() {
        let disguised = [
            "http://127.1/",
            "http://0x7f000001/",
            "http://2130706433/",
            "http://017700000001/",
            "http://127.0.0.1./",
            "http://[::1]/",
            "http://[::ffff:7f00:1]/",
            "http://[0:0:0:0:0:ffff:127.0.0.1]:80/",
            "http://①②⑦.0.0.1/",
            "https://169.254.169.254/latest/meta-data",
        ];
        for text in disguised {
            let target = Target::parse(text).unwrap();
            assert!(target.literal().is_some(), "{text} reads as {target}");
            assert!(!Guard::default().permits_target(&target), "{text}");
        }
        assert!(Guard::default().permits_target(&Target::parse("https://example.com/").unwrap()));
    }

    #[test]
    fn only_plain_web_addresses_are_targets() {
        let cases = [
            ("ftp://example.com/a", TargetError::Scheme),
            ("file:///etc/passwd", TargetError::Scheme),
            ("data:image/png;base64,AA", TargetError::Scheme),
            ("http://user@example.com/", TargetError::Credentials),
            ("http://:secret@example.com/", TargetError::Credentials),
            ("example.com/a.jpg", TargetError::NoUrl),
            ("http://", TargetError::NoUrl),
            ("", TargetError::NoUrl),
        ];
        for (text, error) in cases {
            assert_eq!(Target::parse(text).unwrap_err(), error, "{text}");
        }
        let long = format!("http://example.com/{}", "a".repeat(LONGEST_URL));
        assert_eq!(Target::parse(&long).unwrap_err(), TargetError::TooLong);
        let from = Target::parse("https://example.com/a/b").unwrap();
        assert_eq!(from.join("../c").unwrap().to_string(), "https://example.com/c");
        assert_eq!(from.join("file:///etc/passwd").unwrap_err(), TargetError::Scheme);
        assert_eq!(from.receiver(), "example.com:443");
    }

    proptest! {
        /// Whatever a resolver finds, only permitted addresses come through.
        #[test]
        fn resolved_addresses_are_filtered(found in prop::collection::vec(any::<IpAddr>(), 0..8)) {
            let guard = Guard::default();
            let sockets = found.iter().map(|&ip| SocketAddr::new(ip, 80));
            let kept = guard.filtered(sockets);
            prop_assert!(kept.iter().all(|address| guard.permits(address.ip())));
            let expected = found.iter().filter(|&&ip| guard.permits(ip)).count();
            prop_assert_eq!(kept.len(), expected);
        }

        #[test]
        fn no_address_that_wraps_a_version_4_one_is_global(bits in any::<u32>(), tail in any::<u64>()) {
            let v4 = u128::from(bits);
            let wrapped = [
                v4,
                0xffff_u128 << 32 | v4,
                0x0064_ff9b_u128 << 96 | v4,
                0x2002_u128 << 112 | v4 << 80 | u128::from(tail),
            ];
            for address in wrapped {
                prop_assert!(!is_global(Ipv6Addr::from_bits(address).into()));
            }
        }
    }
}
