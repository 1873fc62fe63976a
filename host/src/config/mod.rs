// SPDX-License-Identifier: MIT OR Apache-2.0
//! Configuration: where plugins lie, pools, limits. `config/README.md` has every key.

pub mod document;
mod limits;
mod plans;
mod service;
pub mod settings;
mod slot;
mod surroundings;

pub use plans::PolicyChoice;
pub use service::Service;
pub use settings::{
    Allowance, Code, Isolation, Limits, Plans, PluginSlot, Script, Settings, SettingsError,
    Surroundings,
};
