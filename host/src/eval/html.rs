// SPDX-License-Identifier: MIT OR Apache-2.0
//! The report as one page that needs nothing beside it.

use std::fmt::Write as _;
use std::io::Cursor;
use std::path::Path;

use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::thumbnail;
use image::RgbImage;

use super::false_area::{FalseArea, FalseAreas};
use super::localised::{Localised, Located};
use super::manifest::Truth;
use super::metrics::RocPoint;
use super::report::Report;
use super::summary::{SeriesSummary, TierSummary, Worst};
use super::svg::{bars, escaped, plot, Axis, Line};
use super::tables::Part;
use super::text;
use crate::image::decode::decode;
use crate::image::DecodeLimits;

/// Longest side of a thumbnail, px, and its JPEG quality.
const THUMBNAIL: u32 = 120;
const THUMBNAIL_QUALITY: u8 = 70;
/// Rates that the normal-deviate axes of the DET plot run over.
const DET_RANGE: (f64, f64) = (0.005, 0.95);
/// Rates marked on them.
const DET_MARKS: [f64; 5] = [0.01, 0.05, 0.2, 0.5, 0.9];

const STYLE: &str = "body{font:14px/1.45 system-ui,sans-serif;max-width:76rem;margin:2rem auto;\
padding:0 1rem;color:#222;background:#fff}h1{font-size:1.4rem}h2{border-top:2px solid #ddd;\
padding-top:1rem}pre{background:#f6f6f4;padding:.8rem;overflow:auto;font-size:12px}svg{margin:\
.5rem 1rem .5rem 0;max-width:100%;height:auto}figure{display:inline-block;margin:.3rem;font-size:11px;\
width:130px;vertical-align:top;overflow-wrap:anywhere}.t{font:bold 13px sans-serif}.m,.e,.s{font:\
11px sans-serif;fill:#444}.m{text-anchor:middle}.e{text-anchor:end}.f{fill:none;stroke:#999}\
.g{stroke:#eee}";

/// Writes the page; thumbnails are made of the files that the report names.
#[must_use]
pub fn page(report: &Report, limits: &DecodeLimits) -> String {
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>Evaluation of {0}</title><style>{STYLE}</style>\
         <h1>Evaluation of {0}</h1><p>Policy {1} {2}, assay {3}. What each number is: \
         docs/EVALUATION.md. Thumbnails are of the worst errors of each verdict, with what the \
         picture is, the verdict's probability, the group and the file.</p>\
         <p><strong>{4}</strong></p>",
        escaped(&report.collection),
        escaped(&report.policy.name),
        escaped(&report.policy.version),
        report.assay_version,
        escaped(&report.held_out.statement)
    );
    for tier in &report.tiers {
        one_tier(&mut page, report, tier, limits);
    }
    let _ = write!(page, "<h2>Everything in text</h2><pre>{}</pre>", escaped(&report.to_string()));
    page.push_str("</html>\n");
    page
}

fn one_tier(page: &mut String, report: &Report, tier: &TierSummary, limits: &DecodeLimits) {
    let n: Vec<_> = tier.n.iter().map(|(truth, n)| format!("{n} {}", truth.as_str())).collect();
    let _ = write!(page, "<h2>{}: {}</h2>", tier.tier, n.join(", "));
    page.push_str(&floors_and_headline(report, tier));
    for positive in [Truth::AiGenerated, Truth::Manipulated] {
        let series: Vec<_> = tier.series.iter().filter(|s| s.positive == positive).collect();
        if series.is_empty() {
            continue;
        }
        let _ = write!(page, "<h3>{} against authentic</h3>", positive.as_str());
        page.push_str(&curves(&series));
    }
    if !tier.localisation.is_empty() {
        page.push_str("<h3>Heatmap against mask</h3>");
        tier.localisation.iter().for_each(|detector| page.push_str(&located(detector)));
    }
    if !tier.false_areas.is_empty() {
        page.push_str("<h3>Heat on authentic pictures</h3>");
        tier.false_areas.iter().for_each(|detector| page.push_str(&false_areas(detector)));
    }
    for series in tier.series.iter().filter(|s| s.name.starts_with("verdict")) {
        page.push_str(&groups(series));
        let _ = write!(page, "<h3>{}: worst errors</h3>", escaped(&series.name));
        series.worst.iter().for_each(|worst| page.push_str(&figure(worst, limits)));
    }
}

