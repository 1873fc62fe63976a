// SPDX-License-Identifier: MIT OR Apache-2.0
//! The places that findings name, each once, numbered.

use super::detectors::DetectorPart;
use super::heat::Heat;
use super::shape::{RegionFinding, RegionPart};

/// Most regions that are told; those beyond are counted.
const MOST_REGIONS: usize = 40;

/// Numbers the boxes of findings in the order of the detectors and the weight of the findings, writes the
/// numbers into the findings, and counts the boxes that are left out.
pub(super) fn numbered(
    detectors: &mut [DetectorPart],
    heat: Option<&Heat>,
) -> (Vec<RegionPart>, usize) {
    let (mut regions, mut left_out) = (Vec::new(), 0);
    for detector in detectors {
        for finding in &mut detector.findings {
            let by = RegionFinding { detector: detector.title.clone(), code: finding.code.clone() };
            for place in std::mem::take(&mut finding.places) {
                match number(&mut regions, place, heat, &by) {
                    Some(number) if finding.regions.contains(&number) => {}
                    Some(number) => finding.regions.push(number),
                    None => left_out += 1,
                }
            }
        }
    }
    (regions, left_out)
}

/// The number of a box, which is new or known; `None` when there are too many.
fn number(
    regions: &mut Vec<RegionPart>,
    place: [u32; 4],
    heat: Option<&Heat>,
    by: &RegionFinding,
) -> Option<usize> {
    if let Some(known) = regions.iter_mut().find(|r| [r.x, r.y, r.width, r.height] == place) {
        if !known.findings.contains(by) {
            known.findings.push(by.clone());
        }
        return Some(known.number);
    }
    if regions.len() == MOST_REGIONS {
        return None;
    }
    let ([x, y, width, height], number) = (place, regions.len() + 1);
    let score = heat.map(|heat| heat.hottest(place));
    regions.push(RegionPart { number, x, y, width, height, score, findings: vec![by.clone()] });
    Some(number)
}
