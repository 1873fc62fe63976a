// SPDX-License-Identifier: MIT OR Apache-2.0
//! The judge: how good the detectors and a policy are on a labelled collection.
//!
//! [`manifest`] reads the collection, [`folds`] gives each part of it detectors that were not trained
//! on it, [`tiers`] degrades both classes alike, [`run`] examines each picture, by way of the [`cache`], and [`summary`] computes every number. `docs/EVALUATION.md` says
//! what each of them is.

pub mod cache;
pub mod confusion;
pub mod estimates;
pub mod false_area;
pub mod floors;
pub mod folds;
pub mod headline;
pub mod held_out;
pub mod html;
pub mod interval;
pub mod localised;
pub mod logistic;
pub mod manifest;
pub mod mask;
pub mod metrics;
pub mod paired;
pub mod random;
pub mod ranked;
pub mod record;
pub mod report;
pub mod resample;
pub mod run;
pub mod series;
pub mod stored;
pub mod summary;
pub(crate) mod svg;
pub mod tables;
pub(crate) mod text;
pub mod tiers;
