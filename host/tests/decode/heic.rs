// SPDX-License-Identifier: MIT OR Apache-2.0
//! HEIC. No encoder is at hand here: `conformance-tests/data/*.heic` are the ramp of 128x104 px, saved once by
//! libheif with x265 at quality 90, `ramp.heic` in 4:4:4, `ramp-turned.heic` in 4:2:0 and to
//! be shown turned by 90 degrees.

use assay::image::Format;

use crate::support::{decoded, ramp};

#[test]
fn pixels_are_those_that_were_saved() {
    let found = decoded(include_bytes!("../../../conformance-tests/data/ramp.heic"));
    assert_eq!((found.format, found.width, found.height), (Format::Heic, 128, 104));
    assert_eq!((found.channels, found.bit_depth), (3, 8));
    let pixels = found.rgb.as_chunks::<3>().0.iter().enumerate();
    let far = pixels.filter(|(i, pixel)| {
        let expected = ramp(*i as u32 % 128, *i as u32 / 128);
        pixel.iter().zip(expected).any(|(a, b)| a.abs_diff(b) > 8)
    });
    assert!(far.count() < 100);
}

#[test]
fn the_containers_turn_is_part_of_the_picture() {
    let found = decoded(include_bytes!("../../../conformance-tests/data/ramp-turned.heic"));
    assert_eq!((found.width, found.height), (104, 128));
    // Turned clockwise: what was at the left is at the top, so red grows downwards.
    let red = |x: usize, y: usize| found.rgb[3 * (y * 104 + x)];
    assert!(red(50, 5) < 40 && red(50, 120) > 200, "{} {}", red(50, 5), red(50, 120));
    let green = |x: usize, y: usize| found.rgb[3 * (y * 104 + x) + 1];
    assert!(green(5, 60) > 150 && green(98, 60) < 50, "{} {}", green(5, 60), green(98, 60));
}
