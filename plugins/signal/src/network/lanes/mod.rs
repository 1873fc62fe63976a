// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sixteen sums of products at once, by the instructions that the processor has.
//!
//! A kernel is written once, over [`Lanes`]; [`lanes_dispatch`] compiles it for
//! each set of instructions. Products of 16-bit numbers are added up in 32 bits, two at a time
//! ("pairs"), and nothing is rounded or overflows on the way, so all sets give the same bits.
//!
//! *Order.* The sums of sixteen channels lie in the order [`ORDER`], in which the instructions that
//! interleave two vectors leave them; biases, factors and weights that come in pairs are kept so
//! ([`ordered`]). Inputs and outputs are in the order of the channels.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod portable;
#[cfg(target_arch = "x86_64")]
mod sse2;

#[cfg(target_arch = "x86_64")]
pub(super) use avx2::Avx2;
#[cfg(target_arch = "x86_64")]
pub(super) use avx512::Avx512;
pub(super) use portable::Portable;
#[cfg(target_arch = "x86_64")]
pub(super) use sse2::Sse2;

/// Sums that are computed at once.
pub(super) const WIDTH: usize = 16;
/// The channel whose sum lies at each place.
const ORDER: [usize; WIDTH] = [0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15];

/// Two weights or inputs of each channel, in [`ORDER`].
pub(super) type WeightPairs = [[i16; 2]; WIDTH];

/// What each channel has, given in the order of the channels, in [`ORDER`].
pub(super) fn ordered<T: Copy>(values: [T; WIDTH]) -> [T; WIDTH] {
    ORDER.map(|channel| values[channel])
}

/// How a sum becomes an output.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ending<'a> {
    /// What each sum is multiplied with, in [`ORDER`]; above 0.
    pub(super) factors: &'a [f32; WIDTH],
    /// The least and the largest output.
    pub(super) limits: [i16; 2],
}

/// A set of instructions. A value of a type that implements it is proof that the processor has them.
pub(super) trait Lanes: Copy {
    /// Sixteen sums.
    type Sums: Copy;
    /// Two numbers for each of them.
    type Pairs: Copy;

    /// Sums that start at `biases`, which are in [`ORDER`].
    fn start(self, biases: &[i32; WIDTH]) -> Self::Sums;
    /// For each channel the number in `first` and that in `second`.
    fn interleaved(self, first: &[i16; WIDTH], second: &[i16; WIDTH]) -> Self::Pairs;
    /// The same two numbers for each sum.
    fn repeated(self, pair: [i16; 2]) -> Self::Pairs;
    /// As they are.
    fn weights(self, weights: &WeightPairs) -> Self::Pairs;
    /// Adds the two products of each pair.
    fn add(self, sums: Self::Sums, values: Self::Pairs, weights: Self::Pairs) -> Self::Sums;
    /// Each sum as [`held`] gives it, in the order of the channels.
    fn end(self, sums: Self::Sums, ending: Ending<'_>) -> [i16; WIDTH];
}

/// A sum times its factor, held within `limits` and rounded, halves to the even neighbour.
#[inline(always)]
pub(super) fn held(sum: i32, factor: f32, [least, largest]: [i16; 2]) -> i16 {
    nearest((sum as f32 * factor).max(f32::from(least)).min(f32::from(largest)))
}

/// The nearest whole number, of halves the even one, of a number within the range of `i16`.
#[inline(always)]
pub(super) fn nearest(value: f32) -> i16 {
    // 1.5 * 2^23: numbers of this size have no fraction, so the sum is rounded to a whole one, which is
    // its last bits. It becomes vectors on every processor, as `round_ties_even` does not.
    const WHOLE: f32 = 12_582_912.0;
    (value + WHOLE).to_bits().wrapping_sub(WHOLE.to_bits()) as i16
}

/// The instructions that networks are run with; all give the same bits.
#[derive(Clone, Copy, Debug)]
pub struct Instructions(pub(super) Kind);

#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Portable(Portable),
    #[cfg(target_arch = "x86_64")]
    Sse2(Sse2),
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
}

