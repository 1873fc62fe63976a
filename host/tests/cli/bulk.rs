// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay bulk` from outside: shards of folders, manifests and buckets to Parquet, ended at any moment.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use assay_test_bucket::Server as Buckets;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::{Field, Row};
use serde_json::Value;

use crate::support::{photo, png, shipped, Bench, Run};

/// Detectors that are quick: what is tested here is what becomes of rows.
const QUICK: [&str; 4] = ["--models", "noise,metadata", "--jobs", "2"];

fn bulk(bench: &Bench, arguments: &[&str]) -> Run {
    bench.assay(&[&["bulk"], arguments, &QUICK].concat())
}

/// All rows below a folder, in no order.
fn rows(folder: &Path) -> Vec<BTreeMap<String, Field>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        // What a process left behind that died while it wrote is none of the files.
        if path.extension().is_some_and(|ext| ext == "parquet") {
            let file = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
            found.extend(file.get_row_iter(None).unwrap().map(|row| named(row.unwrap())));
        }
    }
    found
}

fn named(row: Row) -> BTreeMap<String, Field> {
    row.get_column_iter().map(|(name, field)| (name.clone(), field.clone())).collect()
}

fn text(row: &BTreeMap<String, Field>, column: &str) -> Option<String> {
    match &row[column] {
        Field::Str(text) => Some(text.clone()),
        Field::Null => None,
        other => panic!("{column}: {other:?}"),
    }
}

fn sources(folder: &Path) -> Vec<String> {
    let mut found: Vec<_> = rows(folder).iter().filter_map(|row| text(row, "source")).collect();
    found.sort();
    found
}

/// A folder with so many small pictures.
fn pictures(bench: &Bench, count: u32) -> Vec<String> {
    let mut names: Vec<_> = (0..count).map(|i| format!("{}/{i}.jpg", i % 3)).collect();
    for (seed, name) in (0..).zip(&names) {
        bench.write(&format!("pictures/{name}"), photo(160, 128, seed));
    }
    names.sort();
    names
}

