// SPDX-License-Identifier: MIT OR Apache-2.0
//! Detectors that are programs: a Python script has its score in the result, and what goes wrong in one
//! costs its own answer.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::programs::find;
use crate::support::{photo, png, shipped, Bench};

/// Speaks the protocol by hand and does what its argument says.
const ODD: &str = r#"
import json, os, socket, sys, time

def read():
    length = sys.stdin.buffer.read(4)
    return json.loads(sys.stdin.buffer.read(int.from_bytes(length, "little"))) if length else sys.exit()

def write(body, length=None):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    sys.stdout.buffer.write((len(body) if length is None else length).to_bytes(4, "little") + body)
    sys.stdout.buffer.flush()

def done(what):
    write({"type": "report", "score": 0.5, "detail": what})

def tried(what):
    try:
        what()
        done("it worked")
    except OSError as error:
        done("refused: " + type(error).__name__)

odd = sys.argv[1]
read()
write({"type": "hello", "protocol": 2 if odd == "version" else 1, "id": odd.replace("_", "-"), "version": "1",
       "kind": "generation"})
asked = read()
report = {"type": "report", "score": 0.5}
{
    "exit": lambda: sys.exit("no more of this"),
    "signal": lambda: os.kill(os.getpid(), 11),
    "hang": lambda: time.sleep(600),
    "spin": lambda: all(True for _ in iter(int, 1)),
    "garbage": lambda: write(b"\xff\x00garbage"),
    "no_frame": lambda: write(b"", 1 << 31),
    "half": lambda: (write(b"{", 100), os.close(1), os.close(0), time.sleep(600)),
    "long": lambda: write({**report, "detail": "x" * (9 << 20)}),
    "unknown": lambda: write({**report, "scores": 1}),
    "not_a_number": lambda: write({**report, "score": float("nan")}),
    "above": lambda: write({**report, "score": 1.5}),
    "map": lambda: write({**report, "heatmap": {"cell_px": 16, "values": [0.5]}}),
    "hello": lambda: write({"type": "hello", "protocol": 1, "id": "x", "version": "1", "kind": "generation"}),
    "memory": lambda: bytearray(1 << 31),
    "complaints": lambda: [os.write(2, b"." * (1 << 20)) for _ in range(100)],
    "process": lambda: tried(lambda: os.posix_spawn("/bin/sh", ["sh"], {})),
    "network": lambda: tried(lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM)),
    "secret": lambda: tried(lambda: open("secret.txt")),
    "file": lambda: tried(lambda: open("new.txt", "w")),
    "picture": lambda: tried(lambda: os.pwrite(3, b"x", 0)),
    "host": lambda: tried(lambda: os.kill(os.getppid(), 0)),
    "environment": lambda: done("environment: " + " ".join(sorted(os.environ))),
    "pictures": lambda: done(f"{asked['width']} {asked['facts']['format']} {os.pread(3, 2, asked['file']['offset'])}"),
}[odd]()
time.sleep(600)
"#;

/// The interpreter itself, where `python3` may be a script that looks for it.
fn python() -> Option<PathBuf> {
    let asked = Command::new(find("python3")?)
        .args(["-c", "import sys; print(sys.executable)"])
        .output()
        .unwrap();
    Some(String::from_utf8(asked.stdout).unwrap().trim().into())
}

fn sdk() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk/python").canonicalize().unwrap()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The shipped configuration and tables of programs: model key, what follows the interpreter, more keys.
fn with_scripts(bench: &Bench, python: &Path, scripts: &[(&str, &[&str], &str)]) -> String {
    let mut config = std::fs::read_to_string(shipped("assay.toml")).unwrap();
    config = config.replace("[plugins]\n", "[plugins]\nmemory_megabytes = 1024\n");
    for (model, arguments, more) in scripts {
        let mut command = vec![python.to_str().unwrap()];
        command.extend(*arguments);
        config += &format!("\n[[plugin]]\nmodel = \"{model}\"\ncommand = {command:?}\n{more}\n");
    }
    bench.write("assay.toml", config)
}

