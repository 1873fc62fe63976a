// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay serve`: the HTTP API over the configured detectors.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::{setup, CommandError};
use crate::analysis::Pool;
use crate::api::{self, Cache, Policies, RateLimits, Shared};
use crate::policy::catalogue;
use crate::store::Store;

#[derive(Args)]
pub(super) struct Arguments {
    /// Where to listen
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Data directory; made if it is not there
    #[arg(long, value_name = "DIR", env = "ASSAY_DATA", default_value = "data")]
    data: PathBuf,
    /// Policy of requests that name none, by name or file
    #[arg(long, value_name = "NAME|FILE", default_value = "default")]
    policy: String,
}

/// Serves until the process is told to stop.
pub(super) fn run(arguments: &Arguments, config: Option<&Path>) -> Result<ExitCode, CommandError> {
    let settings = setup::settings(config)?;
    let default = setup::policy(&settings, &arguments.policy)?;
    let names = catalogue::available(&settings.policy_search)?;
    let others = names.iter().map(|name| setup::policy(&settings, name));
    let others = others.collect::<Result<Vec<_>, _>>()?;
    let registry = setup::registry(&settings)?;
    let pool = Arc::new(Pool::new(settings.pool_threads)?);
    let policies = Policies::new(&registry, &pool, default, others)?;
    let limits = setup::limits(&settings);
    let rates = RateLimits::new(settings.plans.clone());
    let cache = Cache::new(settings.cache_seconds);
    actix_web::rt::System::new().block_on(async {
        let store = Store::open(&arguments.data).await?;
        let has_keys = !store.keys().await?.is_empty();
        let shared = Arc::new(Shared { policies, store, limits, cache, rates });
        let listening = api::listen(shared, arguments.listen)
            .map_err(|e| format!("cannot listen at {}: {e}", arguments.listen))?;
        let mut notes = anstream::stderr();
        for address in listening.addresses() {
            writeln!(notes, "listening on http://{address}")?;
        }
        if !has_keys {
            let data = arguments.data.display();
            writeln!(notes, "no keys yet; make one: assay keys create --org NAME --data {data}")?;
        }
        listening.run().await?;
        Ok(ExitCode::SUCCESS)
    })
}
