// SPDX-License-Identifier: MIT OR Apache-2.0
//! XMP: once as it comes, once as the content of a packet.
#![no_main]

use assay_fuzz::containers::jpeg;
use assay_fuzz::detecting::detect;
use assay_plugin_api::evidence::keys;
use assay_plugin_api::testing::EvidenceBuilder;
use libfuzzer_sys::fuzz_target;

const HEAD: &[u8] = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF \
    xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description \
    xmlns:xmp='http://ns.adobe.com/xap/1.0/' \
    xmlns:Iptc4xmpExt='http://iptc.org/std/Iptc4xmpExt/2008-02-29/' \
    xmlns:TC260='http://www.tc260.org.cn/ns/AIGC/1.0/'>";
const TAIL: &[u8] = b"</rdf:Description></rdf:RDF></x:xmpmeta>";

fuzz_target!(|data: &[u8]| {
    let packet = if data.starts_with(b"<") { data.to_vec() } else { [HEAD, data, TAIL].concat() };
    detect(&EvidenceBuilder::new().encoded(jpeg(&[])).blob(keys::XMP, packet));
});
