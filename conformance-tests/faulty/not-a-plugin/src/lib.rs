// SPDX-License-Identifier: MIT OR Apache-2.0
//! A dynamic library that is no plugin: it exports one function and no mark.

/// Returns 7.
#[no_mangle]
#[allow(unsafe_code)] // an exported symbol; it does nothing unsafe
pub extern "C" fn assay_not_a_plugin() -> u32 {
    7
}
