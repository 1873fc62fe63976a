// SPDX-License-Identifier: MIT OR Apache-2.0
//! The built binary, the built libraries and synthetic pictures, for tests from outside.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use image::{ImageFormat, RgbImage};
use serde_json::Value;
use tempfile::TempDir;

/// A folder of one test with a configuration that finds the built libraries.
pub(crate) struct Bench {
    folder: TempDir,
}

/// What one run of the binary printed.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file below the folder and returns its path as text.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path.display().to_string()
    }

    /// Runs the binary with the shipped configuration.
    pub(crate) fn assay(&self, arguments: &[&str]) -> Run {
        self.assay_with_input(arguments, &[])
    }

    /// Runs the binary with `input` on its standard input.
    pub(crate) fn assay_with_input(&self, arguments: &[&str], input: &[u8]) -> Run {
        let config = shipped("assay.toml");
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
        command.args(arguments).env_remove("NO_COLOR").current_dir(self.folder.path());
        if !arguments.contains(&"--config") {
            command.env("ASSAY_CONFIG", config);
        }
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), input).unwrap();
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        Run {
            code: status.code().expect("an exit code, not a signal"),
            out: String::from_utf8(stdout).unwrap(),
            err: String::from_utf8(stderr).unwrap(),
        }
    }

    /// Analyses with `--format jsonl` and returns the objects.
    pub(crate) fn results(&self, arguments: &[&str]) -> Vec<Value> {
        let run = self.assay(&[&["analyze", "--format", "jsonl"], arguments].concat());
        assert!([0, 1, 10].contains(&run.code), "exit code {}: {}", run.code, run.err);
        run.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// A noisy scene as a JPEG without metadata, from a seed.
pub(crate) fn photo(width: u32, height: u32, seed: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let picture = scene(width, height, seed);
    picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Jpeg).unwrap();
    bytes
}

/// A noisy scene as a PNG.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let picture = scene(width, height, 0);
    picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
    bytes
}

/// Slow waves with uncorrelated noise.
fn scene(width: u32, height: u32, seed: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let (u, v) = (x as f32 / 41.0 + seed as f32, y as f32 / 29.0);
        let grain = (x.wrapping_mul(0x9e37_79b9) ^ y.wrapping_mul(0x85eb_ca6b) ^ seed)
            .wrapping_mul(0xc2b2_ae35);
        let level = 120.0 + 50.0 * u.sin() * v.cos();
        let sample = |shift: u32| (level + ((grain >> shift) % 9) as f32 - 4.0) as u8;
        image::Rgb([sample(8), sample(16), sample(24)])
    })
}

/// A file of the shipped configuration.
pub(crate) fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../config").join(name)
}

/// A built plugin library, by crate name.
pub(crate) fn library(name: &str) -> PathBuf {
    use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
    let folder = Path::new(env!("CARGO_BIN_EXE_assay")).parent().unwrap();
    let path = folder.join(format!("{DLL_PREFIX}{name}{DLL_SUFFIX}"));
    assert!(path.is_file(), "{} is missing; run `cargo build --workspace` first", path.display());
    path
}
