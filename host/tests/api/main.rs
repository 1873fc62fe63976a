// SPDX-License-Identifier: MIT OR Apache-2.0
//! The HTTP API from outside: the built binary, a real database, real sockets.

#![allow(clippy::unwrap_used, clippy::expect_used)] // helpers, called by tests only

mod admin;
mod analyze;
mod audit;
mod authorisation;
mod batches;
mod blobs;
mod browser;
mod cache;
mod claims;
mod cluster;
mod conformance;
mod crash;
mod crowds;
mod dashboard;
mod database;
mod endless;
mod engines;
mod faults;
mod fetching;
mod gate;
mod guessing;
mod hosts;
mod isolation;
mod keys;
mod leaving;
mod lies;
mod load;
mod openapi;
mod programs;
mod rate_limits;
mod raw;
mod reading;
mod rebinding;
mod receiver;
mod regions;
mod replay;
mod reporting;
mod same_answers;
mod sdk;
mod shared_limits;
mod slow;
mod stability;
mod support;
mod surface;
mod swapping;
mod webhooks;
mod workbench;
