// SPDX-License-Identifier: MIT OR Apache-2.0
//! The contract between the Assay host and a detector plugin.
//!
//! # A detector's life
//! 1. The host reads the file's contract mark ([`abi::CONTRACT_MARK_SYMBOL`]) without running any
//!    of its code, and refuses another major version.
//! 2. It opens the library and compares the memory layout of everything that crosses.
//! 3. It asks for the [`Descriptor`](descriptor::Descriptor): what the detector is, which evidence
//!    it reads and which parameters it takes.
//! 4. It checks the operator's parameters against the descriptor and calls
//!    [`Detector::new`](detector::Detector::new) once. Weights are loaded here.
//! 5. For each image it calls [`Detector::detect`](detector::Detector::detect), from any thread,
//!    several at once. The answer is a [`Report`](report::Report) or a
//!    [`NoScore`](detector::NoScore).
//! 6. It checks the report against the contract ([`check`]) before anything reads it. A library is
//!    never unloaded.
//!
//! An author writes a plain, safe type that implements [`detector::Detector`] and ends the crate
//! with [`export_detector!`]; `abi_stable` stays inside this crate, and a plugin lists it as a
//! dependency only because the macro's expansion names it.
//!
//! The layout is frozen within a major version. New evidence comes as new string keys, new results
//! as new attributes and finding codes; methods, fields and variants never change.

#![warn(missing_docs)]

pub mod abi;
pub mod check;
pub mod descriptor;
pub mod detector;
pub mod evidence;
pub mod export;
pub mod finding;
pub mod heatmap;
#[cfg(feature = "load")]
pub mod load;
pub mod params;
pub mod plane;
pub mod report;
pub mod testing;

/// Everything a detector's author needs in scope.
pub mod prelude {
    pub use crate::descriptor::{Input, Kind, ModelCard};
    pub use crate::detector::{Detector, NoScore};
    pub use crate::evidence::{Coefficients, Evidence};
    pub use crate::export_detector;
    pub use crate::finding::{Finding, Region, Severity};
    pub use crate::heatmap::Heatmap;
    pub use crate::params::{ParamSpec, Params};
    pub use crate::plane::{Luma8, Plane, Rgb8};
    pub use crate::report::{Label, Report, Score, Value};
}

#[doc(hidden)]
pub use abi_stable as __abi;
