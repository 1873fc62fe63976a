// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where in the picture: the detectors' heatmaps as one, and its drawings.

use assay_plugin_api::descriptor::Kind;
use assay_plugin_api::finding::{Finding, Region};
use assay_plugin_api::heatmap::Heatmap;
use assay_plugin_api::report::{Attribute, Report, Value};
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, RgbImage, RgbaImage};

use super::outcome::{DetectorOutcome, Outcome};

/// Share of the overlay's colour at a heat of 1.
const OVERLAY_OPACITY: f32 = 0.65;

/// Attribute with which a detector of another kind says that its heatmap and its regions show where a
/// picture was changed.
const LOCALISES: &str = "heatmap_localises";

/// A box in which something was found.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundRegion {
    /// Where, px of the stored image.
    pub region: Region,
    /// Largest heat in it, `0..=1`.
    pub score: f32,
    /// Codes of the findings that name it, each once.
    pub findings: Vec<String>,
}

/// Where the detectors of manipulation saw something, and those that say that their map shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Localisation {
    /// The largest heat that any of them gives each place, in the finest of their cells.
    pub heatmap: Heatmap,
    /// The boxes of their findings, each once.
    pub regions: Vec<FoundRegion>,
}

impl Localisation {
    /// Joins the maps of all detectors that localise; `None` when none of them drew one.
    #[must_use]
    pub fn of(outcomes: &[DetectorOutcome], width: u32, height: u32) -> Option<Self> {
        let reports = || {
            outcomes.iter().filter_map(|o| match &o.outcome {
                Outcome::Scored(report) if o.kind == Kind::Manipulation || localises(report) => {
                    Some(report)
                }
                _ => None,
            })
        };
        let maps: Vec<_> = reports().filter_map(|r| r.heatmap.as_ref().into_option()).collect();
        let cell_px = maps.iter().map(|map| map.cell_px).min()?;
        let heat = |column: usize, row: usize| {
            let centre = |cell: usize| cell * cell_px as usize + cell_px as usize / 2;
            let heats = maps.iter().map(|map| heat_at(map, centre(column), centre(row)));
            heats.fold(0.0, f32::max)
        };
        let (width, height) = (width as usize, height as usize);
        let heatmap = Heatmap::covering(width, height, cell_px as usize, heat);
        let regions = found_regions(reports().flat_map(|report| &report.findings), &heatmap);
        Some(Self { heatmap, regions })
    }

    /// The heat as an 8-bit grey picture of the stored image's size; 255 = most suspicious.
    #[must_use]
    pub fn mask(&self, width: u32, height: u32) -> GrayImage {
        GrayImage::from_fn(width, height, |x, y| {
            image::Luma([(self.heat(x, y) * 255.0).round() as u8])
        })
    }

    /// The heat in colours that fade to transparency where there is none, of the stored image's size.
    #[must_use]
    pub fn colour(&self, width: u32, height: u32) -> RgbaImage {
        RgbaImage::from_fn(width, height, |x, y| {
            let heat = self.heat(x, y);
            let [red, green, blue] = heat_colour(heat).map(|sample| sample.round() as u8);
            image::Rgba([red, green, blue, (heat * OVERLAY_OPACITY * 255.0).round() as u8])
        })
    }

    /// The picture with the heat over it, turned as its EXIF `orientation` asks for display.
    ///
    /// `rgb` holds the stored image's `width * height * 3` samples; `None` when it does not.
    #[must_use]
    pub fn overlay(
        &self,
        width: u32,
        height: u32,
        rgb: &[u8],
        orientation: u8,
    ) -> Option<RgbImage> {
        let mut picture = RgbImage::from_raw(width, height, rgb.to_vec())?;
        for (x, y, pixel) in picture.enumerate_pixels_mut() {
            let heat = self.heat(x, y);
            let opacity = heat * OVERLAY_OPACITY;
            for (sample, colour) in pixel.0.iter_mut().zip(heat_colour(heat)) {
                *sample = (f32::from(*sample) * (1.0 - opacity) + colour * opacity).round() as u8;
            }
        }
        let mut picture = DynamicImage::ImageRgb8(picture);
        if let Some(orientation) = Orientation::from_exif(orientation) {
            picture.apply_orientation(orientation);
        }
        Some(picture.into_rgb8())
    }