impl Instructions {
    /// The fastest that this processor has.
    #[must_use]
    pub fn detect() -> Self {
        Self::all().last().copied().unwrap_or_else(Self::portable)
    }

    /// Those of plain loops, for every processor.
    #[must_use]
    pub fn portable() -> Self {
        Self(Kind::Portable(Portable))
    }

    /// All that this processor has, the slowest first.
    #[must_use]
    pub fn all() -> Vec<Self> {
        #[cfg(target_arch = "x86_64")]
        let others = [
            Some(Kind::Sse2(Sse2)),
            Avx2::detect().map(Kind::Avx2),
            Avx512::detect().map(Kind::Avx512),
        ];
        #[cfg(not(target_arch = "x86_64"))]
        let others: [Option<Kind>; 0] = [];
        let others = others.into_iter().flatten().map(Self);
        std::iter::once(Self::portable()).chain(others).collect()
    }

    /// What they are called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.0 {
            Kind::Portable(_) => "plain loops",
            #[cfg(target_arch = "x86_64")]
            Kind::Sse2(_) => "SSE2",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2(_) => "AVX2",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512(_) => "AVX-512 VNNI",
        }
    }
}

/// Defines `fn name(instructions: Instructions, arguments)` that runs
/// `kernel::<_, BLOCK>(lanes, arguments)` compiled for those instructions; `BLOCK` is how many rows or
/// samples are computed together, for which there are registers enough. The kernel must be
/// `#[inline(always)]`.
macro_rules! lanes_dispatch {
    ($(#[$attribute:meta])* fn $name:ident($($argument:ident: $type:ty),* $(,)?) = $kernel:ident) => {
        $(#[$attribute])*
        fn $name(instructions: $crate::network::Instructions, $($argument: $type),*) {
            use $crate::network::lanes::Kind;
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2")]
            fn with_avx2(lanes: $crate::network::lanes::Avx2, $($argument: $type),*) {
                $kernel::<_, 4>(lanes, $($argument),*);
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl,avx512vnni")]
            fn with_avx512(lanes: $crate::network::lanes::Avx512, $($argument: $type),*) {
                $kernel::<_, 8>(lanes, $($argument),*);
            }
            match instructions.0 {
                Kind::Portable(lanes) => $kernel::<_, 4>(lanes, $($argument),*),
                #[cfg(target_arch = "x86_64")]
                Kind::Sse2(lanes) => $kernel::<_, 2>(lanes, $($argument),*),
                // SAFETY: the body is safe code; the only requirement of the call is that the
                // processor has the instructions, of which `lanes` is proof.
                #[cfg(target_arch = "x86_64")]
                #[allow(unsafe_code)]
                Kind::Avx2(lanes) => unsafe { with_avx2(lanes, $($argument),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                #[allow(unsafe_code)]
                Kind::Avx512(lanes) => unsafe { with_avx512(lanes, $($argument),*) },
            }
        }
    };
}
pub(super) use lanes_dispatch;

#[cfg(test)]
mod tests {
    use super::{held, nearest};

    #[test]
    fn halves_go_to_the_even_neighbour() {
        for (value, whole) in [
            (0.5, 0),
            (1.5, 2),
            (2.499, 2),
            (-0.5, 0),
            (-1.5, -2),
            (-2.6, -3),
            (32767.0, 32767),
            (-32768.0, -32768),
        ] {
            assert_eq!(nearest(value), whole, "{value}");
        }
    }

    #[test]
    fn a_sum_is_held_within_its_limits() {
        assert_eq!(held(1000, 0.25, [0, 6144]), 250);
        assert_eq!(held(-1000, 0.25, [0, 6144]), 0);
        assert_eq!(held(i32::MAX, 1.0, [0, 6144]), 6144);
        assert_eq!(held(i32::MAX, f32::MAX, [i16::MIN, i16::MAX]), i16::MAX);
        assert_eq!(held(i32::MIN, f32::MAX, [i16::MIN, i16::MAX]), i16::MIN);
    }
}
