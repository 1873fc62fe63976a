// SPDX-License-Identifier: MIT OR Apache-2.0
//! The Assay host: from the bytes of a picture to a verdict with its reasons.
//!
//! The road is one way: [`image`] decodes, [`analysis`] runs the detectors that [`plugin`] loaded
//! (here, or in the processes of [`worker`]),
//! [`fusion`] turns their outcomes into a verdict by a [`policy`], [`view`] writes it as JSON, [`report`]
//! tells it to people, [`eval`] measures how good all that is, [`calibrate`] fits a policy to what was measured, and [`cli`]
//! prints it. Nothing later in that list is used
//! by anything earlier.

#![warn(missing_docs)]

pub mod analysis;
pub mod api;
pub mod bulk;
pub mod calibrate;
pub mod cancel;
pub mod claim;
pub mod cli;
pub mod compare;
pub mod config;
pub mod dashboard;
pub mod depot;
pub mod eval;
pub mod fusion;
pub mod image;
pub mod leaderboard;
pub mod memory;
pub mod net;
pub mod plugin;
pub mod policy;
pub mod presence;
pub mod report;
pub mod rescore;
pub mod results;
pub mod stage;
pub mod store;
pub mod view;
pub mod webhook;
pub mod worker;