    fn heat(&self, x: u32, y: u32) -> f32 {
        heat_at(&self.heatmap, x as usize, y as usize)
    }
}

/// Whether a report says that its map shows where the picture was changed.
fn localises(report: &Report) -> bool {
    let says =
        |attribute: &Attribute| attribute.name == LOCALISES && attribute.value == Value::Bool(true);
    report.attributes.iter().any(says)
}

/// The boxes of some findings, each once, with what named them.
fn found_regions<'a>(
    findings: impl Iterator<Item = &'a Finding>,
    heatmap: &Heatmap,
) -> Vec<FoundRegion> {
    let mut found: Vec<FoundRegion> = Vec::new();
    let named = findings.flat_map(|finding| {
        finding.regions.iter().map(move |region| (*region, finding.code.to_string()))
    });
    for (region, code) in named {
        match found.iter_mut().find(|of| of.region == region) {
            Some(of) if of.findings.contains(&code) => {}
            Some(of) => of.findings.push(code),
            None => {
                let score = hottest(heatmap, &region);
                found.push(FoundRegion { region, score, findings: vec![code] });
            }
        }
    }
    found
}

/// The largest heat in a box.
fn hottest(heatmap: &Heatmap, region: &Region) -> f32 {
    let step = heatmap.cell_px.max(1) as usize;
    // Every cell that the box touches: from the edge of the first on, cell by cell.
    let cells = |from: u32, side: u32| {
        let (from, to) = (from as usize, (from as usize).saturating_add(side as usize));
        (from / step * step..to).step_by(step)
    };
    let rows = cells(region.y, region.height);
    let places = rows.flat_map(|y| cells(region.x, region.width).map(move |x| (x, y)));
    places.map(|(x, y)| heat_at(heatmap, x, y)).fold(0.0, f32::max)
}

/// The place in `values` of the cell over pixel `(x, y)`; of the last cell for a place beyond it.
pub(crate) fn cell_at(map: &Heatmap, x: usize, y: usize) -> usize {
    let cell = |at: usize, cells: u32| {
        (at / map.cell_px.max(1) as usize).min(cells.saturating_sub(1) as usize)
    };
    cell(y, map.rows) * map.columns as usize + cell(x, map.columns)
}

/// The heat of the cell over pixel `(x, y)`.
fn heat_at(map: &Heatmap, x: usize, y: usize) -> f32 {
    map.values.get(cell_at(map, x, y)).copied().unwrap_or(0.0)
}

