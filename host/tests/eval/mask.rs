// SPDX-License-Identifier: MIT OR Apache-2.0
//! Heatmaps against masks: hand-computed cases, invariants, and the command on masked pictures.

use std::io::Cursor;
use std::path::Path;
use std::process::Command;

use assay::eval::localised::localised;
use assay::eval::manifest::{Picture, Truth};
use assay::eval::mask::{Called, Mask, MaskCounts};
use assay::eval::metrics::{auc, Scored};
use assay::eval::record::{Answer, Carried, Examined, Facts};
use assay::fusion::VerdictLabel;
use assay::image::DecodeLimits;
use assay_plugin_api::descriptor::Kind;
use assay_plugin_api::heatmap::Heatmap;
use image::{GrayImage, ImageFormat, Luma, Rgb, RgbImage};
use proptest::prelude::*;
use serde_json::Value;

use crate::support::{assert_close, library};

fn saved(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
    bytes
}

fn read(bytes: &[u8]) -> Result<Mask, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mask");
    std::fs::write(&path, bytes).unwrap();
    let limits = DecodeLimits { min_side: 1, ..DecodeLimits::default() };
    Mask::read(&path, &limits).map_err(|error| error.to_string())
}

/// A mask whose pixels are altered where `is` holds.
fn mask(width: u32, height: u32, is: impl Fn(u32, u32) -> bool) -> Mask {
    // A single step of one channel is enough.
    let pixel = |x, y| Rgb([0, 0, u8::from(is(x, y))]);
    read(&saved(&RgbImage::from_fn(width, height, pixel), ImageFormat::Png)).unwrap()
}

fn heatmap(width: usize, height: usize, cell: usize, heats: &[f32]) -> Heatmap {
    let columns = width.div_ceil(cell);
    Heatmap::covering(width, height, cell, |column, row| heats[row * columns + column])
}

#[test]
fn counts_are_those_of_a_hand_computation() {
    // Cells of 2 x 2 px; altered: all of the first, one pixel of the second.
    let mask = mask(4, 4, |x, y| (x < 2 && y < 2) || (x, y) == (2, 0));
    let found = mask.counts(&heatmap(4, 4, 2, &[0.9, 0.5, 0.2, 0.5]));
    assert_eq!(found.altered, 5);
    // Three cells of 4 px are called: 5 of 12 are altered.
    assert_eq!(found.fixed, Called { hits: 5, false_alarms: 7 });
    assert_close(Some(found.fixed.f1(5)), 10.0 / 17.0);
    assert_close(Some(found.fixed.iou(5)), 5.0 / 12.0);
    // At 0.9 the first cell alone: precision 1, recall 4 / 5.
    assert_eq!(found.best, Called { hits: 4, false_alarms: 0 });
    assert_close(Some(found.best.f1(5)), 8.0 / 9.0);
    // 5 hits, 7 false alarms, none missed, 4 right.
    assert_eq!(found.untouched, 11);
    assert_close(found.mcc(), 20.0 / f64::sqrt(12.0 * 5.0 * 11.0 * 4.0));
    // Four altered pixels at 0.9 are hotter than all 11; the one at 0.5 than 4, as hot as 7.
    assert_eq!(found.twice_hotter, 2 * (4 * 11 + 4) + 7);
    assert_close(found.pixel_auc(), 51.5 / 55.0);
}

#[test]
fn cells_beyond_the_edge_count_the_pixels_that_are_there() {
    // 5 x 3 px in cells of 4: the second column is 1 px wide. Altered: the last column.
    let mask = mask(5, 3, |x, _| x == 4);
    let found = mask.counts(&heatmap(5, 3, 4, &[0.1, 0.7]));
    assert_eq!((found.altered, found.fixed), (3, Called { hits: 3, false_alarms: 0 }));
    assert_close(Some(found.fixed.iou(3)), 1.0);
    assert_close(found.mcc(), 1.0);
    assert_close(found.pixel_auc(), 1.0);
    let opposite = mask.counts(&heatmap(5, 3, 4, &[0.7, 0.1]));
    assert_close(opposite.mcc(), -1.0);
    assert_close(opposite.pixel_auc(), 0.0);
}

