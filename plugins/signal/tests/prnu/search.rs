// SPDX-License-Identifier: MIT OR Apache-2.0

use assay_signal::prnu::cleaning::cleaned;
use assay_signal::prnu::fingerprint::{weighted_residual, Estimator};
use assay_signal::prnu::search::{aligned, Fit, Search};
use assay_signal::Samples;

use crate::made::Luma;

const WIDTH: usize = 320;
const HEIGHT: usize = 240;

fn fingerprint(camera: u64) -> Samples {
    let mut estimator = Estimator::new(WIDTH, HEIGHT);
    for shot in 0..8 {
        estimator.add(Luma::shot(camera, shot, WIDTH, HEIGHT).plane());
    }
    estimator.finish()
}

fn examined(picture: &Luma) -> Samples {
    cleaned(weighted_residual(picture.plane()))
}

fn search() -> Search {
    Search { cameras: 1, scales: Vec::new(), log10_enough: -4.0 }
}

fn best_fit(search: &Search, picture: &Samples, fingerprint: &Samples) -> Option<Fit> {
    search.best_fit(picture, || fingerprint.clone())
}

fn crop(picture: &Luma, (x, y): (usize, usize), width: usize, height: usize) -> Luma {
    Luma::from_fn(width, height, |column, row| {
        f64::from(picture.samples[(y + row) * picture.width + x + column])
    })
}

/// Mean over squares of `by` x `by` pixels, as a small picture is made of a large one.
fn halved(picture: &Luma) -> Luma {
    Luma::from_fn(picture.width / 2, picture.height / 2, |x, y| {
        let at = |dx, dy| f64::from(picture.samples[(2 * y + dy) * picture.width + 2 * x + dx]);
        (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) / 4.0
    })
}

#[test]
fn the_camera_that_took_a_picture_fits_and_another_does_not() {
    let picture = examined(&Luma::shot(1, 100, WIDTH, HEIGHT));
    let own = best_fit(&search(), &picture, &fingerprint(1)).unwrap();
    assert_eq!((own.place.x, own.place.y, own.place.scale), (0, 0, 1.0));
    assert!(own.log10_false_alarms < -30.0, "{own:?}");
    let other = best_fit(&search(), &picture, &fingerprint(2)).unwrap();
    assert!(other.log10_false_alarms >= 0.0, "{other:?}");
}

#[test]
fn a_crop_is_found_where_it_was_cut_out() {
    let whole = Luma::shot(1, 101, WIDTH, HEIGHT);
    let picture = examined(&crop(&whole, (77, 41), 160, 128));
    let fit = best_fit(&search(), &picture, &fingerprint(1)).unwrap();
    assert_eq!((fit.place.x, fit.place.y), (77, 41));
    assert!(fit.log10_false_alarms < -20.0, "{fit:?}");
    let other = best_fit(&search(), &picture, &fingerprint(2)).unwrap();
    assert!(other.log10_false_alarms >= 0.0, "{other:?}");
}

#[test]
fn a_centred_crop_pays_for_one_place_only() {
    let whole = Luma::shot(1, 102, WIDTH, HEIGHT);
    let fit = |x: usize| {
        let picture = examined(&crop(&whole, (x, 56), 160, 128));
        best_fit(&search(), &picture, &fingerprint(1)).unwrap()
    };
    let (centred, beside) = (fit(80), fit(79));
    assert_eq!((centred.place.x, centred.place.y, beside.place.x), (80, 56, 79));
    // Half for one place; the other half for three sizes of the frame, that as it is with 161 x 113
    // places: the picture's width and its height suggest two more.
    let paid = |fit: &Fit| {
        fit.log10_false_alarms - assay_signal::prnu::significance::log10_false_alarms(fit.pce, 1.0)
    };
    assert!((paid(&centred) - 2.0_f64.log10()).abs() < 1e-9);
    assert!((paid(&beside) - (2.0 * 3.0 * 161.0 * 113.0_f64).log10()).abs() < 1e-9);
}

