// SPDX-License-Identifier: MIT OR Apache-2.0
use proptest::prelude::*;

use super::affine::Affine;
use super::align::aligned;
use super::descriptor::{Descriptor, NORM};
use super::plane::Plane;

/// Waves of several directions: no symmetry, no repetition within the plane.
fn waves(width: usize, height: usize, at: impl Fn(f32, f32) -> [f32; 2]) -> Plane {
    let mut plane = Plane::zeros(width, height);
    for y in 0..height {
        for x in 0..width {
            let [u, v] = at(x as f32, y as f32);
            let wave = |a: f32, b: f32, phase: f32| (a * u + b * v + phase).sin();
            plane.row_mut(y)[x] = 128.0
                + 30.0 * wave(0.21, 0.07, 0.3)
                + 25.0 * wave(-0.11, 0.26, 1.1)
                + 20.0 * wave(0.33, 0.29, 2.0)
                + 15.0 * wave(-0.05, 0.4, 0.7);
        }
    }
    plane
}

fn likeness(a: &Descriptor, b: &Descriptor) -> f32 {
    let product: i32 = a.0.iter().zip(b.0).map(|(&a, b)| i32::from(a) * i32::from(b)).sum();
    product as f32 / (NORM * NORM)
}

#[test]
fn a_descriptor_in_the_mirror_is_that_of_the_mirrored_plane() {
    let (plane, mirror) = (waves(101, 101, |x, y| [x, y]), waves(101, 101, |x, y| [x, 100.0 - y]));
    let seen = Descriptor::of(&plane, [50.0, 50.0], 3.0, 0.8);
    let mirrored = Descriptor::of(&mirror, [50.0, 50.0], 3.0, -0.8);
    assert!(likeness(&seen.mirrored(), &mirrored) > 0.99);
    assert!(likeness(&seen, &mirrored) < 0.9);
    assert_eq!(seen.mirrored().mirrored(), seen);
}

#[test]
fn a_descriptor_does_not_depend_on_rotation_and_scale() {
    let plane = waves(121, 121, |x, y| [x, y]);
    let seen = Descriptor::of(&plane, [60.0, 60.0], 3.0, 0.2);
    let turn = Affine::similarity(1.25, 0.9, false, [60.0, 60.0], [60.0, 60.0]);
    let turned = waves(121, 121, |x, y| turn.apply([x, y]));
    let same = Descriptor::of(&turned, [60.0, 60.0], 3.0 / 1.25, 0.2 - 0.9);
    assert!(likeness(&seen, &same) > 0.98, "{}", likeness(&seen, &same));
}

#[test]
fn alignment_recovers_a_fraction_of_a_pixel() {
    // A plane whose right half is its left half moved by (80.4, 3.3).
    let plane = waves(160, 90, |x, y| if x < 80.0 { [x, y] } else { [x - 80.4, y - 3.3] });
    let guess = Affine { linear: [[1.02, 0.01], [-0.01, 0.99]], shift: [79.0, 4.2] };
    let places: Vec<[f32; 2]> =
        (0..50 * 60).map(|i| [12.0 + (i % 50) as f32, 12.0 + (i / 50) as f32]).collect();
    let found = aligned(&plane, &guess, &places);
    for at in [[20.0, 20.0], [55.0, 65.0]] {
        let [x, y] = found.apply(at);
        assert!((x - at[0] - 80.4).hypot(y - at[1] - 3.3) < 0.05, "{found:?}");
    }
}

proptest! {
    #[test]
    fn a_similarity_is_recovered_from_the_points_that_it_maps(
        scale in 0.4_f32..2.5, angle in -3.1_f32..3.1, flip in any::<bool>(),
        to in (0.0_f32..200.0, 0.0_f32..200.0),
    ) {
        let map = Affine::similarity(scale, angle, flip, [30.0, 40.0], [to.0, to.1]);
        let points = [[10.0, 10.0], [60.0, 20.0], [35.0, 70.0]];
        let pairs = points.map(|at| (at, map.apply(at)));
        let fitted = Affine::fitted(&pairs, flip).unwrap();
        prop_assert_eq!(fitted.determinant() < 0.0, flip);
        for at in points {
            let ([x, y], [u, v]) = (map.apply(at), fitted.apply(at));
            prop_assert!((x - u).hypot(y - v) < 0.01);
        }
    }

    #[test]
    fn blurring_keeps_the_mean_of_a_constant_and_the_size(
        width in 3_usize..40, height in 3_usize..40, value in 0.0_f32..255.0, sigma in 0.5_f32..4.0,
    ) {
        let plane = Plane { width, height, samples: vec![value; width * height] };
        let blurred = plane.blurred(sigma);
        prop_assert_eq!(blurred.samples.len(), width * height);
        prop_assert!(blurred.samples.iter().all(|v| (v - value).abs() < 1e-3));
    }
}
