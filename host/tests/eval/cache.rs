// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the cache takes for the same.

use assay::eval::cache::Cache;
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
