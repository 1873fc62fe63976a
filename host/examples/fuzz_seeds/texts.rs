// SPDX-License-Identifier: MIT OR Apache-2.0
//! Texts: the shipped policies and configuration, a manifest, a list of writers, texts of requests.

use crate::Seeds;

fn shipped(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../config/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

pub(crate) fn policies() -> Seeds {
    vec![
        ("default", shipped("policies/default.toml")),
        ("extending", shipped("policies/insurance-claims.toml")),
        ("small", shipped("policies/kyc.toml")),
    ]
}

pub(crate) fn configurations() -> Seeds {
    let plans = "[[plugin]]\nmodel = \"gan\"\nlibrary = \"assay_gan\"\n[limits]\nmin_side = 100\n\
        [plans.starter]\nrequests_per_minute = 60\n";
    vec![("shipped", shipped("assay.toml")), ("plans", plans.into())]
}

pub(crate) fn manifests() -> Seeds {
    let whole = "\u{feff}path,label,group,source,kind,fold,mask\na.jpg,real,g,s,web,f1,\n\
        \"b, c.png\",forged,,,,,m.png\nd.png,unknown,,,,,\n";
    vec![("whole", whole.into()), ("short", b"label,path\nai,x\n".to_vec())]
}

pub(crate) fn writers() -> Seeds {
    let list = "# tables\tkind\tfiles\tname\n097a372a5e240e5d\tcamera\t5\tSAMSUNG SM-T315\n\n\
        0123456789abcdef\tprogram\t1\tA program\n";
    vec![("list", list.into())]
}

/// The first letter chooses by its code modulo 4: `d` address, `e` range, `f` time, `g` name.
pub(crate) fn requests() -> Seeds {
    vec![
        ("address", b"dhttps://a.example:8443/x.jpg?y=1#z".to_vec()),
        ("numbers", b"dhttp://[::ffff:192.0.2.7]/../%2e%2e/x".to_vec()),
        ("range", b"e192.0.2.0/24".to_vec()),
        ("wide-range", b"e2001:db8::/32".to_vec()),
        ("date", b"f2026-03-16".to_vec()),
        ("time", b"f2026-03-16T14:23:11.5+02:00".to_vec()),
        ("name", b"greq_0123456789abcdef01234567".to_vec()),
    ]
}
