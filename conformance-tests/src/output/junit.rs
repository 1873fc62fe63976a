// SPDX-License-Identifier: MIT OR Apache-2.0
//! JUnit XML, as continuous integration reads it.

use std::fmt::Write as _;

use super::Report;
use crate::case::Status;
use crate::kit;

/// Everything as JUnit XML.
#[must_use]
pub fn junit(report: &Report<'_>) -> String {
    let count = |status: Status| report.shown().filter(|outcome| outcome.status == status).count();
    let [failed, crashed, skipped] = [Status::Failed, Status::Crashed, Status::Skipped].map(count);
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite \
         name=\"assay-conformance {}\" tests=\"{}\" failures=\"{failed}\" errors=\"{crashed}\" \
         skipped=\"{skipped}\">\n<properties>\n",
        kit::VERSION,
        report.shown().count()
    );
    let seed = report.seed.to_string();
    for (name, value) in
        [("conformance", kit::VERSION), ("subject", report.identity.name()), ("seed", &seed)]
    {
        let _ = writeln!(xml, "<property name=\"{name}\" value=\"{}\"/>", escaped(value));
    }
    xml += "</properties>\n";
    for outcome in report.shown() {
        let about = &outcome.about;
        let (message, seconds) = (escaped(&outcome.message), outcome.duration_ms as f64 / 1000.0);
        let _ = write!(
            xml,
            "<testcase classname=\"{}.{}\" name=\"{}\" time=\"{seconds:.3}\">",
            about.subject, about.group, about.id
        );
        let rule = format!("{}\n{}", about.description, about.clause);
        let rule = escaped(&rule);
        let _ = match outcome.status {
            Status::Success => Ok(()),
            Status::Skipped => write!(xml, "<skipped message=\"{message}\"/>"),
            Status::Failed => write!(xml, "<failure message=\"{message}\">{rule}</failure>"),
            Status::Crashed => write!(xml, "<error message=\"{message}\">{rule}</error>"),
            Status::Warning => write!(xml, "<system-out>{message}</system-out>"),
        };
        xml += "</testcase>\n";
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
