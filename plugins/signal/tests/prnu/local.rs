// SPDX-License-Identifier: MIT OR Apache-2.0

use assay_signal::prnu::local::{presence, Presence, CELL_PX};
use assay_signal::Samples;

use crate::made::noise;

const WIDTH: usize = 512;
const HEIGHT: usize = 448;

/// A weighted residual with a share of the pattern, weaker where noise is strong, but for a box.
fn examined(share: f32, gap: Option<[usize; 4]>) -> Option<Presence> {
    let pattern = noise(1, WIDTH, HEIGHT);
    let weights =
        Samples::from_shape_fn((HEIGHT, WIDTH), |(_, x)| 0.3 + 0.6 * x as f32 / WIDTH as f32);
    let mut residual = noise(2, WIDTH, HEIGHT);
    residual.indexed_iter_mut().for_each(|((y, x), value)| {
        let is_gap = gap.is_some_and(|[left, top, width, height]| {
            (left..left + width).contains(&x) && (top..top + height).contains(&y)
        });
        // A strip at the bottom is busy: four times the noise.
        *value *= if y > 360 { 4.0 } else { 1.0 };
        if !is_gap {
            *value += share * weights[[y, x]].powi(2) * pattern[[y, x]];
        }
    });
    let correlation: f64 =
        residual.iter().zip(&pattern).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
    let energy: f64 = residual.iter().map(|&a| f64::from(a) * f64::from(a)).sum();
    let pce = correlation * correlation / energy;
    presence(&residual, &pattern, &weights, pce)
}

#[test]
fn a_picture_that_carries_it_everywhere_lacks_it_nowhere() {
    let found = examined(0.25, None).unwrap();
    assert!(found.lacking.is_empty(), "{:?}", found.lacking);
    assert!(found.heat.iter().all(|&heat| heat == 0.0));
    assert!(found.judged > 0.3, "{}", found.judged);
}

#[test]
fn a_box_without_it_is_found_and_hot() {
    let gap = [288, 96, 128, 160];
    let found = examined(0.25, Some(gap)).unwrap();
    let [part] = found.lacking[..] else { panic!("{:?}", found.lacking) };
    let (x, y) =
        (part.x * CELL_PX + part.width * CELL_PX / 2, part.y * CELL_PX + part.height * CELL_PX / 2);
    assert!(x.abs_diff(352) < 40 && y.abs_diff(176) < 40, "{part:?}");
    assert!(found.heat[[176 / CELL_PX, 352 / CELL_PX]] > 0.9);
    assert!(found.heat[[300 / CELL_PX, 60 / CELL_PX]] < 0.1);
}

#[test]
fn busy_places_are_not_called_foreign() {
    let found = examined(0.25, Some([200, 380, 200, 60])).unwrap();
    assert!(found.lacking.is_empty(), "{:?}", found.lacking);
    assert!(found.heat.row(430 / CELL_PX).iter().all(|&heat| heat < 0.9));
}

#[test]
fn what_cannot_be_judged_has_no_map() {
    let plane = noise(1, WIDTH, HEIGHT);
    assert!(presence(&plane, &plane, &noise(1, 64, 64), 100.0).is_none());
    assert!(presence(&plane, &plane, &plane, -5.0).is_none());
    assert!(presence(&plane, &plane, &plane, 1.0).is_none(), "the window would be the picture");
    let zeros = Samples::zeros((HEIGHT, WIDTH));
    assert!(presence(&zeros, &zeros, &zeros, 1e5).is_none());
}
