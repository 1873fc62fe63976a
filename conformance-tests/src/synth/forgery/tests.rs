// SPDX-License-Identifier: MIT OR Apache-2.0

use std::collections::BTreeMap;

use super::*;

fn photo(seed: u64) -> Picture {
    Camera::with_body(seed).shoot(&Scene::new(seed).light(128, 96), 1)
}

const REGION: Region = Region { x: 40, y: 24, width: 32, height: 40 };

/// The first luma quantisation table of a JPEG, in file order.
fn luma_table(file: &[u8]) -> Vec<u8> {
    let at = file.windows(2).position(|marker| marker == [0xff, 0xdb]).unwrap();
    file[at + 5..at + 5 + 64].to_vec()
}

/// How often each whole multiple of `step` occurs among the DCT coefficients (0, 1) of luma.
fn coefficient_counts(picture: &Picture, step: f64) -> BTreeMap<i32, usize> {
    let luma = picture.luma();
    let mut counts = BTreeMap::new();
    for (top, left) in
        (0..picture.height / 8).flat_map(|y| (0..picture.width / 8).map(move |x| (8 * y, 8 * x)))
    {
        let mut sum = 0.0;
        for (y, x) in (0..8).flat_map(|y| (0..8).map(move |x| (y, x))) {
            let sample = f64::from(luma[(top + y) * picture.width + left + x]);
            let angle = std::f64::consts::PI * (2 * x + 1) as f64 / 16.0;
            // Orthonormal DCT-II: sqrt(1/8) for the constant direction, sqrt(2/8) for the other.
            sum += sample * angle.cos() * 0.125_f64.sqrt() * 0.5;
        }
        *counts.entry((sum / step).round() as i32).or_insert(0) += 1;
    }
    counts
}

#[test]
fn splice_writes_the_donor_within_the_mask_and_nothing_outside() {
    let (host, donor) = (photo(1), photo(2));
    let forgery = splice(&host, &donor, (3, 5), REGION);
    for y in 0..96 {
        for x in 0..128 {
            let expected = if forgery.mask.changed[y * 128 + x] {
                donor.pixel(x - 40 + 3, y - 24 + 5)
            } else {
                host.pixel(x, y)
            };
            assert_eq!(forgery.picture.pixel(x, y), expected, "({x}, {y})");
        }
    }
    assert_eq!(forgery.mask.share(), 32.0 * 40.0 / (128.0 * 96.0));
}

#[test]
fn copy_moved_area_equals_its_source() {
    let forgery = copy_move(&photo(3), (0, 50), REGION);
    let source = Region { x: 0, y: 50, ..REGION };
    assert_eq!(forgery.picture.crop(REGION), forgery.picture.crop(source));
}

#[test]
fn blurred_area_is_smoother_and_noisy_area_rougher() {
    let photo = photo(4);
    let roughness = |picture: &Picture| -> u64 {
        let part = picture.crop(REGION);
        let pairs = part.rgb.iter().zip(&part.rgb[3..]);
        pairs.map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum()
    };
    let plain = roughness(&photo);
    assert!(roughness(&blur(&photo, REGION, 1.5).picture) < plain);
    assert!(roughness(&add_noise(&photo, REGION, 6.0, 1).picture) > plain);
}

#[test]
fn second_compression_has_other_tables_and_leaves_gaps_in_the_histogram() {
    let scene = Scene::without_objects(6).light(512, 512);
    let photo = Camera::with_body(6).at_gain(4.0).shoot(&scene, 1);
    let grey = |quality| Jpeg::quality(quality).components(crate::synth::codec::Components::Grey);
    let once = grey(90).encode(&photo).unwrap();
    let twice = compress_twice(&photo, &grey(60), (0, 0), &grey(90)).unwrap();
    let first = grey(60).encode(&photo).unwrap();
    assert_eq!(luma_table(&once), luma_table(&twice));
    assert_ne!(luma_table(&first), luma_table(&twice));
    // The second entry of the table is the step of coefficient (0, 1): 9 at quality 60, 2 at 90.
    assert_eq!([luma_table(&first)[1], luma_table(&twice)[1]], [9, 2]);
    // Multiples of 9 round to multiples of 2 near 0, ±4, ±9, ±14, …: 1, 2, 3 are left empty.
    let share_of_gaps = |file: &[u8]| {
        let counts = coefficient_counts(&decode(file).unwrap(), 2.0);
        let at = |level: i32| counts.get(&level).copied().unwrap_or(0) as f64;
        let gaps: f64 = [-3, -2, 2, 3].map(at).iter().sum();
        gaps / (gaps + at(0) + at(4) + at(-4) + at(5) + at(-5))
    };
    let (single, double) = (share_of_gaps(&once), share_of_gaps(&twice));
    assert!(single > 3.0 * double, "single {single}, double {double}");
}

#[test]
fn shifted_recompression_loses_the_shift_in_size() {
    let jpeg = Jpeg::quality(85);
    let file = compress_twice(&photo(7), &jpeg, (3, 5), &jpeg).unwrap();
    let back = decode(&file).unwrap();
    assert_eq!((back.width, back.height), (125, 91));
}

#[test]
fn spliced_jpeg_is_the_same_file_every_time_and_its_mask_is_a_seventh_of_it() {
    let recipe = SplicedJpeg::new(5, 256, 192);
    let (file, forgery) = recipe.make().unwrap();
    assert_eq!(recipe.make().unwrap().0, file);
    assert_eq!(decode(&file).unwrap(), forgery.picture);
    let share = forgery.mask.share();
    assert!((share - 9.0 / 64.0).abs() < 0.001, "{share}");
}
