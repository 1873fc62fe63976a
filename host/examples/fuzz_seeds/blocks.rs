// SPDX-License-Identifier: MIT OR Apache-2.0
//! Blocks of metadata, and files that hold them.

use std::io::Write as _;

use assay_conformance::synth::codec::{self, Jpeg};
use assay_conformance::synth::{Exif, Picture};
use flate2::write::{GzEncoder, ZlibEncoder};
use flate2::Compression;

use crate::Seeds;

const XMP: &str = "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF \
    xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' \
    xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmlns:tc='http://www.tc260.org.cn/ns/AIGC/1.0/' \
    xmp:CreateDate='2024-05-01T10:00:00+02:00' tc:AIGC='{\"Label\":\"1\",\"ProduceID\":\"x\"}'>\
    <xmp:CreatorTool>Adobe Photoshop 25.0</xmp:CreatorTool></rdf:Description></rdf:RDF></x:xmpmeta>";

fn camera() -> Exif {
    let mut exif = Exif::of_camera("Maker", "M-1", "2024:05:06 07:08:09");
    exif.software = "Adobe Photoshop 25.0".into();
    exif.position = Some([47.5, 8.5]);
    exif
}

fn small() -> Picture {
    Picture::from_fn(16, 16, |x, y| [(x * 15) as u8, (y * 15) as u8, 90])
}

pub(crate) fn files() -> Seeds {
    let xmp = [b"http://ns.adobe.com/xap/1.0/\0", XMP.as_bytes()].concat();
    let jpeg = Jpeg::quality(50).exif(camera()).segment(1, xmp);
    let jpeg = jpeg.segment(13, [b"Photoshop 3.0\0", &resources()[..]].concat());
    let jpeg = jpeg.segment(11, [b"JP\0\x01\0\0\0\x01", &store()[..]].concat());
    let texts = [("Software", "NovelAI"), ("parameters", "a house\nSteps: 20, Seed: 1")];
    let webp = [b"WEBPVP8X\x0a\0\0\0\x0c\0\0\0\x0f\0\0\x0f\0\0".to_vec(), exif_chunk()].concat();
    let uuid = *b"\xd8\xfe\xc3\xd6\x1b\x0e\x48\x3c\x92\x97\x58\x28\x87\x7e\xc4\x81";
    vec![
        ("jpeg", jpeg.encode(&small()).unwrap()),
        ("png", codec::png(&small(), &texts).unwrap()),
        ("webp", [b"RIFF", &(webp.len() as u32).to_le_bytes()[..], &webp].concat()),
        ("tiff", camera().tiff()),
        ("heic", [b"\0\0\0\x0cftypheic\0\0\0\x20uuid", &uuid[..], &[0; 8]].concat()),
    ]
}

fn exif_chunk() -> Vec<u8> {
    let block = camera().tiff();
    [b"EXIF", &(block.len() as u32).to_le_bytes()[..], &block].concat()
}

pub(crate) fn exif() -> Seeds {
    let bare = Exif { model: "Shot 5".into(), ..Exif::default() };
    vec![("camera", camera().tiff()), ("bare", bare.tiff())]
}

pub(crate) fn xmp() -> Seeds {
    let list =
        "<dc:creator xmlns:dc='http://purl.org/dc/elements/1.1/'><rdf:Seq><rdf:li>A</rdf:li>\
        </rdf:Seq></dc:creator>";
    let source = "<Iptc4xmpExt:DigitalSourceType>trainedAlgorithmicMedia\
        </Iptc4xmpExt:DigitalSourceType>";
    vec![("packet", XMP.into()), ("list", list.into()), ("source", source.into())]
}

const RECORD: &[u8] = b"\x1c\x01\x5a\0\x03\x1b%G\x1c\x02\x6e\0\x06Agency\x1c\x02\x37\0\x0820240501";