/// The floors stand above what is to be compared with them.
fn floors_and_headline(report: &Report, tier: &TierSummary) -> String {
    let mut rows = Vec::new();
    for floor in &tier.storage_floors {
        let truth = floor.positive.as_str();
        let name = format!("floor: size, format, quality, metadata ({truth})");
        if let Some(matched) = &floor.matched {
            rows.push((name, matched.mean, text::matched(Some(matched))));
        }
    }
    for control in &report.controls {
        if let Some(matched) = &control.content_matched {
            let name = format!("floor: content alone, {}", control.name);
            rows.push((name, matched.mean, text::matched(Some(matched))));
        }
    }
    for series in &tier.series {
        if let Some(real) = &series.real_against_real {
            let name = format!("floor: real against real, {}", series.name);
            let told = format!("{} sources, typically, beyond chance", real.sources);
            rows.push((name, 0.5 + real.typical, told));
        }
    }
    for series in tier.series.iter().filter(|series| series.content_matched.is_some()) {
        // What is refused has no bar.
        let length = series.headline.value.unwrap_or(0.0);
        rows.push((series.name.clone(), length, text::headline(series)));
    }
    bars("Content-matched mean AUC (line: chance)", &rows, true)
}

fn curves(series: &[&SeriesSummary]) -> String {
    let line = |s: &&SeriesSummary, points: Vec<(f64, f64)>| {
        let n = s
            .auc
            .map_or_else(String::new, |a| format!(", {} against {}", a.n_positive, a.n_negative));
        Line { name: format!("{}{n}", s.name), points }
    };
    let lines = |points: &dyn Fn(&SeriesSummary) -> Vec<(f64, f64)>| -> Vec<Line> {
        series.iter().map(|s| line(s, points(s))).collect()
    };
    let roc = lines(&|s| s.roc.iter().map(|point| (point.fpr, point.tpr)).collect());
    let det = lines(&|s| s.roc.iter().filter_map(det_point).collect());
    let honest =
        lines(&|s| s.reliability.iter().map(|b| (b.mean_score, b.positive_rate)).collect());
    let rate = |name| Axis::unit(name);
    let det_axis = |name| {
        let mark = |rate: &f64| (det_place(*rate), format!("{rate}"));
        Axis { name, marks: DET_MARKS.iter().map(mark).collect() }
    };
    let (fpr, tpr) = (rate("false alarms"), rate("found"));
    let (x, y) = (det_axis("false alarms"), det_axis("missed"));
    let (score, share) = (rate("mean score of a bin"), rate("share of positives in it"));
    [
        plot("ROC", &fpr, &tpr, true, &roc),
        plot("DET (normal deviates)", &x, &y, false, &det),
        plot("Reliability (bins of 0.1)", &score, &share, true, &honest),
    ]
    .concat()
}

/// A point of the curve on the DET plot, if both its rates are within the axes.
fn det_point(point: &RocPoint) -> Option<(f64, f64)> {
    let is_shown = |rate: f64| (DET_RANGE.0..=DET_RANGE.1).contains(&rate);
    let missed = 1.0 - point.tpr;
    let shown = is_shown(point.fpr) && is_shown(missed);
    shown.then(|| (det_place(point.fpr), det_place(missed)))
}

fn det_place(rate: f64) -> f64 {
    let (low, high) = (deviate(DET_RANGE.0), deviate(DET_RANGE.1));
    (deviate(rate) - low) / (high - low)
}

/// The standard normal deviate below which a share `p` lies, to 0.5 % of a plot's width.
/// [Abramowitz & Stegun, 26.2.23]
fn deviate(p: f64) -> f64 {
    let t = (-2.0 * p.min(1.0 - p).ln()).sqrt();
    let above = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let below = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    let upper = t - above / below;
    if p < 0.5 {
        -upper
    } else {
        upper
    }
}

