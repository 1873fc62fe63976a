// SPDX-License-Identifier: MIT OR Apache-2.0
//! The SDKs: their own tests and examples against a real server, and the guide's example.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::programs::find;
use crate::receiver::{Receiver, Reply};
use crate::support::{photo, Server};

/// Versions of Python that the SDK is for; those that are there are asked.
const PYTHONS: [&str; 6] =
    ["python3.8", "python3.9", "python3.10", "python3.11", "python3.12", "python3.13"];

/// A server with a key, a picture, and a file that is none.
struct Bench {
    server: Server,
    key: String,
    secret: String,
    folder: TempDir,
    picture: PathBuf,
    no_picture: PathBuf,
}

impl Bench {
    fn start() -> Self {
        let server = Server::start_arguments(&["--allow-net", "127.0.0.0/8"]);
        let (_, key) = server.key(&["--plan", "enterprise"]);
        let secret = server.webhooks(&["secret", "--org", "acme"]);
        let folder = tempfile::tempdir().unwrap();
        let (picture, no_picture) = (folder.path().join("a.jpg"), folder.path().join("b.jpg"));
        std::fs::write(&picture, photo(301)).unwrap();
        std::fs::write(&no_picture, "GIF89a").unwrap();
        Self { server, key, secret, folder, picture, no_picture }
    }

    /// A program that knows the server by its environment alone.
    fn command(&self, program: impl AsRef<OsStr>, language: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(sdk(language))
            .env("CHECKREAL_BASE_URL", format!("http://{}/v1", self.server.address()))
            .env("CHECKREAL_API_KEY", &self.key)
            .env("CHECKREAL_WEBHOOK_SECRET", &self.secret)
            .env("CHECKREAL_TEST_PICTURE", &self.picture)
            .env("ASSAY_PROGRAM", env!("CARGO_BIN_EXE_assay"));
        command
    }

    /// Runs the three patterns' examples, and that of errors, with a picture and a file that is none.
    fn check_examples(&self, example: impl Fn(&str) -> Command) {
        let (picture, no_picture) = (self.picture.as_path(), self.no_picture.as_path());
        let text = |path: &Path| path.display().to_string();
        let out = run(example("insurance").arg("claim-1").args([picture, no_picture]));
        let lines: Vec<_> = out.lines().collect();
        assert_eq!(lines.len(), 2, "{out}");
        assert!(lines[0].contains("claim-1-photo-1") && lines[0].contains("req_"), "{out}");
        assert!(lines[1].contains("another photo") && lines[1].contains("UNSUPPORTED_FORMAT"));
        let out = run(example("kyc").args([picture, picture]));
        assert!(["reject", "step up", "liveness"].iter().any(|word| out.contains(word)), "{out}");
        let out = run(example("moderation").args([picture, no_picture]));
        assert!(out.contains(&format!("hold {}", text(no_picture))), "{out}");
        assert!(out.lines().any(|line| line.ends_with(&text(picture))), "{out}");
        let out = run(example("errors").arg(no_picture));
        assert!(out.contains("another image: UNSUPPORTED_FORMAT"), "{out}");
    }
}

/// The folder of an SDK.
fn sdk(language: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk").join(language).canonicalize().unwrap()
}

/// Runs to a good end; what it printed.
fn run(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{command:?}: {status}\n{out}\n{err}");
    out.into_owned()
}

/// Checks what a first call prints: label, confidence, risk level.
fn check_first_call(out: &str) {
    let lines: Vec<_> = out.lines().collect();
    let labels = ["AUTHENTIC", "AI_GENERATED", "MANIPULATED", "INCONCLUSIVE"];
    assert!(lines.len() == 3 && labels.contains(&lines[0]), "{out}");
    assert!((0.0..=1.0).contains(&lines[1].parse::<f64>().unwrap()), "{out}");
    assert!(["LOW", "MEDIUM", "HIGH"].contains(&lines[2]), "{out}");
}

#[test]
fn the_guides_example_runs_as_it_stands() {
    let Some(node) = find("node") else { return };
    let (bench, receiver) = (Bench::start(), Receiver::start());
    receiver.reply("/photo.jpg", [Reply::body(photo(302))]);
    let text = std::fs::read_to_string(sdk("node").join("examples/guide.mjs")).unwrap();
    let host = "https://storage.example.com";
    assert!(text.contains(host));
    // The picture's host is the one thing that does not exist.
    let file = bench.folder.path().join("guide.mjs");
    std::fs::write(&file, text.replace(host, &receiver.url(""))).unwrap();
    let modules = bench.folder.path().join("node_modules/@checkreality");
    std::fs::create_dir_all(&modules).unwrap();
    std::os::unix::fs::symlink(sdk("node"), modules.join("sdk")).unwrap();
    check_first_call(&run(bench.command(node, "node").arg(file)));
    assert_eq!(receiver.received("/photo.jpg").len(), 1);
}

