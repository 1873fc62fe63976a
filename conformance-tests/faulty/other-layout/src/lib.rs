// SPDX-License-Identifier: MIT OR Apache-2.0
//! A library with this contract's mark and a root module of another memory layout, as a plugin
//! built against a changed copy of the contract has.

#![allow(missing_docs)] // the items that the prefix type generates carry no docs
#![allow(unsafe_code)] // exported symbols; nothing in them dereferences a pointer
#![allow(unreachable_pub)] // the same

use abi_stable::library::RootModule;
use abi_stable::prefix_type::PrefixTypeTrait as _;
use abi_stable::sabi_types::VersionStrings;
use abi_stable::std_types::RString;
use abi_stable::{export_root_module, StableAbi};
use assay_plugin_api::abi::{contract_mark, CONTRACT_MARK_LEN};

#[no_mangle]
pub static ASSAY_PLUGIN_CONTRACT: [u8; CONTRACT_MARK_LEN] = contract_mark();

/// `create` gives a text instead of a detector.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = PluginModuleRef)))]
#[sabi(missing_field(panic))]
pub struct PluginModule {
    pub descriptor: extern "C" fn() -> RString,
    #[sabi(last_prefix_field)]
    pub create: extern "C" fn(u64) -> RString,
}

impl RootModule for PluginModuleRef {
    abi_stable::declare_root_module_statics! {PluginModuleRef}
    const BASE_NAME: &'static str = "assay_plugin";
    const NAME: &'static str = "assay_plugin";
    const VERSION_STRINGS: VersionStrings = abi_stable::package_version_strings!();
}

extern "C" fn descriptor() -> RString {
    "none".into()
}

extern "C" fn create(number: u64) -> RString {
    number.to_string().into()
}

#[export_root_module]
pub fn root() -> PluginModuleRef {
    PluginModule { descriptor, create }.leak_into_prefix()
}
