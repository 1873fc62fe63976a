// SPDX-License-Identifier: MIT OR Apache-2.0
//! Outcomes as text, JSON and JUnit XML.

use std::fmt::Write as _;

use serde_json::{json, Value};

use super::case::Outcome;
use crate::case::Status;

/// One line for the rule, and its message below.
#[must_use]
pub fn text(outcome: &Outcome) -> String {
    let word = if outcome.status == Status::Success { "ok" } else { outcome.status.as_str() };
    let mut text = format!("{word:<8} {:<34} {}\n", outcome.id, outcome.rule);
    for line in outcome.message.lines() {
        let _ = writeln!(text, "         {line}");
    }
    text
}

fn count(outcomes: &[Outcome], status: Status) -> usize {
    outcomes.iter().filter(|outcome| outcome.status == status).count()
}

/// The last line.
#[must_use]
pub fn summary(outcomes: &[Outcome], seed: u64) -> String {
    let [ok, failed, skipped] =
        [Status::Success, Status::Failed, Status::Skipped].map(|status| count(outcomes, status));
    format!("{ok} ok, {failed} failed, {skipped} skipped; seed {seed}\n")
}

/// Everything as JSON.
#[must_use]
pub fn report(base_url: &str, outcomes: &[Outcome], seed: u64) -> Value {
    let failed = count(outcomes, Status::Failed);
    json!({ "base_url": base_url, "seed": seed, "conforms": failed == 0, "cases": outcomes })
}

/// Everything as JUnit XML.
#[must_use]
pub fn junit(outcomes: &[Outcome]) -> String {
    let [failed, skipped] = [Status::Failed, Status::Skipped].map(|s| count(outcomes, s));
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"assay-conformance api\" \
         tests=\"{}\" failures=\"{failed}\" skipped=\"{skipped}\">\n",
        outcomes.len()
    );
    for outcome in outcomes {
        let (id, seconds) = (escaped(outcome.id), outcome.duration_ms as f64 / 1000.0);
        let message = escaped(&outcome.message);
        let _ = write!(
            xml,
            "<testcase classname=\"api.{}\" name=\"{id}\" time=\"{seconds:.3}\">",
            escaped(outcome.group)
        );
        let inner = match outcome.status {
            Status::Success | Status::Warning => String::new(),
            Status::Skipped => format!("<skipped message=\"{message}\"/>"),
            Status::Failed | Status::Crashed => {
                format!("<failure message=\"{message}\">{}</failure>", escaped(outcome.rule))
            }
        };
        let _ = writeln!(xml, "{inner}</testcase>");
    }
    xml + "</testsuite>\n</testsuites>\n"
}

/// Text as XML may hold it, within attributes too.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\n' | '\r' | '\t' => {
                let _ = write!(escaped, "&#{};", u32::from(character));
            }
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn junit_holds_any_text() {
        assert_eq!(escaped("a<b>&\"'\n\u{1}é"), "a&lt;b&gt;&amp;&quot;&apos;&#10;\u{fffd}é");
    }
}
