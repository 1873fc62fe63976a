// SPDX-License-Identifier: MIT OR Apache-2.0
//! From numbers to words: the `detail` sentence, the findings, the attributes.

use assay_plugin_api::prelude::*;

use crate::copy_side::{self, Side};
use crate::heat;
use crate::jpeg_grid::GridRegion;
use crate::noise_level::NoiseRegion;
use crate::trace;
use crate::traces::{bounds, Looked, Traces};

/// Regions of one trace that are listed, the most significant first.
const MOST_REGIONS: usize = 8;
/// log10 NFA up to which a noise region is reported: 1 % of authentic 400 px pictures reach it.
pub const STRIKING_NOISE: f64 = -5.0;

/// How a trace that is told cell by cell is named and worded.
struct Words {
    code: &'static str,
    attribute: &'static str,
    /// The sentence if it is the first that speaks.
    detail: &'static str,
    text: &'static str,
}

const DOUBLE_JPEG: Words = Words {
    code: "jpeg.double.missing",
    attribute: "double_jpeg",
    detail: "A region lacks the earlier compression that the rest of the picture went through",
    text:
        "This region lacks the traces of an earlier JPEG compression that the rest of the picture \
           has, as what was pasted or painted before the last save does.",
};
const OFF_GRID: Words = Words {
    code: "jpeg.double.off_grid",
    attribute: "off_grid",
    detail: "A region and the rest of the picture do not share an earlier compression",
    text:
        "This region and the rest of the picture do not share an earlier JPEG compression: one of \
           them has the traces of one, on a grid of its own, as a picture has that something was \
           pasted from, or into.",
};
const COPY_MOVE: Words = Words {
    code: "copy.within",
    attribute: "copy_move",
    detail: "A region is a copy of another one of the same picture",
    text:
        "This region and another one of the picture are the same content, as a copy that hides or \
           repeats something is. Which of them is the copy cannot be told.",
};
/// The same where the copy is told from the original.
const COPY_TOLD: &str =
    "The first region is a copy of the second one: they are the same content, and the first lacks the \
     traces of compression or of the sensor that the rest of the picture, with the second, has.";
const RESIDUAL: Words = Words {
    code: "residual.region.other",
    attribute: "residual_texture",
    detail: "A region has another fine grain than the rest of the picture",
    text:
        "The fine grain of this region has other statistics than that of the rest, as what comes \
           from another picture or was painted has.",
};

const RESAMPLING: Words = Words {
    code: "resampling.region.other",
    attribute: "resampling",
    detail: "A region was scaled or turned while the rest of the picture was not",
    text:
        "The fine grain of this region has the period of interpolation, and that of the rest has \
           not: the region was scaled or turned, as what is pasted often is.",
};
const CFA: Words = Words {
    code: "cfa.region.other",
    attribute: "cfa",
    detail: "A region lacks the pattern of the colour filter that the rest of the picture has",
    text:
        "This region lacks the pattern that the sensor's colour filter left in the rest, or has it \
           at another phase, as what was pasted or painted has.",
};

const CONTRAST: Words = Words {
    code: "contrast.region.other",
    attribute: "contrast",
    detail: "A region went through a contrast curve that the rest of the picture did not",
    text:
        "Values are missing or doubled in this region that are regular in the rest: it went through \
           a curve of its own (contrast, brightness, gamma), as what is fitted in or hidden is.",
};

/// The traces that are told cell by cell, in the order in which they are told.
fn by_cells(traces: &Traces) -> [(&'static Words, &Looked); 7] {
    [
        (&DOUBLE_JPEG, &traces.double_jpeg),
        (&OFF_GRID, &traces.off_grid),
        (&COPY_MOVE, &traces.copy_move),
        (&RESIDUAL, &traces.residual_texture),
        (&RESAMPLING, &traces.resampling),
        (&CFA, &traces.cfa),
        (&CONTRAST, &traces.contrast),
    ]
}

/// The sentence for a person.
#[must_use]
pub fn detail(traces: &Traces) -> &'static str {
    if !traces.grids.foreign.is_empty() {
        return "A region carries a JPEG grid that is not the picture's";
    }
    let spoke = by_cells(traces).into_iter().find(|(_, looked)| looked.log10_nfa().is_some());
    match spoke {
        Some((words, _)) => words.detail,
        None if striking(traces).next().is_some() => {
            "A region has less noise than the rest of the picture"
        }
        None if !heat::unnamed(traces).is_empty() => {
            "No region is significant; the map shows a part that may lack the earlier compression of \
             the rest"
        }
        None => "No region differs from the rest in JPEG grid, compression, grain or noise, and none is a copy",
    }
}

