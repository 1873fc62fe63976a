// SPDX-License-Identifier: MIT OR Apache-2.0
//! The book: every box of the README and of the docs is run, read, or says why not.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::programs::find;
use crate::support::{library, photo};

/// Documents beside `docs/*.md` and `sdk/*/README.md`.
const DOCUMENTS: [&str; 5] = [
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "config/README.md",
    "conformance-tests/README.md",
];
/// Languages of boxes; the SDKs' are compared with their examples where those are run.
const LANGUAGES: [&str; 8] = ["sh", "text", "toml", "json", "js", "python", "go", "rust"];
/// Most boxes that are not run.
const MOST_NOT_RUN: usize = 12;
/// The server's address in the book.
const ADDRESS: &str = "127.0.0.1:8080";
/// The line that starts it.
const SERVE: &str = "target/release/assay serve";

/// Stands for cargo: what it would build is built already, and of the contract's cases, all of which
/// have a test of their own, it asks one.
const CARGO: &str = r#"#!/usr/bin/env bash
set -eu
case "$1" in
build | test)
    while [ $# -gt 0 ]; do
        if [ "$1" = -p ]; then test -f "target/release/lib${2//-/_}.so"; fi
        shift
    done
    ;;
conformance)
    shift
    if [ "$1" = plugin ]; then set -- "$@" --case descriptor; fi
    exec target/release/assay-conformance "$@"
    ;;
*)
    echo "cargo $1 is not known here" >&2
    exit 1
    ;;
esac
"#;

/// What stands above a box.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Mark {
    None,
    /// Why it is not run.
    NotRun(String),
    /// It is what the boxes before it print.
    Prints,
}

/// One fenced part of a document.
#[derive(Clone, Debug)]
struct Block {
    /// Document and line.
    place: String,
    language: String,
    mark: Mark,
    text: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// The documents, by their paths below the root.
fn documents() -> Vec<String> {
    let mut found: Vec<String> = DOCUMENTS.map(String::from).to_vec();
    for (folder, file) in [("docs", None), ("sdk", Some("README.md"))] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            match file {
                None if name.ends_with(".md") => found.push(format!("{folder}/{name}")),
                Some(file) => found.push(format!("{folder}/{name}/{file}")),
                None => {}
            }
        }
    }
    found.sort();
    found
}

fn text(document: &str) -> String {
    std::fs::read_to_string(root().join(document)).unwrap()
}

fn blocks(document: &str) -> Vec<Block> {
    let text = text(document);
    let (mut found, mut above) = (Vec::<Block>::new(), "");
    let mut open = false;
    for (index, line) in text.lines().enumerate() {
        match line.strip_prefix("```") {
            Some(_) if open => open = false,
            Some(language) => {
                open = true;
                found.push(Block {
                    place: format!("{document}:{}", index + 1),
                    language: language.into(),
                    mark: mark(above),
                    text: String::new(),
                });
            }
            None if open => {
                if let Some(block) = found.last_mut() {
                    block.text += line;
                    block.text.push('\n');
                }
            }
            None => {}
        }
        above = line;
    }
    assert!(!open, "{document}: a box has no end");
    found
}

fn mark(line: &str) -> Mark {
    let comment = line.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->"));
    match comment {
        Some("prints") => Mark::Prints,
        Some(comment) => comment
            .strip_prefix("not run: ")
            .map_or(Mark::None, |reason| Mark::NotRun(reason.into())),
        None => Mark::None,
    }
}

fn all_blocks() -> Vec<Block> {
    documents().iter().flat_map(|document| blocks(document)).collect()
}

#[test]
fn every_box_of_the_book_has_a_language_and_few_are_not_run() {
    let mut not_run = Vec::new();
    for block in all_blocks() {
        assert!(LANGUAGES.contains(&block.language.as_str()), "{}", block.place);
        match &block.mark {
            Mark::None => {}
            Mark::Prints => assert_eq!(block.language, "text", "{}", block.place),
            Mark::NotRun(reason) => {
                assert!(["sh", "toml"].contains(&block.language.as_str()), "{}", block.place);
                not_run.push(format!("{}: {reason}", block.place));
            }
        }
    }
    eprintln!("not run:\n{}", not_run.join("\n"));
    assert!(not_run.len() <= MOST_NOT_RUN, "{not_run:#?}");
}

#[test]
fn every_link_of_the_book_leads_somewhere() {
    for document in documents() {
        let text = text(&document);
        let folder = root().join(&document).parent().unwrap().to_owned();
        for part in text.split("](").skip(1) {
            let target = part.split([')', '#']).next().unwrap();
            if !target.is_empty() && !target.contains("://") {
                assert!(folder.join(target).exists(), "{document}: {target}");
            }
        }
    }
}

#[test]
fn every_text_of_configuration_in_the_book_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    for block in all_blocks() {
        match block.language.as_str() {
            "json" => {
                let read: Result<serde_json::Value, _> = serde_json::from_str(&block.text);
                read.unwrap_or_else(|error| panic!("{}: {error}", block.place));
            }
            "toml" => check_toml(&block, folder.path()),
            "rust" => {
                let template = text("plugins/template/src/lib.rs");
                assert!(template.contains(&block.text), "{}", block.place);
            }
            _ => {}
        }
    }
}

