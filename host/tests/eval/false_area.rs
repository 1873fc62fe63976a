// SPDX-License-Identifier: MIT OR Apache-2.0
//! Heat on authentic pictures: hand-computed cases.

use assay::eval::false_area::{false_areas, CalledArea};
use assay::eval::manifest::{Picture, Truth};
use assay::eval::record::{Answer, Carried, Examined, Facts};
use assay::fusion::VerdictLabel;
use assay_plugin_api::descriptor::Kind;
use assay_plugin_api::heatmap::Heatmap;
use proptest::prelude::*;

use crate::support::assert_close;

fn heatmap(width: usize, height: usize, cell: usize, heats: &[f32]) -> Heatmap {
    let columns = width.div_ceil(cell);
    Heatmap::covering(width, height, cell, |column, row| heats[row * columns + column])
}

#[test]
fn pixels_at_the_threshold_are_called_and_colder_ones_are_not() {
    let area = CalledArea::of(&heatmap(4, 4, 2, &[0.5, 0.499, 0.0, 1.0]), 4, 4).unwrap();
    assert_eq!(area, CalledArea { pixels: 16, called: 8 });
    assert_close(Some(area.share()), 0.5);
}

#[test]
fn cells_beyond_the_edge_count_the_pixels_that_are_there() {
    // 5 x 3 px in cells of 4: the second column is 1 px wide.
    let area = CalledArea::of(&heatmap(5, 3, 4, &[0.1, 0.7]), 5, 3);
    assert_eq!(area, Some(CalledArea { pixels: 15, called: 3 }));
    assert_eq!(CalledArea::of(&heatmap(5, 3, 4, &[0.1, 0.7]), 0, 3), None);
}

/// A picture of 100 pixels of which `called` are called altered; none without a heatmap.
fn row(truth: Truth, kind: &str, group: &str, called: Option<u64>) -> (Picture, Examined) {
    let picture = Picture {
        path: "p".into(),
        truth,
        group: group.into(),
        source: "s".into(),
        kind: kind.into(),
        fold: None,
        mask: None,
    };
    let answer = |model: &str, called: Option<u64>| Answer {
        model_key: model.into(),
        kind: Kind::Manipulation,
        score: Some(0.5),
        label: None,
        fault: None,
        located: None,
        false_area: called.map(|called| CalledArea { pixels: 100, called }),
    };
    let format = "PNG".into();
    let examined = Examined {
        facts: Facts {
            width: 10,
            height: 10,
            format,
            jpeg_quality: None,
            jpeg_subsampling: None,
            metadata: Carried::default(),
        },
        answers: vec![answer("metadata", None), answer("splicing", called)],
        verdict: VerdictLabel::Inconclusive,
        p_ai_generated: 0.5,
        p_manipulated: 0.5,
        mask: None,
    };
    (picture, examined)
}

#[test]
fn authentic_pictures_are_averaged_over_all_and_by_kind() {
    let rows = [
        row(Truth::Authentic, "camera_original", "a", Some(0)),
        row(Truth::Authentic, "camera_original", "a", Some(10)),
        row(Truth::Authentic, "camera_original", "b", Some(50)),
        row(Truth::Authentic, "camera_original", "b", None),
        row(Truth::Authentic, "", "c", Some(100)),
        row(Truth::Manipulated, "web", "d", Some(100)),
    ];
    let rows: Vec<_> = rows.iter().map(|(picture, examined)| (picture, examined)).collect();
    let found = false_areas(&rows);
    // metadata drew nothing.
    let [splicing] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((splicing.name.as_str(), splicing.n_authentic, splicing.all.n), ("splicing", 5, 4));
    assert_close(Some(splicing.all.area.value), 0.4);
    assert_eq!((splicing.all.touched.count, splicing.all.touched.n), (3, 4));
    let interval = splicing.all.area.interval.unwrap();
    // Of group a alone, of group c alone.
    assert_close(Some(interval.low), 0.05);
    assert_close(Some(interval.high), 1.0);
    let kinds: Vec<_> = splicing.by_kind.iter().map(|(k, area)| (k.as_str(), area.n)).collect();
    assert_eq!(kinds, [("camera_original", 3), ("not stated", 1)]);
    let cameras = &splicing.by_kind["camera_original"];
    assert_close(Some(cameras.area.value), 0.2);
    assert_eq!(cameras.touched.count, 2);
    let interval = cameras.area.interval.unwrap();
    assert_close(Some(interval.low), 0.05);
    assert_close(Some(interval.high), 0.5);
    // One group has no interval of its own.
    assert_eq!(splicing.by_kind["not stated"].area.interval, None);
}

#[test]
fn collection_without_authentic_pictures_has_no_false_area() {
    let (picture, examined) = row(Truth::Manipulated, "", "a", Some(10));
    assert_eq!(false_areas(&[(&picture, &examined)]), []);
}

proptest! {
    #[test]
    fn hotter_map_calls_no_less(
        heats in prop::collection::vec(0.0_f32..=1.0, 12),
        more in prop::collection::vec(0.0_f32..=1.0, 12),
    ) {
        let hotter: Vec<_> = heats.iter().zip(&more).map(|(a, b)| a.max(*b)).collect();
        let called = |heats| CalledArea::of(&heatmap(7, 5, 2, heats), 7, 5).unwrap().called;
        prop_assert!(called(&heats) <= called(&hotter));
        prop_assert!(called(&hotter) <= 35);
    }
}
