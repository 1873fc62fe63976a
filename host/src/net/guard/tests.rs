// SPDX-License-Identifier: MIT OR Apache-2.0
//! What may be dialled and what may not.

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
        "http://0177.0.0.1/",
        "http://0x7f.0.0.0x1/",
        "http://10.1/",
        "http://0/",
        "http://0300.0250.1.1/",
        "http://[::127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[64:ff9b:1::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/",
        "http://[fe80::1]/",
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
        // A zone names a network of this machine.
        ("http://[fe80::1%25eth0]/", TargetError::NoUrl),
        ("http://[fe80::1%eth0]/", TargetError::NoUrl),
        ("http://127.0.0.256/", TargetError::NoUrl),
        ("http://0x100000000/", TargetError::NoUrl),
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
        let sockets = found.iter().map(|&ip| SocketAddr::new(ip, 80)).collect();
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
