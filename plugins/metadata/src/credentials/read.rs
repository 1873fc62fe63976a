// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reading and validating a store with the C2PA library: on a thread of its own, whose stack is known
//! and whose panic is an answer, with a deadline, and with nothing fetched.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::time::{Duration, Instant};

use c2pa::validation_results::StatusCodes;
use c2pa::validation_status::ValidationStatus;
use c2pa::{Context, Error, Manifest, Reader, Relationship, Settings, ValidationState};
use serde_json::{json, Value};

use super::chain;
use super::origin::{self, Action, Relation, Told, AI_ASSERTION};
use super::{guard, Anchors, Credentials, Reading, State};
use crate::text::shown;

/// Longest time that validation may take. A picture of 20 MB takes 0.1 s.
const MAX_TIME: Duration = Duration::from_secs(3);
/// Stack of the thread, bytes: the library descends 200 manifests.
const STACK_BYTES: usize = 16 * 1024 * 1024;
/// Most megabytes of a compressed manifest once unpacked.
const MAX_UNPACKED_MB: usize = 8;
/// Most codes of failures kept.
const MAX_FAILURES: usize = 16;
/// Most actions, terms and ingredients kept of one manifest.
const MAX_KEPT: usize = 256;

/// Codes by which statements are not those that were signed [C2PA 2.2 §15.2].
const CHANGED_CREDENTIALS: [&str; 6] = [
    "claimSignature.mismatch",
    "assertion.hashedURI.mismatch",
    "hashedURI.mismatch",
    "assertion.missing",
    "assertion.undeclared",
    "claim.hardBindings.missing",
];
/// The code of a signature that fits claim and certificate.
const SIGNATURE_HOLDS: &str = "claimSignature.validated";
/// Codes by which a certificate had expired or was not valid yet.
const EXPIRED: [&str; 2] = ["signingCredential.expired", "claimSignature.outsideValidity"];
/// Codes by which a certificate was revoked.
const REVOKED: [&str; 2] = ["signingCredential.revoked", "signingCredential.ocsp.revoked"];
/// The code of a certificate that the trust list does not know.
const UNTRUSTED: &str = "signingCredential.untrusted";

/// Validates stores against one trust list.
#[derive(Clone, Debug)]
pub(crate) struct Validator(Settings);

impl Validator {
    /// A validator that trusts `anchors`.
    ///
    /// # Errors
    /// When the library refuses the list.
    pub(crate) fn new(anchors: &Anchors) -> Result<Self, String> {
        let mut settings = json!({
            "verify": {
                "verify_after_reading": true,
                "verify_trust": true,
                "remote_manifest_fetch": false,
                "ocsp_fetch": false,
            },
            "core": {
                "allowed_network_hosts": [],
                "decode_identity_assertions": false,
                "max_decompressed_manifest_size_in_mb": MAX_UNPACKED_MB,
            },
        });
        if let Anchors::Bundle(pem) = anchors {
            settings["trust"] = json!({ "trust_anchors": pem });
        }
        let settings = Settings::new().with_json(&settings.to_string());
        settings.map(Self).map_err(|error| format!("trust list: {error}"))
    }

    /// Reads the store of a file within `limit`.
    pub(crate) fn read(&self, bytes: &[u8], limit: Duration) -> Reading {
        let Some(format) = guard::format(bytes) else {
            return Reading::Refused("the container is not known".into());
        };
        let work = || self.validated(bytes, format, limit.min(MAX_TIME));
        let answer = std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
            let handle = thread.spawn_scoped(scope, work).map_err(|error| error.to_string())?;
            handle.join().map_err(|_| "the library failed on it".to_owned())
        });
        match answer {
            Ok(Ok(credentials)) => Reading::Read(Box::new(credentials)),
            Ok(Err(why)) | Err(why) => Reading::Refused(shown(&why)),
        }
    }

    fn validated(
        &self,
        bytes: &[u8],
        format: &str,
        limit: Duration,
    ) -> Result<Credentials, String> {
        let store = c2pa::jumbf_io::load_jumbf_from_memory(format, bytes).map_err(words)?;
        guard::check(&store)?;
        drop(store);
        let started = Instant::now();
        let context = Context::new()
            .with_settings(&self.0)
            .map_err(words)?
            .with_progress_callback(move |_, _, _| started.elapsed() < limit);
        let reader = Reader::from_context(context).with_stream(format, Cursor::new(bytes));
        credentials(&reader.map_err(words)?)
    }
}

/// A failure of the library in words.
fn words(error: Error) -> String {
    match error {
        Error::JumbfNotFound => "there is no store where the specification puts it".into(),
        Error::OperationCancelled => "validation takes too long".into(),
        other => other.to_string(),
    }
}

