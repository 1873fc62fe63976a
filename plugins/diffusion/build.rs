// SPDX-License-Identifier: MIT OR Apache-2.0
//! Puts the shipped model into the library, or the one that `ASSAY_DIFFUSION_WEIGHTS` names.

#[path = "../signal/build/model_file.rs"]
mod model_file;

fn main() {
    model_file::embed("ASSAY_DIFFUSION_WEIGHTS");
}
