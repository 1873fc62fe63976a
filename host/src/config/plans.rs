// SPDX-License-Identifier: MIT OR Apache-2.0
//! What each plan allows, and the organisations for which it is otherwise.

use super::document::reader::{Collector, Reader};
use super::document::Node;
use crate::store::Plan;

/// Most requests or images of any limit.
const MOST: u64 = 1_000_000_000;
/// Most images of a batch of any plan.
const MOST_IN_A_BATCH: u64 = 100_000;

/// What may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Requests a minute.
    pub requests_per_minute: u64,
    /// Images a day.
    pub requests_per_day: u64,
    /// Images of one batch.
    pub batch_size: u64,
}

/// What each plan allows, and the organisations for which it is otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plans {
    starter: Allowance,
    growth: Allowance,
    enterprise: Allowance,
    organisations: Vec<Override>,
}

/// What one organisation is allowed instead of what its plan says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Override {
    name: String,
    requests_per_minute: Option<u64>,
    requests_per_day: Option<u64>,
    batch_size: Option<u64>,
    policies: PolicyChoice,
}

/// Which policies an organisation may use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyChoice {
    /// The one of requests that name none; the server's where none is given.
    pub default: Option<String>,
    /// Those that requests may name, besides the default; any where none are given.
    pub allowed: Option<Vec<String>>,
}

impl Default for Plans {
    /// The guide's table; for Enterprise, which it leaves open, ten times Growth.
    fn default() -> Self {
        let allowance = |requests_per_minute, requests_per_day, batch_size| Allowance {
            requests_per_minute,
            requests_per_day,
            batch_size,
        };
        Self {
            starter: allowance(60, 10_000, 20),
            growth: allowance(300, 100_000, 100),
            enterprise: allowance(3_000, 1_000_000, 1_000),
            organisations: Vec::new(),
        }
    }
}

impl Plans {
    /// What an organisation with this plan may do.
    #[must_use]
    pub fn of(&self, plan: Plan, organisation: &str) -> Allowance {
        let plan = match plan {
            Plan::Starter => self.starter,
            Plan::Growth => self.growth,
            Plan::Enterprise => self.enterprise,
        };
        let own = self.organisations.iter().find(|own| own.name == organisation);
        own.map_or(plan, |own| Allowance {
            requests_per_minute: own.requests_per_minute.unwrap_or(plan.requests_per_minute),
            requests_per_day: own.requests_per_day.unwrap_or(plan.requests_per_day),
            batch_size: own.batch_size.unwrap_or(plan.batch_size),
        })
    }

    /// Which policies an organisation may use.
    #[must_use]
    pub fn policies_of(&self, organisation: &str) -> PolicyChoice {
        let own = self.organisations.iter().find(|own| own.name == organisation);
        own.map(|own| own.policies.clone()).unwrap_or_default()
    }

    /// Every policy that an organisation is to use, with the organisation.
    pub fn named_policies(&self) -> impl Iterator<Item = (&str, &str)> {
        self.organisations.iter().flat_map(|own| {
            let names = own.policies.default.iter().chain(own.policies.allowed.iter().flatten());
            names.map(|name| (own.name.as_str(), name.as_str()))
        })
    }

    /// Reads `[plans]`; a wrong value is a fault and reads as the default.
    pub(super) fn read(&mut self, mut reader: Reader<'_>) {
        let plans = [
            ("starter", &mut self.starter),
            ("growth", &mut self.growth),
            ("enterprise", &mut self.enterprise),
        ];
        for (name, allowance) in plans {
            let Some(mut plan) = reader.table(name) else { continue };
            let (minute, day, batch) = numbers(&mut plan);
            allowance.requests_per_minute = minute.unwrap_or(allowance.requests_per_minute);
            allowance.requests_per_day = day.unwrap_or(allowance.requests_per_day);
            allowance.batch_size = batch.unwrap_or(allowance.batch_size);
            plan.finish();
        }
        reader.finish();
    }

    /// Reads one `[[organisation]]`.
    pub(super) fn read_organisation(&mut self, node: &Node, collector: &Collector) {
        let Some(mut reader) = Reader::new(node, "organisation", collector) else { return };
        let name = reader.required_text("name");
        if self.organisations.iter().any(|other| other.name == name) && !name.is_empty() {
            let message = format!("`{name}` is the name of another [[organisation]] already");
            reader.fault("name", message);
        }
        let (requests_per_minute, requests_per_day, batch_size) = numbers(&mut reader);
        let default = reader.text("policy");
        let allowed = reader.has("policies").then(|| {
            let mut names = Vec::new();
            for node in reader.array("policies") {
                match node.as_text() {
                    Some(name) => names.push(name.to_owned()),
                    None => reader.wrong("policies", node, "an array of policies' names"),
                }
            }
            names
        });
        reader.finish();
        let policies = PolicyChoice { default, allowed };
        let own = Override { name, requests_per_minute, requests_per_day, batch_size, policies };
        self.organisations.push(own);
    }
}

fn numbers(reader: &mut Reader<'_>) -> (Option<u64>, Option<u64>, Option<u64>) {
    (
        reader.whole("requests_per_minute", 1..=MOST),
        reader.whole("requests_per_day", 1..=MOST),
        reader.whole("batch_size", 1..=MOST_IN_A_BATCH),
    )
}
