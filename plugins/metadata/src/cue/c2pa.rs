// SPDX-License-Identifier: MIT OR Apache-2.0
//! Content Credentials.
//!
//! **What it tests.** Whether the file's C2PA manifest store is intact, who signed it, whether that
//! certificate leads to the trust list, and what the store says of the picture's origin. A manifest
//! that lies elsewhere is named and not fetched.
//!
//! **Why it works.** Hashes bind the statements to the picture and the signature binds them to the
//! signer. A generator's statement that it made the picture is against its users' interest, so that
//! it counts whoever signed it; a camera's statement is in it, so that it counts only when the trust
//! list knows the signer and nothing was changed.
//!
//! **When it does not apply.** Presence says nothing of the origin: cameras, editors and generators
//! sign alike, and a signer is no sign of a generator. A camera can be pointed at a screen. A store
//! that does not fit its picture is also left by programs that rewrite a file and copy what they do
//! not know.
//!
//! **Constants and their source.** Digital source types: [`super::source_type`].
//!
//! **References.** C2PA Technical Specification 2.2, §§15, 18.14 and annex A.

use assay_plugin_api::finding::{Finding, Severity};

use super::source_type;
use super::Cue;
use crate::account::{Account, Place};
use crate::credentials::{Credentials, Edits, Origin, Reading, State};
use crate::cue::usual_name;
use crate::judgement::Evidence;
use crate::text::shown;

/// The property of XMP that says where a manifest lies.
const REMOTE: &str = "dcterms:provenance";

/// The cues of the credentials: first what they are worth, then what they say.
pub(crate) fn cues(account: &Account) -> Vec<Cue> {
    match &account.credentials {
        Some(Reading::Read(credentials)) => {
            let mut cues = vec![worth(credentials)];
            cues.extend(origin(credentials));
            cues
        }
        Some(Reading::Refused(why)) => {
            let text = format!("The file's Content Credentials could not be read: {why}.");
            let finding = Finding::new("provenance.c2pa.unreadable", Severity::Notice, text)
                .value("reason", why.as_str());
            vec![Cue::new(finding, Evidence::Nothing)]
        }
        None => remote(account).into_iter().map(cue_of_remote).collect(),
    }
}

/// The word for the state of the file's credentials: one of [`State::name`], `unreadable`, `remote`
/// or `none`.
pub(crate) fn state_name(account: &Account) -> &'static str {
    match &account.credentials {
        Some(Reading::Read(credentials)) => credentials.state.name(),
        Some(Reading::Refused(_)) => "unreadable",
        None if remote(account).is_some() => "remote",
        None => "none",
    }
}

/// The host at which the manifest lies, where XMP says so.
fn remote(account: &Account) -> Option<String> {
    let address = account.statements.find(Place::Xmp, REMOTE)?;
    let rest = ["https://", "http://"].iter().find_map(|scheme| address.strip_prefix(scheme))?;
    Some(shown(rest.split(['/', '?', '#']).next()?)).filter(|host| !host.is_empty())
}

fn cue_of_remote(host: String) -> Cue {
    let text = format!("Content Credentials lie at {host}; they were not fetched.");
    let finding = Finding::new("provenance.c2pa.remote", Severity::Info, text).value("host", host);
    Cue::new(finding, Evidence::Nothing)
}

fn worth(credentials: &Credentials) -> Cue {
    let signer = credentials.issuer.as_deref().unwrap_or("an unnamed signer");
    let on = date(credentials).map(|date| format!(" on {date}")).unwrap_or_default();
    let (code, severity, evidence, text) = match credentials.state {
        State::Trusted => (
            "provenance.c2pa.trusted",
            Severity::Info,
            Evidence::Nothing,
            format!("Content Credentials are intact, signed by {signer}{on}, whom the trust list knows."),
        ),
        State::Valid => (
            "provenance.c2pa.valid",
            Severity::Info,
            Evidence::Nothing,
            format!(
                "Content Credentials are intact, signed in the name of {signer}{on}; the trust list \
                 does not know the signer."
            ),
        ),
        State::ContentChanged => (
            "provenance.c2pa.content_changed",
            Severity::Warning,
            Evidence::CredentialsBroken,
            format!(
                "The file was changed after it was signed in the name of {signer}{on}: its hash is \
                 not the signed one."
            ),
        ),
        State::CredentialsChanged => (
            "provenance.c2pa.credentials_changed",
            Severity::Warning,
            Evidence::CredentialsBroken,
            format!(
                "The Content Credentials were changed after they were signed in the name of {signer}{on}."
            ),
        ),
        State::Expired => (
            "provenance.c2pa.expired",
            Severity::Info,
            Evidence::Nothing,
            format!(
                "Content Credentials are intact; the certificate of {signer} is out of date and no \
                 trusted time stamp says that it was not when it signed."
            ),
        ),
        State::Revoked => (
            "provenance.c2pa.revoked",
            Severity::Notice,
            Evidence::Nothing,
            format!("Content Credentials are intact; the certificate of {signer} was revoked."),
        ),
        State::SignerInvalid => (
            "provenance.c2pa.signer_invalid",
            Severity::Notice,
            Evidence::Nothing,
            format!(
                "Content Credentials are intact, signed in the name of {signer}{on} with a \
                 certificate that may not sign them."
            ),
        ),
        State::IngredientInvalid => (
            "provenance.c2pa.ingredient_invalid",
            Severity::Notice,
            Evidence::Nothing,
            format!(
                "Content Credentials of {signer} are intact; those of a picture that this one was \
                 made from are not."
            ),
        ),
        State::Nonconforming => (
            "provenance.c2pa.nonconforming",
            Severity::Notice,
            Evidence::Nothing,
            format!(
                "Content Credentials are intact, signed in the name of {signer}{on}; they break \
                 another rule of the specification."
            ),
        ),
        State::Invalid => (
            "provenance.c2pa.invalid",
            Severity::Notice,
            Evidence::Nothing,
            format!(
                "Content Credentials in the name of {signer} hold no hash and signature that fit."
            ),
        ),
    };
    let mut finding = Finding::new(code, severity, text)
        .value("state", credentials.state.name())
        .value("manifests", i64::try_from(credentials.manifests).unwrap_or(i64::MAX));
    if let Some(issuer) = &credentials.issuer {
        finding = finding.value("issuer", issuer.as_str());
    }
    if !credentials.failures.is_empty() {
        finding = finding.value("failures", credentials.failures.join(" "));
    }
    Cue::new(finding, evidence)
}

