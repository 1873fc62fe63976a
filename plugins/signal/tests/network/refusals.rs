// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files and crops that are not as they should be.

use assay_signal::network::{Crop, Network, NetworkError, Scratch, MAGIC, MOST_SIDE, VERSION};
use assay_signal::traces::Picture;
use proptest::prelude::*;

use super::file::{content, signed, Layer};

/// Bytes before the first layer: magic, version, "made-v1", "nothing", mean and scale, count.
const FIRST_LAYER: usize = 8 + 4 + (4 + 7) + (4 + 7) + 8 + 4;
/// Bytes of a layer before its weights.
const HEADER: usize = 10;

/// Widens, sees 3x3 samples a channel, narrows and adds the first map: 2 -> 2 -> 4 -> 4 -> 2.
fn layers() -> Vec<Layer> {
    let mut layers = vec![
        Layer::new(false, 1, 2, 2, 1),
        Layer::new(false, 1, 2, 4, 2),
        Layer::new(true, 3, 4, 4, 3),
        Layer::new(false, 1, 4, 2, 4),
    ];
    (layers[3].skip, layers[3].tap, layers[2].relu6) = (3, true, true);
    layers
}

fn read(layers: &[Layer]) -> Result<Network, NetworkError> {
    Network::read(&signed(content(127.0, 1.0 / 128.0, layers)))
}

/// The file of `layers` with other bytes at a place, under a valid digest.
fn with(at: usize, bytes: &[u8]) -> Result<Network, NetworkError> {
    let mut changed = content(127.0, 1.0 / 128.0, &layers());
    changed[at..at + bytes.len()].copy_from_slice(bytes);
    Network::read(&signed(changed))
}

/// The error of a file whose layer was changed.
fn changed(index: usize, change: impl Fn(&mut Layer)) -> String {
    let mut layers = layers();
    change(&mut layers[index]);
    read(&layers).unwrap_err().to_string()
}

#[test]
fn every_shortened_file_is_refused() {
    let whole = content(127.0, 1.0 / 128.0, &layers());
    for length in 0..whole.len() {
        assert!(Network::read(&signed(whole[..length].to_vec())).is_err(), "{length} bytes");
        assert!(Network::read(&signed(whole.clone())[..length]).is_err(), "{length} bytes");
    }
    assert!(Network::read(&signed(whole)).is_ok());
}

#[test]
fn every_flipped_bit_is_refused() {
    let whole = signed(content(127.0, 1.0 / 128.0, &layers()));
    for bit in 0..8 * whole.len() {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(Network::read(&flipped).is_err(), "bit {bit}");
    }
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    assert_eq!(with(0, b"X").unwrap_err(), NetworkError::Magic);
    let version = with(8, &9_u32.to_le_bytes()).unwrap_err();
    assert_eq!(version, NetworkError::Version { found: 9, expected: VERSION });
    let text = with(16, &[0xFF]).unwrap_err();
    assert_eq!(text, NetworkError::Text { what: "the name" });
    let longer = [content(127.0, 1.0, &layers()), vec![0]].concat();
    let longer = Network::read(&signed(longer)).unwrap_err();
    assert_eq!(longer, NetworkError::Trailing { bytes: 1 });
    assert_eq!(read(&[Layer::new(false, 1, 3, 2, 0)]).unwrap_err(), NetworkError::NoTap);
    let scale = with(FIRST_LAYER - 8, &f32::NAN.to_le_bytes()).unwrap_err();
    assert!(matches!(scale, NetworkError::Number { what: "input scale", .. }), "{scale}");
}

#[test]
fn a_layer_outside_the_format_is_refused_with_its_place() {
    let header = |field: usize, value: u8| with(FIRST_LAYER + field, &[value]).unwrap_err();
    for (field, value, message) in [
        (0, 2, "kind of layer 0 of the network file is 2, expected 0 or 1; write it again"),
        (1, 2, "kernel of layer 0 of the network file is 2, expected 1, 3, 5 or 7; write it again"),
        (
            2,
            0,
            "stride of layer 0 of the network file is 0, expected 1, or 2 with a kernel above 1; \
                write it again",
        ),
        (
            2,
            2,
            "stride of layer 0 of the network file is 2, expected 1, or 2 with a kernel above 1; \
                write it again",
        ),
        (3, 9, "activation of layer 0 of the network file is 9, expected 0 or 1; write it again"),
        (4, 9, "tap of layer 0 of the network file is 9, expected 0 or 1; write it again"),
        (
            6,
            7,
            "input channels of layer 0 of the network file is 7, expected 1 to 6; write it again",
        ),
        (
            8,
            0,
            "output channels of layer 0 of the network file is 0, expected 1 to 2048; write it \
                again",
        ),
    ] {
        assert_eq!(header(field, value).to_string(), message);
    }
    let weight = with(FIRST_LAYER + HEADER + 2, &0x7C00_u16.to_le_bytes()).unwrap_err();
    assert!(matches!(weight, NetworkError::Number { what: "weight", index: 1, .. }), "{weight}");
}

