// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whom the server may dial for its clients, whom it believes, and where it says that it stands.

use std::net::{IpAddr, Ipv4Addr};

use super::check::Check;
use crate::config::Service;
use crate::net::AddressRange;

/// Where clouds tell a machine its own secrets.
const CLOUD_METADATA: IpAddr = IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254));
/// Any address of the outer world, to tell ranges that hold all of it.
const ANYWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(8, 8, 8, 8));

pub(super) fn checks(service: &Service) -> Vec<Check> {
    vec![outward(&service.allowed), proxies(&service.trusted_proxies), public_url(service)]
}

/// Which addresses images are fetched from and webhooks sent to.
fn outward(allowed: &[AddressRange]) -> Check {
    if allowed.is_empty() {
        return Check::ok("outward", "public addresses only");
    }
    let found = format!("public addresses and {}", list(allowed));
    if allowed.iter().any(|range| range.contains(CLOUD_METADATA)) {
        let advice = "narrow `network.allow`: whoever names a URL reaches the cloud's metadata";
        return Check::warning("outward", found, advice);
    }
    Check::ok("outward", found)
}

fn proxies(trusted: &[AddressRange]) -> Check {
    if trusted.is_empty() {
        return Check::ok("proxies", "none is trusted: an address is that of the connection");
    }
    let found = format!("{} may say for whom they ask", list(trusted));
    if trusted.iter().any(|range| range.contains(ANYWHERE)) {
        let advice = "narrow `network.trusted_proxies`: anybody can claim any address";
        return Check::warning("proxies", found, advice);
    }
    Check::ok("proxies", found)
}

fn public_url(service: &Service) -> Check {
    match &service.public_url {
        Some(url) if url.starts_with("https://") => Check::ok("public URL", url.as_str()),
        Some(url) => Check::warning(
            "public URL",
            url.as_str(),
            "end TLS at a proxy and set `server.public_url` to https://…",
        ),
        None => Check::ok("public URL", "that of each request"),
    }
}

fn list(ranges: &[AddressRange]) -> String {
    ranges.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(text: &str) -> Vec<AddressRange> {
        text.split(' ').map(|range| range.parse().unwrap()).collect()
    }

    #[test]
    fn ranges_that_give_away_too_much_are_told() {
        assert_eq!(outward(&ranges("10.0.0.0/8 127.0.0.0/8")).advice, None);
        for wide in ["169.254.0.0/16", "10.0.0.0/8 0.0.0.0/0"] {
            assert!(outward(&ranges(wide)).advice.unwrap().contains("network.allow"), "{wide}");
        }
        assert_eq!(proxies(&ranges("10.0.0.0/8")).advice, None);
        assert!(proxies(&ranges("0.0.0.0/0")).advice.is_some());
    }

    #[test]
    fn a_public_url_without_tls_is_told() {
        let with = |url: &str| {
            let service = Service { public_url: Some(url.into()), ..Service::default() };
            public_url(&service).advice
        };
        assert_eq!(with("https://assay.example.com"), None);
        assert!(with("http://assay.example.com").unwrap().contains("server.public_url"));
    }
}
