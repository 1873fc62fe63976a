// SPDX-License-Identifier: MIT OR Apache-2.0
//! Random numbers that depend on a seed and nothing else.
//!
//! SplitMix64 [Steele, Lea, Flood 2014, *Fast splittable pseudorandom number generators*], in
//! integer and exact floating-point arithmetic only, so that it gives the same numbers everywhere.

/// Increment of the state: the odd integer nearest to 2^64 / golden ratio [Steele 2014, §5].
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The stream of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mixed(self.0)
    }

    /// Uniform within `0..1`.
    pub fn unit(&mut self) -> f64 {
        unit_from_bits(self.bits())
    }

    /// Uniform within `low..high`.
    pub fn within(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform within `0..count`; 0 for a count of 0.
    pub fn below(&mut self, count: usize) -> usize {
        (self.unit() * count as f64) as usize
    }

    /// Normal with mean 0 and variance 1 to within 0.003 of its distribution function: the sum of
    /// twelve uniforms less six, so never beyond 6 and free of library functions that differ
    /// between platforms.
    pub fn normal(&mut self) -> f64 {
        let mut sum = 0_u64;
        for _ in 0..3 {
            let bits = self.bits();
            sum +=
                (bits & 0xffff) + ((bits >> 16) & 0xffff) + ((bits >> 32) & 0xffff) + (bits >> 48);
        }
        // Each sixteen-bit part has mean 65535 / 2 and variance (65536² - 1) / 12.
        (sum as f64 - 6.0 * 65_535.0) / 65_536.0
    }
}

/// The random number that belongs to a place: the same for a seed and `(x, y)` whenever asked.
#[must_use]
pub fn at(seed: u64, x: usize, y: usize) -> Random {
    let place = mixed(seed ^ (x as u64).wrapping_mul(STEP));
    Random(mixed(place ^ (y as u64).wrapping_mul(0xd1b5_4a32_d192_ed03)))
}

/// Uniform within `0..1` from the upper 53 bits.
fn unit_from_bits(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

/// The output function of SplitMix64 [Steele 2014, figure 16, with Stafford's variant 13].
fn mixed(state: u64) -> u64 {
    let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_numbers_of_seed_1234567_are_the_published_ones() {
        // Test vector of the reference implementation of SplitMix64.
        let mut random = Random::new(1_234_567);
        let found = [random.bits(), random.bits(), random.bits()];
        let expected =
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!(found, expected);
    }

    #[test]
    fn normal_numbers_have_mean_0_and_variance_1() {
        let mut random = Random::new(5);
        let (mut sum, mut squares, count) = (0.0, 0.0, 200_000);
        for _ in 0..count {
            let value = random.normal();
            sum += value;
            squares += value * value;
        }
        let mean = sum / f64::from(count);
        // Four standard errors: 4 / sqrt(200000) and 4 sqrt(2 / 200000).
        assert!(mean.abs() < 0.009, "mean {mean}");
        let variance = squares / f64::from(count) - mean * mean;
        assert!((variance - 1.0).abs() < 0.013, "variance {variance}");
    }

    #[test]
    fn numbers_of_a_place_do_not_depend_on_when_they_are_asked() {
        assert_eq!(at(1, 2, 3).bits(), at(1, 2, 3).bits());
        assert_ne!(at(1, 2, 3).bits(), at(1, 3, 2).bits());
        assert_ne!(at(1, 2, 3).bits(), at(2, 2, 3).bits());
    }

    #[test]
    fn below_stays_below() {
        let mut random = Random::new(9);
        assert!((0..1000).all(|_| random.below(3) < 3));
        assert_eq!(random.below(0), 0);
    }
}
