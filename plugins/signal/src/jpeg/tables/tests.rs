// SPDX-License-Identifier: MIT OR Apache-2.0
use super::super::segments::walk;
use super::super::testing::{file, segment};
use super::super::{marker, quality};
use super::*;

fn read(payload: &[u8]) -> Result<Vec<QuantisationTable>, JpegError> {
    let bytes = file(&[segment(marker::DQT, payload)]);
    QuantisationTable::read_all(&walk(&bytes, 0)?.segments[0])
}

#[test]
fn the_orders_are_inverse_and_walk_diagonals() {
    for position in 0..64_u8 {
        let natural = NATURAL_FROM_ZIGZAG[usize::from(position)];
        assert_eq!(ZIGZAG_FROM_NATURAL[usize::from(natural)], position);
    }
    // Each step stays on its diagonal or goes to the next one.
    for pair in NATURAL_FROM_ZIGZAG.windows(2) {
        let diagonal = |natural: u8| natural / 8 + natural % 8;
        let step = diagonal(pair[1]) - diagonal(pair[0]);
        assert!(step <= 1, "{pair:?}");
    }
}

#[test]
fn steps_come_in_natural_order() {
    let body: Vec<u8> = (1..=64).collect();
    let table = read(&[&[3], body.as_slice()].concat()).unwrap()[0];
    assert_eq!((table.slot, table.precision, table.offset), (3, 8, 2));
    // Zigzag 0, 1, 2, 3, 63 are natural 0, 1, 8, 16, 63.
    let steps = table.steps;
    assert_eq!([steps[0], steps[1], steps[8], steps[16], steps[63]], [1, 2, 3, 4, 64]);
}

#[test]
fn a_segment_may_hold_tables_of_both_precisions() {
    let wide: Vec<u8> = (1..=64).flat_map(|step| [1, step]).collect();
    let payload = [&[0], [7; 64].as_slice(), &[0x11], &wide].concat();
    let tables = read(&payload).unwrap();
    assert_eq!(tables.len(), 2);
    assert_eq!((tables[0].precision, tables[0].steps), (8, [7; 64]));
    assert_eq!((tables[1].slot, tables[1].precision), (1, 16));
    assert_eq!((tables[1].steps[0], tables[1].steps[63]), (257, 320));
}

#[test]
fn bad_tables_are_named() {
    let problem = |payload: &[u8]| read(payload).unwrap_err().to_string();
    assert!(problem(&[0, 1, 2]).contains("DQT segment at offset 2: the table is cut short"));
    assert!(problem(&[4]).contains("slot or precision does not exist"));
    assert!(problem(&[0x20]).contains("slot or precision does not exist"));
}

#[test]
fn the_digest_is_of_steps_only() {
    let ones = table_digest(&[&[1; 64]]);
    assert_eq!(ones.len(), 64);
    assert_ne!(ones, table_digest(&[&[1; 64], &[1; 64]]));
    assert_ne!(ones, table_digest(&[&quality::STANDARD_LUMA]));
    // SHA-256 of nothing, FIPS 180-4.
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(table_digest(&[]), empty);
}