#[test]
fn cold_heatmap_finds_nothing_and_its_best_calls_everything() {
    let mask = mask(4, 4, |x, y| (x, y) == (0, 0));
    let found = mask.counts(&heatmap(4, 4, 4, &[0.4]));
    assert_eq!(found.fixed, Called::default());
    assert_eq!((found.fixed.f1(1), found.fixed.iou(1)), (0.0, 0.0));
    assert_close(Some(found.best.f1(1)), 2.0 / 17.0);
}

#[test]
fn constant_heatmap_is_chance_whatever_its_heat() {
    let mask = mask(4, 4, |x, _| x == 0);
    for heat in [0.0, 0.5, 1.0] {
        let found = mask.counts(&heatmap(4, 4, 2, &[heat; 4]));
        assert_eq!((found.mcc(), found.pixel_auc()), (Some(0.0), Some(0.5)), "{heat}");
    }
}

#[test]
fn picture_that_is_altered_throughout_has_neither_mcc_nor_auc() {
    let found = mask(4, 4, |_, _| true).counts(&heatmap(4, 4, 2, &[0.9, 0.1, 0.1, 0.1]));
    assert_eq!((found.altered, found.untouched), (16, 0));
    assert_eq!((found.mcc(), found.pixel_auc()), (None, None));
    assert_close(Some(found.fixed.f1(16)), 8.0 / 20.0);
}

#[test]
fn mask_that_cannot_be_used_says_why() {
    let black = RgbImage::new(8, 8);
    assert!(read(&saved(&black, ImageFormat::Png)).unwrap_err().contains("no altered pixel"));
    let lossy = read(&saved(&black, ImageFormat::Jpeg)).unwrap_err();
    assert!(lossy.contains("is a JPEG") && lossy.contains("save it as PNG"), "{lossy}");
    assert!(read(b"text").is_err());
    let error = Mask::read(Path::new("/nowhere/m.png"), &DecodeLimits::default()).unwrap_err();
    assert!(error.to_string().contains("cannot be read"), "{error}");
    let error = mask(4, 6, |_, _| true).check_size(&facts(6, 4)).unwrap_err().to_string();
    assert!(error.contains("is 4 x 6 px, its picture 6 x 4 px"), "{error}");
}

fn facts(width: u32, height: u32) -> Facts {
    Facts {
        width,
        height,
        format: "PNG".into(),
        jpeg_quality: None,
        jpeg_subsampling: None,
        metadata: Carried::default(),
    }
}

/// A picture of `group` and 100 pixels whose heatmap called `hits` of the 10 altered and nothing else;
/// these are hotter than all others, which have one heat.
fn row(group: &str, hits: Option<u64>) -> (Picture, Examined) {
    let located = hits.map(|hits| {
        let fixed = Called { hits, false_alarms: 0 };
        MaskCounts {
            altered: 10,
            untouched: 90,
            twice_hotter: 2 * 90 * hits + 90 * (10 - hits),
            fixed,
            best: Called { hits: 10, false_alarms: 0 },
        }
    });
    let picture = Picture {
        path: "p".into(),
        truth: Truth::Manipulated,
        group: group.into(),
        source: "s".into(),
        kind: String::new(),
        fold: None,
        mask: Some("m".into()),
    };
    let answer = Answer {
        model_key: "splicing".into(),
        kind: Kind::Manipulation,
        score: Some(0.5),
        label: None,
        fault: None,
        located,
        false_area: None,
    };
    let examined = Examined {
        facts: facts(100, 100),
        answers: vec![answer],
        verdict: VerdictLabel::Inconclusive,
        p_ai_generated: 0.5,
        p_manipulated: 0.5,
        mask: Some(Ok(())),
    };
    (picture, examined)
}