fn groups(series: &SeriesSummary) -> String {
    let found: Vec<_> = series.by_group.iter().filter(|p| p.truth == series.positive).collect();
    let row = |part: &&Part| {
        let text = format!("AUC {}, found {}", text::number(part.auc), text::share(part.called));
        (part.name.clone(), part.auc.unwrap_or(0.0), text)
    };
    let rows: Vec<_> = found.iter().map(row).collect();
    let accused = |part: &&Part| part.truth == Truth::Authentic;
    let real = series.by_group.iter().filter(accused).map(|part| {
        let rate = part.called.map_or(0.0, |share| share.value);
        (part.name.clone(), rate, text::share(part.called))
    });
    let name = &series.name;
    let auc = bars(&format!("{name}: AUC of each group against all authentic"), &rows, true);
    let alarms = bars(&format!("{name}: false alarms by group"), &real.collect::<Vec<_>>(), false);
    format!("<h3>{}: by group</h3>{auc}<br>{alarms}", escaped(name))
}

/// A detector's heatmaps against the masks, all pictures first.
fn located(detector: &Localised) -> String {
    let groups = detector.by_group.iter().map(|(group, located)| (group.as_str(), located));
    let row = |(group, located): (&str, &Located)| {
        let [f1, best, iou] = [located.f1, located.best_f1, located.iou]
            .map(|average| text::with_interval(average.value, average.interval));
        let [mcc, auc] = [located.mcc, located.pixel_auc].map(text::average);
        let text = format!(
            "F1 {f1}, best F1 {best}, IoU {iou}, MCC {mcc}, pixel AUC {auc}, {} pictures",
            located.n
        );
        (group.to_owned(), located.f1.value, text)
    };
    let rows: Vec<_> = std::iter::once(("all", &detector.all)).chain(groups).map(row).collect();
    let title = format!("{}: F1 at a heat of 0.5, mean over pictures", detector.name);
    format!("{}<br>", bars(&title, &rows, false))
}

/// What a detector's heatmaps call altered of authentic pictures, all of them first.
fn false_areas(detector: &FalseAreas) -> String {
    let kinds = detector.by_kind.iter().map(|(kind, area)| (kind.as_str(), area));
    let row = |(kind, found): (&str, &FalseArea)| {
        let (area, touched) = (text::average(Some(found.area)), text::share(Some(found.touched)));
        let text = format!("{area} of the pixels; any pixel: {touched}");
        (kind.to_owned(), found.area.value, text)
    };
    let all = std::iter::once(("all authentic", &detector.all));
    let rows: Vec<_> = all.chain(kinds).map(row).collect();
    let title = format!("{}: share of pixels at a heat of 0.5, mean over pictures", detector.name);
    format!("{}<br>", bars(&title, &rows, false))
}

fn figure(worst: &Worst, limits: &DecodeLimits) -> String {
    let picture = small(Path::new(&worst.path), limits).map_or_else(
        || "(cannot be shown)".into(),
        |jpeg| {
            let data = STANDARD.encode(jpeg);
            format!("<img alt=\"\" src=\"data:image/jpeg;base64,{data}\">")
        },
    );
    format!(
        "<figure>{picture}<figcaption>{} {:.3}<br>{}<br>{}</figcaption></figure>",
        worst.truth.as_str(),
        worst.score,
        escaped(&worst.group),
        escaped(&worst.path)
    )
}

fn small(path: &Path, limits: &DecodeLimits) -> Option<Vec<u8>> {
    let decoded = decode(&std::fs::read(path).ok()?, limits).ok()?;
    let picture = RgbImage::from_raw(decoded.width, decoded.height, decoded.rgb)?;
    let (width, height) = picture.dimensions();
    let longest = width.max(height).max(THUMBNAIL);
    let side = |length: u32| (length * THUMBNAIL / longest).max(1);
    let small = thumbnail(&picture, side(width), side(height));
    let mut jpeg = Cursor::new(Vec::new());
    small.write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, THUMBNAIL_QUALITY)).ok()?;
    Some(jpeg.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviates_are_those_of_the_normal_table() {
        for (p, expected) in [(0.025, -1.95996), (0.5, 0.0), (0.9, 1.28155)] {
            assert!((deviate(p) - expected).abs() < 1e-3, "{p}");
        }
        assert!(det_place(DET_RANGE.0).abs() < 1e-12);
        assert!((det_place(DET_RANGE.1) - 1.0).abs() < 1e-12);
    }
}
