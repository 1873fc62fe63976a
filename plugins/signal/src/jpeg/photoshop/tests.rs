// SPDX-License-Identifier: MIT OR Apache-2.0
use super::*;

fn resource(id: u16, name: &[u8], data: &[u8]) -> Vec<u8> {
    let mut bytes = b"8BIM".to_vec();
    bytes.extend(id.to_be_bytes());
    bytes.push(u8::try_from(name.len()).unwrap());
    bytes.extend(name);
    if name.len().is_multiple_of(2) {
        bytes.push(0);
    }
    bytes.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
    bytes.extend(data);
    if data.len() % 2 == 1 {
        bytes.push(0);
    }
    bytes
}

#[test]
fn resources_come_in_order_without_padding() {
    let block = [
        SIGNATURE,
        &resource(0x03ED, b"", b"even"),
        &resource(IPTC, b"", b"odd"),
        &resource(0x0BB7, b"odd", b""),
        &resource(0x0BB8, b"even", b"x"),
    ]
    .concat();
    let found: Vec<_> = resources(&block).map(|one| (one.id, one.name, one.data)).collect();
    let expected: [(u16, &[u8], &[u8]); 4] = [
        (0x03ED, b"", b"even"),
        (IPTC, b"", b"odd"),
        (0x0BB7, b"odd", b""),
        (0x0BB8, b"even", b"x"),
    ];
    assert_eq!(found, expected);
    assert_eq!(resources(&block[SIGNATURE.len()..]).count(), 4);
}

#[test]
fn a_resource_that_is_too_long_is_cut_and_the_last() {
    let mut block = resource(IPTC, b"", b"abcd");
    block[11] = 200;
    let found: Vec<_> = resources(&block).collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].data, b"abcd");
}

#[test]
fn what_is_no_resource_ends_the_walk() {
    let block = [resource(1, b"", b"a"), b"8BIX".to_vec(), resource(2, b"", b"b")].concat();
    assert_eq!(resources(&block).map(|one| one.id).collect::<Vec<_>>(), [1]);
    for length in 0..block.len() {
        assert!(resources(&block[..length]).count() <= 1);
    }
}
