// SPDX-License-Identifier: MIT OR Apache-2.0
use super::super::bits::Intervals;
use super::super::huffman::HuffmanTable;
use super::super::testing::BitWriter;
use super::*;

fn tables() -> (HuffmanTable, HuffmanTable) {
    (HuffmanTable::standard(false, 0), HuffmanTable::standard(true, 0))
}

/// Reads `count` blocks; every second one is only stepped over if `skip`.
fn read(bytes: &[u8], count: usize, skip: bool) -> Vec<Option<[i16; 64]>> {
    let (dc, ac) = tables();
    let (dc, ac) = (Lookup::new(&dc), Lookup::new(&ac));
    let mut coder = Sequential { tables: vec![(&dc, &ac)], predictions: vec![0] };
    let mut intervals = Intervals::new(bytes);
    let mut reader = BitReader::new(intervals.next().unwrap());
    let block = |index: usize| {
        let mut block = [0; 64];
        let kept = !(skip && index.is_multiple_of(2));
        coder.read(&mut reader, 0, kept.then_some(&mut block)).map(|()| block)
    };
    (0..count).map(block).collect()
}

#[test]
fn a_block_is_dc_difference_runs_and_end() {
    let (dc, ac) = tables();
    let bytes = BitWriter::default()
        .value(&dc, 0, -5)
        .value(&ac, 0, 3)
        .value(&ac, 2, -1)
        .symbol(&ac, 0xF0)
        .value(&ac, 1, 7)
        .symbol(&ac, 0x00)
        .value(&dc, 0, 2)
        .symbol(&ac, 0x00)
        .finish();
    let mut first = [0; 64];
    first[0] = -5;
    first[1] = 3; // zigzag 1
    first[9] = -1; // zigzag 2 + 2 = 4, row 1, column 1
    first[41] = 7; // zigzag 5 + 16 + 1 = 22, row 5, column 1
    let blocks = read(&bytes, 2, false);
    assert_eq!(blocks[0], Some(first));
    let mut second = [0; 64];
    second[0] = -3;
    assert_eq!(blocks[1], Some(second));
    // Stepping over the first block leaves the second as it is.
    assert_eq!(read(&bytes, 2, true)[1], Some(second));
}

#[test]
fn a_full_block_needs_no_end() {
    let (dc, ac) = tables();
    let mut writer = BitWriter::default().value(&dc, 0, 0);
    for _ in 1..64 {
        writer = writer.value(&ac, 0, 1);
    }
    let bytes = writer.value(&dc, 0, 9).symbol(&ac, 0x00).finish();
    let blocks = read(&bytes, 2, false);
    let mut full = [1; 64];
    full[0] = 0;
    assert_eq!(blocks[0], Some(full));
    assert_eq!(blocks[1].map(|block| block[0]), Some(9));
    assert_eq!(read(&bytes, 2, true)[1], blocks[1]);
}

#[test]
fn a_run_beyond_the_block_is_damage() {
    let (dc, ac) = tables();
    let mut writer = BitWriter::default().value(&dc, 0, 0);
    for _ in 0..3 {
        writer = writer.symbol(&ac, 0xF0);
    }
    // 1 + 48 + 15 = 64
    let bytes = writer.value(&ac, 15, 1).finish();
    assert_eq!(read(&bytes, 1, false), [None]);
}