/// Reads TOML; a whole policy is checked as one.
fn check_toml(block: &Block, folder: &Path) {
    let table: toml::Table =
        block.text.parse().unwrap_or_else(|error| panic!("{}: {error}", block.place));
    let is_whole = table.contains_key("name") && table.contains_key("version");
    if is_whole && block.mark == Mark::None {
        let file = folder.join("policy.toml");
        std::fs::write(&file, &block.text).unwrap();
        let check = ["policy", "check"];
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
        let command = command.args(check).arg(&file).current_dir(root());
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}", block.place);
    }
}

/// A folder laid out like a fresh checkout in which everything has been built.
fn checkout() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let parts = [
        "config",
        "plugins/onnx/tests/models",
        "plugins/template",
        "sdk/python/examples",
        "sdk/python/src",
        "Cargo.toml",
    ];
    for part in parts {
        copy(&root().join(part), &path(part));
    }
    let built = path("target/release");
    std::fs::create_dir_all(&built).unwrap();
    let assay = Path::new(env!("CARGO_BIN_EXE_assay"));
    let programs = [assay.to_owned(), assay.with_file_name("assay-conformance")];
    let libraries = std::fs::read_dir(assay.parent().unwrap()).unwrap();
    let libraries = libraries.map(|entry| entry.unwrap().path());
    let libraries = libraries.filter(|file| file.extension().is_some_and(|ext| ext == "so"));
    library("assay_onnx");
    library("assay_plugin_template");
    for file in programs.into_iter().chain(libraries) {
        let link = built.join(file.file_name().unwrap());
        std::os::unix::fs::symlink(file, link).unwrap();
    }
    std::fs::write(path("photo.jpg"), photo(640, 480, 7)).unwrap();
    let cargo = path("programs/cargo");
    std::fs::create_dir(path("programs")).unwrap();
    std::fs::write(&cargo, CARGO).unwrap();
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(cargo, executable).unwrap();
    folder
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let name = entry.unwrap().file_name();
            copy(&from.join(&name), &to.join(&name));
        }
    } else {
        std::fs::copy(from, to).unwrap();
    }
}

/// One script of a document's commands. The server is started beside it, on a port that is free, and
/// ends with it.
fn script(blocks: &[Block]) -> String {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let mut script = String::new();
    for block in blocks.iter().filter(|block| block.language == "sh" && block.mark == Mark::None) {
        for line in block.text.replace(ADDRESS, &address).lines() {
            if line.starts_with(SERVE) {
                script += &format!(
                    "{line} --listen {address} > server.log 2>&1 &\ntrap \"kill $!\" EXIT\n\
                     curl -s --retry 60 --retry-delay 1 --retry-connrefused -o ready http://{address}/readyz\n"
                );
            } else {
                script += line;
                script.push('\n');
            }
        }
    }
    script
}

#[test]
fn every_command_of_the_book_runs_in_a_fresh_checkout() {
    if ["curl", "openssl", "python3"].into_iter().any(|program| find(program).is_none()) {
        return;
    }
    for document in documents() {
        let blocks = blocks(&document);
        let script = script(&blocks);
        if script.is_empty() {
            continue;
        }
        let folder = checkout();
        let path = std::env::var("PATH").unwrap();
        let mut command = Command::new("timeout");
        let command = command
            .args(["300", "bash", "-euo", "pipefail", "-c", &script])
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .env("PATH", format!("{}:{path}", folder.path().join("programs").display()))
            .env_remove("ASSAY_CONFIG")
            .env_remove("ASSAY_DATA");
        let output = command.output().unwrap();
        let (out, err) = (
            String::from_utf8_lossy(&output.stdout).into_owned(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        );
        assert!(output.status.success(), "{document}:\n{script}\n{out}\n{err}");
        for block in blocks.iter().filter(|block| block.mark == Mark::Prints) {
            for line in block.text.lines() {
                assert!(is_printed(line, &out), "{}: {line}\n{out}", block.place);
            }
        }
    }
}

/// Whether a line is among others, whatever their spaces; `…` stands for anything.
fn is_printed(line: &str, out: &str) -> bool {
    let plain = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let expected = plain(line);
    out.lines().map(plain).any(|found| match expected.split_once('…') {
        Some((head, tail)) => {
            let head = found.strip_prefix(head.trim_end());
            head.is_some_and(|rest| rest.ends_with(tail.trim_start()))
        }
        None => found == expected,
    })
}

/// A test that cannot fail proves nothing.
#[test]
fn what_is_not_printed_is_found_out() {
    let out = "  a   b\nlistening on 7\n";
    assert!(is_printed("a b", out) && is_printed("listening on …", out));
    assert!(is_printed("… 7", out) && !is_printed("a", out) && !is_printed("on …", out));
    assert_eq!(mark("<!-- not run: a cluster -->"), Mark::NotRun("a cluster".into()));
}
