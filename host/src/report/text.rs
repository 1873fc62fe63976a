// SPDX-License-Identifier: MIT OR Apache-2.0
//! Texts from files and stored answers, made safe to show: bounded, and without characters that turn or
//! hide what stands beside them. Escaping is the template's.

use std::fmt::Write as _;

use serde_json::Value;

/// Most characters of a sentence.
pub(super) const SENTENCE: usize = 1_000;
/// Most characters of a name, a code or a short value.
pub(super) const SHORT: usize = 200;
/// Smallest number that is written out; those below have an exponent.
const SMALLEST_WRITTEN_OUT: f64 = 1e-3;
/// Largest number that is written out.
const LARGEST_WRITTEN_OUT: f64 = 1e9;

/// A text of unknown origin, at most `most` characters long. Line breaks become spaces; characters that
/// control the terminal, the line or the direction of writing are named instead of obeyed.
#[must_use]
pub fn shown(text: &str, most: usize) -> String {
    let mut out = String::new();
    for (n, c) in text.chars().enumerate() {
        if n == most {
            out.push('…');
            break;
        }
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            c if c.is_control() || steers(c) => {
                // A text can always be written to.
                let _ = write!(out, "⟨U+{:04X}⟩", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// Whether a character directs how others are shown (UAX 9; UTS 51, tags; UAX 14).
fn steers(c: char) -> bool {
    matches!(
        c,
        '\u{61c}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// A value as a person reads it.
#[must_use]
pub(super) fn value_words(value: &Value) -> String {
    match value {
        Value::Null => "not known".into(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::Number(number) => match number.as_f64() {
            Some(real) if number.is_f64() => number_words(real),
            _ => number.to_string(),
        },
        Value::String(text) => shown(text, SENTENCE),
        other => shown(&other.to_string(), SENTENCE),
    }
}

/// A number with four decimals at most, or with an exponent where it has none of them.
fn number_words(number: f64) -> String {
    let size = number.abs();
    if number != 0.0 && !(SMALLEST_WRITTEN_OUT..LARGEST_WRITTEN_OUT).contains(&size) {
        return format!("{number:.2e}");
    }
    let text = format!("{number:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        "0".into()
    } else {
        text.into()
    }
}

/// A value whose texts are safe to show, nested at most `depth` deep.
pub(super) fn tame(value: &Value, depth: usize) -> Value {
    /// Most entries of a list or an object.
    const ENTRIES: usize = 64;
    match value {
        Value::String(text) => shown(text, SENTENCE).into(),
        Value::Array(_) | Value::Object(_) if depth == 0 => "…".into(),
        Value::Array(items) => {
            items.iter().take(ENTRIES).map(|item| tame(item, depth - 1)).collect()
        }
        Value::Object(fields) => {
            let field =
                |(name, value): (&String, &Value)| (shown(name, SHORT), tame(value, depth - 1));
            Value::Object(fields.iter().take(ENTRIES).map(field).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_steers_the_reader_is_named_and_not_obeyed() {
        assert_eq!(shown("a\u{202e}gpj.exe", 99), "a⟨U+202E⟩gpj.exe");
        assert_eq!(shown("one\r\ntwo\u{1b}[31m", 99), "one  two⟨U+001B⟩[31m");
        assert_eq!(shown("שלום Ünï", 99), "שלום Ünï");
    }

    #[test]
    fn long_texts_end_with_an_ellipsis_at_a_whole_character() {
        assert_eq!(shown("äöüß", 3), "äöü…");
        assert_eq!(shown("äöü", 3), "äöü");
    }

    #[test]
    fn values_read_as_words() {
        let words = |value| value_words(&value);
        assert_eq!(words(json!(null)), "not known");
        assert_eq!(words(json!(true)), "yes");
        assert_eq!(words(json!(0.25)), "0.25");
        assert_eq!(words(json!(-0.000_000_01)), "-1.00e-8");
        assert_eq!(words(json!(3.0)), "3");
        assert_eq!(words(json!(12)), "12");
        assert_eq!(words(json!({"a": "b"})), "{\"a\":\"b\"}");
    }

    #[test]
    fn nested_values_are_cut_off_below_their_depth() {
        assert_eq!(tame(&json!([[["a\u{202e}"]]]), 2), json!([["…"]]));
        assert_eq!(tame(&json!([["a\u{202e}"]]), 2), json!([["a⟨U+202E⟩"]]));
    }
}