fn striking(traces: &Traces) -> impl Iterator<Item = &NoiseRegion> {
    let regions = traces.noise.iter().flat_map(|noise| &noise.regions);
    regions.filter(|region| region.log10_nfa <= STRIKING_NOISE)
}

/// Adds findings and attributes to a report on a picture of this size.
#[must_use]
pub fn describe(mut report: Report, traces: &Traces, width: usize, height: usize) -> Report {
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
    if let Some(earlier) = traces.cropped {
        let text =
            "Most of the picture was a JPEG before, on another grid than that of the last save: \
                    it was cropped in between. This is no sign of forgery.";
        let px = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        report = report.finding(
            Finding::new("jpeg.double.cropped", Severity::Info, text)
                .value("grid_x", px(earlier.grid.x))
                .value("grid_y", px(earlier.grid.y))
                .value("deviations", f64::from(earlier.deviations)),
        );
    }
    let reported = grids.foreign.iter().take(MOST_REGIONS).map(foreign);
    let reported = reported.chain(striking(traces).take(MOST_REGIONS).map(quiet));
    for finding in reported {
        report = report.finding(finding);
    }
    for (words, looked) in by_cells(traces) {
        let trace = looked.trace();
        for region in trace.iter().flat_map(|trace| &trace.regions).take(MOST_REGIONS) {
            let columns = trace.map_or(1, |trace| trace.cells.columns);
            let place = |cells: &[usize]| bounds(cells, columns, width, height);
            report = report.finding(match region.source_cells.is_empty() {
                true => found(words.code, words.text, region).region(place(&region.cells)),
                false => copied(region, traces, place),
            });
        }
        report = report.attribute(words.attribute, state(looked));
    }
    report
        .attribute("jpeg_grid", grids.main.map(|((x, y), _)| format!("{x},{y}")))
        .attribute("foreign_grid_regions", count(grids.foreign.len()))
        .attribute("log10_nfa", grids.foreign.first().map(|region| region.log10_nfa))
        .attribute("noise_compared", traces.noise.is_some())
        .attribute("noise_regions", count(striking(traces).count()))
}

fn found(code: &str, text: &str, region: &trace::Region) -> Finding {
    Finding::new(code, Severity::Warning, text)
        .value("log10_nfa", region.log10_nfa)
        .value("cells", count(region.cells.len()))
}

/// A copy with both sides: the copy first, where it can be told.
fn copied(region: &trace::Region, traces: &Traces, place: impl Fn(&[usize]) -> Region) -> Finding {
    let (cells, source) = (&region.cells, &region.source_cells);
    let (text, copy, sides) = match copy_side::copy(region, traces) {
        Some(Side::Cells) => (COPY_TOLD, "first region", [cells, source]),
        Some(Side::SourceCells) => (COPY_TOLD, "first region", [source, cells]),
        None => (COPY_MOVE.text, "not told", [cells, source]),
    };
    let finding = found(COPY_MOVE.code, text, region).value("copy", copy);
    sides.into_iter().fold(finding, |finding, side| finding.region(place(side)))
}

/// What became of a trace: `found`, `nothing`, or why it does not apply.
fn state(looked: &Looked) -> String {
    match looked {
        Looked::NotApplicable(reason) => format!("not applicable: {reason}"),
        Looked::For(trace) if trace.regions.is_empty() => "nothing".to_owned(),
        Looked::For(_) => "found".to_owned(),
    }
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
