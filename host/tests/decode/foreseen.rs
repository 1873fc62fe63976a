// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is foreseen is made on the way, and is the same as what is made later.

use assay::image::evidence::ImageEvidence;
use assay::image::{DecodeLimits, Foreseen};
use assay_conformance::synth::codec::{png, Jpeg};
use assay_conformance::synth::{Camera, Picture, Scene};

/// More pixels than a thread is worth, and not.
const SIZES: [(usize, usize); 2] = [(641, 403), (200, 160)];

fn early() -> Foreseen {
    Foreseen { coefficients: true, ..Foreseen::default() }
}

fn photo((width, height): (usize, usize)) -> Picture {
    Camera::with_body(5).shoot(&Scene::new(5).light(width, height), 5)
}

fn files(size: (usize, usize)) -> Vec<Vec<u8>> {
    let photo = photo(size);
    let plain = Jpeg::quality(85).encode(&photo).unwrap();
    let cut = plain[..plain.len() / 2].to_vec();
    let progressive = Jpeg::quality(85).progressive().encode(&photo).unwrap();
    vec![plain, cut, progressive, png(&photo, &[]).unwrap()]
}

fn read(file: &[u8], foreseen: Foreseen) -> ImageEvidence {
    ImageEvidence::read(file.to_vec(), &DecodeLimits::default(), foreseen).unwrap()
}

/// Blocks a row, rows of blocks and values.
fn coefficients(image: &ImageEvidence) -> Option<(u32, u32, &[i16])> {
    let found = image.luma_coefficients()?;
    Some((found.block_columns, found.block_rows, found.values()))
}

fn stages(image: &ImageEvidence) -> Vec<&str> {
    image.prepared().map(|stage| stage.name.as_str()).collect()
}

#[test]
fn what_is_foreseen_is_what_is_made_when_it_is_asked_for() {
    for file in SIZES.into_iter().flat_map(files) {
        let later = read(&file, Foreseen::default());
        assert_eq!(stages(&later), [""; 0]);
        let early = read(&file, early());
        assert_eq!(early.rgb(), later.rgb());
        assert_eq!(early.luma(), later.luma());
        assert_eq!(coefficients(&early), coefficients(&later));
        assert_eq!(early.info(), later.info());
    }
}

#[test]
fn coefficients_that_are_foreseen_are_there_with_the_pixels_of_a_large_jpeg() {
    for (size, expected) in SIZES.into_iter().zip([vec!["coefficients"], vec![]]) {
        let [plain, cut, progressive, png] = &files(size)[..] else { panic!("four files") };
        for file in [plain, cut, progressive] {
            assert_eq!(stages(&read(file, early())), expected);
        }
        assert_eq!(stages(&read(png, early())), [""; 0]);
    }
}

#[test]
fn a_picture_that_just_fits_into_memory_leaves_its_coefficients_for_later() {
    let size = SIZES[0];
    let file = Jpeg::quality(85).encode(&photo(size)).unwrap();
    let bytes = (size.0 * size.1 * 3) as u64;
    let limits = DecodeLimits { max_memory_bytes: bytes, ..DecodeLimits::default() };
    let image = ImageEvidence::read(file, &limits, early()).unwrap();
    assert_eq!(stages(&image), [""; 0]);
    assert!(image.luma_coefficients().is_some());
}
