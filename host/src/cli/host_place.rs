// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where a host works and what it reaches: the same words for those that start one and those that look whether it
//! could.

use clap::Args;

use super::stored::Stored;
use crate::net::AddressRange;

#[derive(Args)]
pub(super) struct HostPlace {
    #[command(flatten)]
    pub(super) stored: Stored,
    /// Where images wait for their job, a folder or s3://, gs:// or az://BUCKET/PREFIX, instead of the data
    /// directory: what several hosts share
    #[arg(long, value_name = "DIR|URL", env = "ASSAY_BLOBS")]
    pub(super) blobs: Option<String>,
    /// Policy of requests that name none, by name or file
    #[arg(long, value_name = "NAME|FILE", default_value = "default")]
    pub(super) policy: String,
    /// Addresses that may be dialled for images and webhooks though they are not public; may be
    /// repeated
    #[arg(long = "allow-net", value_name = "CIDR")]
    pub(super) allow: Vec<AddressRange>,
}
