// SPDX-License-Identifier: MIT OR Apache-2.0
//! How names look: `kebab-case` for policies and rules, `snake_case` for keys, `dotted.codes` for
//! findings.

/// Longest name, bytes: as long as the contract lets a detector's be.
const MAX_NAME_BYTES: usize = 64;

/// Lower-case words and numbers joined by `-`.
#[must_use]
pub fn is_kebab_case(name: &str) -> bool {
    is_joined(name, '-', is_word)
}

/// Lower-case words and numbers joined by `_`.
#[must_use]
pub fn is_snake_case(name: &str) -> bool {
    is_joined(name, '_', is_word)
}

/// A finding's code such as `jpeg.grid.foreign`, or its first words and `.*`.
#[must_use]
pub fn is_finding_pattern(pattern: &str) -> bool {
    let is_prefix = pattern.ends_with(".*");
    let code = pattern.strip_suffix(".*").unwrap_or(pattern);
    is_joined(code, '.', |c| is_word(c) || c == '_') && (is_prefix || code.contains('.'))
}

fn is_word(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

fn is_joined(name: &str, separator: char, allowed: impl Fn(char) -> bool) -> bool {
    let is_whole = |word: &str| !word.is_empty() && word.chars().all(&allowed);
    name.len() <= MAX_NAME_BYTES && name.split(separator).all(is_whole)
}
