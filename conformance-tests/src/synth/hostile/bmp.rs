// SPDX-License-Identifier: MIT OR Apache-2.0
//! Bitmaps: sizes, runs without end, palettes and places outside of the file.

use super::bytes::with;
use super::{plain, Answer, Hostile};
use crate::synth::codec::{self, CodecError};

pub(super) fn files() -> Result<Vec<Hostile>, CodecError> {
    let plain = codec::bmp(&plain())?;
    let sized = |width: i32, height: i32| {
        with(plain.clone(), 18, &[width.to_le_bytes(), height.to_le_bytes()].concat())
    };
    // Bits and kind of compression stand at 28 and 30, the length of the palette at 46.
    let runs = with(plain.clone(), 28, &[8, 0, 1, 0, 0, 0]);
    let moves = [runs.get(..54).unwrap_or_default(), &[0, 2, 1, 0].repeat(1_000_000)].concat();
    Ok(vec![
        Hostile::new("bmp/size", Answer::TooLarge, sized(65_535, 65_535)),
        Hostile::new("bmp/most-size", Answer::Refused, sized(i32::MAX, i32::MIN)),
        Hostile::new("bmp/palette", Answer::Refused, with(runs, 46, &[0xff; 4])),
        Hostile::new("bmp/moves", Answer::Refused, moves),
        Hostile::new("bmp/place", Answer::Refused, with(plain.clone(), 10, &[0xff; 4])),
    ])
}
