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

use reqwest::Url;

use super::address::AddressRange;
use super::resolve::{Names, SystemNames};

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
#[derive(Clone, Debug)]
pub struct Guard {
    allowed: Arc<[AddressRange]>,
    pub(super) names: Arc<dyn Names>,
}

impl Default for Guard {
    fn default() -> Self {
        Self::allowing(&[])
    }
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
        Self { allowed: ranges.into(), names: Arc::new(SystemNames) }
    }

    /// The same with names looked up elsewhere than in the system.
    #[must_use]
    pub fn resolving_by(self, names: Arc<dyn Names>) -> Self {
        Self { names, ..self }
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

    pub(super) fn filtered(&self, found: Vec<SocketAddr>) -> Vec<SocketAddr> {
        found.into_iter().filter(|address| self.permits(address.ip())).collect()
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
mod tests;