#[test]
fn layers_that_do_not_follow_each_other_are_refused() {
    assert_eq!(
        changed(1, |layer| *layer = Layer::new(false, 1, 3, 4, 2)),
        "layer 1 of the network file takes 3 channels, but gets 2; write the layers in order"
    );
    assert_eq!(
        changed(2, |layer| layer.outputs = 5),
        "output channels of layer 2 of the network file is 5, expected as many as its input \
         channels; write it again"
    );
    let skip =
        "layer 3 of the network file adds the map of 3 layers before, which is not there or \
                has another shape; correct its skip";
    // Half the size.
    assert_eq!(changed(2, |layer| layer.stride = 2), skip);
    // Other channels.
    assert_eq!(changed(3, |layer| layer.skip = 2), skip.replace("of 3 layers", "of 2 layers"));
    // Before the first layer.
    assert_eq!(changed(3, |layer| layer.skip = 4), skip.replace("of 3 layers", "of 4 layers"));
}

#[test]
fn a_count_that_no_file_could_hold_is_refused_before_memory_is_taken() {
    let layers = with(FIRST_LAYER - 4, &u32::MAX.to_le_bytes()).unwrap_err();
    assert!(matches!(layers, NetworkError::Number { what: "number of layers", .. }), "{layers}");
    let largest = [0, 7, 1, 0, 1, 0, 6, 0, 0x00, 0x08];
    let weights = with(FIRST_LAYER, &largest).unwrap_err();
    assert!(matches!(weights, NetworkError::CutShort { what: "weight", .. }), "{weights}");
}

#[test]
fn crops_of_other_sizes_or_channels_are_refused() {
    assert_eq!(Crop::new(2, 2, 3, vec![0.0; 11]), None);
    assert_eq!(Crop::new(0, 2, 3, Vec::new()), None);
    assert_eq!(Crop::new(1, 1, 7, vec![0.0; 7]), None);
    assert_eq!(Crop::new(MOST_SIDE + 1, 1, 1, vec![0.0; MOST_SIDE + 1]), None);
    let network = read(&layers()).unwrap();
    let features = |channels| {
        let crop = Crop::new(4, 4, channels, vec![7.0; 16 * channels]).unwrap();
        network.features_of(&crop, &mut Scratch::new())
    };
    assert_eq!(features(3), None);
    assert_eq!(features(2).map(|features| features.len()), Some(4));
    let infinite = Crop::new(1, 1, 2, vec![f32::INFINITY; 2]).unwrap();
    assert_eq!(network.features_of(&infinite, &mut Scratch::new()), None);
}

#[test]
fn a_crop_of_a_picture_is_the_rectangle_at_its_place() {
    let samples: Vec<u8> = (0..5 * 4 * 3).collect();
    let picture = Picture::new(&samples, 5, 4, 15).unwrap();
    let crop = Crop::of_picture(&picture, 3, 1, 2).unwrap();
    let levels = [24, 25, 26, 27, 28, 29, 39, 40, 41, 42, 43, 44];
    assert_eq!(crop.levels(), levels.map(|level: u8| f32::from(level)));
    for (x, y, side) in [(4, 1, 2), (0, 3, 2), (0, usize::MAX, 2), (usize::MAX, 0, 2), (0, 0, 0)] {
        assert_eq!(Crop::of_picture(&picture, x, y, side), None, "{x} {y} {side}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Network::read(&bytes);
        let _ = Network::read(&signed([&MAGIC[..], &VERSION.to_le_bytes(), &bytes].concat()));
    }

    #[test]
    fn no_change_under_a_valid_digest_makes_reader_or_network_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        (height, width) in (1_usize..9, 1_usize..9),
    ) {
        let mut changed = content(127.0, 1.0 / 128.0, &layers());
        for (at, byte) in changes {
            let at = at.index(changed.len());
            changed[at] = byte;
        }
        if let Ok(network) = Network::read(&signed(changed)) {
            let levels = vec![99.0; height * width * network.channels()];
            let crop = Crop::new(height, width, network.channels(), levels).unwrap();
            if let Some(features) = network.features_of(&crop, &mut Scratch::new()) {
                prop_assert_eq!(features.len(), network.features());
            }
        }
    }
}
