// SPDX-License-Identifier: MIT OR Apache-2.0
//! One document over another, key by key; every value keeps the place where it is written.

use super::{Content, Entry, Node, Table};

/// Lays `upper` over `lower`.
///
/// Tables join key by key, at any depth. The arrays of tables named in `keyed` join by the text
/// under `name`: a table of a name that `lower` has replaces that table's keys one by one, each
/// whole; one of a new name is added. Everything else is replaced.
#[must_use]
pub fn overlay(lower: Node, upper: Node, keyed: &[&str]) -> Node {
    match (lower.content, upper.content) {
        (Content::Table(lower), Content::Table(over)) => {
            Node { place: upper.place, content: Content::Table(join(lower, over, keyed)) }
        }
        (_, content) => Node { place: upper.place, content },
    }
}

fn join(mut lower: Table, upper: Table, keyed: &[&str]) -> Table {
    for (name, over) in upper {
        let under = lower.remove(&name);
        let node = match under {
            None => over.node,
            Some(under) if keyed.contains(&name.as_str()) => by_name(under.node, over.node),
            Some(under) => overlay(under.node, over.node, keyed),
        };
        lower.insert(name, Entry { key: over.key, node });
    }
    lower
}

fn by_name(lower: Node, upper: Node) -> Node {
    let (mut tables, over) = match (lower.content, upper.content) {
        (Content::Array(lower), Content::Array(upper)) => (lower, upper),
        (_, content) => return Node { place: upper.place, content },
    };
    for node in over {
        let same = tables.iter_mut().find(|t| name_of(t).is_some() && name_of(t) == name_of(&node));
        match (same, node.content) {
            (Some(Node { content: Content::Table(under), place }), Content::Table(over)) => {
                under.extend(over);
                *place = node.place;
            }
            (_, content) => tables.push(Node { place: node.place, content }),
        }
    }
    Node { place: upper.place, content: Content::Array(tables) }
}

fn name_of(node: &Node) -> Option<&str> {
    node.as_table()?.get("name")?.node.as_text()
}
