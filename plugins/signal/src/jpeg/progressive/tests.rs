// SPDX-License-Identifier: MIT OR Apache-2.0
use super::super::huffman::HuffmanTable;
use super::super::testing::BitWriter;
use super::*;

/// A table that names the end-of-band runs too, which Annex K does not.
fn table() -> HuffmanTable {
    let mut counts = [0; 16];
    counts[3] = 8;
    let values = vec![0x00, 0x10, 0x20, 0x01, 0x11, 0xF0, 0x02, 0x12];
    HuffmanTable { is_ac: true, slot: 0, counts, values }
}

fn band(table: &Lookup, first: usize, last: usize, shift: u32) -> AcBand<'_> {
    AcBand { table, first, last, shift, end_run: 0 }
}

fn block(values: &[(usize, i16)]) -> [i16; 64] {
    let mut block = [0; 64];
    for (natural, value) in values {
        block[*natural] = *value;
    }
    block
}

#[test]
fn the_first_dc_scan_shifts_sums_of_differences() {
    let dc = HuffmanTable::standard(false, 0);
    let bytes = BitWriter::default().value(&dc, 0, 3).value(&dc, 0, -5).finish();
    let lookup = Lookup::new(&dc);
    let mut coder = DcFirst { tables: vec![&lookup], predictions: vec![0], shift: 2 };
    let mut reader = BitReader::new(&bytes);
    let mut found = [0; 64];
    coder.read(&mut reader, 0, Some(&mut found)).unwrap();
    assert_eq!(found[0], 12);
    coder.read(&mut reader, 0, Some(&mut found)).unwrap();
    assert_eq!(found[0], -8);
}

#[test]
fn a_dc_refinement_sets_one_bit_even_of_negative_values() {
    let mut reader = BitReader::new(&[0b1100_0000]);
    let mut coder = DcRefine { shift: 1 };
    let mut found = block(&[(0, -8)]);
    coder.read(&mut reader, 0, Some(&mut found)).unwrap();
    // -8 is …11000 in two's complement; with bit 1 it is …11010 = -6.
    assert_eq!(found[0], -6);
    let mut found = block(&[(0, 12)]);
    coder.read(&mut reader, 0, Some(&mut found)).unwrap();
    coder.read(&mut reader, 0, None).unwrap();
    assert_eq!((found[0], reader.take(5)), (14, 0));
}

#[test]
fn an_end_of_band_run_covers_the_following_blocks() {
    let table = table();
    // Block 1: run 1, then 2 at zigzag 2 (natural 8), then the band ends:
    // category 1, bit 1 says 3 blocks, this one included. Block 4: -3 at zigzag 1.
    let bytes = BitWriter::default()
        .value(&table, 1, 2)
        .symbol(&table, 0x10)
        .bits(1, 1)
        .value(&table, 0, -3)
        .symbol(&table, 0x00)
        .finish();
    let lookup = Lookup::new(&table);
    let mut coder = AcFirst(band(&lookup, 1, 5, 1));
    let mut reader = BitReader::new(&bytes);
    let mut blocks = [[0; 64]; 4];
    for block in &mut blocks {
        coder.read(&mut reader, 0, Some(block)).unwrap();
    }
    let expected = [block(&[(8, 4)]), block(&[]), block(&[]), block(&[(1, -6)])];
    assert_eq!(blocks, expected);
}

#[test]
fn a_coefficient_beyond_its_band_is_damage() {
    let table = table();
    let bytes = BitWriter::default().value(&table, 1, 1).value(&table, 1, 1).finish();
    let lookup = Lookup::new(&table);
    let mut coder = AcFirst(band(&lookup, 1, 3, 0));
    let mut found = [0; 64];
    // The second one would be at zigzag 4.
    assert_eq!(coder.read(&mut BitReader::new(&bytes), 0, Some(&mut found)), None);
    coder.discard(&mut found);
    assert_eq!(found, [0; 64]);
}

#[test]
fn a_refinement_adds_new_coefficients_and_bits_of_old_ones() {
    let table = table();
    // Band 1..=5, known: 4 at zigzag 1 and -4 at zigzag 4 (natural 1 and 9). New: run 1, so past
    // the zero at zigzag 2, +1 at zigzag 3 (natural 16); on the way the bit of zigzag 1. Then the
    // band ends: the bit of zigzag 4. All at bit 1.
    let bytes = BitWriter::default()
        .symbol(&table, 0x11)
        .bits(1, 1) // sign: positive
        .bits(1, 1) // zigzag 1 grows to 6
        .symbol(&table, 0x00)
        .bits(1, 1) // zigzag 4 grows to -6
        .bits(0b101, 3)
        .finish();
    let lookup = Lookup::new(&table);
    let mut coder = AcRefine(band(&lookup, 1, 5, 1));
    let mut reader = BitReader::new(&bytes);
    let mut found = block(&[(1, 4), (9, -4)]);
    coder.read(&mut reader, 0, Some(&mut found)).unwrap();
    assert_eq!(found, block(&[(1, 6), (16, 2), (9, -6)]));
    assert_eq!(reader.take(3), 0b101);
}

#[test]
fn old_coefficients_are_refined_inside_an_end_of_band_run() {
    let table = table();
    // Two blocks end at once; each has one known coefficient, with bits 0 and 1.
    let bytes = BitWriter::default().symbol(&table, 0x10).bits(0, 1).bits(0, 1).bits(1, 1).finish();
    let lookup = Lookup::new(&table);
    let mut coder = AcRefine(band(&lookup, 1, 63, 0));
    let mut reader = BitReader::new(&bytes);
    let mut found = [block(&[(63, 2)]), block(&[(63, -2)])];
    for block in &mut found {
        coder.read(&mut reader, 0, Some(block)).unwrap();
    }
    assert_eq!(found, [block(&[(63, 2)]), block(&[(63, -3)])]);
}

#[test]
fn a_run_of_sixteen_zeros_counts_zeros_only() {
    let table = table();
    // Known at zigzag 1; sixteen zeros are zigzag 2..=17; the new one comes at zigzag 18.
    let bytes = BitWriter::default()
        .symbol(&table, 0xF0)
        .bits(0, 1)
        .symbol(&table, 0x01)
        .bits(0, 1) // sign: negative
        .symbol(&table, 0x00)
        .finish();
    let lookup = Lookup::new(&table);
    let mut coder = AcRefine(band(&lookup, 1, 63, 0));
    let mut found = block(&[(1, 2)]);
    coder.read(&mut BitReader::new(&bytes), 0, Some(&mut found)).unwrap();
    let natural = usize::from(NATURAL_FROM_ZIGZAG[18]);
    assert_eq!(found, block(&[(1, 2), (natural, -1)]));
}

#[test]
fn a_refinement_of_more_than_one_bit_is_damage() {
    let table = table();
    let bytes = BitWriter::default().value(&table, 0, 2).finish();
    let lookup = Lookup::new(&table);
    let mut coder = AcRefine(band(&lookup, 1, 63, 0));
    assert_eq!(coder.read(&mut BitReader::new(&bytes), 0, Some(&mut [0; 64])), None);
}
