// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which samples an output sees.

use std::ops::Range;

/// A square window and how far it moves, with TensorFlow's "SAME" padding by zeros: `n` samples give
/// `ceil(n / stride)`, and where the padding is odd the larger part comes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// Side, odd, at least the stride.
    pub(super) side: usize,
    /// 1 or 2.
    pub(super) stride: usize,
}

impl Window {
    /// Samples that come of `length` samples.
    pub(super) fn output_length(self, length: usize) -> usize {
        length.div_ceil(self.stride)
    }

    /// Zeros before the first of `length` samples.
    pub(super) fn padding(self, length: usize) -> usize {
        let reach = (self.output_length(length).max(1) - 1) * self.stride + self.side;
        reach.saturating_sub(length) / 2
    }

    /// The part of the window at output sample `at` that lies within `length` samples, counted from
    /// the window's start, and the sample on which that part starts.
    pub(super) fn inside(self, at: usize, length: usize) -> (Range<usize>, usize) {
        let padding = self.padding(length);
        let first = padding.saturating_sub(at * self.stride);
        let start = (at * self.stride).saturating_sub(padding);
        let last = self.side.min(length + padding - at * self.stride);
        (first..last, start)
    }

    /// The output samples whose windows lie within `length` samples as a whole.
    pub(super) fn whole(self, length: usize) -> Range<usize> {
        let padding = self.padding(length);
        let first = padding.div_ceil(self.stride);
        let past_last = (length + padding + self.stride).saturating_sub(self.side) / self.stride;
        first..past_last.max(first)
    }

    /// The samples that the output samples `outputs` see, of `length`.
    pub(super) fn seen(self, outputs: Range<usize>, length: usize) -> Range<usize> {
        let padding = self.padding(length);
        let start = (outputs.start * self.stride).saturating_sub(padding);
        let end = (outputs.end.max(1) - 1) * self.stride + self.side;
        start..end.saturating_sub(padding).min(length)
    }
}

/// The rows of a map that one row of outputs sees.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sight<'a> {
    /// Rows of `width` samples, channels together.
    pub(super) values: &'a [i16],
    /// The row of the window on which the first of them lies.
    pub(super) first: usize,
    /// Samples of a row.
    pub(super) width: usize,
}

#[cfg(test)]
mod tests {
    use super::Window;

    #[test]
    fn odd_padding_is_larger_at_the_end() {
        // TensorFlow, "SAME": 8 samples, side 3, stride 2: 4 outputs reach 9 samples, one zero more.
        let three = Window { side: 3, stride: 2 };
        assert_eq!((three.output_length(8), three.padding(8)), (4, 0));
        assert_eq!(three.inside(3, 8), (0..2, 6));
        let five = Window { side: 5, stride: 2 };
        assert_eq!((five.output_length(8), five.padding(8)), (4, 1));
        assert_eq!(five.inside(0, 8), (1..5, 0));
        assert_eq!(five.inside(3, 8), (0..3, 5));
        assert_eq!((five.output_length(7), five.padding(7)), (4, 2));
    }

    #[test]
    fn windows_of_all_outputs_together_see_all_samples() {
        for (side, stride) in [(1, 1), (3, 1), (5, 1), (3, 2), (5, 2), (7, 2)] {
            let window = Window { side, stride };
            for length in 1..20 {
                let outputs = window.output_length(length);
                assert_eq!(window.seen(0..outputs, length), 0..length, "{window:?} {length}");
                for at in 0..outputs {
                    let (part, start) = window.inside(at, length);
                    assert_eq!(window.seen(at..at + 1, length), start..start + part.len());
                    let is_whole = window.whole(length).contains(&at);
                    assert_eq!(is_whole, part == (0..side), "{window:?} {length} {at}");
                }
            }
        }
    }
}
