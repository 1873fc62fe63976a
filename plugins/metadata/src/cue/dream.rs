// SPDX-License-Identifier: MIT OR Apache-2.0
//! Settings in the first form in which InvokeAI wrote them: the prompt in quotes, then the options of the
//! command that made the picture, `"a house" -s 50 -S 42 -W 512 -H 768 -C 7.5 -A k_lms`. Names and values
//! may also stand together (`-s50`). The prompt is left out.
//!
//! **Constants and their source.** Options as InvokeAI 1 and 2 and its predecessor `lstein/stable-diffusion`
//! write them.

use crate::text::shown_within;

/// Options that are settings, under the name by which they are shown, in the order in which they are shown.
const OPTIONS: &[(&str, char)] = &[
    ("steps", 's'),
    ("sampler", 'A'),
    ("cfg", 'C'),
    ("seed", 'S'),
    ("width", 'W'),
    ("height", 'H'),
];
/// Most options looked at.
const MAX_OPTIONS: usize = 64;
/// Longest value of an option, characters.
const MAX_VALUE_CHARS: usize = 40;

/// The settings behind the prompt: name and value.
pub(super) fn settings(text: &str) -> Vec<(&'static str, String)> {
    // A prompt may hold quotes and hyphens; the last quote ends it.
    let Some((_, options)) = text.rsplit_once('"') else { return Vec::new() };
    let mut found: Vec<(char, &str)> = Vec::new();
    let mut words = options.split_whitespace().take(MAX_OPTIONS).peekable();
    while let Some(word) = words.next() {
        let mut letters = word.strip_prefix('-').unwrap_or_default().chars();
        let Some(option) = letters.next() else { continue };
        let joined = letters.as_str();
        let value = match joined {
            "" => words.next_if(|next| !next.starts_with('-')).unwrap_or_default(),
            joined => joined,
        };
        if !value.is_empty() && found.iter().all(|(known, _)| *known != option) {
            found.push((option, value));
        }
    }
    let value = |wanted: char| found.iter().find(|(option, _)| *option == wanted);
    let shown = |value: &str| shown_within(value, MAX_VALUE_CHARS);
    OPTIONS.iter().filter_map(|(name, option)| Some((*name, shown(value(*option)?.1)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        let pairs: Vec<_> = settings(text).iter().map(|(n, v)| format!("{n} {v}")).collect();
        pairs.join(", ")
    }

    #[test]
    fn options_behind_the_prompt_are_read_apart_or_joined() {
        let expected = "steps 50, sampler k_lms, cfg 7.5, seed 42, width 512, height 768";
        assert_eq!(of("\"a house\" -s 50 -S 42 -W 512 -H 768 -C 7.5 -A k_lms"), expected);
        assert_eq!(of("\"a house\" -s50 -W512 -H768 -C7.5 -Ak_lms -S42 -G"), expected);
    }

    #[test]
    fn nothing_of_the_prompt_is_read() {
        assert_eq!(of("\"a -S sign \\\"quoted\\\" -s 9\" -s 50"), "steps 50");
        assert_eq!(of("a house -s 50 -S 42"), "");
        assert_eq!(of("\""), "");
    }
}
