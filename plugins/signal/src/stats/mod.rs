// SPDX-License-Identifier: MIT OR Apache-2.0
//! Statistics.

pub mod logistic;
pub mod nfa;
pub mod robust;
