// SPDX-License-Identifier: MIT OR Apache-2.0
//! Masks drawn by hand, and the definitions.

use assay_signal::morphology::{close, connected_components, dilate, erode, Component, Mask};
use proptest::prelude::*;

fn mask(rows: &[&str]) -> Mask {
    let width = rows.first().map_or(0, |row| row.len());
    Mask::from_shape_fn((rows.len(), width), |(y, x)| rows[y].as_bytes()[x] == b'#')
}

#[test]
fn a_point_grows_to_a_square_cut_at_the_border() {
    let wanted = mask(&["###..", "###..", "....."]);
    assert_eq!(dilate(&mask(&[".#...", ".....", "....."]), 1), wanted);
}

#[test]
fn closing_joins_what_is_near_and_leaves_the_rest() {
    let before = mask(&["##.##....#", "##.##.....", ".........."]);
    let after = mask(&["#####....#", "#####.....", ".........."]);
    assert_eq!(close(&before, 1), after);
}

#[test]
fn components_carry_boxes_and_sizes() {
    let found = connected_components(&mask(&["#..#", ".#..", "...#"]));
    let wanted = [
        Component { x: 0, y: 0, width: 2, height: 2, size: 2 },
        Component { x: 3, y: 0, width: 1, height: 1, size: 1 },
        Component { x: 3, y: 2, width: 1, height: 1, size: 1 },
    ];
    assert_eq!(found.list, wanted);
    assert_eq!(found.labels[[1, 1]], 1);
    assert_eq!(found.labels[[2, 3]], 3);
    assert_eq!(found.labels[[1, 3]], 0);
}

#[test]
fn an_empty_mask_has_no_component() {
    assert!(connected_components(&Mask::from_elem((0, 0), false)).list.is_empty());
    assert!(connected_components(&Mask::from_elem((3, 4), false)).list.is_empty());
}

proptest! {
    #[test]
    fn filters_equal_their_definitions(
        cells in prop::collection::vec(any::<bool>(), 63), radius in 0_usize..4,
    ) {
        let mask = Mask::from_shape_vec((7, 9), cells).unwrap();
        let (dilated, eroded) = (dilate(&mask, radius), erode(&mask, radius));
        for ((y, x), _) in mask.indexed_iter() {
            let near = |(other, _): &((usize, usize), &bool)| {
                other.0.abs_diff(y) <= radius && other.1.abs_diff(x) <= radius
            };
            let mut square = mask.indexed_iter().filter(near).map(|(_, &set)| set);
            prop_assert_eq!(dilated[[y, x]], square.clone().any(|set| set));
            prop_assert_eq!(eroded[[y, x]], square.all(|set| set));
        }
        let closed = close(&mask, radius);
        prop_assert!(mask.iter().zip(&closed).all(|(before, after)| !before || *after));
    }

    #[test]
    fn components_share_out_the_foreground(cells in prop::collection::vec(any::<bool>(), 80)) {
        let mask = Mask::from_shape_vec((8, 10), cells).unwrap();
        let found = connected_components(&mask);
        let sizes: usize = found.list.iter().map(|c| c.size).sum();
        prop_assert_eq!(sizes, mask.iter().filter(|&&set| set).count());
        for ((y, x), &label) in found.labels.indexed_iter() {
            prop_assert_eq!(label > 0, mask[[y, x]]);
            if let Some(c) = (label as usize).checked_sub(1).map(|i| found.list[i]) {
                prop_assert!((c.x..c.x + c.width).contains(&x));
                prop_assert!((c.y..c.y + c.height).contains(&y));
            }
        }
    }
}
