// SPDX-License-Identifier: MIT OR Apache-2.0
//! What workers and programs answer and are told; the first byte chooses. A frame that is read is written again as it was.
#![no_main]

use assay::worker::frames;
use assay_plugin_api::check;
use libfuzzer_sys::fuzz_target;

const SIDES: (u32, u32) = (640, 480);

fuzz_target!(|data: &[u8]| {
    let Some((choice, frame)) = data.split_first() else { return };
    match choice % 3 {
        0 => same(frame, frames::reply_again(frame)),
        1 => same(frame, frames::task_again(frame)),
        _ => match frames::program_answer(frame, SIDES.0, SIDES.1) {
            Ok(Some(Ok(report))) => drop(check::report(&report, SIDES.0, SIDES.1)),
            Ok(_) => {}
            Err(message) => assert!(!message.is_empty()),
        },
    }
});

fn same(frame: &[u8], again: Option<Vec<u8>>) {
    if let Some(again) = again {
        assert!(again == frame, "{frame:?} was written again as {again:?}");
    }
}