fn credentials(reader: &Reader) -> Result<Credentials, String> {
    let active = reader.active_manifest().zip(reader.active_label());
    let (manifest, label) = active.ok_or("the store has no active manifest")?;
    let told: BTreeMap<_, _> =
        reader.manifests().iter().map(|(label, m)| (label.clone(), told(m))).collect();
    let (origin, actions) = origin::origin(&told, label);
    let results = reader.validation_results();
    let active = results.and_then(|results| results.active_manifest());
    let own = codes(active.into_iter().flat_map(StatusCodes::failure));
    let held = codes(active.into_iter().flat_map(StatusCodes::success));
    let deltas = results.and_then(|results| results.ingredient_deltas());
    let of_ingredients =
        codes(deltas.into_iter().flatten().flat_map(|delta| delta.validation_deltas().failure()));
    let state = state(reader.validation_state(), &held, &own, &of_ingredients);
    let failures = own.into_iter().chain(of_ingredients).take(MAX_FAILURES);
    Ok(Credentials {
        state,
        failures: failures.map(|code| shown(&code)).collect(),
        issuer: manifest.issuer().map(|name| shown(&name)),
        signed_at: manifest.time().map(|time| shown(&time)),
        generator: told.get(label).and_then(|told| told.generator.clone()),
        actions,
        origin,
        manifests: told.len(),
        chain: chain::chain(reader, manifest, action_names),
    })
}

/// The codes, each once.
fn codes<'a>(statuses: impl Iterator<Item = &'a ValidationStatus>) -> Vec<String> {
    let mut codes: Vec<String> = Vec::new();
    for status in statuses {
        if !codes.iter().any(|code| code == status.code()) {
            codes.push(status.code().to_owned());
        }
    }
    codes
}

/// The state by the library's word, the codes that held and those that failed; what is worst counts, so
/// that nothing that was changed reads as valid.
fn state(
    verdict: ValidationState,
    held: &[String],
    own: &[String],
    of_ingredients: &[String],
) -> State {
    let is = |list: &[&str]| own.iter().any(|code| list.contains(&code.as_str()));
    if own.iter().any(|code| is_content_hash(code)) {
        return State::ContentChanged;
    }
    if is(&CHANGED_CREDENTIALS) {
        return State::CredentialsChanged;
    }
    match verdict {
        ValidationState::Trusted => return State::Trusted,
        ValidationState::Valid => return State::Valid,
        ValidationState::Invalid => {}
    }
    // The library calls a store invalid for any code but that of an unknown signer.
    let is_signed = held.iter().any(|code| code == SIGNATURE_HOLDS);
    if !is_signed || !held.iter().any(|code| is_content_hash(code)) {
        return State::Invalid;
    }
    let all_of =
        |list: &[&str]| own.iter().all(|code| code == UNTRUSTED || list.contains(&code.as_str()));
    if is(&REVOKED) && all_of(&[&REVOKED[..], &EXPIRED[..]].concat()) {
        State::Revoked
    } else if is(&EXPIRED) && all_of(&EXPIRED) {
        State::Expired
    } else if all_of(&[]) && of_ingredients.iter().any(|code| code != UNTRUSTED) {
        State::IngredientInvalid
    } else if own.iter().all(|code| code.starts_with("signingCredential.") || is_time(code)) {
        State::SignerInvalid
    } else {
        State::Nonconforming
    }
}

/// Whether a code is of when it was signed.
fn is_time(code: &str) -> bool {
    code.starts_with("timeStamp.") || EXPIRED.contains(&code)
}

/// `assertion.dataHash.match`, `assertion.dataHash.mismatch`, `assertion.bmffHash.mismatch`, `assertion.boxesHash.mismatch`, ….
fn is_content_hash(code: &str) -> bool {
    code.strip_prefix("assertion.")
        .is_some_and(|code| code.contains("Hash.") && !code.ends_with(".malformed"))
}

fn told(manifest: &Manifest) -> Told {
    let mut told = Told { generator: generator(manifest), ..Told::default() };
    for assertion in manifest.assertions() {
        let label = assertion.label();
        told.says_generated |= label == AI_ASSERTION;
        let Ok(value) = assertion.value() else { continue };
        if label.starts_with("c2pa.actions") {
            told.actions.extend(actions(value));
        }
        let fields = value.as_object().into_iter().flatten();
        let terms = fields.filter(|(key, _)| key.ends_with("DigitalSourceType"));
        told.terms.extend(terms.filter_map(|(_, term)| last_part(term.as_str()?)).take(MAX_KEPT));
    }
    told.actions.truncate(MAX_KEPT);
    for ingredient in manifest.ingredients().iter().take(MAX_KEPT) {
        let relation = match ingredient.relationship() {
            Relationship::ParentOf => Relation::Parent,
            Relationship::ComponentOf => Relation::Component,
            Relationship::InputTo => {
                told.others += 1;
                continue;
            }
        };
        match ingredient.active_manifest() {
            Some(label) => told.ingredients.push((relation, label.to_owned())),
            None => told.others += 1,
        }
    }
    told
}

