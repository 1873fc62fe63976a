// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files with several images made by hand.

use super::jpeg;

/// A Multi-Picture file: a JPEG that lists itself and one further image of this kind, which follows it.
pub(crate) fn multi_picture(kind: u32) -> Vec<u8> {
    let further = jpeg(&[]);
    let with_list = |first: u32| {
        // Offsets count from 10 bytes into the file; the segment is the first one.
        let offset = first.saturating_sub(10);
        let mut block =
            b"MPF\0MM\0*\0\0\0\x08\0\x01\xb0\x02\0\x07\0\0\0\x20\0\0\0\x1a\0\0\0\0".to_vec();
        let length = u32::try_from(further.len()).unwrap();
        for number in [0x03_0000, first, 0, 0, kind, length, offset, 0] {
            block.extend_from_slice(&number.to_be_bytes());
        }
        jpeg(&[(0xe2, &block)])
    };
    let first = u32::try_from(with_list(0).len()).unwrap();
    [with_list(first), further].concat()
}
