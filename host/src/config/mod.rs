// SPDX-License-Identifier: MIT OR Apache-2.0
//! Configuration: where plugins lie, pools, limits. `config/README.md` has every key.

pub mod document;
mod limits;
pub mod settings;
mod surroundings;

pub use settings::{Isolation, Limits, PluginSlot, Settings, SettingsError, Surroundings};
