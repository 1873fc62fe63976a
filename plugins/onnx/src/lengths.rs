// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether the lengths in an ONNX file are those of what is there.
//!
//! rten 0.27 makes room for as many bytes as a field says that it has, and looks only then whether they are there: a file
//! of some bytes that promises exabytes ended the process. Fields of fields are not held against the field around them
//! either, so all that it reads is walked here first, by the message that each field is [onnx.proto].

/// Deepest messages within messages: a network in a branch of a network in a branch has twelve.
const MOST_DEPTH: usize = 48;

/// What a message is, as far as it holds messages that are read.
#[derive(Clone, Copy)]
enum Message {
    Model,
    Graph,
    Node,
    Attribute,
    Tensor,
    Value,
    Type,
    TensorType,
    Sequence,
    Shape,
    /// One of numbers and texts.
    Plain,
}

impl Message {
    /// The message that a field of it is; none for numbers and texts.
    fn field(self, number: u64) -> Option<Self> {
        Some(match (self, number) {
            (Self::Model, 7) | (Self::Attribute, 6) => Self::Graph,
            (Self::Model, 8 | 14) | (Self::Tensor, 13) | (Self::Shape, 1) => Self::Plain,
            (Self::Graph, 1) => Self::Node,
            (Self::Graph, 5) | (Self::Attribute, 5) => Self::Tensor,
            (Self::Graph, 11..=13) => Self::Value,
            (Self::Node, 5) => Self::Attribute,
            (Self::Value, 2) | (Self::Sequence, 1) => Self::Type,
            (Self::Type, 1) => Self::TensorType,
            (Self::Type, 4) => Self::Sequence,
            (Self::TensorType, 2) => Self::Shape,
            _ => return None,
        })
    }
}

/// Whether every field of a file ends where what is around it ends, or before.
pub(crate) fn are_right(file: &[u8]) -> bool {
    walk(file, Message::Model, MOST_DEPTH).is_some()
}

/// Walks a message; none where a field is longer than what is left of it.
fn walk(mut rest: &[u8], message: Message, depth: usize) -> Option<()> {
    let depth = depth.checked_sub(1)?;
    while !rest.is_empty() {
        let tag = number(&mut rest)?;
        // [protobuf.dev/programming-guides/encoding]
        let length = match tag & 7 {
            0 => {
                number(&mut rest)?;
                continue;
            }
            1 => 8,
            2 => usize::try_from(number(&mut rest)?).ok()?,
            5 => 4,
            _ => return None,
        };
        let (field, behind) = rest.split_at_checked(length)?;
        rest = behind;
        if let Some(inner) = message.field(tag >> 3).filter(|_| tag & 7 == 2) {
            walk(field, inner, depth)?;
        }
    }
    Some(())
}

/// A number of seven bits a byte, the lowest first.
fn number(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..70).step_by(7) {
        let (byte, behind) = rest.split_first()?;
        *rest = behind;
        value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &[u8] = include_bytes!("../tests/models/plain.onnx");

    #[test]
    fn networks_that_are_whole_are_right_and_cut_ones_are_not() {
        let others = [
            &include_bytes!("../tests/models/attentive.onnx")[..],
            include_bytes!("../tests/models/residual.onnx"),
        ];
        assert!(are_right(PLAIN) && others.into_iter().all(are_right));
        let cut = (1..PLAIN.len()).filter(|&length| !are_right(&PLAIN[..length])).count();
        // A file that ends between two fields of the outermost message is whole.
        assert!(cut > PLAIN.len() - 8, "{cut} of {}", PLAIN.len());
    }

    #[test]
    fn a_field_that_promises_more_than_there_is_is_found_at_any_depth() {
        // The producer's name; the graph's first node's first input; an attribute's tensor's raw data.
        let promised = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
        for road in [&[][..], &[0x3a, 0x0a], &[0x3a, 0x0a, 0x2a, 0x2a]] {
            let mut file = [&[0x12][..], &promised].concat();
            for tag in road.iter().rev() {
                file = [&[*tag, u8::try_from(file.len()).unwrap()][..], &file].concat();
            }
            assert!(!are_right(&file), "{file:?}");
        }
    }

    /// A graph whose node's attribute is a graph, and so on.
    fn nested(graphs: usize) -> Vec<u8> {
        let mut file = Vec::new();
        for tag in [0x32, 0x2a, 0x0a].into_iter().cycle().take(3 * graphs).chain([0x3a]) {
            let mut length = file.len();
            let mut head = vec![tag];
            while length > 0x7f {
                head.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
                length >>= 7;
            }
            head.push(u8::try_from(length).unwrap());
            file = [head, file].concat();
        }
        file
    }

    #[test]
    fn messages_within_messages_end() {
        assert!(are_right(&nested(5)));
        assert!(!are_right(&nested(20)));
    }
}
