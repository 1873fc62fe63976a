// SPDX-License-Identifier: MIT OR Apache-2.0
//! Declarations by generators.
//!
//! **What it tests.** Whether a text of the file says, in the form that a generator writes, that a
//! generator made or changed the picture.
//!
//! **Why it works.** Generators write their parameters into the file for their users' sake, under
//! keys and in forms that nothing else writes.
//!
//! **When it does not apply.** Texts are lost at the first upload to most platforms. They can be
//! written into any picture: the finding says *declared*, never *proved*.
//!
//! **Constants and their source.** [`super::generator_table`].
//!
//! **References.** IPTC Photo Metadata User Guide, “AI generated content”.

use assay_plugin_api::finding::{Finding, Severity};

use super::generator_settings::settings;
use super::generator_table::{Claim, Rule, Test, RULES, TOOLS, WEBUI};
use super::Cue;
use crate::account::{Account, Statement};
use crate::judgement::Evidence;
use crate::text::{has_words, shown};

/// Fewest characters of xAI's signature, base 64.
const MIN_SIGNATURE_CHARS: usize = 64;
/// Longest value in which whole words are looked for, bytes: names of programs are short.
const MAX_NAME_BYTES: usize = 256;

/// One cue a generator that the file names, the more particular first: a front end before the
/// program that it drives. The WebUI's form of text says nothing of its writer where the file names
/// another one.
pub(crate) fn cues(account: &Account) -> Vec<Cue> {
    let mut named: Vec<(usize, &Rule, &Statement)> = Vec::new();
    for statement in account.statements.iter() {
        let mut rows = RULES.iter().enumerate();
        let Some((row, rule)) = rows.find(|(_, rule)| matches(rule, statement, account)) else {
            continue;
        };
        let is_same = |rule: &Rule, other: &Rule| {
            (rule.generator, rule.claim) == (other.generator, other.claim)
        };
        if !named.iter().any(|(_, other, _)| is_same(rule, other)) {
            named.push((row, rule, statement));
        }
    }
    named.sort_by_key(|(row, ..)| *row);
    let generated = named.iter().filter(|(_, rule, _)| rule.claim == Claim::Generated).count();
    let is_form_alone =
        |rule: &Rule| generated > 1 && rule.generator == WEBUI && rule.claim == Claim::Generated;
    let told = named.into_iter().filter(|(_, rule, _)| !is_form_alone(rule));
    told.map(|(_, rule, statement)| cue(rule, statement, account)).collect()
}

/// The usual name of the generator that a program's own name is of.
pub(crate) fn program_named(name: &str) -> Option<&'static str> {
    // User agents join words with underscores.
    let name = name.get(..name.len().min(MAX_NAME_BYTES))?.replace('_', " ");
    let mut rules = RULES.iter().filter(|rule| rule.claim == Claim::Generated);
    let is_it = |rule: &&Rule| match rule.test {
        Test::Words(words) => rule.keys == TOOLS && has_words(&name, words),
        _ => false,
    };
    rules.find(is_it).map(|rule| rule.generator)
}

fn matches(rule: &Rule, statement: &Statement, account: &Account) -> bool {
    let value = statement.value.trim();
    let has_place = rule.places.is_empty() || rule.places.contains(&statement.place);
    has_place
        && rule.keys.iter().any(|key| key.eq_ignore_ascii_case(&statement.key))
        && match rule.test {
            Test::Any => !value.is_empty(),
            Test::Is(whole) => value.trim_end_matches('.').eq_ignore_ascii_case(whole),
            Test::Starts(start) => value.starts_with(start),
            Test::Words(words) => value.len() <= MAX_NAME_BYTES && has_words(value, words),
            Test::Holds(parts) => parts.iter().all(|part| value.contains(part)),
            Test::Ask(question) => question(value, account),
        }
}

fn cue(rule: &Rule, statement: &Statement, account: &Account) -> Cue {
    let (place, key) = (statement.place.name(), shown(&statement.key));
    let generator = rule.generator;
    let (code, severity, evidence, text) = match rule.claim {
        Claim::Generated => (
            "provenance.declared.generator",
            Severity::Decisive,
            Evidence::DeclaredGenerated,
            format!("The file declares that {generator} generated it ({place}, {key})."),
        ),
        Claim::Edited => (
            "provenance.declared.ai_edit",
            Severity::Warning,
            Evidence::DeclaredAiEdited,
            format!("The file declares that it was edited with {generator} ({place}, {key})."),
        ),
        Claim::Hosted => (
            "provenance.declared.host",
            Severity::Warning,
            Evidence::DeclaredHost,
            format!(
                "The file comes from a job at {generator}, where generators run ({place}, {key})."
            ),
        ),
    };
    let mut finding = Finding::new(code, severity, text)
        .value("generator", generator)
        .value("place", place)
        .value("key", key)
        .value("excerpt", shown(&statement.value));
    let settings = settings(generator, statement, account);
    if let Some(model) = settings.model {
        finding = finding.value("model", model);
    }
    if let Some(parameters) = settings.parameters {
        finding = finding.value("parameters", parameters);
    }
    Cue::new(finding, evidence)
}

/// Midjourney's captions end in `Job ID: ` and a UUID.
pub(super) fn is_job_id(value: &str, _account: &Account) -> bool {
    let ids = value.match_indices("Job ID: ").map(|(at, label)| &value[at + label.len()..]);
    ids.into_iter().any(|id| id.get(..36).is_some_and(is_uuid))
}

/// xAI writes a signature as the description and a UUID as the artist; both must be there.
pub(super) fn is_xai(value: &str, account: &Account) -> bool {
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || "+/=".contains(c);
    let signature = value.strip_prefix("Signature: ").map(str::trim);
    let is_signed =
        signature.is_some_and(|s| s.len() >= MIN_SIGNATURE_CHARS && s.chars().all(is_base64));
    let artist = account.statements.find(crate::account::Place::Exif, "Artist");
    is_signed && artist.is_some_and(is_uuid)
}

/// ByteDance's applications write JSON whose `aigc_type` is 1, or whose `aigc_label_type` is 1 or 2,
/// where the picture is generated; 0 says nothing.
pub(super) fn has_aigc_type(value: &str, _account: &Account) -> bool {
    let says = |key: &str, numbers: &[char]| {
        value.match_indices(key).any(|(at, _)| {
            let rest = value.get(at + key.len()..).unwrap_or_default();
            let number = rest.trim_start_matches(['\\', '"', ':', ' ']);
            let mut characters = number.chars();
            characters.next().is_some_and(|first| numbers.contains(&first))
                && !characters.next().is_some_and(|second| second.is_ascii_digit())
        })
    };
    value.trim_start().starts_with('{')
        && (says("aigc_type", &['1']) || says("aigc_label_type", &['1', '2']))
}

/// Whether a text is a UUID in its usual form: 8-4-4-4-12 hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let mut groups = text.split('-');
    let fits = lengths.iter().all(|&length| {
        let group = groups.next().unwrap_or_default();
        group.len() == length && group.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    fits && groups.next().is_none()
}

#[cfg(test)]
mod tests;
