// SPDX-License-Identifier: MIT OR Apache-2.0
//! One analysis as a report for people: one self-contained page, and the same as JSON.
//!
//! [`Dossier`] is what is told. It is made from an answer's JSON body and what is kept beside it, so that a
//! picture that was examined long ago and one that was examined just now are told alike. [`page()`] draws it.
//! `docs/REPORTS.md` has its shape.

mod build;
mod detectors;
mod dossier;
mod draw;
mod glossary;
mod heat;
mod node;
mod operating;
mod page;
mod provenance;
mod regions;
mod shape;
mod text;
mod untested;
mod verdict;

pub use build::Sources;
pub use dossier::Dossier;
pub use draw::{Drawing, Photo};
pub use glossary::{Term, TERMS};
pub use heat::Heat;
pub(crate) use page::{bytes, known, log_odds, milliseconds, share, size};
pub use page::{page, PageError};
pub use text::shown;
