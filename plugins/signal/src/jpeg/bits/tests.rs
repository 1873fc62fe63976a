// SPDX-License-Identifier: MIT OR Apache-2.0
use proptest::prelude::*;

use super::*;

fn intervals(entropy: &[u8]) -> Vec<Vec<u8>> {
    let mut intervals = Intervals::new(entropy);
    std::iter::from_fn(|| intervals.next().map(<[u8]>::to_vec)).collect()
}

#[test]
fn stuffing_is_removed_and_restart_markers_split() {
    let found = intervals(&[1, 0xFF, 0, 2, 0xFF, 0xD0, 3, 0xFF, 0xD1]);
    assert_eq!(found, [vec![1, 0xFF, 2], vec![3], vec![]]);
}

#[test]
fn fill_bytes_before_a_restart_marker_are_no_data() {
    assert_eq!(intervals(&[1, 0xFF, 0xFF, 0xFF, 0xD0, 2]), [vec![1], vec![2]]);
}

#[test]
fn a_stray_marker_costs_the_rest_of_its_interval() {
    let found = intervals(&[1, 0xFF, 0x42, 2, 0xFF, 0, 3, 0xFF, 0xD0, 4]);
    assert_eq!(found, [vec![1], vec![4]]);
}

#[test]
fn a_lone_ff_at_the_end_is_no_data() {
    assert_eq!(intervals(&[1, 0xFF]), [vec![1]]);
}

#[test]
fn no_data_are_one_empty_interval() {
    assert_eq!(intervals(&[]), [Vec::<u8>::new()]);
}

/// Bit `index` of the data, zero beyond them.
fn bit(bytes: &[u8], index: usize) -> u32 {
    bytes.get(index / 8).map_or(0, |byte| u32::from(byte >> (7 - index % 8) & 1))
}

proptest! {
    #[test]
    fn bits_come_as_from_the_naive_reader_and_overrun_is_exact(
        bytes in proptest::collection::vec(any::<u8>(), 0..40),
        counts in proptest::collection::vec(0_u32..=16, 0..60),
    ) {
        let mut reader = BitReader::new(&bytes);
        let mut position = 0;
        for count in counts {
            let mut expected = 0;
            for _ in 0..count {
                expected = expected << 1 | bit(&bytes, position);
                position += 1;
            }
            prop_assert_eq!(reader.take(count), expected);
            prop_assert_eq!(reader.is_overrun(), position > 8 * bytes.len());
        }
    }
}
