// SPDX-License-Identifier: MIT OR Apache-2.0
//! The JPEG reader of the signal crate: markers, tables, blocks, coefficients of every component.
#![no_main]

use assay_signal::jpeg::{photoshop, ComponentCoefficients, JpegFile, Limits};
use libfuzzer_sys::fuzz_target;

const LIMITS: Limits = Limits { max_pixels: 1 << 18, max_scans: 16, max_decoded_blocks: 1 << 15 };
const MOST_BYTES: usize = 1 << 20;

fuzz_target!(|data: &[u8]| {
    let Ok(file) = JpegFile::parse(data) else { return };
    let _ = (file.is_whole(), file.garbage(), file.color_model(), file.huffman_set());
    if let Some(rest) = file.trailing() {
        assert_eq!(rest.offset + rest.length, data.len());
    }
    for image in file.further_images() {
        assert!(image.offset + image.length <= data.len());
    }
    let _ = (file.luma_dqt(), file.chroma_dqt(), file.quality(), file.adobe(), file.jfif());
    let _ = (file.exif(), file.xmp(), file.icc_profile(MOST_BYTES), file.iptc());
    if let Some(packet) = file.extended_xmp(MOST_BYTES) {
        assert!(packet.len() <= MOST_BYTES);
    }
    if let Some(block) = file.photoshop() {
        assert!(photoshop::resources(&block).count() <= data.len());
    }
    assert!(file.comments().map(<[u8]>::len).sum::<usize>() <= data.len());
    if let Ok(frame) = file.frame() {
        let _ = (frame.subsampling(), frame.mcu_count());
    }
    if let Ok(planes) = file.coefficients(&LIMITS) {
        let is_whole = planes.iter().all(ComponentCoefficients::is_complete);
        for (index, plane) in planes.iter().enumerate() {
            let blocks = plane.block_columns as usize * plane.block_rows as usize;
            assert_eq!(plane.blocks().len(), blocks);
            assert!(plane.missing_blocks <= blocks as u64);
            // In damaged data a component that is only stepped over may hide the damage.
            let alone = file.component_coefficients(index, &LIMITS);
            assert!(!is_whole || alone.as_ref() == Ok(plane), "component {index}");
        }
    }
});
