// SPDX-License-Identifier: MIT OR Apache-2.0
//! The memory layout of everything that crosses the boundary, against the frozen text of major
//! version 1. A difference means that no plugin built before can be loaded: take the change back,
//! or begin major version 2. `UPDATE_GOLDEN=1` rewrites the file.

#![allow(clippy::unwrap_used)] // helpers, called by tests only

use std::fmt::Write as _;

use abi_stable::std_types::utypeid::UTypeId;
use abi_stable::type_layout::TypeLayout;
use abi_stable::StableAbi;
use assay_plugin_api::abi::{DetectorBox, EvidenceRef, PluginModuleRef, RawCoefficients, RawPlane};
use assay_plugin_api::descriptor::Descriptor;
use assay_plugin_api::detector::NoScore;
use assay_plugin_api::report::{Attribute, Report};

/// Appends `layout` and all it is made of, each type once, fields in order.
fn describe(layout: &'static TypeLayout, seen: &mut Vec<UTypeId>, text: &mut String) {
    if seen.contains(&layout.get_utypeid()) {
        return;
    }
    seen.push(layout.get_utypeid());
    let name = layout.full_type();
    writeln!(text, "{name} size={} align={}", layout.size(), layout.alignment()).unwrap();
    let fields = layout.get_fields();
    for field in fields.iter().flat_map(|fields| fields.iter()) {
        let kind = field.layout().full_type();
        writeln!(text, "    {}: {kind}", field.name()).unwrap();
        for function in field.function_range().iter() {
            let signature = function.to_string();
            writeln!(text, "        {}", signature.lines().next().unwrap_or_default()).unwrap();
        }
    }
    for field in fields.iter().flat_map(|fields| fields.iter()) {
        describe(field.layout(), seen, text);
    }
    for extra in layout.phantom_fields().iter() {
        describe(extra.layout(), seen, text);
    }
}

#[test]
fn layout_of_the_contract_is_that_of_major_version_1() {
    let (mut found, mut seen) = (String::new(), Vec::new());
    for root in [
        PluginModuleRef::LAYOUT,
        DetectorBox::LAYOUT,
        EvidenceRef::LAYOUT,
        Descriptor::LAYOUT,
        Attribute::LAYOUT,
        Report::LAYOUT,
        NoScore::LAYOUT,
        RawPlane::LAYOUT,
        RawCoefficients::LAYOUT,
    ] {
        describe(root, &mut seen, &mut found);
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/layout-v1.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &found).unwrap();
    }
    let frozen = std::fs::read_to_string(path).unwrap();
    for (line, (found, frozen)) in found.lines().zip(frozen.lines()).enumerate() {
        assert_eq!(found, frozen, "layout differs at line {} of {path}", line + 1);
    }
    assert_eq!(found.lines().count(), frozen.lines().count(), "lines of {path}");
}