#[test]
fn a_picture_larger_than_the_frame_is_cut_to_its_middle() {
    let whole = Luma::shot(1, 103, WIDTH, HEIGHT);
    let larger = Luma::from_fn(WIDTH + 20, HEIGHT, |x, y| {
        let inside = x.checked_sub(10).filter(|x| *x < WIDTH);
        inside.map_or(90.0, |x| f64::from(whole.samples[y * WIDTH + x]))
    });
    let fit = best_fit(&search(), &examined(&larger), &fingerprint(1)).unwrap();
    assert_eq!((fit.place.x, fit.place.y), (-10, 0));
    assert!(fit.log10_false_alarms < -20.0, "{fit:?}");
}

#[test]
fn a_resized_picture_is_found_by_the_scale_that_its_size_suggests() {
    let picture = examined(&halved(&Luma::shot(1, 104, WIDTH, HEIGHT)));
    let fit = best_fit(&search(), &picture, &fingerprint(1)).unwrap();
    assert_eq!((fit.place.frame_width, fit.place.frame_height), (WIDTH / 2, HEIGHT / 2));
    assert_eq!((fit.place.x, fit.place.y, fit.place.scale), (0, 0, 0.5));
    assert!(fit.log10_false_alarms < -10.0, "{fit:?}");
    let other = best_fit(&search(), &picture, &fingerprint(2)).unwrap();
    assert!(other.log10_false_alarms >= 0.0, "{other:?}");
}

#[test]
fn a_crop_of_a_resized_picture_is_found_when_the_scale_is_given() {
    let small = halved(&Luma::shot(1, 105, WIDTH, HEIGHT));
    let picture = examined(&crop(&small, (19, 7), 128, 100));
    let unknown = best_fit(&search(), &picture, &fingerprint(1)).unwrap();
    assert!(unknown.log10_false_alarms >= 0.0, "{unknown:?}");
    let known = Search { scales: vec![0.7, 0.5], ..search() };
    let fit = best_fit(&known, &picture, &fingerprint(1)).unwrap();
    assert_eq!((fit.place.x, fit.place.y, fit.place.scale), (19, 7, 0.5));
    assert!(fit.log10_false_alarms < -4.0, "{fit:?}");
}

#[test]
fn more_cameras_make_a_fit_less_significant() {
    let picture = examined(&Luma::shot(1, 106, WIDTH, HEIGHT));
    let fit = |cameras| {
        let search = Search { cameras, ..search() };
        best_fit(&search, &picture, &fingerprint(1)).unwrap().log10_false_alarms
    };
    assert!((fit(100) - fit(1) - 2.0).abs() < 1e-9);
}

#[test]
fn nothing_fits_nothing() {
    let empty = Samples::zeros((0, 0));
    let plane = Samples::zeros((80, 80));
    assert_eq!(best_fit(&search(), &empty, &plane), None);
    assert_eq!(best_fit(&search(), &plane, &empty), None);
    let scales = vec![f64::NAN, -1.0, 0.0, 1e-9, 7.0, f64::INFINITY];
    let fit = best_fit(&Search { scales, ..search() }, &plane, &plane).unwrap();
    assert_eq!(fit.pce, 0.0);
    assert!(fit.log10_false_alarms >= 0.0);
}

#[test]
fn a_fingerprint_is_brought_to_the_place_of_a_picture() {
    let frame = fingerprint(1);
    let whole = Luma::shot(1, 107, WIDTH, HEIGHT);
    let picture = examined(&crop(&whole, (77, 41), 160, 128));
    let place = best_fit(&search(), &picture, &frame).unwrap().place;
    let part = aligned(&frame, &place, 160, 128);
    assert_eq!(part, frame.slice(ndarray::s![41..169, 77..237]).to_owned());
    let beyond = aligned(&frame, &place, WIDTH, HEIGHT);
    assert_eq!(beyond[[0, WIDTH - 1]], 0.0);
}
