// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lists a page at a time: links that carry on what was asked for.

use std::fmt::Write as _;

use askama::filters::urlencode_strict;

/// Entries of one page.
pub(super) const PAGE: u32 = 25;

/// Where a list goes on, and where it begins.
pub(super) struct Pages {
    /// What is older; none at the end.
    pub(super) older: Option<String>,
    /// The newest; none where they are shown.
    pub(super) newest: Option<String>,
}

impl Pages {
    /// Those of a list at `path` of which `fields` are asked for. `next` is the cursor behind this page,
    /// and `is_first` whether it is the first one.
    pub(super) fn of(path: &str, fields: &Fields<'_>, next: Option<&str>, is_first: bool) -> Self {
        Self {
            older: next.map(|next| link(path, fields, Some(next))),
            newest: (!is_first).then(|| link(path, fields, None)),
        }
    }
}

/// What is asked of a list: names with their texts, where there are any.
pub(super) type Fields<'a> = [(&'a str, Option<&'a str>)];

fn link(path: &str, fields: &Fields<'_>, cursor: Option<&str>) -> String {
    let mut link = path.to_owned();
    let cursor = [("cursor", cursor)];
    let given = fields.iter().chain(&cursor).filter_map(|&(name, text)| Some((name, text?)));
    for (index, (name, text)) in given.enumerate() {
        link.push(if index == 0 { '?' } else { '&' });
        let Ok(text) = urlencode_strict(text);
        let _ = write!(link, "{name}={text}");
    }
    link
}

/// Whether a page of so many entries is full, so that there may be another.
pub(super) fn is_full(entries: usize) -> bool {
    u32::try_from(entries).is_ok_and(|entries| entries >= PAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_is_carried_on() {
        let fields = [("q", Some("a&b=c")), ("risk", None)];
        let pages = Pages::of("/analyses", &fields, Some("c9"), false);
        assert_eq!(pages.older.as_deref(), Some("/analyses?q=a%26b%3Dc&cursor=c9"));
        assert_eq!(pages.newest.as_deref(), Some("/analyses?q=a%26b%3Dc"));
        let pages = Pages::of("/audit", &[], None, true);
        assert_eq!((pages.older, pages.newest), (None, None));
    }
}
