// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay plugins new` and `dev`: from a name to a detector that is built, checked, analysed with and changed.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{channel, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{photo, shipped, Bench};

/// How long a build may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(240);

/// Where the crates of these tests are built: what they share is built once.
fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("new")
}

/// Cargo on a crate, without a network.
fn cargo(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(folder);
    offline(&mut command);
    command
}

fn offline(command: &mut Command) {
    command.env("CARGO_NET_OFFLINE", "true").env("CARGO_TARGET_DIR", target());
    command.env("CARGO_PROFILE_DEV_DEBUG", "0").env_remove("RUSTFLAGS");
}

fn made(bench: &Bench, name: &str) -> PathBuf {
    let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").display().to_string();
    let run = bench.assay(&["plugins", "new", name, "--contract", &contract]);
    assert_eq!(run.code, 0, "{}", run.err);
    bench.path(name)
}

fn succeeds(command: &mut Command) {
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&said));
}

#[test]
fn wrong_names_and_folders_that_are_there_are_refused() {
    let bench = Bench::new();
    let there = bench.write("there/Cargo.toml", "mine");
    let cases = [
        (vec!["plugins", "new", "Cast_Shadows"], "such as cast-shadows"),
        (vec!["plugins", "new", "noise"], "the name of a model that Assay comes with"),
        (vec!["plugins", "new", "cast-shadows", "--dir", "there"], "there: is there already"),
        (
            vec!["plugins", "new", "cast-shadows", "--contract", "there"],
            "expected the crate assay-plugin-api",
        ),
        (vec!["plugins", "dev", "nowhere", "--images", "there"], "nowhere: no crate"),
    ];
    for (arguments, expected) in cases {
        let run = bench.assay(&arguments);
        assert_eq!(run.code, 2, "{arguments:?}");
        assert!(run.err.contains(expected), "{arguments:?}: {}", run.err);
    }
    assert_eq!(std::fs::read_to_string(there).unwrap(), "mine");
    assert!(!bench.path("cast-shadows").exists());
}

#[test]
fn a_new_detector_is_built_tested_conforms_and_is_analysed_with() {
    let bench = Bench::new();
    let folder = made(&bench, "cast-shadows");
    succeeds(&mut cargo(&folder, &["test", "--quiet"]));
    succeeds(&mut cargo(&folder, &["build", "--quiet"]));
    let library = target().join("debug").join(format!(
        "{}assay_plugin_cast_shadows{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    ));
    let kit = Path::new(env!("CARGO_BIN_EXE_assay")).with_file_name("assay-conformance");
    // The template's own library is tried by all cases; this one is the same code.
    let groups = [
        "--group",
        "library",
        "--group",
        "parameters",
        "--group",
        "pictures",
        "--group",
        "evidence",
    ];
    succeeds(Command::new(kit).arg("plugin").arg(&library).args(groups));

    let slot =
        format!("\n[[plugin]]\nmodel = \"cast_shadows\"\nlibrary = \"{}\"\n", library.display());
    let config = std::fs::read_to_string(shipped("assay.toml")).unwrap() + &slot;
    let (config, picture) =
        (bench.write("assay.toml", config), bench.write("a.jpg", photo(200, 200, 1)));
    let models = ["--models", "cast_shadows,metadata"];
    let results = bench.results(&[&["--config", &config, &picture], &models[..]].concat());
    let found = &results[0]["model_results"]["cast_shadows_analysis"];
    assert_eq!(found["status"], "complete", "{found}");
}

/// `assay plugins dev` while it runs; it is killed with this.
struct Dev {
    child: Child,
    lines: Receiver<String>,
}

impl Dev {
    fn start(bench: &Bench, folder: &Path, images: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
        command.args(["plugins", "dev"]).arg(folder).args(["--images", images]);
        command.env("ASSAY_CONFIG", shipped("assay.toml")).current_dir(bench.path("."));
        offline(&mut command);
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (said, lines) = channel();
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let told = said.clone();
        thread::spawn(move || {
            BufReader::new(out).lines().map_while(Result::ok).try_for_each(|line| told.send(line))
        });
        thread::spawn(move || {
            BufReader::new(err).lines().map_while(Result::ok).try_for_each(|line| said.send(line))
        });
        Self { child, lines }
    }

    /// Everything that is said until it waits for the next save.
    fn until_it_waits(&self) -> Vec<String> {
        let end = Instant::now() + PATIENCE;
        let mut said = Vec::new();
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(left).unwrap_or_else(|e| panic!("{e}: {said:#?}"));
            if line.starts_with("waiting for a save") {
                return said;
            }
            said.push(line);
        }
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The words of the line that starts with `name`.
fn line(said: &[String], name: &str) -> Vec<String> {
    let line = said.iter().find(|line| line.split_whitespace().next() == Some(name));
    let line = line.unwrap_or_else(|| panic!("{name}: {said:#?}"));
    line.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn each_save_is_built_and_scored_beside_the_build_before() {
    let bench = Bench::new();
    let folder = made(&bench, "dev-shadows");
    bench.write("images/a.jpg", photo(200, 200, 1));
    bench.write("images/b.jpg", photo(120, 110, 2));
    bench.write("images/small.jpg", photo(60, 60, 3));
    let mut dev = Dev::start(&bench, &folder, "images");

    let said = dev.until_it_waits();
    assert!(
        line(&said, "build")[1..].starts_with(&["1:".into(), "dev-shadows".into()]),
        "{said:#?}"
    );
    let first = line(&said, "images/a.jpg");
    let [_, score] = first.as_slice() else { panic!("{said:#?}") };
    let score: f64 = score.parse().unwrap();
    assert!(
        said.iter()
            .any(|line| line.starts_with("images/small.jpg") && line.contains("at least 100x100")),
        "{said:#?}"
    );

    // A real edit: the opposite score.
    let source = folder.join("src/lib.rs");
    let text = std::fs::read_to_string(&source).unwrap();
    let changed =
        text.replace("Score::clamped(1.0 - entropy / 8.0)", "Score::clamped(entropy / 8.0)");
    assert_ne!(changed, text);
    std::fs::write(&source, &changed).unwrap();
    let said = dev.until_it_waits();
    let second = line(&said, "images/a.jpg");
    let numbers: Vec<f64> = second[1..].iter().map(|word| word.parse().unwrap()).collect();
    let expected = [score, 1.0 - score, 1.0 - 2.0 * score];
    for (found, expected) in numbers.iter().zip(expected) {
        assert!((found - expected).abs() < 2e-4, "{said:#?}");
    }
    assert!(said.last().unwrap().starts_with("2 of 3 changed"), "{said:#?}");

    // What does not compile is shown, and the build before stays.
    std::fs::write(&source, changed.replace("entropy / 8.0", "entropie / 8.0")).unwrap();
    let said = dev.until_it_waits();
    assert!(said.iter().any(|line| line.contains("cannot find value `entropie`")), "{said:#?}");
    assert_eq!(said.last().unwrap(), "build 2 stays");

    // So it does with one that breaks the contract; it has not taken this process along.
    let broken = changed.replace("let entropy = entropy_bits(&luma);", "std::process::abort();");
    let broken = broken
        .replace("Ok(Report::new", "#[allow(unreachable_code)] let entropy = 0.0; Ok(Report::new");
    std::fs::write(&source, broken).unwrap();
    let said = dev.until_it_waits();
    assert!(said.iter().any(|line| line.contains("not put into service")), "{said:#?}");
    assert_eq!(said.last().unwrap(), "build 2 stays");

    let id = dev.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(dev.child.wait().unwrap().code(), Some(0));
}
