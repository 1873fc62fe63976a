// SPDX-License-Identifier: MIT OR Apache-2.0
//! How a PNG file is put together, which is the program's choice and not the picture's, and where it breaks
//! the order of chunks that the standard asks for [PNG (Third Edition), W3C 2025, §5.6].

/// Most names of the order that are kept: those of a program's own making come first.
const MAX_ORDERED: usize = 48;
/// Most faults that are kept.
const MAX_FAULTS: usize = 8;

/// Where a chunk may stand, and whether more than once.
struct Rule {
    kind: &'static [u8; 4],
    is_single: bool,
    before_palette: bool,
    after_palette: bool,
    before_data: bool,
}

const fn rule(kind: &'static [u8; 4], before_palette: bool, after_palette: bool) -> Rule {
    Rule { kind, is_single: true, before_palette, after_palette, before_data: true }
}

/// Rules of table 7 of the standard and of its registered extensions. `eXIf` is left out: earlier rules let it
/// stand behind the picture, and programs that add it still put it there.
const RULES: &[Rule] = &[
    rule(b"PLTE", false, false),
    rule(b"cHRM", true, false),
    rule(b"cICP", true, false),
    rule(b"gAMA", true, false),
    rule(b"iCCP", true, false),
    rule(b"mDCV", true, false),
    rule(b"cLLI", true, false),
    rule(b"sBIT", true, false),
    rule(b"sRGB", true, false),
    rule(b"bKGD", false, true),
    rule(b"hIST", false, true),
    rule(b"tRNS", false, true),
    rule(b"pHYs", false, false),
    rule(b"acTL", false, false),
    rule(b"oFFs", false, false),
    rule(b"pCAL", false, false),
    rule(b"sCAL", false, false),
    rule(b"sTER", false, false),
    Rule { is_single: false, ..rule(b"sPLT", false, false) },
    Rule { before_data: false, ..rule(b"tIME", false, false) },
];

/// Sizes into which programs cut the compressed picture, bytes, and whose they are. Of 92 files at hand with
/// several IDAT chunks, 33 of the 35 of the first size bear other marks of ImageMagick and two are damaged, the
/// 18 of the second were written by Pillow; the third, of 22 files, is libpng's own.
const DATA_BYTES: [(u32, &str); 3] = [
    (32_768, "ImageMagick or GraphicsMagick"),
    (65_536, "Pillow"),
    (8_192, "a program with libpng's defaults"),
];
/// Chunk that only ImageMagick and GraphicsMagick write.
const VIRTUAL_PAGE: &str = "vpAg";

/// The structure of one file, chunk by chunk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PngStructure {
    order: Vec<String>,
    /// What breaks the standard's order, each once.
    pub faults: Vec<String>,
    seen: Vec<[u8; 4]>,
    first_data_bytes: u32,
    data_chunks: u32,
    data_closed: bool,
}

impl PngStructure {
    /// Takes the next chunk of the file.
    pub(super) fn push(&mut self, kind: [u8; 4], length: usize) {
        let name = name(kind);
        if &kind == b"IDAT" {
            if self.data_chunks == 0 {
                self.first_data_bytes = u32::try_from(length).unwrap_or(u32::MAX);
            } else if self.data_closed {
                self.fault(format!("{name} is interrupted"));
            }
            self.data_chunks = self.data_chunks.saturating_add(1);
            self.data_closed = false;
        } else {
            self.data_closed = self.data_chunks > 0;
        }
        let is_first = self.seen.is_empty();
        if is_first != (&kind == b"IHDR") {
            self.fault(if is_first { "IHDR is not first".into() } else { "IHDR twice".into() });
        }
        self.check(kind, &name);
        if !self.seen.contains(&kind) && self.seen.len() < MAX_ORDERED {
            self.seen.push(kind);
        }
        if self.order.last() != Some(&name) && self.order.len() < MAX_ORDERED {
            self.order.push(name);
        }
    }

    fn check(&mut self, kind: [u8; 4], name: &str) {
        let Some(rule) = RULES.iter().find(|rule| *rule.kind == kind) else { return };
        let has = |wanted: &[u8; 4]| self.seen.contains(wanted);
        let (twice, after_palette, after_data) = (has(&kind), has(b"PLTE"), self.data_chunks > 0);
        // hIST and the others that follow a palette are only wrong where a palette comes later.
        let palette_came_late = kind == *b"PLTE"
            && RULES.iter().any(|rule| rule.after_palette && self.seen.contains(rule.kind));
        if rule.is_single && twice {
            self.fault(format!("{name} twice"));
        }
        if rule.before_palette && after_palette {
            self.fault(format!("{name} behind PLTE"));
        }
        if rule.before_data && after_data {
            self.fault(format!("{name} behind IDAT"));
        }
        if palette_came_late {
            self.fault("PLTE behind what needs it".into());
        }
    }

