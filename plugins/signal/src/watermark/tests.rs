// SPDX-License-Identifier: MIT OR Apache-2.0
use proptest::prelude::*;

use super::*;

/// Interleaved RGB by place.
fn drawn(width: usize, height: usize, pixel: impl Fn(usize, usize) -> [u8; 3]) -> Vec<u8> {
    let pixel = &pixel;
    (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y))).collect()
}

fn found(samples: &[u8], width: usize, height: usize) -> Option<Watermark> {
    find(&Picture::new(samples, width, height, 3 * width).unwrap())
}

/// A grey picture with one cell a block set to the step of its bit; `upset` blocks in a hundred have
/// the other one.
fn marked(width: usize, height: usize, message: &Message, upset: u32) -> Vec<u8> {
    let bits: Vec<bool> = message.bits().collect();
    drawn(width, height, |x, y| {
        let (column, row) = (x / BLOCK_PX, y / BLOCK_PX);
        let number = row * (width / BLOCK_PX) + column;
        let chosen = 1 + number * 5 % 15;
        let is_chosen = (x % 8 / 2, y % 8 / 2) == (chosen % 4, chosen / 4);
        let hash = (number as u32).wrapping_mul(0x9E37_79B1);
        let hash = (hash ^ hash >> 15).wrapping_mul(0x2C1B_3C6D);
        let lot = hash ^ hash >> 12;
        let bit = bits[number % bits.len()] != ((lot % 100) < upset);
        // U of the cell is 261 / 2 or 279 / 2.
        let difference = if bit { 11.5 } else { 2.5 };
        let luma = 100.0 + (x / 16 % 5 + y / 16 % 7) as f32;
        if !is_chosen || number >= width / BLOCK_PX * (height / BLOCK_PX) {
            return [luma as u8; 3];
        }
        let (blue, green) = (luma + 2.032 * difference, luma - 0.395 * difference);
        [luma.round() as u8, green.round() as u8, blue.round() as u8]
    })
}

/// A text as long as one of the known ones.
const OTHER_TEXT: Message = Message::of_text("other", "SomebodysPictures");

/// What `imwatermark` 0.2.0 decodes block by block from the picture of [`golden_picture`], handed over
/// in each of the ways of [`CARRIERS`] (OpenCV 5.0, PyWavelets 1.9).
const LARGEST_CELLS: [&str; 4] = [
    "101000000010111111011011000010001100011100010011111101001101001110110010111001001001000100110100100111011011",
    "101000001110000010011010000111001000011100010010011101001101001100110011111011001110001101110010110011101101",
    "001110101010100100011001010101010111101100101010110010100111000111010100110101101010101010101001011011010101",
    "011100001010010000010001001100110110000010111010000111010101110111100110101010111010110101010101010100101010",
];
/// The same by singular values, of the first two ways.
const SINGULAR_VALUES: [&str; 2] = [
    "111010001101101101100101001000100001100010000010000010010011111101100100110001000011000011100010011111100100",
    "110001010000010001010011001010011000110100011111010100110111111100101101000100100011010101010010011011100110",
];

/// 101x75 px, so that sides are no multiples of blocks.
fn golden_picture() -> Vec<u8> {
    drawn(101, 75, |x, y| {
        let hash = x * 73 + y * 151 + x * y % 97 * 31;
        let blue = 255 + hash / 7 % 67 + 256 - x - y;
        [x * 2 + hash % 23, y * 3 + hash / 3 % 41, blue].map(|value| (value % 256) as u8)
    })
}

#[test]
fn votes_are_on_the_side_on_which_the_reference_decodes() {
    let samples = golden_picture();
    let picture = Picture::new(&samples, 101, 75, 303).unwrap();
    let mut planes = Planes::default();
    planes.read(&picture, (0, 0), 48, 0..36);
    let check = |wanted: &str, carrier: usize, method: Method| {
        let setting = Setting { carrier, is_sharpened: false, method };
        let mut all = Vec::new();
        for row in 0..9 {
            let mut votes = Vec::new();
            vote::of_blocks(&planes.rows(&setting, (0, SIDE * row), 48), method, &mut votes);
            all.extend(votes);
        }
        assert_eq!(all.len(), wanted.len());
        // Exactly between two bits the reference follows the rounding of its wavelet library.
        let decided = all.iter().zip(wanted.chars()).filter(|(vote, _)| vote.abs() > 1e-3);
        let agreeing =
            decided.clone().filter(|(vote, bit)| (**vote > 0.0) == (*bit == '1')).count();
        assert_eq!(agreeing, decided.clone().count(), "{:?} {method:?}", CARRIERS[carrier]);
        assert!(agreeing >= 100, "{agreeing}");
    };
    for (carrier, wanted) in LARGEST_CELLS.iter().enumerate() {
        check(wanted, carrier, Method::LargestCell);
    }
    for (carrier, wanted) in SINGULAR_VALUES.iter().enumerate() {
        check(wanted, carrier, Method::SingularValue);
    }
}

