// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay keys`: make, show, rotate and revoke API keys, whether the server runs or not.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use serde_json::json;

use super::stored::Stored;
use super::{setup, CommandError};
use crate::api::check_endpoint;
use crate::net::AddressRange;
use crate::store::{ApiKey, Environment, KeyRequest, NewKey, Plan, Scope, OVERLAP_SECONDS};

/// Who an act is written down as.
const ACTOR: &str = "cli";

#[derive(Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    stored: Stored,
    /// How to print
    #[arg(long, global = true, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Human,
    Json,
}

#[derive(Subcommand)]
enum Command {
    /// Make a key; its text is shown once
    Create(Create),
    /// List all keys
    List,
    /// Make a key with the rights of another, which goes on for a while
    Rotate {
        /// The key's name, `ak_…`
        id: String,
        /// How long the old key goes on, s
        #[arg(long, value_name = "SECONDS", default_value_t = OVERLAP_SECONDS)]
        overlap: u32,
    },
    /// End a key at once
    Revoke {
        /// The key's name, `ak_…`
        id: String,
    },
}

#[derive(Args)]
struct Create {
    /// Organisation; made if it is not there
    #[arg(long, value_name = "NAME")]
    org: String,
    /// Plan of a new organisation
    #[arg(long, value_parser = words(Plan::ALL.iter().map(|word| word.as_str())))]
    plan: Option<String>,
    /// What the key is used in
    #[arg(long, default_value = "production", value_parser = words(Environment::ALL.iter().map(|word| word.as_str())))]
    env: String,
    /// What the key may do; may be repeated [default: analyze and read]
    #[arg(long = "scope", value_name = "SCOPE", value_parser = words(Scope::ALL.iter().map(|word| word.as_str())))]
    scopes: Vec<String>,
    /// Path that the key may be used for; may be repeated [default: any]
    #[arg(long = "endpoint", value_name = "PATH", value_parser = endpoint)]
    endpoints: Vec<String>,
    /// Address range that the key may be used from; may be repeated [default: any]
    #[arg(long = "allow-ip", value_name = "CIDR")]
    addresses: Vec<AddressRange>,
    /// When the key ends, RFC 3339
    #[arg(long, value_name = "T")]
    expires: Option<Timestamp>,
}

fn words(words: impl Iterator<Item = &'static str>) -> PossibleValuesParser {
    PossibleValuesParser::new(words)
}

fn endpoint(text: &str) -> Result<String, String> {
    check_endpoint(text).map(|()| text.into())
}

/// Runs one of the commands.
pub(super) fn run(arguments: &Arguments, config: Option<&Path>) -> Result<ExitCode, CommandError> {
    let settings = setup::settings(config)?;
    let region = &settings.service.region;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = match &arguments.command {
            Command::Create(_) => arguments.stored.open(&settings).await?,
            _ => arguments.stored.open_existing(&settings).await?,
        };
        match &arguments.command {
            Command::Create(create) => {
                let new = store.create_key(&create.request()?, region, ACTOR).await?;
                print_new(&new, arguments.format)?;
            }
            Command::List => print_all(&store.keys().await?, arguments.format)?,
            Command::Rotate { id, overlap } => {
                print_new(&store.rotate_key(id, *overlap, region, ACTOR).await?, arguments.format)?;
            }
            Command::Revoke { id } => {
                store.revoke_key(id, ACTOR).await?;
                writeln!(anstream::stderr(), "{id} is revoked")?;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

impl Create {
    fn request(&self) -> Result<KeyRequest, CommandError> {
        if self.org.trim().is_empty() {
            return Err("--org must not be empty".into());
        }
        if self.expires.is_some_and(|end| end <= Timestamp::now()) {
            return Err("--expires must be in the future".into());
        }
        let scopes: Vec<Scope> =
            self.scopes.iter().map(|scope| scope.parse()).collect::<Result<_, _>>()?;
        let usual = || vec![Scope::Analyze, Scope::Read];
        Ok(KeyRequest {
            organisation: self.org.clone(),
            plan: self.plan.as_deref().map(str::parse).transpose()?,
            environment: self.env.parse()?,
            scopes: if scopes.is_empty() { usual() } else { scopes },
            endpoints: self.endpoints.clone(),
            addresses: self.addresses.iter().map(ToString::to_string).collect(),
            expires_at: self.expires,
        })
    }
}

fn print_new(new: &NewKey, format: Format) -> Result<(), CommandError> {
    let NewKey { id, key, organisation, plan } = new;
    let mut out = anstream::stdout();
    if format == Format::Json {
        let json = json!({ "id": id, "key": key, "org": organisation, "plan": plan.as_str() });
        writeln!(out, "{json}")?;
        return Ok(());
    }
    writeln!(out, "{key}")?;
    let mut notes = anstream::stderr();
    writeln!(notes, "Key {id} of {organisation} ({plan}). It is shown this once.")?;
    Ok(())
}

fn print_all(keys: &[ApiKey], format: Format) -> Result<(), CommandError> {
    let now = Timestamp::now().as_second();
    let time = |at: i64| Timestamp::from_second(at).map(|t| t.to_string()).unwrap_or_default();
    let mut out = anstream::stdout();
    if format == Format::Json {
        let row = |key: &ApiKey| {
            json!({
                "id": key.id,
                "org": key.organisation,
                "plan": key.plan.as_str(),
                "environment": key.environment.as_str(),
                "scopes": key.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>(),
                "endpoints": key.endpoints,
                "allow_ips": key.addresses,
                "state": key.state(now),
                "created_at": time(key.created_at),
                "expires_at": key.expires_at.map(time),
                "revoked_at": key.revoked_at.map(time),
                "successor": key.successor,
            })
        };
        writeln!(out, "{}", json!(keys.iter().map(row).collect::<Vec<_>>()))?;
        return Ok(());
    }
    for key in keys {
        let scopes: Vec<_> = key.scopes.iter().map(|scope| scope.as_str()).collect();
        writeln!(
            out,
            "{}  {:8} {:20} {:10} {:11} {}",
            key.id,
            key.state(now),
            key.organisation,
            key.plan.as_str(),
            key.environment.as_str(),
            scopes.join(","),
        )?;
    }
    Ok(())
}