    fn fault(&mut self, fault: String) {
        if self.faults.len() < MAX_FAULTS && !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    /// The structure in one line, equal for files of one program and setting.
    pub(crate) fn words(&self) -> String {
        let cut = match self.data_chunks {
            0 => "no IDAT".into(),
            1 => "one IDAT".into(),
            _ => format!("IDAT of {} bytes", self.first_data_bytes),
        };
        format!("{cut}, {}", self.order.join(" "))
    }

    /// Whose way of writing it is, where the files that were seen tell.
    pub(crate) fn writer(&self) -> Option<&'static str> {
        if self.order.iter().any(|name| name == VIRTUAL_PAGE) {
            return Some(DATA_BYTES[0].1);
        }
        let size = (self.data_chunks > 1).then_some(self.first_data_bytes)?;
        DATA_BYTES.iter().find(|(bytes, _)| *bytes == size).map(|(_, who)| *who)
    }
}

/// A chunk's name; `?` for what is no name.
fn name(kind: [u8; 4]) -> String {
    if kind.iter().all(u8::is_ascii_alphabetic) {
        String::from_utf8_lossy(&kind).into_owned()
    } else {
        "?".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &str) -> PngStructure {
        let mut structure = PngStructure::default();
        for name in names.split(' ') {
            structure.push(name.as_bytes().try_into().unwrap(), 9);
        }
        structure
    }

    #[test]
    fn orders_that_the_standard_allows_have_no_fault() {
        for names in [
            "IHDR IDAT IEND",
            "IHDR gAMA sRGB cHRM sBIT PLTE bKGD tRNS hIST pHYs sPLT sPLT IDAT IDAT tEXt tIME IEND",
            "IHDR bKGD tRNS IDAT zTXt eXIf IEND",
            "IHDR acTL fcTL IDAT fcTL fdAT IEND",
            "IHDR iTXt tEXt caBX vpAg IDAT IEND",
        ] {
            assert_eq!(of(names).faults, Vec::<String>::new(), "{names}");
        }
    }

    #[test]
    fn every_broken_order_is_named() {
        for (names, fault) in [
            ("gAMA IHDR IDAT IEND", "IHDR is not first"),
            ("IHDR IHDR IDAT IEND", "IHDR twice"),
            ("IHDR IDAT tEXt IDAT IEND", "IDAT is interrupted"),
            ("IHDR PLTE gAMA IDAT IEND", "gAMA behind PLTE"),
            ("IHDR IDAT pHYs IEND", "pHYs behind IDAT"),
            ("IHDR sRGB sRGB IDAT IEND", "sRGB twice"),
            ("IHDR tRNS PLTE IDAT IEND", "PLTE behind what needs it"),
            ("IHDR PLTE PLTE IDAT IEND", "PLTE twice"),
        ] {
            assert!(of(names).faults.iter().any(|found| found == fault), "{names}");
        }
    }

    #[test]
    fn the_line_tells_order_and_cut() {
        assert_eq!(of("IHDR tEXt tEXt IDAT IEND").words(), "one IDAT, IHDR tEXt IDAT IEND");
        let mut cut = PngStructure::default();
        for (kind, length) in [(*b"IHDR", 13), (*b"IDAT", 65_536), (*b"IDAT", 9), (*b"IEND", 0)] {
            cut.push(kind, length);
        }
        assert_eq!(cut.words(), "IDAT of 65536 bytes, IHDR IDAT IEND");
        assert_eq!(cut.writer(), Some("Pillow"));
        assert_eq!(of("IHDR IDAT IEND").writer(), None);
    }

    #[test]
    fn names_that_are_none_and_thousands_of_chunks_stay_short() {
        let mut structure = of("IHDR");
        for index in 0..100_000_u32 {
            structure.push(index.to_be_bytes(), 1);
            structure.push(*b"sRGB", 1);
            structure.push(*b"IHDR", 1);
        }
        assert!(structure.words().len() < 300 && structure.words().contains('?'));
        assert!(structure.faults.len() <= MAX_FAULTS);
    }
}
