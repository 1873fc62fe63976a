// SPDX-License-Identifier: MIT OR Apache-2.0
//! Manifests and labelled folders.

use std::path::Path;

use assay::eval::manifest::{Collection, Truth};
use tempfile::TempDir;

/// The first bytes of a PNG.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

fn read(csv: &str) -> (TempDir, Result<Collection, String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("manifest.csv");
    std::fs::write(&path, csv).unwrap();
    let read = Collection::read(&path).map_err(|error| error.to_string());
    (folder, read)
}

#[track_caller]
fn refusal(csv: &str) -> String {
    read(csv).1.unwrap_err()
}

#[test]
fn columns_are_found_by_name_and_others_ignored() {
    let csv = "\u{feff}label,mask,path,kind,source,group,notes\n\
               real,,a/1.jpg,web,flickr,x100,\"one, two\"\nai,m.png,/abs/2.png,,comfy,flux,\n";
    let (folder, read) = read(csv);
    let pictures = read.unwrap().pictures;
    let [real, ai] = pictures.as_slice() else { panic!("{pictures:?}") };
    assert_eq!(real.path, folder.path().join("a/1.jpg"));
    assert_eq!((real.truth, real.kind.as_str()), (Truth::Authentic, "web"));
    assert_eq!((real.source.as_str(), real.group.as_str()), ("flickr", "x100"));
    assert_eq!(ai.path, Path::new("/abs/2.png"));
    assert_eq!((ai.truth, ai.group.as_str()), (Truth::AiGenerated, "flux"));
    assert_eq!((&real.mask, &ai.mask), (&None, &Some(folder.path().join("m.png"))));
}

#[test]
fn missing_group_is_the_source_and_missing_source_the_folder() {
    let pictures = read("path,label,source\na.jpg,forged,columbia\n").1.unwrap().pictures;
    assert_eq!((pictures[0].truth, pictures[0].group.as_str()), (Truth::Manipulated, "columbia"));
    let pictures = read("path,label\nnikon/a.jpg,authentic\n").1.unwrap().pictures;
    assert_eq!((pictures[0].source.as_str(), pictures[0].group.as_str()), ("nikon", "nikon"));
}

#[test]
fn folds_are_counted_and_may_be_left_out() {
    let csv = "path,label,fold\na,real,k-0_A\nb,ai,\nc,ai,k-0_A\nd,real,1\n";
    let collection = read(csv).1.unwrap();
    let folds: Vec<_> = collection.folds().into_iter().collect();
    assert_eq!(folds, [("1", 1), ("k-0_A", 2)]);
    assert_eq!(collection.pictures[1].fold, None);
}

#[test]
fn pictures_of_neither_class_are_counted() {
    let csv = "path,label\na,ai_edited\nb,unknown\nc,ai_edited\nd,real\n";
    let collection = read(csv).1.unwrap();
    assert_eq!(collection.pictures.len(), 1);
    let left_out: Vec<_> = collection.left_out.iter().map(|(l, &n)| (l.as_str(), n)).collect();
    assert_eq!(left_out, [("ai_edited", 2), ("unknown", 1)]);
}

#[test]
fn errors_name_line_and_column() {
    assert!(refusal("path,label\na,real\nb,fake\n").contains("line 3, column label: \"fake\""));
    assert!(refusal("path,label\n,real\n").contains("line 2, column path: is empty"));
    for fold in ["../secret", "a b", "é", "1.toml"] {
        let refused = refusal(&format!("path,label,fold\na,real,1\nb,real,{fold}\n"));
        assert!(refused.contains(&format!("line 3, column fold: \"{fold}\"")), "{refused}");
    }
    assert!(refusal("path,class\na,real\n").contains("line 1: no column `label`"));
    assert!(refusal("path,label\na,real,b\n").contains("line: 2"));
    assert!(refusal("path,label\n").contains("holds no picture"));
}

#[test]
fn folder_has_a_subfolder_for_each_label() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    write("ai/flux/deep/2.bin", PNG);
    write("real/1.png", PNG);
    write("real/README.md", b"text");
    write("drafts/3.png", PNG);
    let collection = Collection::read(folder.path()).unwrap();
    let found: Vec<_> = collection.pictures.iter().map(|p| (p.truth, p.source.as_str())).collect();
    assert_eq!(found, [(Truth::AiGenerated, "flux"), (Truth::Authentic, "real")]);
    assert_eq!(collection.left_out.get("drafts"), Some(&1));
}

#[test]
fn folder_without_labels_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = Collection::read(folder.path()).unwrap_err().to_string();
    assert!(error.contains("no subfolder is named authentic"), "{error}");
}
