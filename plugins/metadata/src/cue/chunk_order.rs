// SPDX-License-Identifier: MIT OR Apache-2.0
//! The order of a PNG's chunks.
//!
//! **What it tests.** Whether the chunks stand as the standard asks: what describes colours before the
//! palette and the picture, each of them once, the picture in one piece.
//!
//! **Why it works.** Libraries that write pictures keep the order. Scripts that put chunks into a finished
//! file often do not.
//!
//! **When it does not apply.** The file may be older than a rule, or its writer careless: good to know, no
//! evidence. Of the labelled files too few are PNG to weigh it.
//!
//! **Constants and their source.** None here; the rules stand in [`crate::container`].
//!
//! **References.** PNG (Third Edition), W3C 2025, §5.6, table 7.

use assay_plugin_api::finding::{Finding, Severity};

use super::Cue;
use crate::account::Account;
use crate::judgement::Evidence;

/// The cue of an order that the standard forbids.
pub(crate) fn cues(account: &Account) -> Vec<Cue> {
    let Some(png) = account.png.as_ref().filter(|png| !png.faults.is_empty()) else {
        return Vec::new();
    };
    let faults = png.faults.join(", ");
    let text = format!("The chunks of the PNG do not stand as the standard asks: {faults}.");
    let finding =
        Finding::new("png.chunks.order", Severity::Info, text).value("faults", faults.as_str());
    vec![Cue::new(finding, Evidence::Nothing)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lib_tests::account_of;
    use crate::synth::png;

    #[test]
    fn a_chunk_in_a_forbidden_place_is_told() {
        let file = png(&[(b"IDAT", b"x"), (b"gAMA", &[0, 0, 0xb1, 0x8f])]);
        let cues = cues(&account_of(&file));
        assert_eq!(cues[0].finding.code.as_str(), "png.chunks.order");
        assert!(cues[0].finding.text.contains("gAMA behind IDAT"));
    }

    #[test]
    fn a_usual_order_says_nothing() {
        let file = png(&[(b"gAMA", &[0, 0, 0xb1, 0x8f]), (b"IDAT", b"x"), (b"tEXt", b"a\0b")]);
        assert!(cues(&account_of(&file)).is_empty());
    }
}
