// SPDX-License-Identifier: MIT OR Apache-2.0
//! Policies: what makes a verdict of the detectors' scores. Data, not code: TOML files, of which
//! four are shipped inside the binary. `config/README.md` has every key.

pub mod calibrated;
pub mod calibration;
pub mod catalogue;
pub mod check;
pub mod claim;
pub mod digest;
pub mod edit;
pub mod error;
mod load;
mod read;
pub mod schema;
pub mod shipped;

pub use calibrated::{Calibrated, Measured};
pub use calibration::Calibration;
pub use check::{check_detectors, check_params};
pub use claim::ClaimPolicy;
pub use error::PolicyError;
pub use schema::{
    DetectorPolicy, Hypothesis, ParamValue, Policy, RiskLevel, Rule, StabilityPolicy,
};
