// SPDX-License-Identifier: MIT OR Apache-2.0
//! Text from a file: decoded without trust, matched as it is, cleaned before a person sees it.

/// Longest text kept for matching, bytes. Declarations stand at the start of their text or are
/// much shorter; a longer text is cut.
pub(crate) const MAX_KEPT_BYTES: usize = 256 * 1024;
/// Longest text shown in a finding or attribute, characters.
pub(crate) const MAX_SHOWN_CHARS: usize = 120;

/// Decodes bytes as UTF-8, or as Latin-1 where they are not UTF-8; keeps [`MAX_KEPT_BYTES`].
pub(crate) fn decoded(bytes: &[u8]) -> String {
    let is_cut = bytes.len() > MAX_KEPT_BYTES;
    let bytes = bytes.get(..MAX_KEPT_BYTES).unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        // Cut within a character: what precedes is valid.
        Err(error) if is_cut && error.error_len().is_none() => {
            String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned()
        }
        Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
    }
}

/// Decodes UTF-16 whose byte order is told by where the zero bytes of Latin letters stand.
pub(crate) fn decoded_utf16(bytes: &[u8]) -> String {
    let bytes = bytes.get(..MAX_KEPT_BYTES).unwrap_or(bytes);
    let (pairs, _) = bytes.as_chunks::<2>();
    let zeros = |index: usize| pairs.iter().filter(|pair| pair[index] == 0).count();
    let little_endian = zeros(1) > zeros(0);
    let unit = |pair: &[u8; 2]| match little_endian {
        true => u16::from_le_bytes(*pair),
        false => u16::from_be_bytes(*pair),
    };
    char::decode_utf16(pairs.iter().map(unit))
        .map(|decoded| decoded.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// One line of at most `most` characters: white space collapsed, control and direction characters
/// removed, cut with an ellipsis.
pub(crate) fn shown_within(text: &str, most: usize) -> String {
    // Four times as many characters as are shown are looked at, so that a long text costs nothing.
    let looked_at = text.char_indices().nth(most.saturating_mul(4)).map_or(text.len(), |(i, _)| i);
    let visible: String = text[..looked_at]
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|&c| !is_hostile(c))
        .collect();
    let words: Vec<_> = visible.split(' ').filter(|word| !word.is_empty()).collect();
    let line = words.join(" ");
    if looked_at == text.len() && line.chars().count() <= most {
        return line;
    }
    let mut cut: String = line.chars().take(most.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// [`shown_within`] at the usual length.
pub(crate) fn shown(text: &str) -> String {
    shown_within(text, MAX_SHOWN_CHARS)
}

/// Whether a character can change how the text around it is displayed: controls, direction
/// overrides and isolates, zero-width characters, language tags, the replacement character.
fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffd}')
        || matches!(c, '\u{e0000}'..='\u{e007f}')
}

/// Whether `text` holds `words` (lower case) with no letter or digit right before or after.
pub(crate) fn has_words(text: &str, words: &str) -> bool {
    let text = text.to_lowercase();
    let is_edge = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
    text.match_indices(words).any(|(at, _)| {
        is_edge(text[..at].chars().next_back()) && is_edge(text[at + words.len()..].chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_direction_characters_never_reach_a_person() {
        let hostile = "\u{1b}[31mEvil\u{202e}txt.exe\u{0}\r\nnext\u{200b}line";
        assert_eq!(shown(hostile), "[31mEviltxt.exe nextline");
    }

    #[test]
    fn long_texts_are_cut_with_an_ellipsis() {
        let long = "a".repeat(100_000);
        let cut = shown(&long);
        assert_eq!(cut.chars().count(), MAX_SHOWN_CHARS);
        assert!(cut.ends_with('…'));
        assert_eq!(shown_within("abcd", 4), "abcd");
    }

    #[test]
    fn bytes_that_are_not_utf8_are_read_as_latin1() {
        assert_eq!(decoded(b"caf\xe9"), "café");
        assert_eq!(decoded("café".as_bytes()), "café");
    }

    #[test]
    fn the_byte_order_of_utf16_is_told_by_its_zeros() {
        assert_eq!(decoded_utf16(b"\0S\0t\0e\0p"), "Step");
        assert_eq!(decoded_utf16(b"S\0t\0e\0p\0"), "Step");
    }

    #[test]
    fn words_match_only_whole() {
        assert!(has_words("Adobe Firefly 2.0", "firefly"));
        assert!(!has_words("Gemini11", "gemini"));
        assert!(has_words("made by GEMINI.", "gemini"));
    }
}
