// SPDX-License-Identifier: MIT OR Apache-2.0
//! XMP [ISO 16684-1:2019]: every property with a text becomes a statement under its usual prefix.
//! No document type definition and so no entities; size and number of nodes are bounded.

use std::borrow::Cow;

use roxmltree::{Document, Error, Node, ParsingOptions};

use crate::account::{Place, Statement, Statements};

/// Longest packet that is parsed, bytes.
const MAX_PACKET_BYTES: usize = 1024 * 1024;
/// Most nodes of a packet.
const MAX_NODES: u32 = 50_000;
/// Most prefixes that are used without a declaration and declared here.
const MAX_UNDECLARED: usize = 4;
/// Most levels walked up to find the property that owns a text.
const MAX_LEVELS: usize = 16;

const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Namespaces by the prefix under which the cues know them [ISO 16684-1 §8; XMP Part 2; IPTC Photo
/// Metadata Standard 2023.2; TC260 for the Chinese label]. Files may use any prefix.
const NAMESPACES: &[(&str, &str)] = &[
    ("http://purl.org/dc/elements/1.1/", "dc"),
    ("http://purl.org/dc/terms/", "dcterms"),
    ("http://ns.adobe.com/xap/1.0/", "xmp"),
    ("http://ns.adobe.com/xap/1.0/mm/", "xmpMM"),
    ("http://ns.adobe.com/xap/1.0/sType/ResourceEvent#", "stEvt"),
    ("http://ns.adobe.com/xap/1.0/sType/ResourceRef#", "stRef"),
    ("http://ns.adobe.com/photoshop/1.0/", "photoshop"),
    ("http://ns.adobe.com/camera-raw-settings/1.0/", "crs"),
    ("http://ns.adobe.com/tiff/1.0/", "tiff"),
    ("http://ns.adobe.com/exif/1.0/", "exif"),
    ("http://iptc.org/std/Iptc4xmpExt/2008-02-29/", "Iptc4xmpExt"),
    ("http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/", "Iptc4xmpCore"),
    ("http://www.tc260.org.cn/ns/AIGC/1.0/", "TC260"),
];

/// Reads a packet; false where it is no XML or holds no RDF.
pub(crate) fn read(packet: &[u8], statements: &mut Statements) -> bool {
    let Some(packet) = packet.get(..packet.len().min(MAX_PACKET_BYTES)) else { return false };
    let text = String::from_utf8_lossy(packet);
    let text = text.trim_matches(|c: char| c == '\0' || c == '\u{feff}' || c.is_whitespace());
    let mut text = Cow::Borrowed(text);
    for _ in 0..MAX_UNDECLARED {
        let Err(Error::UnknownNamespace(prefix, _)) = parsed(&text) else { break };
        let Some(declared) = with_prefix(&text, &prefix) else { break };
        text = Cow::Owned(declared);
    }
    let Ok(document) = parsed(&text) else { return false };
    let is_rdf = |node: &Node<'_, '_>| node.tag_name().namespace() == Some(RDF);
    if !document.descendants().any(|node| is_rdf(&node)) {
        return false;
    }
    for node in document.descendants() {
        if statements.is_full() {
            break;
        }
        say(node, statements);
    }
    true
}

fn parsed(text: &str) -> Result<Document<'_>, Error> {
    let options = ParsingOptions { nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(text, options)
}

/// The packet with a prefix declared that it uses without: by its usual meaning, or none.
fn with_prefix(text: &str, prefix: &str) -> Option<String> {
    let usual = NAMESPACES.iter().find(|(_, known)| *known == prefix);
    let namespace = usual.map_or("urn:undeclared", |(uri, _)| *uri);
    let is_name = |at: &usize| {
        let first = text.get(at + 1..).and_then(|rest| rest.chars().next());
        first.is_some_and(char::is_alphabetic)
    };
    let start = text.match_indices('<').map(|(at, _)| at).find(is_name)?;
    let after = text.get(start..)?.find(|c: char| c.is_whitespace() || c == '>' || c == '/')?;
    let (head, rest) = text.split_at_checked(start + after)?;
    Some(format!("{head} xmlns:{prefix}='{namespace}'{rest}"))
}

/// Adds what a node says: its attributes, or the text that it is.
fn say(node: Node<'_, '_>, statements: &mut Statements) {
    if let Some(text) = node.text().filter(|text| node.is_text() && !text.trim().is_empty()) {
        if let Some(key) = owner(node) {
            statements.push(Statement::new(Place::Xmp, key, text.trim()));
        }
    }
    for attribute in node.attributes() {
        let key = match attribute.namespace() {
            Some(RDF) if attribute.name() == "resource" => owner(node),
            Some(RDF | XML) => None,
            namespace => name(namespace, attribute.name()),
        };
        if let Some(key) = key.filter(|_| !attribute.value().trim().is_empty()) {
            statements.push(Statement::new(Place::Xmp, key, attribute.value().trim()));
        }
    }
}

/// The nearest element that is a property and not a part of RDF: `dc:creator` for the text in
/// `<dc:creator><rdf:Seq><rdf:li>…`.
fn owner(node: Node<'_, '_>) -> Option<String> {
    let mut levels = node.ancestors().take(MAX_LEVELS).filter(Node::is_element);
    let property = levels.find(|level| level.tag_name().namespace() != Some(RDF))?;
    name(property.tag_name().namespace(), property.tag_name().name())
}

/// `prefix:name` for a known namespace; the bare name for another one.
fn name(namespace: Option<&str>, name: &str) -> Option<String> {
    let namespace = namespace?;
    let known = NAMESPACES.iter().find(|(uri, _)| *uri == namespace);
    // The label's namespace is written in several ways; its host is always the same.
    let prefix = match known {
        Some((_, prefix)) => prefix,
        None if namespace.contains("tc260.org.cn") => "TC260",
        None => return Some(name.to_owned()),
    };
    Some(format!("{prefix}:{name}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::synth::{xmp_packet, TEST_XMP};

    fn read_all(packet: &[u8]) -> (bool, Statements) {
        let mut statements = Statements::default();
        (read(packet, &mut statements), statements)
    }

    #[test]
    fn attributes_elements_lists_and_resources_become_statements() {
        let packet = xmp_packet(
            r#"<rdf:Description rdf:about="" xmlns:other="http://ns.adobe.com/xap/1.0/"
                 other:CreatorTool="Tool 1">
               <dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:Seq>
                 <rdf:li>A</rdf:li><rdf:li>B</rdf:li></rdf:Seq></dc:creator>
               <i:DigitalSourceType xmlns:i="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
                 rdf:resource="http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"/>
               </rdf:Description>"#,
        );
        let (present, statements) = read_all(packet.as_bytes());
        assert!(present);
        assert_eq!(statements.find(Place::Xmp, "xmp:CreatorTool"), Some("Tool 1"));
        assert_eq!(statements.find(Place::Xmp, "dc:creator"), Some("A"));
        assert_eq!(statements.iter().filter(|s| s.key == "dc:creator").count(), 2);
        let kind = statements.find(Place::Xmp, "Iptc4xmpExt:DigitalSourceType").unwrap();
        assert!(kind.ends_with("/digitalCapture"));
    }

    #[test]
    fn entities_are_refused() {
        let bomb = format!(
            "<!DOCTYPE x [<!ENTITY a \"aaaa\">]>{}",
            std::str::from_utf8(TEST_XMP).unwrap().replace("Test tool", "&a;")
        );
        assert!(!read_all(bomb.as_bytes()).0);
        assert!(read_all(TEST_XMP).0);
    }

    #[test]
    fn deep_nesting_and_many_nodes_end() {
        let deep = xmp_packet(&"<a>".repeat(200_000));
        assert!(!read_all(deep.as_bytes()).0);
        let wide = xmp_packet(&"<a/>".repeat(100_000));
        assert!(!read_all(wide.as_bytes()).0);
        let closed = xmp_packet(&("<a>".repeat(40_000) + &"</a>".repeat(40_000)));
        read_all(closed.as_bytes());
    }

    #[test]
    fn a_prefix_without_a_declaration_has_its_usual_meaning() {
        let packet = xmp_packet("<rdf:Description xmp:CreatorTool='Tool 2' odd:thing='x'/>");
        let (present, statements) = read_all(packet.as_bytes());
        assert!(present);
        assert_eq!(statements.find(Place::Xmp, "xmp:CreatorTool"), Some("Tool 2"));
        let many: String = (0..9).map(|i| format!(" p{i}:a='x'")).collect();
        assert!(!read_all(xmp_packet(&format!("<rdf:Description{many}/>")).as_bytes()).0);
    }

    #[test]
    fn other_xml_is_no_xmp() {
        assert!(!read_all(b"<svg/>").0);
        assert!(!read_all(b"").0);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            read_all(&bytes);
            read_all(&[TEST_XMP, &bytes].concat());
        }

        #[test]
        fn a_packet_with_changed_bytes_never_makes_the_reader_panic(
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        ) {
            let mut packet = TEST_XMP.to_vec();
            for (index, byte) in changes {
                let at = index.index(packet.len());
                packet[at] = byte;
            }
            read_all(&packet);
        }
    }
}