fn resources() -> Vec<u8> {
    let length = (RECORD.len() as u32).to_be_bytes();
    [b"8BIM\x04\x04\0\0", &length[..], RECORD, b"\x008BIM\x03\xed\0\0\0\0\0\0"].concat()
}

pub(crate) fn photoshop() -> Seeds {
    vec![("record", RECORD.to_vec()), ("resources", resources())]
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The first byte chooses the chunk: tEXt, zTXt, iTXt, eXIf, tIME.
pub(crate) fn png_texts() -> Seeds {
    let profile = "Raw profile type exif\0\0";
    let hexadecimal: String = camera().tiff().iter().map(|byte| format!("{byte:02x}")).collect();
    let profile_text = format!("\nexif\n{:8}\n{hexadecimal}\n", hexadecimal.len() / 2);
    let prompt = br#"{"3":{"class_type":"KSampler","inputs":{"seed":7,"steps":20}}}"#;
    vec![
        ("plain", b"\0parameters\0a house\nSteps: 20, Sampler: Euler a, Seed: 1".to_vec()),
        ("workflow", [b"\0prompt\0", &prompt[..]].concat()),
        ("compressed", [b"\x01Comment\0\0", &deflated(prompt)[..]].concat()),
        ("profile", [b"\x01", profile.as_bytes(), &deflated(profile_text.as_bytes())].concat()),
        ("xmp", [b"\x02XML:com.adobe.xmp\0\0\0\0\0", XMP.as_bytes()].concat()),
        ("exif", [b"\x03", &camera().tiff()[..]].concat()),
        ("time", vec![4, 7, 0xe8, 2, 29, 12, 30, 59]),
    ]
}

fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
}

/// A superbox with its description [ISO/IEC 19566-5, 4].
fn superbox(kind: &[u8; 4], label: &str, content: &[u8]) -> Vec<u8> {
    let identifier = [kind, &b"\0\x11\0\x10\x80\0\0\xaa\08\x9bq"[..]].concat();
    let description = [&identifier, &b"\x03"[..], label.as_bytes(), b"\0"].concat();
    boxed(b"jumb", &[boxed(b"jumd", &description), content.to_vec()].concat())
}

/// A store of the usual shape whose claim is an empty map and whose signature is none.
fn store() -> Vec<u8> {
    let actions = b"\xa1\x67actions\x81\xa1\x66action\x6cc2pa.created";
    let actions = superbox(b"cbor", "c2pa.actions", &boxed(b"cbor", actions));
    let assertions = superbox(b"c2as", "c2pa.assertions", &actions);
    let claim = superbox(b"c2cl", "c2pa.claim", &boxed(b"cbor", b"\xa0"));
    let signature =
        superbox(b"c2cs", "c2pa.signature", &boxed(b"cbor", b"\xd2\x84\x40\xa0\xf6\x40"));
    let content = [assertions, claim, signature].concat();
    let manifest = superbox(b"c2ma", "urn:c2pa:00000000-0000-4000-8000-000000000000", &content);
    superbox(b"c2pa", "c2pa", &manifest)
}

pub(crate) fn credentials() -> Seeds {
    vec![("store", store()), ("empty", superbox(b"c2pa", "c2pa", &[]))]
}

/// The first byte chooses the opening word; 32 bits of length in bits and the text follow.
pub(crate) fn hidden_texts() -> Seeds {
    let text = br#"{"Software":"NovelAI","Comment":"{\"steps\": 28, \"seed\": 7}"}"#;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).unwrap();
    let packed = encoder.finish().unwrap();
    let hidden = |choice: u8, text: &[u8]| {
        [&[choice][..], &(text.len() as u32 * 8).to_be_bytes(), text].concat()
    };
    vec![
        ("alpha", hidden(0, text)),
        ("alpha-packed", hidden(1, &packed)),
        ("colour", hidden(2, b"a house\nSteps: 9, Seed: 4")),
        ("colour-packed", hidden(3, &packed)),
    ]
}
