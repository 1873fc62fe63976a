// SPDX-License-Identifier: MIT OR Apache-2.0
//! Small files made by hand for the tests.

mod multi_picture;
mod profile;
pub(crate) mod signed;

pub(crate) use multi_picture::multi_picture;
pub(crate) use profile::icc_profile;

/// A packet with a creator tool and nothing else.
pub(crate) const TEST_XMP: &[u8] = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>\
<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
<rdf:Description rdf:about='' xmlns:xmp='http://ns.adobe.com/xap/1.0/'>\
<xmp:CreatorTool>Test tool</xmp:CreatorTool></rdf:Description></rdf:RDF></x:xmpmeta>";

/// A packet around RDF content.
pub(crate) fn xmp_packet(content: &str) -> String {
    format!(
        "<?xpacket begin='\u{feff}' id='W5M0MpCehiHzreSzNTczkc9d'?>\
         <x:xmpmeta xmlns:x='adobe:ns:meta/'>\
         <rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>{content}</rdf:RDF>\
         </x:xmpmeta><?xpacket end='w'?>"
    )
}

/// A packet with one property as an element.
pub(crate) fn xmp_property(namespace: &str, name: &str, value: &str) -> String {
    xmp_packet(&format!(
        "<rdf:Description xmlns:p='{namespace}'><p:{name}>{value}</p:{name}></rdf:Description>"
    ))
}

/// CRC-32 of PNG, bit by bit.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            if crc & 1 == 1 {
                crc >> 1 ^ 0xedb8_8320
            } else {
                crc >> 1
            }
        })
    })
}

/// A 64x48 PNG with these chunks between its header and its end.
pub(crate) fn png(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let header = [0, 0, 0, 64, 0, 0, 0, 48, 8, 2, 0, 0, 0];
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in
        [(b"IHDR", header.as_slice())].iter().chain(chunks).chain(&[(b"IEND", [].as_slice())])
    {
        let body = [kind.as_slice(), data].concat();
        file.extend_from_slice(&u32::try_from(data.len()).unwrap().to_be_bytes());
        file.extend_from_slice(&body);
        file.extend_from_slice(&crc(&body).to_be_bytes());
    }
    file
}

/// A PNG with these texts.
pub(crate) fn png_texts(texts: &[(&str, &str)]) -> Vec<u8> {
    let chunks: Vec<_> =
        texts.iter().map(|(k, v)| format!("{k}\0\0\0\0\0{v}").into_bytes()).collect();
    png(&chunks.iter().map(|chunk| (b"iTXt", chunk.as_slice())).collect::<Vec<_>>())
}

/// A WebP with these chunks.
pub(crate) fn webp(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    for (kind, data) in chunks {
        body.extend_from_slice(*kind);
        body.extend_from_slice(&u32::try_from(data.len()).unwrap().to_le_bytes());
        body.extend_from_slice(data);
        body.extend(std::iter::repeat_n(0, data.len() % 2));
    }
    [b"RIFF".as_slice(), &u32::try_from(body.len()).unwrap().to_le_bytes(), &body].concat()
}

/// A JPEG of 64x48 px: these segments, a flat quantisation table of `step`, one empty scan.
pub(crate) fn jpeg_with_step(step: u8, segments: &[(u8, &[u8])]) -> Vec<u8> {
    let table = [&[0][..], &[step; 64]].concat();
    jpeg_with_tables(&table, segments)
}

/// A JPEG of 64x48 px with the payload of its table segment given.
pub(crate) fn jpeg_with_tables(tables: &[u8], segments: &[(u8, &[u8])]) -> Vec<u8> {
    let frame = [8, 0, 48, 0, 64, 1, 1, 0x11, 0];
    let mut file = vec![0xff, 0xd8];
    let fixed: [(u8, &[u8]); 3] = [(0xdb, tables), (0xc0, &frame), (0xda, &[1, 1, 0, 0, 63, 0])];
    for (marker, payload) in segments.iter().chain(&fixed) {
        file.extend_from_slice(&[0xff, *marker]);
        file.extend_from_slice(&u16::try_from(payload.len() + 2).unwrap().to_be_bytes());
        file.extend_from_slice(payload);
    }
    file.extend_from_slice(&[0x12, 0x34, 0xff, 0xd9]);
    file
}

