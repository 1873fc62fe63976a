// SPDX-License-Identifier: MIT OR Apache-2.0
//! What every page has: title, the way around, who is signed in, what was just done.

use super::assets;
use crate::store::{ApiKey, Scope};

/// A page that the navigation leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Start,
    Analyses,
    Batches,
    Policies,
    Keys,
    Usage,
    Webhooks,
    Plugins,
    Audit,
}

/// Each place with its address, name and the scope that it needs.
const PLACES: &[(Place, &str, &str, Scope)] = &[
    (Place::Start, "/", "Start", Scope::Admin),
    (Place::Analyses, "/analyses", "Analyses", Scope::Read),
    (Place::Batches, "/batches", "Batches", Scope::Read),
    (Place::Policies, "/policies", "Policies", Scope::Read),
    (Place::Keys, "/keys", "Keys", Scope::Admin),
    (Place::Usage, "/usage", "Usage", Scope::Read),
    (Place::Webhooks, "/webhooks", "Webhooks", Scope::Admin),
    (Place::Plugins, "/plugins", "Plugins", Scope::Read),
    (Place::Audit, "/audit", "Audit log", Scope::Admin),
];

/// Things that may just have been done, by the word in the address, with what the page says then. Only
/// these are said, so that nobody can put words of his own on a page by a link.
const DONE: &[(&str, &str)] = &[
    ("signed-out", "You are signed out."),
    ("restricted", "The key is restricted. It holds from now on."),
    ("revoked", "The key is revoked. It is refused from now on."),
    ("sent-again", "The message is sent again, from the start of the schedule."),
];

/// What every page has.
pub(super) struct Layout {
    pub(super) title: String,
    /// The way around; empty where nobody is signed in.
    pub(super) links: Vec<Link>,
    /// Who is signed in.
    pub(super) who: Option<Who>,
    /// What was just done.
    pub(super) done: Option<&'static str>,
}

/// One entry of the navigation.
pub(super) struct Link {
    pub(super) address: &'static str,
    pub(super) name: &'static str,
    pub(super) is_current: bool,
}

/// Who is signed in.
pub(super) struct Who {
    pub(super) organisation: String,
    /// The key's name.
    pub(super) key: String,
    /// What every form of the session has to send.
    pub(super) token: String,
}

impl Layout {
    /// That of a page for everybody.
    pub(super) fn bare(title: impl Into<String>) -> Self {
        Self { title: title.into(), links: Vec::new(), who: None, done: None }
    }

    /// That of a page for somebody who is signed in with a key; `place` is the one that it belongs to.
    pub(super) fn of(title: impl Into<String>, key: &ApiKey, token: &str, place: Place) -> Self {
        let may = |needed: &Scope| key.scopes.contains(needed);
        let links = PLACES.iter().filter(|(_, _, _, needed)| may(needed));
        let link = |&(of, address, name, _): &(Place, &'static str, &'static str, Scope)| Link {
            address,
            name,
            is_current: of == place,
        };
        Self {
            title: title.into(),
            links: links.map(link).collect(),
            who: Some(Who {
                organisation: key.organisation.to_string(),
                key: key.id.clone(),
                token: token.to_owned(),
            }),
            done: None,
        }
    }

    /// Says what was just done, by its word.
    pub(super) fn just(mut self, word: Option<&str>) -> Self {
        let found = DONE.iter().find(|(known, _)| Some(*known) == word);
        self.done = found.map(|(_, text)| *text);
        self
    }

    /// Where an asset is.
    pub(super) fn asset(&self, name: &str) -> String {
        assets::address(name)
    }

    /// What a form has to send.
    pub(super) fn token(&self) -> &str {
        self.who.as_ref().map_or("", |who| who.token.as_str())
    }
}
