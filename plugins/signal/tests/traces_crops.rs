// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which crops are read: where they lie, what they avoid, when there are none.

#![allow(clippy::unwrap_used)] // helpers, called by tests only

use assay_signal::traces::crops::{choose, NoCrop, MOST_CROPS};
use assay_signal::traces::{Picture, CROP};
use proptest::prelude::*;

/// A picture whose pixels are textured where `textured` says so and black elsewhere.
fn pixels(width: usize, height: usize, textured: impl Fn(usize, usize) -> bool) -> Vec<u8> {
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let texture = |x: usize, y: usize| ((x * 73 + y * 151 + x * y) % 251) as u8;
    places.flat_map(|(x, y)| [if textured(x, y) { texture(x, y) } else { 0 }; 3]).collect()
}

fn chosen(width: usize, height: usize, rgb: &[u8]) -> Result<Vec<(usize, usize)>, NoCrop> {
    choose(&Picture::new(rgb, width, height, 3 * width).unwrap(), MOST_CROPS)
}

#[test]
fn a_picture_of_one_crop_gives_that_crop() {
    assert_eq!(chosen(CROP, CROP, &pixels(CROP, CROP, |_, _| true)), Ok(vec![(0, 0)]));
}

#[test]
fn a_side_below_a_crop_is_too_small() {
    let refused = chosen(1000, 255, &pixels(1000, 255, |_, _| true));
    assert_eq!(refused, Err(NoCrop::TooSmall { width: 1000, height: 255 }));
}

#[test]
fn a_flat_picture_has_nothing_to_read_and_says_how_flat_it_is() {
    let refused = chosen(600, 600, &pixels(600, 600, |_, _| false));
    assert_eq!(refused, Err(NoCrop::AllFlat { least_equal_share: 1.0 }));
    assert!(refused.unwrap_err().to_string().contains("100 %"));
}

#[test]
fn crops_of_a_half_flat_picture_lie_in_the_other_half() {
    let rgb = pixels(1600, 800, |x, _| x >= 800);
    let places = chosen(1600, 800, &rgb).unwrap();
    assert!(!places.is_empty());
    // At most 45 % of a crop may reach into the flat half.
    assert!(places.iter().all(|&(x, _)| x + 116 >= 800), "{places:?}");
}

#[test]
fn a_large_picture_gives_eight_crops_spread_over_it() {
    let (width, height) = (4000, 3000);
    let places = chosen(width, height, &pixels(width, height, |_, _| true)).unwrap();
    assert_eq!(places.len(), MOST_CROPS);
    for quadrant in [(0, 0), (1, 0), (0, 1), (1, 1)] {
        let in_it = |&(x, y): &(usize, usize)| {
            (usize::from(x + CROP / 2 >= width / 2), usize::from(y + CROP / 2 >= height / 2))
        };
        assert!(places.iter().any(|place| in_it(place) == quadrant), "{places:?}");
    }
}

#[test]
fn samples_that_hold_no_such_picture_are_refused() {
    let samples = vec![0; 3 * 10 * 10];
    assert!(Picture::new(&samples, 10, 10, 30).is_ok());
    for (width, height, stride) in [(0, 10, 30), (10, 0, 30), (10, 11, 30), (11, 10, 30)] {
        assert!(Picture::new(&samples, width, height, stride).is_err());
    }
    assert!(Picture::new(&samples, usize::MAX, 2, usize::MAX).is_err());
    let picture = Picture::new(&samples, 10, 10, 30).unwrap();
    assert!(picture.pixels(9, 0, 2).is_empty() && picture.pixels(0, 10, 1).is_empty());
    assert_eq!(picture.pixels(8, 9, 2), [[0; 3]; 2]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn crops_lie_inside_on_the_grid_of_blocks_and_are_never_twice_the_same(
        width in CROP..900_usize,
        height in CROP..900_usize,
        period in 1..400_usize,
    ) {
        let rgb = pixels(width, height, |x, y| (x / period + y / period) % 2 == 0);
        if let Ok(places) = chosen(width, height, &rgb) {
            prop_assert!(!places.is_empty() && places.len() <= MOST_CROPS);
            for &(x, y) in &places {
                prop_assert!(x + CROP <= width && y + CROP <= height);
                prop_assert!(x % 8 == 0 && y % 8 == 0);
            }
            let unique: std::collections::BTreeSet<_> = places.iter().collect();
            prop_assert_eq!(unique.len(), places.len());
            prop_assert_eq!(chosen(width, height, &rgb), Ok(places));
        }
    }
}