/// The program that wrote a manifest: name and version, or the older user agent.
pub(super) fn generator(manifest: &Manifest) -> Option<String> {
    let info = manifest.claim_generator_info.as_ref().and_then(|infos| infos.first());
    let named = info.map(|info| match &info.version {
        Some(version) => format!("{} {version}", info.name),
        None => info.name.clone(),
    });
    named.or_else(|| manifest.claim_generator().map(ToOwned::to_owned)).map(|name| shown(&name))
}

/// The names of a manifest's actions, each once.
fn action_names(manifest: &Manifest) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for action in told(manifest).actions {
        if !names.contains(&action.name) {
            names.push(action.name);
        }
    }
    names
}

fn actions(value: &Value) -> impl Iterator<Item = Action> + '_ {
    let agents = value.get("softwareAgents");
    let list = value.get("actions").and_then(Value::as_array).into_iter().flatten();
    list.take(MAX_KEPT).filter_map(move |action| {
        let index = action.get("softwareAgentIndex").and_then(Value::as_u64);
        let by_index = || agents?.get(usize::try_from(index?).ok()?);
        let agent = action.get("softwareAgent").or_else(by_index);
        let term = action.get("digitalSourceType").and_then(Value::as_str);
        Some(Action {
            name: shown(action.get("action")?.as_str()?),
            agent: agent.and_then(program),
            term: term.and_then(last_part),
        })
    })
}

/// A program as a text, or as an object with name and version.
fn program(agent: &Value) -> Option<String> {
    if let Some(name) = agent.as_str() {
        return Some(shown(name));
    }
    let name = agent.get("name")?.as_str()?;
    let version = agent.get("version").and_then(Value::as_str);
    Some(shown(&version.map_or_else(|| name.to_owned(), |version| format!("{name} {version}"))))
}

/// The last part of an address.
fn last_part(address: &str) -> Option<String> {
    let term = address.trim_end_matches('/').rsplit(['/', ':', '#']).next()?;
    Some(shown(term)).filter(|term| !term.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELD: [&str; 2] = [SIGNATURE_HOLDS, "assertion.dataHash.match"];

    fn of(verdict: ValidationState, own: &[&str], of_ingredients: &[&str]) -> State {
        let owned =
            |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
        state(verdict, &owned(&HELD), &owned(own), &owned(of_ingredients))
    }

    #[test]
    fn what_was_changed_never_reads_as_valid_whatever_the_library_says() {
        for verdict in [ValidationState::Trusted, ValidationState::Valid, ValidationState::Invalid]
        {
            let changed = of(verdict, &["assertion.dataHash.mismatch", UNTRUSTED], &[]);
            assert_eq!(changed, State::ContentChanged);
            let forged = of(verdict, &["claimSignature.mismatch"], &[]);
            assert_eq!(forged, State::CredentialsChanged);
        }
    }

    #[test]
    fn an_invalid_store_is_told_by_its_reason() {
        let invalid = ValidationState::Invalid;
        assert_eq!(of(invalid, &["signingCredential.expired", UNTRUSTED], &[]), State::Expired);
        assert_eq!(of(invalid, &["signingCredential.ocsp.revoked"], &[]), State::Revoked);
        assert_eq!(of(invalid, &["signingCredential.invalid"], &[]), State::SignerInvalid);
        let ingredient = of(invalid, &[UNTRUSTED], &["claimSignature.mismatch"]);
        assert_eq!(ingredient, State::IngredientInvalid);
        let both = of(invalid, &["signingCredential.expired", "claim.malformed"], &[]);
        assert_eq!(both, State::Nonconforming);
    }

    #[test]
    fn without_a_signature_and_a_hash_that_hold_a_store_is_invalid() {
        let own = ["signingCredential.expired".to_owned()];
        for held in [&HELD[..1], &HELD[1..], &[]] {
            let held: Vec<_> = held.iter().map(|code| (*code).to_owned()).collect();
            assert_eq!(state(ValidationState::Invalid, &held, &own, &[]), State::Invalid);
        }
    }
}
