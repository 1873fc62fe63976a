// SPDX-License-Identifier: MIT OR Apache-2.0
//! Colour profiles made by hand.

/// A colour profile with this name, copyright and creator.
pub(crate) fn icc_profile(name: &str, copyright: &str, creator: &str) -> Vec<u8> {
    let creator = format!("{creator:\0<4}");
    let mut profile = vec![0; 128];
    profile[4..8].copy_from_slice(creator.as_bytes());
    profile[36..40].copy_from_slice(b"acsp");
    profile[80..84].copy_from_slice(creator.as_bytes());
    let long = |number: usize| u32::try_from(number).unwrap().to_be_bytes();
    let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let name =
        [b"mluc\0\0\0\0\0\0\0\x01\0\0\0\x0cenUS".as_slice(), &long(name.len()), &long(28), &name]
            .concat();
    let copyright = [b"text\0\0\0\0".as_slice(), copyright.as_bytes(), b"\0"].concat();
    let first = 128 + 4 + 2 * 12;
    profile.extend(long(2));
    profile.extend([b"desc".as_slice(), &long(first), &long(name.len())].concat());
    profile
        .extend([b"cprt".as_slice(), &long(first + name.len()), &long(copyright.len())].concat());
    profile.extend(name);
    profile.extend(copyright);
    profile
}
