// SPDX-License-Identifier: MIT OR Apache-2.0
//! Small pictures of any size and content.

use proptest::prelude::*;

use crate::evidence::{Given, INPUTS};
use crate::fixtures::noise;
use crate::synth::{random, Picture, Scene};

/// What the pixels show.
#[derive(Clone, Copy, Debug)]
pub(super) enum Content {
    /// One colour.
    Flat([u8; 3]),
    /// Random samples.
    Noise(u64),
    /// Black with one white pixel in so many.
    Sparse(u64, usize),
    /// A ramp with a slope for each axis.
    Ramp(u8, u8),
    /// Stripes of a width, along or across.
    Stripes(usize, bool),
    /// A scene without noise.
    Scene(u64),
    /// Noise of two neighbouring levels.
    Dither(u64, u8),
}

/// One picture and how it is lent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recipe {
    width: usize,
    height: usize,
    content: Content,
    padding: usize,
    /// Number of a class of evidence that is not lent; beyond the last: all are.
    without: usize,
}

pub(super) fn strategy() -> impl Strategy<Value = Recipe> {
    let content = prop_oneof![
        any::<[u8; 3]>().prop_map(Content::Flat),
        any::<u64>().prop_map(Content::Noise),
        (any::<u64>(), 2_usize..200).prop_map(|(seed, one_in)| Content::Sparse(seed, one_in)),
        any::<(u8, u8)>().prop_map(|(x, y)| Content::Ramp(x, y)),
        (1_usize..20, any::<bool>()).prop_map(|(width, along)| Content::Stripes(width, along)),
        any::<u64>().prop_map(Content::Scene),
        (any::<u64>(), 0_u8..255).prop_map(|(seed, level)| Content::Dither(seed, level)),
    ];
    let whole = INPUTS.len();
    // Small sides are where geometry breaks; the others let detectors that need more px score.
    let side = || prop_oneof![3 => 1_usize..=96, 1 => 97_usize..=300];
    (side(), side(), content, 0_usize..20, 0..3 * whole).prop_map(
        |(width, height, content, padding, without)| Recipe {
            width,
            height,
            content,
            padding,
            without,
        },
    )
}

impl Recipe {
    pub(super) fn make(&self) -> Given {
        let picture = self.content.draw(self.width, self.height);
        let mut given = Given::of_picture(&picture);
        given.set_planes(&picture, self.padding);
        if let Some(&input) = INPUTS.get(self.without) {
            given.remove(input);
        }
        given
    }
}

impl Content {
    fn draw(self, width: usize, height: usize) -> Picture {
        let draw = |level: &dyn Fn(usize, usize) -> u8| {
            Picture::from_fn(width, height, |x, y| [level(x, y); 3])
        };
        match self {
            Self::Flat(colour) => Picture::from_fn(width, height, |_, _| colour),
            Self::Noise(seed) => noise(seed, width, height),
            Self::Sparse(seed, one_in) => draw(&|x, y| {
                if random::at(seed, x, y).below(one_in) == 0 {
                    255
                } else {
                    0
                }
            }),
            Self::Ramp(across, down) => draw(&|x, y| {
                let level = x * usize::from(across) + y * usize::from(down);
                (level / 16 % 256) as u8
            }),
            Self::Stripes(side, along) => draw(&|x, y| {
                let at = if along { y } else { x };
                if at / side % 2 == 0 {
                    0
                } else {
                    255
                }
            }),
            Self::Scene(seed) => Scene::new(seed).light(width, height).picture(),
            Self::Dither(seed, level) => {
                draw(&|x, y| level + u8::from(random::at(seed, x, y).unit() < 0.5))
            }
        }
    }
}
