// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the cache takes for the same.

use assay::eval::cache::Cache;
use assay::eval::false_area::CalledArea;
use assay::eval::mask::COUNTS;
use assay::eval::tiers::RECIPES;
use assay::image::decode::REVISION;

#[test]
fn answers_about_the_pixels_of_another_decoder_are_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Cache::open(folder.path()).unwrap();
    open().put_located("picture", "detector", "mask", None).unwrap();
    assert_eq!(open().located("picture", "detector", "mask"), Some(None));
    let file = folder.path().join("evaluate.jsonl");
    let text = std::fs::read_to_string(&file).unwrap();
    let [ours, other] = [REVISION, REVISION + 1].map(|revision| format!(".{RECIPES}.{revision}/"));
    assert_eq!(text.matches(&ours).count(), 1, "{text}");
    std::fs::write(&file, text.replace(&ours, &other)).unwrap();
    assert_eq!(open().located("picture", "detector", "mask"), None);
}

#[test]
fn counts_of_another_revision_are_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Cache::open(folder.path()).unwrap();
    let area = Some(CalledArea { pixels: 16, called: 8 });
    open().put_located("picture", "detector", "mask", None).unwrap();
    open().put_false_area("picture", "detector", area).unwrap();
    assert_eq!(open().false_area("picture", "detector"), Some(area));
    assert_eq!(open().false_area("picture", "other"), None);
    let file = folder.path().join("evaluate.jsonl");
    let text = std::fs::read_to_string(&file).unwrap();
    let [ours, other] = [COUNTS, COUNTS - 1].map(|revision| format!("detector/{revision}."));
    assert_eq!(text.matches(&ours).count(), 2, "{text}");
    std::fs::write(&file, text.replace(&ours, &other)).unwrap();
    assert_eq!(open().located("picture", "detector", "mask"), None);
    assert_eq!(open().false_area("picture", "detector"), None);
}
