// SPDX-License-Identifier: MIT OR Apache-2.0
//! Copy-move: is a part of the picture a copy of another part of it?
//!
//! # What it tests
//! Points whose surroundings look alike, also turned, scaled or in a mirror, are matched; maps that
//! bring several of them onto each other are improved on the samples, and the region that each
//! brings into agreement is grown. Pieces of a region are then compared, smoothed, with all other
//! places of the picture: a copy fits the place that it was taken from at least six times better
//! than any other. Both sides are drawn.
//!
//! # Why it works
//! A copy differs from its original by resampling and coding alone, at coarse scales by next to
//! nothing. Things that are alike by nature (windows, leaves, letters) differ at all scales, and
//! are seldom alone: the next one fits about as well.
//!
//! # When it does not apply
//! Below 64 px on a side. Pictures of more than 1.2 million pixels are reduced by a whole factor
//! (2 for 4 megapixels, 4 for 8 to 12), and on what is left a copy needs some 600 px in area, two pieces, and
//! texture: smooth sky laid over an object leaves no points to match, and is not found. Neither are
//! copies turned in perspective or warped, or scaled by more than 2.5, and those of a periodic
//! pattern by its own period. Printed or drawn pictures that repeat a motif exactly are copies to
//! this test. Which side is the copy cannot be told: a region's `cells` are those of the side that
//! comes second in reading order, `source_cells` the other. Silence is no sign of authenticity, and
//! so cells outside copies have log odds of 0.
//!
//! # Constants and their source
//! Beside each: points and descriptors are Lowe's, the matching Amerini's. What makes a copy
//! ([`significance`]) was measured on authentic photographs and on copies made from them (plain,
//! mirrored, turned by 5 to 60 degrees, scaled by 0.75 to 1.3; without loss and through JPEG of
//! quality 65 to 95). No randomness; two threads, on which no result depends.
//!
//! # References
//! Lowe, "Distinctive image features from scale-invariant keypoints", IJCV 60, 2004. Amerini,
//! Ballan, Caldelli, Del Bimbo, Serra, "A SIFT-based forensic method for copy-move attack detection
//! and transformation recovery", IEEE TIFS 6, 2011. Lucas, Kanade, "An iterative image registration
//! technique", IJCAI 1981. Desolneux, Moisan, Morel, "From Gestalt Theory to Image Analysis", 2008.

mod affine;
mod agreement;
mod align;
mod blur;
mod cascade;
mod cells;
mod copies;
mod descriptor;
mod extrema;
mod field;
mod gradient;
mod keypoint;
mod matches;
mod nearest;
mod patch;
mod plane;
mod products;
mod rivals;
mod significance;
#[cfg(test)]
mod tests;

use assay_plugin_api::prelude::*;

use self::cells::Lattice;
use self::copies::Copy;
use self::plane::Plane;
use self::rivals::Search;
use crate::threads::both;
use crate::trace::Trace;

/// Shortest side, px.
const SHORTEST_SIDE_PX: usize = 64;
/// Samples that copies are looked for in at most, in pictures of at most [`LARGE_PIXELS`] and in larger
/// ones; larger pictures are reduced by a whole factor.
const MOST_SAMPLES: (usize, usize) = (1_200_000, 800_000);
/// Pixels above which a copy is large in pixels, and the time counts.
const LARGE_PIXELS: usize = 4_800_000;

/// Looks for copies within the picture.
///
/// # Errors
/// `NotApplicable` when a side is below 64 px; `Cancelled`.
pub fn measure(evidence: &Evidence<'_>) -> Result<Trace, NoScore> {
    let luma = evidence.luma()?;
    let shorter = luma.width().min(luma.height());
    if shorter < SHORTEST_SIDE_PX {
        return Err(NoScore::not_applicable(format!(
            "The picture is {shorter} px on its shorter side; the search for copies needs \
             {SHORTEST_SIDE_PX} px."
        )));
    }
    let check = || evidence.check_cancelled();
    check()?;
    let is_large = luma.pixels() > LARGE_PIXELS;
    let most = if is_large { MOST_SAMPLES.1 } else { MOST_SAMPLES.0 };
    let factor = (luma.pixels() as f64 / most as f64).sqrt().ceil().max(1.0) as usize;
    let plane = Plane::reduced(luma, factor);
    let points = keypoint::keypoints(plane.field(), check)?;
    let hypotheses = matches::hypotheses(&points, check)?;
    drop(points);
    let mut found = Vec::new();
    if !hypotheses.is_empty() {
        let search = Search::new(&plane);
        let every_second = |first: usize| -> Result<Vec<Option<Copy>>, NoScore> {
            let of_thread = hypotheses.iter().skip(first).step_by(2);
            of_thread.map(|one| copies::verified(&plane, &search, one, is_large, &check)).collect()
        };
        let (even, odd) = both(|| every_second(0), || every_second(1));
        let mut odd = odd?.into_iter();
        for copy in even? {
            found.extend(copy);
            found.extend(odd.next().flatten());
        }
    }
    Ok(Lattice { width: luma.width(), height: luma.height(), factor }.trace(found))
}