/// The day of the signature.
fn date(credentials: &Credentials) -> Option<&str> {
    credentials.signed_at.as_deref()?.get(..10)
}

/// What the store says of the picture's origin.
fn origin(credentials: &Credentials) -> Option<Cue> {
    let state = credentials.state;
    let by = match (state, &credentials.issuer) {
        (State::Trusted, Some(issuer)) => format!(" (signed by {issuer}, trusted)"),
        (_, Some(issuer)) if state.is_intact() => {
            format!(" (signed in the name of {issuer}, not trusted)")
        }
        (_, _) if state.is_intact() => " (signed, not trusted)".to_owned(),
        _ => " (the signature does not hold for this file)".to_owned(),
    };
    let (code, severity, evidence, text) = match &credentials.origin {
        Origin::Generated { program } => {
            let program = name_of(program.as_deref());
            let (severity, evidence) = if state.is_intact() {
                (Severity::Decisive, Evidence::DeclaredGenerated)
            } else {
                (Severity::Warning, Evidence::DeclaredUnbound)
            };
            let text = format!(
                "The Content Credentials declare that {program} generated the picture{by}."
            );
            ("provenance.declared.generator", severity, evidence, text)
        }
        Origin::PartlyGenerated { program } => {
            let program = name_of(program.as_deref());
            let evidence = if state.is_intact() {
                Evidence::DeclaredAiEdited
            } else {
                Evidence::DeclaredUnbound
            };
            let text = format!(
                "The Content Credentials declare that {program} generated a part of the picture{by}."
            );
            ("provenance.declared.ai_edit", Severity::Warning, evidence, text)
        }
        Origin::Captured { edits, .. } => {
            let evidence = match (state, edits) {
                (State::Trusted, Edits::None) => Evidence::SignedCapture,
                (State::Trusted, Edits::Global) => Evidence::DeclaredCapture,
                (_, Edits::Local) if state.is_intact() => Evidence::Editor,
                (_, _) if state.is_intact() => Evidence::DeclaredCapture,
                _ => Evidence::Nothing,
            };
            let since = match edits {
                Edits::None => "and nothing that shows was done to it since",
                Edits::Global => "and that it was cropped, scaled, turned or coloured since",
                Edits::Local => "and that it was edited since",
            };
            let text = format!(
                "The Content Credentials declare that a camera took the picture {since}{by}."
            );
            ("provenance.c2pa.capture", Severity::Info, evidence, text)
        }
        Origin::Made { term } => {
            let (evidence, words) = source_type::meaning(term);
            let evidence = if state.is_intact() { evidence } else { Evidence::Nothing };
            let words = if words.is_empty() { term.as_str() } else { words };
            let text = format!("The Content Credentials declare the picture to be {words}{by}.");
            ("provenance.c2pa.source_type", Severity::Notice, evidence, text)
        }
        Origin::Unknown => return None,
    };
    let signature = match state {
        State::Trusted => "trusted",
        _ if state.is_intact() => "untrusted",
        _ => "broken",
    };
    let mut finding = Finding::new(code, severity, text)
        .value("place", "Content Credentials")
        .value("signature", signature);
    if let Some(term) = credentials.origin.term() {
        finding = finding.value("digital_source_type", term);
    }
    if let Some((generator, model)) = generator(&credentials.origin) {
        finding = finding.value("generator", generator).value("model", model);
    }
    Some(Cue::new(finding, evidence))
}

/// The generator's usual name, and its own words.
fn generator(origin: &Origin) -> Option<(&str, &str)> {
    match origin {
        Origin::Generated { program } | Origin::PartlyGenerated { program } => {
            let program = program.as_deref()?;
            Some((usual_name(program).unwrap_or(program), program))
        }
        _ => None,
    }
}

fn name_of(program: Option<&str>) -> &str {
    program.map_or("a generator", |program| usual_name(program).unwrap_or(program))
}

#[cfg(test)]
mod tests;
