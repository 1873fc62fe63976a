// SPDX-License-Identifier: MIT OR Apache-2.0
use super::super::testing::BitWriter;
use super::*;

/// Values at the edges of a size category and inside it.
fn values(size: u8) -> Vec<i32> {
    match size {
        0 => vec![],
        _ => {
            let (low, high) = (1 << (size - 1), (1 << size) - 1);
            vec![low, high, (low + high) / 2, -low, -high]
        }
    }
}

fn plain(writer: BitWriter) -> Vec<u8> {
    // The reader gets data without stuffing.
    let bytes = writer.finish();
    let mut plain = Vec::new();
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        plain.push(*byte);
        if *byte == 0xFF {
            rest.next();
        }
    }
    plain
}

fn check_every_symbol(table: &HuffmanTable) {
    let lookup = Lookup::new(table);
    for symbol in &table.values {
        let (run, size) = (symbol >> 4, symbol & 15);
        for value in values(size) {
            let writer = BitWriter::default().value(table, run, value).bits(0b1011, 4);
            let bytes = plain(writer);
            let mut reader = BitReader::new(&bytes);
            let (entry, found) = lookup.read(&mut reader).unwrap();
            assert_eq!((entry.run(), entry.size()), (run.into(), size.into()));
            assert_eq!((found, reader.take(4)), (value, 0b1011), "symbol {symbol:#04x}");
            let mut reader = BitReader::new(&bytes);
            let entry = lookup.skip(&mut reader).unwrap();
            assert_eq!((entry.run(), entry.size()), (run.into(), size.into()));
            assert_eq!(reader.take(4), 0b1011, "symbol {symbol:#04x} skipped");
        }
        if size == 0 {
            let bytes = plain(BitWriter::default().symbol(table, *symbol).bits(0b1011, 4));
            let mut reader = BitReader::new(&bytes);
            let (entry, value) = lookup.read(&mut reader).unwrap();
            assert_eq!((entry.run(), entry.size(), value), (run.into(), 0, 0));
            assert_eq!(reader.take(4), 0b1011);
        }
    }
}

#[test]
fn every_symbol_of_the_example_tables_is_read_and_skipped() {
    for (is_ac, slot) in [(false, 0), (false, 1), (true, 0), (true, 1)] {
        check_every_symbol(&HuffmanTable::standard(is_ac, slot));
    }
}

#[test]
fn short_full_and_long_thin_codes_are_read() {
    let mut counts = [0; 16];
    counts[0] = 2;
    check_every_symbol(&HuffmanTable { is_ac: true, slot: 0, counts, values: vec![0x01, 0xF5] });
    // One code of each length; value sizes up to the largest.
    let values = vec![
        0x0F, 0x1E, 0x2D, 0x3C, 0x4B, 0x5A, 0x69, 0x78, 0x87, 0x96, 0xA5, 0xB4, 0xC3, 0xD2, 0xE1,
        0xFF,
    ];
    check_every_symbol(&HuffmanTable { is_ac: true, slot: 0, counts: [1; 16], values });
}

#[test]
fn words_that_are_no_code_are_refused() {
    // Annex K leaves the word of sixteen ones free; here all but one code is free.
    let table = HuffmanTable::standard(true, 0);
    assert!(Lookup::new(&table).read(&mut BitReader::new(&[0xFF; 8])).is_none());
    let mut counts = [0; 16];
    counts[1] = 1;
    let sparse = HuffmanTable { is_ac: true, slot: 0, counts, values: vec![0] };
    let lookup = Lookup::new(&sparse);
    assert!(lookup.read(&mut BitReader::new(&[0x3F; 8])).is_some());
    assert!(lookup.read(&mut BitReader::new(&[0x40; 8])).is_none());
    assert!(lookup.skip(&mut BitReader::new(&[0x80; 8])).is_none());
}

#[test]
fn a_table_without_codes_reads_nothing() {
    let table = HuffmanTable { is_ac: false, slot: 0, counts: [0; 16], values: vec![] };
    assert!(Lookup::new(&table).read(&mut BitReader::new(&[0; 8])).is_none());
}