#[test]
fn the_sdk_for_node_passes_its_tests_and_its_examples_run() {
    let Some(node) = find("node") else { return };
    let bench = Bench::start();
    let tests = std::fs::read_dir(sdk("node").join("test")).unwrap();
    let tests = tests.map(|file| file.unwrap().path());
    let tests = tests.filter(|path| path.to_string_lossy().ends_with(".test.mjs"));
    run(bench.command(&node, "node").arg("--test").args(tests));
    bench.check_examples(|name| {
        let mut command = bench.command(&node, "node");
        command.arg(sdk("node").join("examples").join(format!("{name}.mjs")));
        command
    });
    let compiler = sdk("node").join("node_modules/typescript/bin/tsc");
    if compiler.is_file() {
        run(bench.command(&node, "node").arg(compiler).args(["--noEmit", "-p", "."]));
    } else {
        assert!(std::env::var_os("CI").is_none(), "npm ci has not been run in sdk/node");
        eprintln!("left out: the types, as npm ci has not been run in sdk/node");
    }
}

#[test]
fn the_sdk_for_python_passes_its_tests_and_its_examples_run() {
    let Some(python) = find("python3") else { return };
    let bench = Bench::start();
    let command = |python: &OsStr| {
        let mut command = bench.command(python, "python");
        command.env("PYTHONPATH", sdk("python").join("src")).env("PYTHONDONTWRITEBYTECODE", "1");
        command
    };
    let is_there = |name: &str| {
        let version = Command::new(name).arg("--version").output();
        version.is_ok_and(|output| output.status.success())
    };
    let mut pythons: Vec<_> = PYTHONS.into_iter().filter(|name| is_there(name)).collect();
    if pythons.is_empty() {
        pythons.push("python3");
    }
    std::thread::scope(|scope| {
        for (seed, name) in (310..).zip(pythons) {
            // One of its own: an answer that another version's request waits for is kept a moment later.
            let picture = bench.folder.path().join(format!("{name}.jpg"));
            std::fs::write(&picture, photo(seed)).unwrap();
            let mut command = command(OsStr::new(name));
            command.env("CHECKREAL_TEST_PICTURE", picture);
            command.args(["-W", "error::ResourceWarning", "-m", "unittest", "discover"]);
            scope.spawn(move || run(command.args(["-t", ".", "-s", "tests"])));
        }
    });
    let example = |name: &str| {
        let mut command = command(python.as_os_str());
        command.arg(sdk("python").join("examples").join(format!("{name}.py")));
        command
    };
    bench.check_examples(example);
    let out = run(example("archive").args([&bench.picture, &bench.no_picture]));
    let lines: Vec<_> = out.lines().collect();
    assert_eq!(lines.len(), 2, "{out}");
    assert!(lines[0].contains("a.jpg ") && lines[1].contains("b.jpg UNSUPPORTED_FORMAT"), "{out}");
    let receiver = Receiver::start();
    receiver.reply("/photo.jpg", [Reply::body(photo(302))]);
    check_first_call(&run(example("first_call").arg(receiver.url("/photo.jpg"))));
    if let Some(mypy) = find("mypy") {
        let cache = bench.folder.path().join("mypy");
        for files in [vec!["src"], vec!["examples/insurance.py"], vec!["examples/moderation.py"]] {
            run(command(mypy.as_os_str()).arg("--cache-dir").arg(&cache).args(files));
        }
    }
}

#[test]
fn the_sdk_for_go_passes_its_tests_and_its_examples_run() {
    let Some(go) = find("go") else { return };
    let bench = Bench::start();
    let go = || {
        let mut command = bench.command(&go, "go");
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("go");
        // No network: there is nothing to fetch.
        command.env("GOCACHE", cache).env("GOPROXY", "off").env("GOTOOLCHAIN", "local");
        command
    };
    if let Some(gofmt) = find("gofmt") {
        assert_eq!(run(bench.command(gofmt, "go").args(["-l", "."])), "");
    }
    run(go().args(["vet", "./..."]));
    run(go().args(["test", "-count=1", "."]));
    let programs = bench.folder.path().join("programs");
    std::fs::create_dir(&programs).unwrap();
    run(go().args(["build", "-o"]).arg(&programs).arg("./examples/..."));
    bench.check_examples(|name| bench.command(programs.join(name), "go"));
    let receiver = Receiver::start();
    receiver.reply("/photo.jpg", [Reply::body(photo(302))]);
    let first_call = programs.join("firstcall");
    check_first_call(&run(bench.command(first_call, "go").arg(receiver.url("/photo.jpg"))));
}

#[test]
fn what_the_readmes_show_is_what_the_examples_run() {
    for (language, fence) in [("node", "js"), ("python", "python"), ("go", "go")] {
        let mut examples = Vec::new();
        texts(&sdk(language).join("examples"), &mut examples);
        let readme = std::fs::read_to_string(sdk(language).join("README.md")).unwrap();
        let start = format!("```{fence}\n");
        let shown: Vec<_> = readme.split(&start).skip(1).collect();
        assert!(shown.len() >= 6, "{language}");
        for part in shown {
            let (part, _) = part.split_once("```").unwrap();
            assert!(examples.iter().any(|text| text.contains(part)), "{language}: {part}");
        }
    }
}

/// The texts of all files below a folder.
fn texts(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts(&path, found);
        } else {
            found.push(String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned());
        }
    }
}

#[test]
fn the_packages_have_the_guides_names() {
    let text = |path: &str| std::fs::read_to_string(sdk("").join(path)).unwrap();
    let package: Value = serde_json::from_str(&text("node/package.json")).unwrap();
    assert_eq!(package["name"], "@checkreality/sdk");
    assert!(text("python/pyproject.toml").contains("name = \"checkreality-sdk\""));
    assert!(text("go/go.mod").starts_with("module github.com/checkreality/go-sdk\n"));
}