#[test]
fn a_python_script_has_its_score_in_the_result() {
    let Some(python) = python() else { return };
    let bench = Bench::new();
    let script = std::fs::read_to_string(sdk().join("examples/detector.py")).unwrap();
    let more = format!(
        "readable = [{:?}]\ntitle = \"Our own\"\nkind = \"manipulation\"\nresult_key = \"our_own\"",
        sdk().join("src")
    );
    let installed = "str(pathlib.Path(__file__).resolve().parent.parent / \"src\")";
    let script = script.replace(installed, &format!("{:?}", sdk().join("src")));
    bench.write("own/detector.py", &script);
    let config = with_scripts(&bench, &python, &[("own", &["own/detector.py"], &more)]);
    let files = [bench.write("a.jpg", photo(300, 240, 3)), bench.write("b.png", png(320, 256))];
    let mut arguments = vec!["--config", &config, "--models", "frequency,own"];
    arguments.extend(files.iter().map(String::as_str));
    let results = bench.results(&arguments);
    assert_eq!(results.len(), 2);
    for result in results {
        let own = &result["model_results"]["our_own"];
        assert_eq!(own["status"], "complete", "{result}");
        let entropy = own["entropy_bits"].as_f64().unwrap();
        assert!((own["score"].as_f64().unwrap() - (1.0 - entropy / 8.0)).abs() < 1e-4, "{own}");
        assert!(entropy > 4.0, "{own}");
        assert_eq!(own["digest"], sha256(script.as_bytes()), "{own}");
    }
    let listed = bench.assay(&["plugins", "list", "--config", &config]);
    let line = listed.out.lines().find(|line| line.starts_with("own ")).unwrap();
    let digest = sha256(script.as_bytes());
    assert!(line.contains("manipulation") && line.contains(&digest[..12]), "{line}");
    let told = bench.assay(&["analyze", "--config", &config, "--models", "own", &files[0]]);
    assert!(told.out.contains("Our own"), "{}{}", told.out, told.err);
    let doctor = bench.assay(&["doctor", "--config", &config]);
    let line = doctor.out.lines().find(|line| line.contains("detector      own ")).unwrap();
    assert!(line.starts_with("warning") && line.contains("in processes of its own"), "{line}");
}

#[test]
fn what_goes_wrong_in_a_program_costs_its_own_answer() {
    let Some(python) = python() else { return };
    let bench = Bench::new();
    bench.write("odd.py", ODD);
    bench.write("secret.txt", "secret");
    let cases = [
        ("exit", "error", "the last that it wrote: no more of this"),
        ("signal", "error", "SIGSEGV"),
        ("hang", "timeout", "overran its deadline"),
        ("spin", "timeout", "overran its deadline"),
        ("garbage", "error", "broke the protocol"),
        ("no_frame", "error", "2147483648 bytes"),
        ("half", "error", "closed its channel"),
        ("long", "error", "at most 8388608 are read"),
        ("unknown", "error", "unknown field `scores`"),
        ("not_a_number", "error", "its answer is wrong"),
        ("above", "error", "score must be within 0..=1"),
        ("map", "error", "heatmap must have"),
        ("hello", "error", "something else than a report"),
        ("memory", "error", "MemoryError"),
        ("complaints", "error", "ended by itself"),
        ("process", "complete", "refused: PermissionError"),
        ("network", "complete", "refused: PermissionError"),
        ("secret", "complete", "refused: PermissionError"),
        ("file", "complete", "refused: PermissionError"),
        ("picture", "complete", "refused: OSError"),
        ("host", "complete", "refused: PermissionError"),
        ("environment", "complete", "environment: LC_ALL"),
        ("pictures", "complete", "300 JPEG b'\\xff\\xd8'"),
    ];
    let arguments: Vec<_> = cases.iter().map(|(odd, ..)| ["odd.py", *odd]).collect();
    let scripts: Vec<_> =
        cases.iter().zip(&arguments).map(|((odd, ..), given)| (*odd, &given[..], "")).collect();
    let config = with_scripts(&bench, &python, &scripts);
    let mut policy = "name = \"trial\"\nversion = \"1\"\nextends = \"default\"\n".to_owned();
    for (odd, ..) in cases {
        // Long for those that are not to overrun it, whatever else the machine does.
        let deadline_ms = if ["hang", "spin"].contains(&odd) { 2_000 } else { 60_000 };
        policy += &format!("detectors.{odd}.deadline_ms = {deadline_ms}\n");
    }
    let policy = bench.write("trial.toml", policy);
    let picture = bench.write("photo.jpg", photo(300, 240, 3));
    let models = format!("frequency,{}", cases.map(|(odd, ..)| odd).join(","));
    let arguments = ["--config", &config, "--policy", &policy, "--models", &models, &picture];
    let result = bench.results(&arguments).remove(0);
    let frequency = &result["model_results"]["frequency_analysis"];
    assert_eq!(frequency["status"], "complete", "{result}");
    for (odd, status, told) in cases {
        let found = &result["model_results"][format!("{odd}_detection")];
        assert_eq!(found["status"], status, "{odd}: {found}");
        let text = found["detail"].as_str().unwrap();
        assert!(text.contains(told) && text.len() < 5_000, "{odd}: {text}");
    }
    assert!(!bench.path("new.txt").exists());
}