#[test]
fn pictures_are_averaged_over_all_and_by_group() {
    let mut rows = vec![row("a", Some(10)), row("a", Some(5)), row("b", Some(0)), row("b", None)];
    let mut unusable = row("c", Some(10));
    unusable.1.mask = Some(Err("is of another size".into()));
    rows.push(unusable);
    let rows: Vec<_> = rows.iter().map(|(picture, examined)| (picture, examined)).collect();
    let found = localised(&rows);
    let [splicing] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((splicing.name.as_str(), splicing.n_masks, splicing.all.n), ("splicing", 4, 3));
    // F1: 1, 2 * 5 / 15 and 0; intersection over union: 1, 5 / 10 and 0.
    assert_close(Some(splicing.all.f1.value), (1.0 + 2.0 / 3.0) / 3.0);
    assert_close(Some(splicing.all.iou.value), 1.5 / 3.0);
    assert_close(Some(splicing.all.best_f1.value), 1.0);
    // 1, (5 * 90 - 0 * 5) / sqrt(called, spared, altered, untouched) and 0; AUC: 1, 0.75 and 0.5.
    let middle = 450.0 / f64::sqrt(5.0 * 95.0 * 10.0 * 90.0);
    assert_eq!(splicing.all.n_partly, 3);
    assert_close(splicing.all.mcc.map(|mcc| mcc.value), (1.0 + middle) / 3.0);
    let found_auc = splicing.all.pixel_auc.unwrap();
    assert_close(Some(found_auc.value), 0.75);
    let interval = found_auc.interval.unwrap();
    assert_eq!((interval.low, interval.high), (0.5, 0.875));
    let interval = splicing.all.iou.interval.unwrap();
    assert_eq!((interval.low, interval.high), (0.0, 0.75));
    let groups: Vec<_> = splicing.by_group.iter().map(|(g, l)| (g.as_str(), l.n)).collect();
    assert_eq!(groups, [("a", 2), ("b", 1)]);
    assert_close(Some(splicing.by_group["a"].iou.value), 0.75);
    assert_eq!(splicing.by_group["b"].iou.interval, None);
}

#[test]
fn pictures_altered_throughout_are_left_out_of_mcc_and_auc_alone() {
    let mut whole = row("c", Some(10));
    let counts = whole.1.answers[0].located.as_mut().unwrap();
    (counts.untouched, counts.twice_hotter) = (0, 0);
    let rows = [row("a", Some(5)), row("b", Some(0)), whole];
    let rows: Vec<_> = rows.iter().map(|(picture, examined)| (picture, examined)).collect();
    let found = localised(&rows);
    let [splicing] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((splicing.all.n, splicing.all.n_partly), (3, 2));
    assert_close(splicing.all.pixel_auc.map(|auc| auc.value), 0.625);
    assert_close(Some(splicing.all.iou.value), 0.5);
    let c = &splicing.by_group["c"];
    assert_eq!((c.n, c.n_partly, c.mcc, c.pixel_auc), (1, 0, None, None));
}

