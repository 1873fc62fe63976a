// SPDX-License-Identifier: MIT OR Apache-2.0
//! A library whose mark names another major version of the contract. Nothing else of it may be
//! looked at, so it has nothing else.

/// The mark of contract 2.0.0, NUL-padded.
#[no_mangle]
#[allow(unsafe_code)] // an exported symbol; it is plain bytes
pub static ASSAY_PLUGIN_CONTRACT: [u8; 32] = *b"assay-plugin-api 2.0.0\0\0\0\0\0\0\0\0\0\0";
