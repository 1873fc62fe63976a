// SPDX-License-Identifier: MIT OR Apache-2.0
use super::super::marker;
use super::super::segments::walk;
use super::super::testing::{file, huffman, segment};
use super::*;

fn read(part: Vec<u8>) -> Result<Vec<HuffmanTable>, JpegError> {
    HuffmanTable::read_all(&walk(&file(&[part]), 0)?.segments[0])
}

#[test]
fn the_example_tables_fill_their_counts_and_name_every_symbol_once() {
    for (is_ac, slot) in [(false, 0), (false, 1), (true, 0), (true, 1)] {
        let table = HuffmanTable::standard(is_ac, slot);
        let count: usize = table.counts.iter().map(|count| usize::from(*count)).sum();
        assert_eq!(count, table.values.len());
        assert!(is_prefix_code(&table.counts));
        let mut values = table.values.clone();
        values.sort_unstable();
        // AC: end of block, run of 16, and 16 runs by 10 sizes.
        let mut expected: Vec<u8> = if is_ac {
            let pairs = (0..16).flat_map(|run| (1..=10).map(move |size| run << 4 | size));
            pairs.chain([0x00, 0xF0]).collect()
        } else {
            (0..=11).collect()
        };
        expected.sort_unstable();
        assert_eq!(values, expected);
    }
}

#[test]
fn a_written_table_is_read_again() {
    let table = HuffmanTable { slot: 2, ..HuffmanTable::standard(true, 1) };
    assert_eq!(read(huffman(&table)).unwrap(), [table]);
}

#[test]
fn one_other_value_makes_a_set_optimised() {
    let standard = HuffmanTable::standard(false, 0);
    let mut other = standard.clone();
    other.values.swap(0, 1);
    assert_eq!(HuffmanSet::of(&[]), HuffmanSet::Absent);
    assert_eq!(HuffmanSet::of(std::slice::from_ref(&standard)), HuffmanSet::Standard);
    assert_eq!(HuffmanSet::of(&[standard, other]), HuffmanSet::Optimised);
}

#[test]
fn bad_tables_are_named() {
    let problem = |payload: &[u8]| read(segment(marker::DHT, payload)).unwrap_err().to_string();
    assert!(problem(&[0x20]).contains("class or slot does not exist"));
    assert!(problem(&[0x04]).contains("class or slot does not exist"));
    assert!(problem(&[0, 1]).contains("the table is cut short"));
    let mut overfull = vec![0];
    overfull.extend([3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]);
    assert!(problem(&overfull).contains("fit no prefix code"));
    let mut short = vec![0];
    short.extend([2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    assert!(problem(&short).contains("the values are cut short"));
    let mut lossless = vec![0];
    lossless.extend([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 17]);
    assert!(problem(&lossless).contains("a DC category is above 16"));
}