/// Two groups of two masked pictures, one picture without a mask, and two masks that are no use.
fn collection(folder: &Path) {
    let mut manifest = String::from("path,label,group,mask\n");
    let masks = ["m.png", "m.png", "m.png", "m.png", "", "small.png", "none.png"];
    for (index, mask) in (0_u32..).zip(masks) {
        let pixel = |x: u32, y: u32| {
            let noise = (x.wrapping_mul(2_654_435_761) ^ (y + index).wrapping_mul(40_503)) >> 11;
            let flat = if x < 150 { noise % 24 } else { 0 };
            Rgb([(x / 2 + flat) as u8, (y / 2 + flat) as u8, (90 + flat) as u8])
        };
        let picture = RgbImage::from_fn(300, 280, pixel);
        let name = format!("{index}.png");
        std::fs::write(folder.join(&name), saved(&picture, ImageFormat::Png)).unwrap();
        let label = if mask.is_empty() { "real" } else { "forged" };
        manifest += &format!("{name},{label},g{},{mask}\n", index % 2);
    }
    let half = |width: u32| move |x: u32, _| Luma([if x < width / 2 { 255 } else { 0 }]);
    GrayImage::from_fn(300, 280, half(300)).save(folder.join("m.png")).unwrap();
    GrayImage::from_fn(150, 140, half(150)).save(folder.join("small.png")).unwrap();
    std::fs::write(folder.join("manifest.csv"), manifest).unwrap();
    let slot = |model: &str| {
        let library = library(&format!("assay_{model}"));
        format!("[[plugin]]\nmodel = \"{model}\"\nlibrary = \"{}\"\n", library.display())
    };
    let config = slot("noise") + &slot("metadata") + &slot("splicing");
    std::fs::write(folder.join("assay.toml"), config).unwrap();
    let policy = "name = \"masks\"\nversion = \"1\"\n\
                  fusion.ai_generated.weights = { noise = 1.0 }\n\
                  fusion.manipulated.weights = { splicing = 1.0 }\n";
    std::fs::write(folder.join("policy.toml"), policy).unwrap();
}

fn assay(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
    command.args(["--config", "assay.toml", "evaluate", "manifest.csv", "--policy"]);
    command.args(["policy.toml", "--cache", "c"]).args(arguments).current_dir(folder);
    let done = command.output().unwrap();
    (done.status.code().unwrap(), String::from_utf8(done.stdout).unwrap())
}

#[test]
fn heatmaps_of_masked_pictures_are_measured_once_and_bad_masks_are_named() {
    let folder = tempfile::tempdir().unwrap();
    collection(folder.path());
    // Answers that are kept without their heatmaps do for figures, not for masks.
    let manifest = std::fs::read_to_string(folder.path().join("manifest.csv")).unwrap();
    let without = manifest.replace("m.png", "").replace("small.png", "").replace("none.png", "");
    std::fs::write(folder.path().join("manifest.csv"), without).unwrap();
    let (code, out) = assay(folder.path(), &["--tiers", "clean", "--format", "json"]);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &report["tiers"][0]["localisation"]), (0, &Value::Array(Vec::new())));
    std::fs::write(folder.path().join("manifest.csv"), manifest).unwrap();

    let arguments = ["--tiers", "clean,q90", "--format", "json"];
    let (code, out) = assay(folder.path(), &arguments);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 1);
    let messages: Vec<_> = report["failures"].as_array().unwrap().iter().collect();
    let [small, none] = messages.as_slice() else { panic!("{messages:?}") };
    let text = |failure: &Value| failure["message"].as_str().unwrap().to_owned();
    assert!(text(small).contains("mask is 150 x 140 px, its picture 300 x 280 px"), "{small}");
    assert!(text(none).contains("none.png: cannot be read"), "{none}");

    let found = report["tiers"][0]["localisation"].as_array().unwrap();
    assert!(!found.is_empty());
    for detector in found {
        assert_eq!(detector["n_masks"], 4, "{detector}");
        assert!(detector["all"]["best_f1"]["value"].as_f64().unwrap() > 0.0, "{detector}");
        assert!(detector["all"]["pixel_auc"]["value"].is_f64(), "{detector}");
        assert!(detector["by_group"]["g0"]["mcc"]["value"].is_f64(), "{detector}");
    }
    let areas = report["tiers"][0]["false_areas"].as_array().unwrap();
    assert!(!areas.is_empty());
    for detector in areas {
        assert_eq!((&detector["n_authentic"], &detector["all"]["n"]), (&1.into(), &1.into()));
        let all = &detector["all"];
        let is_touched = all["touched"]["count"] == 1;
        assert_eq!(all["area"]["value"].as_f64().unwrap() > 0.0, is_touched, "{detector}");
        assert_eq!(&detector["by_kind"]["not stated"], all);
    }
    // A degraded picture has another size: masks are for the file as it is.
    assert_eq!(report["tiers"][1]["localisation"].as_array().unwrap().len(), 0);
    assert_eq!(report["tiers"][1]["false_areas"].as_array().unwrap().len(), 0);

    let kept = || std::fs::read(folder.path().join("c/evaluate.jsonl")).unwrap().len();
    let before = kept();
    assert_eq!(assay(folder.path(), &arguments).1, out);
    // One line end a run: every count was there.
    assert_eq!(kept(), before + 1);
    // Answers without the areas are computed again, and give the same.
    let file = folder.path().join("c/evaluate.jsonl");
    let lines = std::fs::read_to_string(&file).unwrap();
    let old: Vec<_> = lines.lines().filter(|line| !line.contains("false_area")).collect();
    std::fs::write(&file, old.join("\n")).unwrap();
    assert!(kept() < before);
    assert_eq!(assay(folder.path(), &arguments).1, out);
    let (_, text) = assay(folder.path(), &["--tiers", "clean", "--report", "out"]);
    assert!(text.contains("heatmap against mask, mean over pictures, 4 of 4"), "{text}");
    let page = std::fs::read_to_string(folder.path().join("out/report.html")).unwrap();
    for part in ["pixel AUC", "heat of 0.5 or more on authentic pictures, 1 of 1"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    for part in ["Heatmap against mask", "MCC", "Heat on authentic pictures", "not stated"] {
        assert!(page.contains(part), "{part}");
    }
}

