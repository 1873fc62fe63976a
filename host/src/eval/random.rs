// SPDX-License-Identifier: MIT OR Apache-2.0
//! Repeatable numbers from a seed.

/// SplitMix64 [Steele, Lea, Flood 2014]: the same numbers on every machine.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The sequence of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The sequence of a text, such as a file's digest and a purpose: FNV-1a of its bytes.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        // Offset basis and prime of FNV-1a, 64 bits [draft-eastlake-fnv].
        let mix = |hash: u64, &byte: &u8| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        Self(text.as_bytes().iter().fold(0xcbf2_9ce4_8422_2325, mix))
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number in `0.0..1.0`.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number in `low..high`.
    pub fn within(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A whole number in `0..count`, 0 for `count = 0`.
    pub fn below(&mut self, count: usize) -> usize {
        let count = count as u128;
        // The high half of a 64 x 64 bit product: uniform to 2^-64 of the count.
        ((u128::from(self.bits()) * count) >> 64) as usize
    }

    /// Near-normal, mean 0, deviation 1: the sum of twelve uniform numbers less six. No function of
    /// the system's library is in it, so it is the same everywhere.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}
