// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hosts of one PostgreSQL database tell each other that there is something new, with the transaction that makes
//! it so. It is a hint: who does not hear it finds out by looking, as on a file, where nobody is told.

use std::time::Duration;

use super::engine::{sql, Connection};
use super::{Store, StoreError};

/// How long after a failure it is listened again.
const AGAIN: Duration = Duration::from_secs(1);

/// What there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A job or a claim that waits.
    Work,
    /// Other policies.
    Policies,
}

impl Notice {
    const ALL: [Self; 2] = [Self::Work, Self::Policies];

    fn channel(self) -> &'static str {
        match self {
            Self::Work => "assay_work",
            Self::Policies => "assay_policies",
        }
    }
}

/// Tells the other hosts, once the transaction is kept.
pub(super) async fn tell(connection: &mut Connection, notice: Notice) -> Result<(), StoreError> {
    if connection.is_shared() {
        sql("SELECT pg_notify($1, '')").bind(notice.channel()).execute(connection).await?;
    }
    Ok(())
}

impl Store {
    /// Calls `hear` with what other hosts, or this one, tell, for as long as it is waited for. What was told while
    /// the connection was away counts as told. On a file nothing comes.
    pub async fn listen(&self, mut hear: impl FnMut(Notice)) {
        let Some(server) = &self.server else { return std::future::pending().await };
        loop {
            let error = match server.listen(&Notice::ALL.map(Notice::channel)).await {
                Ok(mut listener) => loop {
                    match listener.try_recv().await {
                        Ok(Some(told)) => {
                            let named = |notice: &Notice| notice.channel() == told.channel();
                            Notice::ALL.into_iter().filter(named).for_each(&mut hear);
                        }
                        // The connection broke and stands again.
                        Ok(None) => Notice::ALL.into_iter().for_each(&mut hear),
                        Err(error) => break error,
                    }
                },
                Err(error) => error,
            };
            tracing::warn!(%error, "other hosts are not heard for the time being");
            tokio::time::sleep(AGAIN).await;
        }
    }
}