fn start(bench: &Bench, arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
    command.arg("bulk").args(arguments).args(QUICK).current_dir(bench.path(""));
    command.env("ASSAY_CONFIG", shipped("assay.toml"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn every_file_of_a_folder_has_one_row_and_failures_are_rows() {
    let bench = Bench::new();
    let photo = photo(320, 240, 1);
    bench.write("pictures/a/photo.jpg", &photo);
    bench.write("pictures/some text.txt", "no picture");
    bench.write("pictures/a/empty", "");
    bench.write("pictures/cut.png", &png(200, 200)[..500]);
    let run = bulk(&bench, &["pictures", "--out", "rows"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains("4 of 4 done, 0 before, 4 now, 3 failed"), "{}", run.out);
    let rows = rows(&bench.path("rows"));
    let by_source: BTreeMap<_, _> =
        rows.iter().map(|row| (text(row, "source").unwrap(), row)).collect();
    assert_eq!((rows.len(), by_source.len()), (4, 4));

    let told = bench.results(&["--models", "noise,metadata", "pictures/a/photo.jpg"]).remove(0);
    let row = by_source["a/photo.jpg"];
    assert_eq!(text(row, "status").as_deref(), Some("complete"));
    assert_eq!(text(row, "label").as_deref(), told["verdict"]["label"].as_str());
    assert_eq!(row["risk"], Field::Double(told["verdict"]["risk"].as_f64().unwrap()));
    assert_eq!(row["width"], Field::Long(320));
    assert_eq!(text(row, "sha256").as_deref(), told["image_info"]["sha256"].as_str());
    for key in ["noise_analysis", "metadata_analysis"] {
        let result = &told["model_results"][key];
        for word in ["status", "label", "digest"] {
            let column = format!("{key}_{word}");
            assert_eq!(text(row, &column).as_deref(), result[word].as_str(), "{column}");
        }
        let score = result["score"].as_f64().map_or(Field::Null, Field::Double);
        assert_eq!(row[&format!("{key}_score")], score);
    }
    // What was not asked has columns all the same, so that all rows of an archive make one table.
    assert_eq!(row["splicing_detection_score"], Field::Null);
    let findings: Value = serde_json::from_str(&text(row, "findings").unwrap()).unwrap();
    let of_noise =
        findings.as_array().unwrap().iter().filter(|f| f["detector"] == "noise_analysis");
    let told_of_noise = told["model_results"]["noise_analysis"]["findings"].as_array().unwrap();
    assert_eq!(of_noise.count(), told_of_noise.len());
    assert!(matches!(row["processed_at"], Field::TimestampMillis(_)));
    assert_eq!(text(row, "policy_digest").as_deref(), told["policy"]["digest"].as_str());

    for (source, code) in [
        ("some text.txt", "UNSUPPORTED_FORMAT"),
        ("a/empty", "IMAGE_CORRUPT"),
        ("cut.png", "IMAGE_CORRUPT"),
    ] {
        let row = by_source[source];
        assert_eq!(text(row, "status").as_deref(), Some("failed"), "{source}");
        assert_eq!(text(row, "error_code").as_deref(), Some(code), "{source}");
        assert!(!text(row, "error_message").unwrap().is_empty());
        assert_eq!((&row["risk"], text(row, "label")), (&Field::Null, None));
        assert_eq!(text(row, "policy_digest").as_deref(), told["policy"]["digest"].as_str());
    }
}

#[test]
fn shards_have_every_entry_of_a_manifest_once_between_them() {
    let bench = Bench::new();
    pictures(&bench, 9);
    let absolute = bench.path("pictures/0/0.jpg").display().to_string();
    let names =
        ["0/3.jpg", "1/1.jpg", "1/1.jpg", "not there.jpg", &absolute, "2/2.jpg", "ftp://a/b"];
    bench.write("pictures/list.txt", names.join("\r\n"));
    let csv: Vec<_> = names.iter().map(|name| format!("7,\"{name}\"\n")).collect();
    bench.write("pictures/list.csv", format!("number,file\n{}", csv.concat()));
    for manifest in ["pictures/list.txt", "pictures/list.csv"] {
        let out = format!("rows of {}", manifest.replace('/', " "));
        for shard in ["0/3", "1/3", "2/3"] {
            let run =
                bulk(&bench, &[manifest, "--out", &out, "--shard", shard, "--column", "file"]);
            assert_eq!(run.code, 0, "{}", run.err);
        }
        let expected: BTreeSet<_> = names.into_iter().map(str::to_owned).collect();
        let found = sources(&bench.path(&out));
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{manifest}");
        let rows = rows(&bench.path(&out));
        let failed = rows.iter().filter(|row| text(row, "error_code").is_some());
        let failed: BTreeSet<_> = failed.filter_map(|row| text(row, "source")).collect();
        assert_eq!(failed.into_iter().collect::<Vec<_>>(), ["ftp://a/b", "not there.jpg"]);
    }
}

#[test]
fn a_shard_that_is_killed_again_and_again_loses_and_repeats_nothing() {
    let bench = Bench::new();
    let names = pictures(&bench, 90);
    let arguments = ["pictures", "--out", "rows", "--part-rows", "4"];
    let mut kills = 0;
    'rounds: for round in 0..6_u64 {
        let before = sources(&bench.path("rows")).len();
        let mut child = start(&bench, &arguments);
        let end = Instant::now() + Duration::from_secs(60);
        while sources(&bench.path("rows")).len() == before {
            // A quick machine is through before the last round.
            if child.try_wait().unwrap().is_some() {
                break 'rounds;
            }
            assert!(Instant::now() < end);
            std::thread::sleep(Duration::from_millis(2));
        }
        // Moments after a part: spread by a multiplicative sequence, the same in every run.
        std::thread::sleep(Duration::from_millis(round * 7_919 % 61));
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
        let found = sources(&bench.path("rows"));
        let distinct: BTreeSet<_> = found.iter().collect();
        assert_eq!(found.len(), distinct.len(), "after {round}");
    }
    assert!(kills >= 2, "{kills}");
    let run = bulk(&bench, &arguments);
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(sources(&bench.path("rows")), names);
    let again = bulk(&bench, &arguments);
    assert!(again.out.contains("90 of 90 done, 90 before, 0 now"), "{}", again.out);
}

#[test]
fn two_processes_at_one_shard_write_every_row_once() {
    let bench = Bench::new();
    let names = pictures(&bench, 40);
    let arguments = ["pictures", "--out", "rows", "--part-rows", "3"];
    let children = [start(&bench, &arguments), start(&bench, &arguments)];
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(sources(&bench.path("rows")), names);
}

#[test]
fn a_shard_that_is_told_to_stop_writes_what_it_has_examined() {
    let bench = Bench::new();
    let names = pictures(&bench, 80);
    let arguments = ["pictures", "--out", "rows", "--part-rows", "4"];
    let mut child = start(&bench, &arguments);
    let end = Instant::now() + Duration::from_secs(60);
    while sources(&bench.path("rows")).is_empty() {
        assert!(Instant::now() < end);
        std::thread::sleep(Duration::from_millis(5));
    }
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let code = child.wait().unwrap().code();
    let found = sources(&bench.path("rows"));
    // It may have been through already.
    assert!(code == Some(3) && found.len() < 80 || code == Some(0), "{code:?}, {}", found.len());
    assert_eq!(bulk(&bench, &arguments).code, 0);
    assert_eq!(sources(&bench.path("rows")), names);
}

#[test]
fn rows_that_were_made_otherwise_are_not_gone_on_with() {
    let bench = Bench::new();
    pictures(&bench, 3);
    let first = ["pictures", "--out", "rows"];
    assert_eq!(bulk(&bench, &first).code, 0);
    let before = sources(&bench.path("rows"));
    bench.write("strict.toml", "name = \"strict\"\nversion = \"1\"\nextends = \"default\"\n");
    bench.write("list.txt", "pictures/0/0.jpg\n");
    for (arguments, told) in [
        (
            vec!["pictures", "--out", "rows", "--policy", "strict.toml"],
            "policy default there, strict here",
        ),
        (vec!["list.txt", "--out", "rows"], "input pictures there, list.txt here"),
        (
            vec!["pictures", "--out", "rows", "--shard", "0/2"],
            "holds parts of 0/1 shards, this is 0/2",
        ),
        (vec!["pictures", "--out", "rows", "--no-metadata"], "none here"),
    ] {
        let run = match arguments.contains(&"--no-metadata") {
            true => {
                bench.assay(&[&["bulk"], arguments.as_slice(), &["--models", "noise"]].concat())
            }
            false => bulk(&bench, &arguments),
        };
        assert_eq!(run.code, 2, "{}", run.out);
        assert!(run.err.contains(told), "{told}: {}", run.err);
        assert_eq!(sources(&bench.path("rows")), before);
    }
    let run = bulk(&bench, &["pictures", "--out", "rows", "--policy", "strict.toml", "--restart"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let rows = rows(&bench.path("rows"));
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| text(row, "policy").as_deref() == Some("strict")));
    let part = bench.path("rows/part-00000-of-00001-000000.parquet");
    std::fs::write(&part, "no Parquet at all").unwrap();
    let run = bulk(&bench, &["pictures", "--out", "rows", "--policy", "strict.toml"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("part-00000-of-00001-000000.parquet in rows"), "{}", run.err);
}

#[test]
fn an_archive_in_a_bucket_is_examined_into_the_bucket() {
    let bench = Bench::new();
    let names = pictures(&bench, 5);
    let root = bench.path("");
    let buckets = Buckets::start(&root, &["pictures", "out"]).unwrap();
    let run = |arguments: &[&str], secret: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
        command.arg("bulk").args(arguments).args(QUICK).envs(buckets.environment());
        command.env("ASSAY_CONFIG", shipped("assay.toml"));
        if let Some(secret) = secret {
            command.env("AWS_SECRET_ACCESS_KEY", secret);
        }
        let output = command.output().unwrap();
        (output.status.code().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let arguments = ["s3://pictures", "--out", "s3://out/rows/of it", "--part-rows", "2"];
    let (code, said) = run(&arguments, Some("another secret"));
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("refuses the credentials") && !said.contains("another secret"), "{said}");
    let (code, said) = run(&["s3://elsewhere", "--out", "s3://out/rows"], None);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("s3://elsewhere: no such file or bucket"), "{said}");
    for _ in 0..2 {
        let (code, said) = run(&arguments, None);
        assert_eq!(code, 0, "{said}");
    }
    let out = bench.path("out/rows/of it");
    assert_eq!(sources(&out), names);
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 3);

    // A manifest in the bucket, with a key, a URL and what is not there.
    bench.write("out/list.csv", "path\ns3://pictures/0/0.jpg\nlist.csv\ns3://pictures/nothing\n");
    let (code, said) = run(&["s3://out/list.csv", "--out", "s3://out/others"], None);
    assert_eq!(code, 0, "{said}");
    let rows = rows(&bench.path("out/others"));
    let told: BTreeMap<_, _> = rows
        .iter()
        .map(|row| (text(row, "source").unwrap(), text(row, "error_code").unwrap_or_default()))
        .collect();
    let expected = [
        ("list.csv", "UNSUPPORTED_FORMAT"),
        ("s3://pictures/0/0.jpg", ""),
        ("s3://pictures/nothing", "INVALID_REQUEST"),
    ];
    let expected = expected.map(|(source, code)| (source.to_owned(), code.to_owned()));
    assert_eq!(told, BTreeMap::from(expected));

    drop(buckets);
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
    command.args(["bulk", "s3://pictures", "--out", "rows"]).args(QUICK).current_dir(&root);
    command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9").env("AWS_ACCESS_KEY_ID", "a");
    command.env("AWS_SECRET_ACCESS_KEY", "b").env("ASSAY_CONFIG", shipped("assay.toml"));
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("s3://pictures: the bucket cannot be reached"), "{said}");
}

#[test]
fn a_program_that_asks_gets_a_line_for_every_name_in_order() {
    let bench = Bench::new();
    let names = pictures(&bench, 6);
    let mut asked: Vec<_> = names.iter().map(|name| format!("pictures/{name}")).collect();
    asked.insert(2, "nothing/there.jpg".into());
    let arguments = [&["bulk", "-", "--out", "-"], QUICK.as_slice()].concat();
    let run = bench.assay_with_input(&arguments, asked.join("\n").as_bytes());
    assert_eq!(run.code, 0, "{}", run.err);
    let lines: Vec<Value> =
        run.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let answered: Vec<_> = lines.iter().map(|line| line["source"].as_str().unwrap()).collect();
    assert_eq!(answered, asked);
    let failed: Vec<_> = lines.iter().filter(|line| line["status"] == "failed").collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["error_code"], "INVALID_REQUEST");
}

#[test]
fn wrong_uses_are_told() {
    let bench = Bench::new();
    pictures(&bench, 1);
    bench.write("list.csv", "file\na.jpg\n");
    for (arguments, told) in [
        (vec!["pictures", "--out", "rows", "--shard", "3/3"], "expected I/N"),
        (vec!["pictures", "--out", "-"], "go together"),
        (vec!["nothing", "--out", "rows"], "nothing: cannot be read"),
        (vec!["list.csv", "--out", "rows"], "no column \"path\""),
        (vec!["pictures/0/0.jpg", "--out", "rows"], "examined by `assay analyze`"),
        (vec!["pictures", "--out", "http://host/rows"], "use a folder"),
    ] {
        let run = bulk(&bench, &arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.out);
        assert!(run.err.contains(told), "{told}: {}", run.err);
    }
}