proptest! {
    #[test]
    fn best_threshold_is_the_best_of_all(
        altered in prop::collection::vec(any::<bool>(), 35),
        heats in prop::collection::vec(prop::sample::select(vec![0.0_f32, 0.2, 0.5, 0.8, 1.0]), 12),
    ) {
        prop_assume!(altered.contains(&true));
        let mask = mask(7, 5, |x, y| altered[(y * 7 + x) as usize]);
        let map = heatmap(7, 5, 2, &heats);
        let found = mask.counts(&map);
        let called = |threshold: f32| {
            let mut called = Called::default();
            for (index, &is_altered) in altered.iter().enumerate() {
                if heats[index / 7 / 2 * 4 + index % 7 / 2] >= threshold {
                    called.hits += u64::from(is_altered);
                    called.false_alarms += u64::from(!is_altered);
                }
            }
            called
        };
        prop_assert_eq!(found.fixed, called(0.5));
        let f1 = |called: Called| called.f1(found.altered);
        let best = [0.0, 0.2, 0.5, 0.8, 1.0].map(|t| f1(called(t))).into_iter().fold(0.0, f64::max);
        prop_assert!((f1(found.best) - best).abs() < 1e-12);
        let pixel = |(index, &is_positive): (usize, &bool)| {
            Scored { score: heats[index / 7 / 2 * 4 + index % 7 / 2].into(), is_positive }
        };
        let pixels: Vec<_> = altered.iter().enumerate().map(pixel).collect();
        prop_assert_eq!(found.pixel_auc(), auc(&pixels));
        let count = |is_called: bool, is_altered: bool| {
            let same = |p: &&Scored| (p.score >= 0.5, p.is_positive) == (is_called, is_altered);
            pixels.iter().filter(same).count() as f64
        };
        let (tp, fp) = (count(true, true), count(true, false));
        let (fn_, tn) = (count(false, true), count(false, false));
        let under = (tp + fp) * (tp + fn_) * (tn + fp) * (tn + fn_);
        let mcc = if under > 0.0 { (tp * tn - fp * fn_) / under.sqrt() } else { 0.0 };
        if tn + fp > 0.0 {
            prop_assert!((found.mcc().unwrap() - mcc).abs() < 1e-12);
        }
        let iou = found.fixed.iou(found.altered);
        prop_assert!((f1(found.fixed) - 2.0 * iou / (1.0 + iou)).abs() < 1e-12);
    }
}
