// SPDX-License-Identifier: MIT OR Apache-2.0
//! Bounds on a manifest store before it is validated, so that a hostile one costs little.
//!
//! **Constants and their source.** Stores of cameras, editors and generators that were seen have
//! 12 kB to 1 MB (pictures of ingredients included), at most 20 manifests and boxes four levels deep.

use crate::number::{array, be32, slice};

/// Longest store, bytes.
pub(super) const MAX_STORE_BYTES: usize = 8 * 1024 * 1024;
/// Most boxes in a store.
const MAX_BOXES: usize = 20_000;
/// Most levels of boxes.
const MAX_LEVELS: usize = 16;
/// Most manifests in a store: each may refer to all others.
const MAX_MANIFESTS: usize = 256;
/// Bytes of a box's length and type.
const HEADER_BYTES: usize = 8;

/// The media type by which the library knows the container; `None` where it has no store.
pub(super) fn format(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Some("image/tiff"),
        [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', ..] => Some("image/avif"),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some("image/heic"),
        _ => None,
    }
}

/// Checks size, number and depth of a store's boxes.
///
/// # Errors
/// The first bound that it exceeds, for a person.
pub(super) fn check(store: &[u8]) -> Result<(), String> {
    if store.len() > MAX_STORE_BYTES {
        let mb = MAX_STORE_BYTES / (1024 * 1024);
        return Err(format!("the store has {} bytes, at most {mb} MB are read", store.len()));
    }
    let mut waiting = vec![(store, 0_usize)];
    let (mut boxes, mut manifests) = (0, 0);
    while let Some((mut rest, level)) = waiting.pop() {
        if level > MAX_LEVELS {
            return Err(format!("boxes are nested more than {MAX_LEVELS} deep"));
        }
        while let Some((kind, content, next)) = first_box(rest) {
            boxes += 1;
            manifests += usize::from(level == 1 && &kind == b"jumb");
            if boxes > MAX_BOXES || manifests > MAX_MANIFESTS {
                return Err(format!(
                    "the store has more than {MAX_BOXES} boxes or {MAX_MANIFESTS} manifests"
                ));
            }
            if &kind == b"jumb" {
                waiting.push((content, level + 1));
            }
            rest = next;
        }
    }
    Ok(())
}

/// Type and content of the first box, and what follows it.
fn first_box(bytes: &[u8]) -> Option<([u8; 4], &[u8], &[u8])> {
    let (size, kind) = (be32(bytes, 0)?, array::<4>(bytes, 4)?);
    // Size 0 reaches to the end; 1 announces 64 bits, which no store within the bound needs.
    let size = if size == 0 { u32::try_from(bytes.len()).ok()? } else { size };
    let content = slice(bytes, HEADER_BYTES, size.checked_sub(8)?)?;
    Some((kind, content, &bytes[HEADER_BYTES + content.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let size = u32::try_from(content.len() + 8).unwrap().to_be_bytes();
        [size.as_slice(), kind, content].concat()
    }

    #[test]
    fn a_store_of_usual_shape_passes() {
        let manifest = boxed(b"jumb", &boxed(b"jumb", &boxed(b"cbor", b"x")));
        assert_eq!(check(&boxed(b"jumb", &manifest.repeat(20))), Ok(()));
        assert_eq!(check(b""), Ok(()));
    }

    #[test]
    fn size_number_and_depth_are_bounded() {
        assert!(check(&vec![0; MAX_STORE_BYTES + 1]).unwrap_err().contains("8 MB"));
        let many = boxed(b"jumb", &boxed(b"cbor", b"").repeat(MAX_BOXES + 1));
        assert!(check(&many).unwrap_err().contains("boxes"));
        let manifests = boxed(b"jumb", &boxed(b"jumb", b"").repeat(MAX_MANIFESTS + 1));
        assert!(check(&manifests).unwrap_err().contains("manifests"));
        let deep = (0..40).fold(Vec::new(), |inner, _| boxed(b"jumb", &inner));
        assert!(check(&deep).unwrap_err().contains("nested"));
    }

    #[test]
    fn a_box_that_claims_more_than_there_is_ends_the_walk() {
        assert_eq!(check(b"\0\0\xff\xffjumb\0\0\0\x08cbor"), Ok(()));
        assert_eq!(check(b"\0\0\0\x04jumb"), Ok(()));
    }
}
