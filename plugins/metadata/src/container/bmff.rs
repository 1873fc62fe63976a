// SPDX-License-Identifier: MIT OR Apache-2.0
//! HEIC: top-level boxes of ISO base media [ISO/IEC 14496-12 §4.2]. EXIF and XMP of HEIC are items
//! that the host resolves; only the Content Credentials box is looked for here.

use super::Blocks;
use crate::number::{array, be32};

/// Most boxes visited.
const MAX_BOXES: usize = 10_000;
/// User type of the Content Credentials box [C2PA 2.1 §A.5].
const C2PA_BOX: [u8; 16] = [
    0xd8, 0xfe, 0xc3, 0xd6, 0x1b, 0x0e, 0x48, 0x3c, 0x92, 0x97, 0x58, 0x28, 0x87, 0x7e, 0xc4, 0x81,
];

/// Reads the top-level boxes.
pub(super) fn read(bytes: &[u8]) -> Blocks<'_> {
    let mut blocks = Blocks::default();
    let mut at = 0;
    for _ in 0..MAX_BOXES {
        let (Some(size), Some(kind)) = (be32(bytes, at), array::<4>(bytes, at + 4)) else { break };
        if &kind == b"uuid" && array(bytes, at + 8) == Some(C2PA_BOX) {
            blocks.c2pa_present = true;
        }
        // Size 1: 64 bits follow the type. Size 0: the box goes to the end of the file.
        let size = match size {
            0 => break,
            1 => array(bytes, at + 8).map(u64::from_be_bytes),
            size => Some(u64::from(size)),
        };
        let size = size.and_then(|size| usize::try_from(size).ok()).filter(|&size| size >= 8);
        let Some(next) = size.and_then(|size| at.checked_add(size)) else { break };
        at = next;
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_credentials_are_found_behind_a_large_box() {
        let mut file =
            b"\0\0\0\x0cftypheic\0\0\0\x01mdat\0\0\0\0\0\0\0\x14abcd\0\0\0\x18uuid".to_vec();
        assert!(!read(&file).c2pa_present);
        file.extend_from_slice(&C2PA_BOX);
        assert!(read(&file).c2pa_present);
    }
}
