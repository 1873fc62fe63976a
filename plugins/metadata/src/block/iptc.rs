// SPDX-License-Identifier: MIT OR Apache-2.0
//! IPTC IIM [IPTC-NAA Information Interchange Model 4.2, §1.5, §6]: the application record.

use crate::account::{Place, Statement, Statements};
use crate::number::be16;
use crate::text::decoded;

/// First byte of every dataset.
const TAG_MARKER: u8 = 0x1c;
/// Record of editorial data.
const APPLICATION_RECORD: u8 = 2;
/// Most datasets visited.
const MAX_DATASETS: usize = 2_000;

/// Datasets that become statements.
const NAMES: &[(u8, &str)] = &[
    (5, "ObjectName"),
    (40, "SpecialInstructions"),
    (55, "DateCreated"),
    (60, "TimeCreated"),
    (65, "OriginatingProgram"),
    (70, "ProgramVersion"),
    (80, "By-line"),
    (105, "Headline"),
    (110, "Credit"),
    (115, "Source"),
    (116, "CopyrightNotice"),
    (120, "Caption"),
];

/// Reads a record; false where it does not start with a dataset.
pub(crate) fn read(record: &[u8], statements: &mut Statements) -> bool {
    let mut at = 0;
    let mut found = false;
    for _ in 0..MAX_DATASETS {
        let Some(&[TAG_MARKER, number, dataset]) = record.get(at..).and_then(<[u8]>::first_chunk)
        else {
            break;
        };
        // The high bit announces an extended length; no text that is used here needs one.
        let Some(length) = be16(record, at + 3).filter(|length| length & 0x8000 == 0) else {
            break;
        };
        let Some(value) = record.get(at + 5..at + 5 + usize::from(length)) else { break };
        found = true;
        let name = NAMES.iter().find(|(known, _)| *known == dataset);
        if let Some((_, name)) = name.filter(|_| number == APPLICATION_RECORD) {
            statements.push(Statement::new(Place::Iptc, *name, decoded(value)));
        }
        at += 5 + value.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_datasets_of_the_application_record_are_read() {
        let record = b"\x1c\x01\x5a\0\x03\x1b%G\x1c\x02\x6e\0\x06Agency\x1c\x02\x50\0\x03Ann";
        let mut statements = Statements::default();
        assert!(read(record, &mut statements));
        assert_eq!(statements.find(Place::Iptc, "Credit"), Some("Agency"));
        assert_eq!(statements.find(Place::Iptc, "By-line"), Some("Ann"));
        assert_eq!(statements.iter().count(), 2);
    }

    #[test]
    fn a_length_beyond_the_end_stops_the_reader() {
        let mut statements = Statements::default();
        assert!(read(b"\x1c\x02\x50\0\x01A\x1c\x02\x6e\x7f\xffx", &mut statements));
        assert_eq!(statements.iter().count(), 1);
        assert!(!read(b"no record", &mut statements));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            read(&bytes, &mut Statements::default());
            read(&[b"\x1c\x02".as_slice(), &bytes].concat(), &mut Statements::default());
        }
    }
}
