// SPDX-License-Identifier: MIT OR Apache-2.0
//! What `export_detector!` would write, but for one behaviour: the parameters are not looked at.

#![allow(unsafe_code)] // exported symbols; nothing in them dereferences a pointer

use abi_stable::export_root_module;
use abi_stable::prefix_type::PrefixTypeTrait as _;
use abi_stable::std_types::{RResult, RString, RVec};
use assay_plugin_api::abi::{
    contract_mark, DetectorBox, PluginModule, PluginModuleRef, CONTRACT_MARK_LEN,
};
use assay_plugin_api::descriptor::Descriptor;
use assay_plugin_api::export;
use assay_plugin_api::report::Attribute;

use crate::{is_asked_for, Faulty};

#[no_mangle]
static ASSAY_PLUGIN_CONTRACT: [u8; CONTRACT_MARK_LEN] = contract_mark();

extern "C" fn descriptor() -> RResult<Descriptor, RString> {
    export::descriptor::<Faulty>()
}

extern "C" fn create(params: RVec<Attribute>) -> RResult<DetectorBox, RString> {
    let looked_at = if is_asked_for("accepts_anything") { RVec::new() } else { params };
    export::create::<Faulty>(&looked_at)
}

#[export_root_module]
fn root() -> PluginModuleRef {
    PluginModule { descriptor, create }.leak_into_prefix()
}
