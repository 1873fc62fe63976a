// SPDX-License-Identifier: MIT OR Apache-2.0
use proptest::prelude::*;

use super::affine::Affine;
use super::align::aligned;
use super::descriptor::{Descriptor, NORM};
use super::field::Field;
use super::keypoint::keypoints;
use super::nearest::nearest;
use super::patch::{Frame, Patch};
use super::plane::Plane;

/// Waves of several directions: no symmetry, no repetition within the plane.
fn waves(width: usize, height: usize, at: impl Fn(f32, f32) -> [f32; 2]) -> Field {
    let mut plane = Field::zeros(width, height);
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
    let found = aligned(&Plane::of(plane), &guess, &places);
    for at in [[20.0, 20.0], [55.0, 65.0]] {
        let [x, y] = found.apply(at);
        assert!((x - at[0] - 80.4).hypot(y - at[1] - 3.3) < 0.05, "{found:?}");
    }
}

#[test]
fn neighbours_are_those_that_all_products_tell() {
    let plane = waves(160, 120, |x, y| [x, 3.0 * (y / 9.0).sin() + y]);
    let points = keypoints(plane, || Ok(())).unwrap();
    assert!(points.len() > 60, "{} points", points.len());
    let found = nearest(&points, 20.0, || Ok(())).unwrap();
    for (point, found) in points.iter().zip(&found) {
        let mut all = Vec::new();
        for (index, other) in points.iter().enumerate() {
            let far = (point.at[0] - other.at[0]).hypot(point.at[1] - other.at[1]);
            if far > 20.0 + point.sigma {
                for (flip, seen) in
                    [(false, other.descriptor.clone()), (true, other.descriptor.mirrored())]
                {
                    let pairs = point.descriptor.0.iter().zip(seen.0);
                    let product: i32 = pairs.map(|(&a, b)| i32::from(a) * i32::from(b)).sum();
                    all.push((-product, flip, index));
                }
            }
        }
        all.sort_unstable();
        let found: Vec<_> = found.iter().map(|n| (-n.product, n.flip, n.point)).collect();
        assert_eq!(found, all[..5]);
    }
}

proptest! {
    #[test]
    fn a_patch_knows_its_pixels(
        pixels in proptest::collection::btree_set((0_usize..90, 0_usize..50), 1..80),
        corner in (0_usize..90, 0_usize..50),
    ) {
        let frame = Frame { x: 7, y: 3, width: 90, height: 50 };
        let plane = Plane::of(Field::zeros(200, 100));
        let mut patch = Patch::empty(frame);
        for (x, y) in &pixels {
            patch.add(x / 32, *y, 1 << (x % 32));
        }
        let set = |x: usize, y: usize| x >= 7 && y >= 3 && pixels.contains(&(x - 7, y - 3));
        prop_assert_eq!(patch.count(), pixels.len());
        let mut points: Vec<[f32; 2]> =
            pixels.iter().map(|&(x, y)| [(x + 7) as f32, (y + 3) as f32]).collect();
        points.sort_by(|a, b| [a[1], a[0]].partial_cmp(&[b[1], b[0]]).unwrap());
        prop_assert_eq!(patch.points().collect::<Vec<_>>(), points.clone());
        prop_assert_eq!(patch.around(4.0, &plane), Some(Frame::around(&points, 4.0, &plane)));
        let corner = [corner.0 + 7, corner.1 + 3];
        let square = (0..20 * 20).filter(|i| set(corner[0] + i % 20, corner[1] + i / 20));
        prop_assert_eq!(patch.count_in(corner, 20), square.count());
        for (x, y) in (0..120).flat_map(|x| (0..60).map(move |y| (x, y))) {
            prop_assert_eq!(patch.holds(x, y), set(x, y));
        }
    }

    #[test]
    fn blurring_is_a_sum_with_gaussian_weights(
        width in 3_usize..70, height in 3_usize..12, sigma in 0.5_f32..2.5, seed in any::<u32>(),
    ) {
        let noise = |i: usize| (seed.wrapping_mul(2 * i as u32 + 1) >> 24) as f32;
        let plane = Field { width, height, samples: (0..width * height).map(noise).collect() };
        let mut blurred = plane.clone();
        blurred.blur(sigma);
        let reach = (3.0 * sigma).ceil() as isize;
        for (x, y) in (0..width).flat_map(|x| (0..height).map(move |y| (x, y))) {
            let (mut sum, mut total) = (0.0, 0.0);
            for (dx, dy) in (-reach..=reach).flat_map(|dx| (-reach..=reach).map(move |dy| (dx, dy))) {
                let weight = (-0.5 * ((dx * dx + dy * dy) as f32 / (sigma * sigma))).exp();
                let u = x.saturating_add_signed(dx).min(width - 1);
                let v = y.saturating_add_signed(dy).min(height - 1);
                sum += weight * plane.row(v)[u];
                total += weight;
            }
            prop_assert!((blurred.row(y)[x] - sum / total).abs() < 1e-2);
        }
    }

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
        let plane = Field { width, height, samples: vec![value; width * height] };
        let mut blurred = plane.clone();
        blurred.blur(sigma);
        prop_assert_eq!(blurred.samples.len(), width * height);
        prop_assert!(blurred.samples.iter().all(|v| (v - value).abs() < 1e-3));
    }
}