/// A JPEG with these segments and a flat table.
pub(crate) fn jpeg(segments: &[(u8, &[u8])]) -> Vec<u8> {
    jpeg_with_step(3, segments)
}

/// A grey JPEG whose 8x8 blocks have these levels.
pub(crate) fn grey_jpeg(
    columns: usize,
    rows: usize,
    level: impl Fn(usize, usize) -> f64,
) -> Vec<u8> {
    let at = |x: usize, y: usize| level(x / 8, y / 8) as u8;
    let pixels: Vec<u8> = (0..rows * 8)
        .flat_map(|y| (0..columns * 8).map(move |x| (x, y)))
        .map(|(x, y)| at(x, y))
        .collect();
    let mut file = Vec::new();
    let side = |count: usize| u16::try_from(count * 8).unwrap();
    jpeg_encoder::Encoder::new(&mut file, 85)
        .encode(&pixels, side(columns), side(rows), jpeg_encoder::ColorType::Luma)
        .unwrap();
    file
}

/// A JPEG that carries an EXIF block.
pub(crate) fn jpeg_with_exif(exif: &Exif) -> Vec<u8> {
    jpeg(&[(0xe1, &[b"Exif\0\0".as_slice(), &exif.block()].concat())])
}

/// A JPEG that carries an XMP packet.
pub(crate) fn jpeg_with_xmp(packet: &str) -> Vec<u8> {
    jpeg(&[(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0".as_slice(), packet.as_bytes()].concat())])
}

/// A JPEG that carries one IPTC dataset of the application record.
pub(crate) fn jpeg_with_iptc(dataset: u8, value: &str) -> Vec<u8> {
    let mut record = vec![0x1c, 2, dataset];
    record.extend_from_slice(&u16::try_from(value.len()).unwrap().to_be_bytes());
    record.extend_from_slice(value.as_bytes());
    let mut resource = b"Photoshop 3.0\08BIM\x04\x04\0\0".to_vec();
    resource.extend_from_slice(&u32::try_from(record.len()).unwrap().to_be_bytes());
    resource.extend_from_slice(&record);
    jpeg(&[(0xed, &resource)])
}

/// Degrees, minutes and seconds, and the letter of the half.
type Angle<'a> = ([(u32, u32); 3], &'a [u8]);
type Field = (u16, u16, u32, Vec<u8>);

/// A builder of EXIF blocks: first directory, EXIF directory, GPS directory.
#[derive(Clone, Default)]
pub(crate) struct Exif {
    little_endian: bool,
    first: Vec<Field>,
    sub: Vec<Field>,
    gps: Vec<Field>,
    thumbnail: Vec<u8>,
    has_typed_pointers: bool,
}

impl Exif {
    /// A camera whose fields agree with each other and with a 64x48 picture.
    pub(crate) fn camera() -> Self {
        Self::default()
            .text(271, "Acme")
            .text(272, "Shot 5")
            .text(306, "2024:05:01 10:00:00")
            .sub_text(0x9003, "2024:05:01 10:00:00")
            .sub_text(0x9004, "2024:05:01 10:00:00")
            .sub(0x829a, 5, 1, vec![0; 8])
            .sub(0x829d, 5, 1, vec![0; 8])
            .sub(0x8827, 3, 1, vec![0; 2])
            .sub(0x920a, 5, 1, vec![0; 8])
            .sub(0x927c, 7, 6, b"makers".to_vec())
            .sub_long(0xa002, 64)
            .sub_long(0xa003, 48)
    }

    /// Sets the byte order; fields of the first directory come after it.
    pub(crate) fn ordered(self, little_endian: bool) -> Self {
        Self { little_endian, ..self }
    }

    /// Sets a field of the first directory, replacing one of the same tag.
    fn set(mut self, field: Field) -> Self {
        self.first.retain(|old| old.0 != field.0);
        self.first.push(field);
        self
    }

    /// Sets a field of the EXIF directory, replacing one of the same tag.
    pub(crate) fn sub(mut self, tag: u16, kind: u16, count: u32, value: Vec<u8>) -> Self {
        self.sub.retain(|old| old.0 != tag);
        self.sub.push((tag, kind, count, value));
        self
    }

    pub(crate) fn text_bytes(self, tag: u16, value: &[u8]) -> Self {
        self.set((tag, 2, u32::try_from(value.len()).unwrap(), value.to_vec()))
    }

    pub(crate) fn text(self, tag: u16, value: &str) -> Self {
        self.text_bytes(tag, format!("{value}\0").as_bytes())
    }

    pub(crate) fn bytes(self, tag: u16, value: &[u8]) -> Self {
        self.set((tag, 1, u32::try_from(value.len()).unwrap(), value.to_vec()))
    }

    pub(crate) fn long(self, tag: u16, value: u32) -> Self {
        let bytes = if self.little_endian { value.to_le_bytes() } else { value.to_be_bytes() };
        self.set((tag, 4, 1, bytes.to_vec()))
    }

    pub(crate) fn sub_text_bytes(self, tag: u16, value: &[u8]) -> Self {
        self.sub(tag, 2, u32::try_from(value.len()).unwrap(), value.to_vec())
    }

    pub(crate) fn sub_text(self, tag: u16, value: &str) -> Self {
        self.sub_text_bytes(tag, format!("{value}\0").as_bytes())
    }

    /// Stored in the block's byte order when it is built.
    pub(crate) fn sub_long(self, tag: u16, value: u32) -> Self {
        self.sub(tag, NUMBER, 1, value.to_be_bytes().to_vec())
    }

    pub(crate) fn user_comment(self, value: &str) -> Self {
        let value = [b"ASCII\0\0\0", value.as_bytes()].concat();
        self.sub(0x9286, 7, u32::try_from(value.len()).unwrap(), value)
    }

    pub(crate) fn sub_short(self, tag: u16, value: u16) -> Self {
        let bytes = self.u16(value);
        self.sub(tag, 3, 1, bytes.to_vec())
    }

    fn ratios(&self, values: &[(u32, u32)]) -> Vec<u8> {
        values.iter().flat_map(|&(n, d)| [self.u32(n), self.u32(d)]).flatten().collect()
    }

    pub(crate) fn sub_ratio(self, tag: u16, values: &[(u32, u32)]) -> Self {
        let (count, bytes) = (u32::try_from(values.len()).unwrap(), self.ratios(values));
        self.sub(tag, 5, count, bytes)
    }

    pub(crate) fn sub_signed_ratio(self, tag: u16, (n, d): (i32, i32)) -> Self {
        let bytes = self.ratios(&[(n as u32, d as u32)]);
        self.sub(tag, 10, 1, bytes)
    }

    /// A fix at so many degrees east, at hour and minute UTC of a date.
    pub(crate) fn gps_fix(mut self, east: i32, (hour, minute): (u32, u32), date: &str) -> Self {
        let reference: &[u8] = if east < 0 { b"W\0" } else { b"E\0" };
        let (place, time) = (
            self.ratios(&[(east.unsigned_abs(), 1), (0, 1), (0, 1)]),
            self.ratios(&[(hour, 1), (minute, 1), (0, 1)]),
        );
        let date = [date.as_bytes(), b"\0"].concat();
        self.gps = vec![
            (3, 2, 2, reference.to_vec()),
            (4, 5, 3, place),
            (7, 5, 3, time),
            (29, 2, u32::try_from(date.len()).unwrap(), date),
        ];
        self
    }

    /// A fix at this latitude and longitude, each with its letter.
    pub(crate) fn gps_place(mut self, latitude: Angle<'_>, longitude: Angle<'_>) -> Self {
        self.gps = vec![
            (1, 2, 2, latitude.1.to_vec()),
            (2, 5, 3, self.ratios(&latitude.0)),
            (3, 2, 2, longitude.1.to_vec()),
            (4, 5, 3, self.ratios(&longitude.0)),
        ];
        self
    }

    /// With a thumbnail in a second directory.
    pub(crate) fn thumbnail(mut self, jpeg: &[u8]) -> Self {
        self.thumbnail = jpeg.to_vec();
        self
    }

    /// With pointers of the type `IFD` to the EXIF and the GPS directory.
    pub(crate) fn typed_pointers(mut self) -> Self {
        self.has_typed_pointers = true;
        self
    }

    pub(crate) fn gps(mut self) -> Self {
        self.gps = vec![(2, 5, 3, vec![0; 24]), (4, 5, 3, vec![0; 24])];
        self
    }

    /// The block, starting with its TIFF header.
    pub(crate) fn block(&self) -> Vec<u8> {
        let mut first = self.first.clone();
        let directories = [(0x8769, &self.sub), (0x8825, &self.gps)];
        for (tag, _) in directories.iter().filter(|(_, fields)| !fields.is_empty()) {
            first.push((*tag, NUMBER, 1, vec![0; 4]));
        }
        let mut at = 8 + Self::size(&first);
        for (tag, fields) in directories {
            if let Some(pointer) = first.iter_mut().find(|field| field.0 == tag) {
                pointer.3 = u32::try_from(at).unwrap().to_be_bytes().to_vec();
                at += Self::size(fields);
            }
        }
        let header: &[u8] = if self.little_endian { b"II*\0" } else { b"MM\0*" };
        let mut block = [header, &self.u32(8)].concat();
        self.directory(&first, &mut block);
        let next_at = 8 + 2 + first.len() * 12;
        for fields in [&self.sub, &self.gps] {
            if !fields.is_empty() {
                self.directory(fields, &mut block);
            }
        }
        if !self.thumbnail.is_empty() {
            let at = u32::try_from(block.len()).unwrap();
            block[next_at..next_at + 4].copy_from_slice(&self.u32(at));
            let length = u32::try_from(self.thumbnail.len()).unwrap().to_be_bytes();
            let field = |tag, value: [u8; 4]| (tag, NUMBER, 1, value.to_vec());
            let image_at = (at + 2 + 2 * 12 + 4).to_be_bytes();
            self.directory(&[field(0x0201, image_at), field(0x0202, length)], &mut block);
            block.extend_from_slice(&self.thumbnail);
        }
        block
    }

    fn size(fields: &[Field]) -> usize {
        let outside = fields.iter().map(|field| field.3.len()).filter(|&len| len > 4);
        2 + fields.len() * 12 + 4 + outside.sum::<usize>()
    }

    fn directory(&self, fields: &[Field], block: &mut Vec<u8>) {
        let mut outside_at = block.len() + 2 + fields.len() * 12 + 4;
        let mut outside = Vec::new();
        block.extend_from_slice(&self.u16(u16::try_from(fields.len()).unwrap()));
        for (tag, kind, count, value) in fields {
            let is_pointer = matches!(tag, 0x8769 | 0x8825);
            let number = if is_pointer && self.has_typed_pointers { 13 } else { 4 };
            let written = if *kind == NUMBER { number } else { *kind };
            block.extend_from_slice(&self.u16(*tag));
            block.extend_from_slice(&self.u16(written));
            block.extend_from_slice(&self.u32(*count));
            if *kind == NUMBER {
                let number = u32::from_be_bytes(value.as_slice().try_into().unwrap());
                block.extend_from_slice(&self.u32(number));
            } else if value.len() <= 4 {
                let mut inline = value.clone();
                inline.resize(4, 0);
                block.extend_from_slice(&inline);
            } else {
                block.extend_from_slice(&self.u32(u32::try_from(outside_at).unwrap()));
                outside_at += value.len();
                outside.extend_from_slice(value);
            }
        }
        block.extend_from_slice(&self.u32(0));
        block.extend_from_slice(&outside);
    }

    fn u16(&self, value: u16) -> [u8; 2] {
        if self.little_endian {
            value.to_le_bytes()
        } else {
            value.to_be_bytes()
        }
    }

    fn u32(&self, value: u32) -> [u8; 4] {
        if self.little_endian {
            value.to_le_bytes()
        } else {
            value.to_be_bytes()
        }
    }
}

/// Marks a LONG kept big-endian until the block is built.
const NUMBER: u16 = 0xffff;