#[test]
fn a_program_that_fails_on_every_picture_is_left_alone_for_a_while() {
    let Some(python) = python() else { return };
    let bench = Bench::new();
    bench.write("odd.py", ODD);
    let config = with_scripts(&bench, &python, &[("own", &["odd.py", "exit"], "")]);
    let files: Vec<_> =
        (0..5).map(|i| bench.write(&format!("{i}.jpg"), photo(200, 200, i))).collect();
    let mut arguments = vec!["--config", &config, "-j", "1", "--models", "frequency,own"];
    arguments.extend(files.iter().map(String::as_str));
    let results = bench.results(&arguments);
    let told = |result: &Value| {
        result["model_results"]["exit_detection"]["detail"].as_str().unwrap().to_owned()
    };
    let told: Vec<_> = results.iter().map(told).collect();
    assert!(told[..3].iter().all(|text| text.contains("no more of this")), "{told:#?}");
    assert!(told[3].contains("failed 3 times in a row"), "{told:#?}");
}

#[test]
fn a_program_that_cannot_be_had_is_refused_with_the_reason() {
    let Some(python) = python() else { return };
    let bench = Bench::new();
    bench.write("odd.py", ODD);
    bench.write("broken.py", "import no_such_module");
    bench.write("silent.py", "import time\ntime.sleep(0)");
    bench.write("run.sh", "#!/bin/sh\nexec python3 odd.py");
    let pinned = format!("sha256 = \"{}\"", "0".repeat(64));
    let refused = |command: &[&str], more: &str| {
        let mut config = std::fs::read_to_string(shipped("assay.toml")).unwrap();
        config += &format!("\n[[plugin]]\nmodel = \"own\"\ncommand = {command:?}\n{more}\n");
        let config = bench.write("assay.toml", config);
        let run = bench.assay(&["plugins", "list", "--config", &config]);
        assert_eq!(run.code, 2, "{}{}", run.out, run.err);
        run.out + &run.err
    };
    let python = python.to_str().unwrap();
    let cases: [(&[&str], &str, &str); 9] = [
        (&[python, "odd.py", "version"], "", "speaks version 2 of the protocol, not 1"),
        (&[python, "broken.py"], "", "ModuleNotFoundError: No module named 'no_such_module'"),
        (&[python, "silent.py"], "", "ended by itself"),
        (&[python, "odd.py", "exit"], &pinned, "0000"),
        (&["no-such-program"], "", "there is no program no-such-program"),
        (&["./run.sh"], "", "is a script itself; begin with the program that runs it"),
        (&[python, "odd.py", "exit"], "library = \"x\"", "either `library` or `command`"),
        (&[python, "odd.py", "exit"], "isolation = \"none\"", "can only be \"process\""),
        (&[python, "odd.py", "exit"], "files = [\"gone\"]", "gone: cannot be read"),
    ];
    for (command, more, told) in cases {
        let found = refused(command, more);
        assert!(found.contains(told), "{command:?} {more}: {found}");
    }
}

#[test]
fn the_digest_is_that_of_the_files_and_a_pin_holds_them() {
    let Some(python) = python() else { return };
    let bench = Bench::new();
    bench.write("odd.py", ODD);
    bench.write("more/a.txt", "a");
    bench.write("more/__pycache__/b.pyc", "b");
    let list = format!("{}  more/a.txt\n{}  odd.py\n", sha256(b"a"), sha256(ODD.as_bytes()));
    let pinned = format!("files = [\"more\"]\nsha256 = \"{}\"", sha256(list.as_bytes()));
    let config = with_scripts(&bench, &python, &[("own", &["odd.py", "exit"], &pinned)]);
    let list = || bench.assay(&["plugins", "list", "--config", &config]);
    assert_eq!(list().code, 0, "{}", list().out);
    bench.write("more/a.txt", "b");
    let found = list();
    assert_eq!(found.code, 2);
    assert!(found.out.contains("own          not loaded"), "{}", found.out);
}