/// Yellow for a little heat, red for much.
fn heat_colour(heat: f32) -> [f32; 3] {
    [255.0, 220.0 * (1.0 - heat), 0.0]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(kind: Kind, map: Option<Heatmap>) -> DetectorOutcome {
        use assay_plugin_api::report::Score;
        let mut report = Report::new(Score::clamped(0.9));
        report.heatmap = map.into();
        DetectorOutcome {
            id: "test".into(),
            model_key: "test".into(),
            result_key: "test".into(),
            title: "Test".into(),
            kind,
            version: "1".into(),
            digest: "0".into(),
            duration_ms: 0.0,
            outcome: Outcome::Scored(report),
        }
    }

    #[test]
    fn maps_of_two_cell_sizes_join_in_the_finer_cells() {
        let coarse = Heatmap::covering(32, 16, 16, |column, _| column as f32 * 0.5);
        let fine = Heatmap::covering(
            32,
            16,
            8,
            |column, row| {
                if (column, row) == (0, 0) {
                    1.0
                } else {
                    0.0
                }
            },
        );
        let outcomes =
            [outcome(Kind::Manipulation, Some(coarse)), outcome(Kind::Manipulation, Some(fine))];
        let joined = Localisation::of(&outcomes, 32, 16).unwrap();
        assert_eq!(joined.heatmap.cell_px, 8);
        assert_eq!(joined.heatmap.values.as_slice(), [1.0, 0.0, 0.5, 0.5, 0.0, 0.0, 0.5, 0.5]);
    }

    #[test]
    fn a_box_carries_its_heat_and_every_finding_that_names_it() {
        use assay_plugin_api::finding::Severity;
        let map = Heatmap::covering(32, 16, 8, |column, row| (column + 4 * row) as f32 / 8.0);
        let mut outcomes = [outcome(Kind::Manipulation, Some(map))];
        let region = |x: u32, y: u32| Region { x, y, width: 7, height: 7 };
        let finding = |code: &str| Finding::new(code, Severity::Notice, "Something.");
        if let Outcome::Scored(report) = &mut outcomes[0].outcome {
            let first = finding("copy").region(region(0, 0)).region(region(10, 4));
            *report = report.clone().finding(first).finding(finding("grid").region(region(0, 0)));
        }
        let found = Localisation::of(&outcomes, 32, 16).unwrap().regions;
        let codes: Vec<_> = found.iter().map(|of| of.findings.join(" ")).collect();
        assert_eq!(codes, ["copy grid", "copy"]);
        // The second box lies over columns 1 and 2 and both rows: its hottest cell is the seventh.
        assert_eq!([found[0].score, found[1].score], [0.0, 6.0 / 8.0]);
    }

    #[test]
    fn maps_of_other_kinds_do_not_count_as_localisation() {
        let map = Heatmap::covering(16, 16, 8, |_, _| 1.0);
        let outcomes = [outcome(Kind::Generation, Some(map)), outcome(Kind::Manipulation, None)];
        assert_eq!(Localisation::of(&outcomes, 16, 16), None);
    }

    #[test]
    fn map_of_another_kind_counts_when_its_report_says_so() {
        let map = Heatmap::covering(16, 16, 8, |_, _| 1.0);
        let mut says = outcome(Kind::Generation, Some(map.clone()));
        if let Outcome::Scored(report) = &mut says.outcome {
            report.attributes.push(Attribute::new(LOCALISES, true));
        }
        assert_eq!(Localisation::of(&[says], 16, 16).unwrap().heatmap, map);
    }

    #[test]
    fn mask_has_the_size_of_the_picture_and_the_heat_of_its_cells() {
        let map = Heatmap::covering(20, 10, 8, |column, row| ((column + row) % 2) as f32);
        let found = Localisation::of(&[outcome(Kind::Manipulation, Some(map))], 20, 10).unwrap();
        let mask = found.mask(20, 10);
        assert_eq!(mask.dimensions(), (20, 10));
        assert_eq!(mask.get_pixel(7, 0).0, [0]);
        assert_eq!(mask.get_pixel(8, 0).0, [255]);
        assert_eq!(mask.get_pixel(19, 9).0, [255]);
    }

    #[test]
    fn overlay_is_turned_for_display_and_leaves_cold_places_alone() {
        let map = Heatmap::covering(16, 8, 8, |column, _| column as f32);
        let found = Localisation::of(&[outcome(Kind::Manipulation, Some(map))], 16, 8).unwrap();
        let rgb = [10, 20, 30].repeat(16 * 8);
        let turned = found.overlay(16, 8, &rgb, 6).unwrap();
        assert_eq!(turned.dimensions(), (8, 16));
        assert_eq!(turned.get_pixel(7, 0).0, [10, 20, 30]);
        assert_eq!(turned.get_pixel(0, 15).0, [169, 7, 11]);
    }
}
