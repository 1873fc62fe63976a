// SPDX-License-Identifier: MIT OR Apache-2.0
//! From numbers to words: the `detail` sentence, the findings, the attributes.

use assay_plugin_api::prelude::*;

use crate::jpeg_grid::GridRegion;
use crate::model::Traces;
use crate::noise_level::NoiseRegion;

/// Regions of one trace that are listed, the most significant first.
const MOST_REGIONS: usize = 8;
/// log10 NFA up to which a noise region is reported: 1 % of authentic 400 px pictures reach it.
pub const STRIKING_NOISE: f64 = -5.0;

/// The sentence for a person.
#[must_use]
pub fn detail(traces: &Traces) -> &'static str {
    if !traces.grids.foreign.is_empty() {
        "A region carries a JPEG grid that is not the picture's"
    } else if striking(traces).next().is_some() {
        "A region has less noise than the rest of the picture"
    } else {
        "No foreign JPEG grid and no region with less noise than the rest"
    }
}

fn striking(traces: &Traces) -> impl Iterator<Item = &NoiseRegion> {
    let regions = traces.noise.iter().flat_map(|noise| &noise.regions);
    regions.filter(|region| region.log10_nfa <= STRIKING_NOISE)
}

/// Adds findings and attributes to a report.
#[must_use]
pub fn describe(mut report: Report, traces: &Traces) -> Report {
    let grids = &traces.grids;
    if let Some(((x, y), log10_nfa)) = grids.main.filter(|&(origin, _)| origin != (0, 0)) {
        let text = "The picture's JPEG grid does not start at its corner: it was cropped after a \
                    compression. This is no sign of forgery.";
        report = report.finding(
            Finding::new("jpeg.grid.shifted", Severity::Info, text)
                .value("grid_x", u32::from(x))
                .value("grid_y", u32::from(y))
                .value("log10_nfa", log10_nfa),
        );
    }
    let reported = grids.foreign.iter().take(MOST_REGIONS).map(foreign);
    let reported = reported.chain(striking(traces).take(MOST_REGIONS).map(quiet));
    for finding in reported {
        report = report.finding(finding);
    }
    report
        .attribute("jpeg_grid", grids.main.map(|((x, y), _)| format!("{x},{y}")))
        .attribute("foreign_grid_regions", count(grids.foreign.len()))
        .attribute("log10_nfa", grids.foreign.first().map(|region| region.log10_nfa))
        .attribute("noise_compared", traces.noise.is_some())
        .attribute("noise_regions", count(striking(traces).count()))
}

fn count(regions: usize) -> u32 {
    u32::try_from(regions).unwrap_or(u32::MAX)
}

fn foreign(region: &GridRegion) -> Finding {
    let text = "This region votes for a JPEG grid that is not the picture's, as what was pasted \
                from another file does.";
    Finding::new("jpeg.grid.foreign", Severity::Warning, text)
        .value("log10_nfa", region.log10_nfa)
        .value("grid_x", u32::from(region.origin.0))
        .value("grid_y", u32::from(region.origin.1))
        .value("area_px", i64::try_from(region.place.pixels()).unwrap_or(i64::MAX))
        .region(region.place.region())
}

fn quiet(region: &NoiseRegion) -> Finding {
    let text =
        "Flat areas of this region have less noise than equally bright ones elsewhere, as what \
                was painted or smoothed has.";
    Finding::new("noise.region.quiet", Severity::Notice, text)
        .value("log10_nfa", region.log10_nfa)
        .value("sigma_ratio", region.ratio)
        .region(region.region)
}
