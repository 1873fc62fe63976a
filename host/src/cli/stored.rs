// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where commands find what is stored.

use std::path::{Path, PathBuf};

use clap::Args;

use super::CommandError;
use crate::config::Settings;
use crate::store::{DatabaseUrl, Location, Store};

/// Where what is stored is.
#[derive(Args)]
pub(super) struct Stored {
    /// Data directory
    #[arg(long, global = true, value_name = "DIR", env = "ASSAY_DATA", default_value = "data")]
    data: PathBuf,
    /// Database on a PostgreSQL server, postgres://USER@HOST/NAME, in the place of the one in the data
    /// directory [default: `database` of the configuration]
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "ASSAY_DATABASE",
        hide_env_values = true,
        value_parser = url
    )]
    database: Option<DatabaseUrl>,
}

#[expect(clippy::unnecessary_wraps, reason = "the form that clap asks for")]
fn url(text: &str) -> Result<DatabaseUrl, std::convert::Infallible> {
    Ok(DatabaseUrl::new(text))
}

impl Stored {
    /// The data directory.
    pub(super) fn data(&self) -> &Path {
        &self.data
    }

    /// Opens the database, which is made if it is not there.
    pub(super) async fn open(&self, settings: &Settings) -> Result<Store, CommandError> {
        Ok(Store::open(self.location(settings)?).await?)
    }

    /// Opens the database, which must be there.
    pub(super) async fn open_existing(&self, settings: &Settings) -> Result<Store, CommandError> {
        Ok(Store::open_existing(self.location(settings)?).await?)
    }

    /// Where the database is.
    pub(super) fn location(&self, settings: &Settings) -> Result<Location, CommandError> {
        let database = self.database.as_ref().or(settings.database.as_ref());
        Ok(Location::of(database, &self.data)?)
    }
}