#[test]
fn every_known_message_is_found_whole_and_named() {
    for message in &KNOWN {
        let watermark = found(&marked(328, 264, message, 0), 328, 264).unwrap();
        assert_eq!(watermark.message, message);
        assert_eq!(watermark.matched, message.length());
        assert!(watermark.log10_nfa <= -6.0);
    }
}

#[test]
fn a_message_is_found_though_most_of_its_blocks_barely_agree() {
    let watermark = found(&marked(512, 512, &KNOWN[0], 40), 512, 512).unwrap();
    assert_eq!(watermark.message.name, "stable_diffusion_1");
    assert!(watermark.matched < 136, "{watermark:?}");
    assert_eq!(found(&marked(512, 512, &KNOWN[0], 50), 512, 512), None);
}

#[test]
fn another_message_of_the_same_kind_is_not_taken_for_a_known_one() {
    let upset_bits = |message: &Message, every: usize| {
        let bits: Vec<bool> =
            message.bits().enumerate().map(|(i, b)| b != (i % every == 0)).collect();
        let columns = 512 / BLOCK_PX;
        let known: Vec<bool> = message.bits().collect();
        let samples = marked(512, 256, message, 0);
        let other = marked(512, 256, message, 100);
        drawn(512, 256, |x, y| {
            let number = y / BLOCK_PX * columns + x / BLOCK_PX;
            let at = number % bits.len();
            let source = if bits[at] == known[at] { &samples } else { &other };
            std::array::from_fn(|channel| source[3 * (y * 512 + x) + channel])
        })
    };
    let message = &KNOWN[3];
    assert_eq!(found(&upset_bits(message, 3), 512, 256), None);
    assert!(found(&upset_bits(message, 48), 512, 256).is_some());
}

#[test]
fn rows_beyond_the_last_whole_ones_may_be_missing() {
    let samples = marked(320, 320, &KNOWN[3], 0);
    let watermark = found(&samples[..3 * 320 * 261], 320, 261).unwrap();
    assert!(!watermark.is_cut_out);
}

/// A part of interleaved RGB of a width.
fn part(samples: &[u8], width: usize, (x, y): (usize, usize), (w, h): (usize, usize)) -> Vec<u8> {
    let row = |y: usize| &samples[3 * (y * width + x)..][..3 * w];
    (y..y + h).flat_map(row).copied().collect()
}

#[test]
fn a_part_of_a_marked_picture_is_found_wherever_it_was_cut_out() {
    let width = 384;
    for (message, place) in
        [(&KNOWN[0], (3, 5)), (&KNOWN[3], (7, 0)), (&KNOWN[3], (40, 97)), (&KNOWN[5], (9, 62))]
    {
        let samples = marked(width, 384, message, 10);
        let (w, h) = (width - place.0 - 5, 287);
        let watermark = found(&part(&samples, width, place, (w, h)), w, h).unwrap();
        assert_eq!((watermark.message, watermark.is_cut_out), (message, true), "{place:?}");
        assert!(10 * watermark.matched >= 9 * message.length(), "{watermark:?}");
    }
}

#[test]
fn a_part_of_a_picture_with_another_text_is_not_taken_for_a_known_one() {
    let samples = marked(512, 384, &OTHER_TEXT, 0);
    for place in [(0, 0), (8, 16), (3, 5)] {
        assert_eq!(found(&part(&samples, 512, place, (480, 320)), 480, 320), None, "{place:?}");
    }
}

#[test]
fn large_pictures_are_read_in_bands_and_small_ones_not_at_all() {
    assert!(found(&marked(2_056, 1_024, &KNOWN[4], 20), 2_056, 1_024).is_some());
    assert_eq!(found(&marked(256, 255, &KNOWN[4], 0), 256, 255), None);
    assert_eq!(bands(512, 128, MOST_BLOCKS).map(|band| band.len()).sum::<usize>(), 32);
    assert_eq!(bands(32, 33, MOST_BLOCKS).last(), Some(32..33));
    assert!(bands(100_000, 4, MOST_BLOCKS).eq(std::iter::once(0..4)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn pictures_that_know_no_message_carry_none(
        width in 1..500_usize,
        height in 1..500_usize,
        seed in any::<u32>(),
        levels in 1..256_u32,
        period in 1..300_usize,
    ) {
        let samples = drawn(width, height, |x, y| {
            let place = ((x % period) as u32).wrapping_mul(0x9E37_79B1) ^ (y as u32 / 3) << 7 ^ seed;
            let hash = (place ^ place >> 15).wrapping_mul(0x2C1B_3C6D);
            [hash, hash >> 8, hash >> 16].map(|value| (value % levels) as u8)
        });
        prop_assert_eq!(found(&samples, width, height), None);
    }
}
