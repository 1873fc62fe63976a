// SPDX-License-Identifier: MIT OR Apache-2.0
//! `Raw profile type …`: blocks of other standards as hexadecimal text in a PNG, as ImageMagick
//! writes them: name, length in decimal, then hexadecimal lines.

use super::{take, Blocks, MAX_BLOCK_BYTES};

/// Header of EXIF inside an `APP1` profile.
const EXIF_HEADER: &[u8] = b"Exif\0\0";
/// Header of XMP inside an `APP1` profile.
const XMP_HEADER: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

/// Puts the profile called `kind` among the blocks.
pub(super) fn place(kind: &[u8], text: &[u8], blocks: &mut Blocks<'_>) {
    let Some(bytes) = bytes(text) else { return };
    match kind {
        b"exif" | b"APP1" | b"app1" => match bytes.strip_prefix(XMP_HEADER) {
            Some(packet) => take(&mut blocks.xmp, packet.to_vec()),
            None if kind == b"exif" || bytes.starts_with(EXIF_HEADER) => blocks.take_exif(bytes),
            None => {}
        },
        b"xmp" => take(&mut blocks.xmp, bytes),
        b"iptc" | b"8bim" if bytes.starts_with(b"8BIM") => take(&mut blocks.photoshop, bytes),
        b"iptc" => take(&mut blocks.iptc, bytes),
        _ => {}
    }
}

/// The bytes of a profile; `None` where name or length is missing.
fn bytes(text: &[u8]) -> Option<Vec<u8>> {
    let mut lines = text.split(|&byte| byte == b'\n').skip_while(|line| line.is_empty());
    let _name = lines.next()?;
    let length = std::str::from_utf8(lines.next()?).ok()?.trim().parse::<usize>().ok()?;
    let mut digits = lines.flatten().filter_map(|&byte| char::from(byte).to_digit(16));
    let mut output = Vec::new();
    while output.len() < length.min(MAX_BLOCK_BYTES) {
        let (Some(high), Some(low)) = (digits.next(), digits.next()) else { break };
        output.push(u8::try_from(high * 16 + low).ok()?);
    }
    Some(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_lines_become_the_block() {
        assert_eq!(bytes(b"\nexif\n       4\n4d4d\n002a\n").as_deref(), Some(b"MM\0*".as_slice()));
        assert_eq!(bytes(b"\nexif\n"), None);
    }

    #[test]
    fn an_app1_profile_is_told_apart_by_its_header() {
        let mut blocks = Blocks::default();
        place(b"APP1", b"\ngeneric profile\n 10\n457869660000\n4d4d002a\n", &mut blocks);
        assert_eq!(blocks.exif.as_deref(), Some(b"MM\0*".as_slice()));
        assert!(blocks.xmp.is_empty());
    }
}
