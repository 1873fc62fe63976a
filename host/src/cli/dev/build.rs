// SPDX-License-Identifier: MIT OR Apache-2.0
//! Runs cargo and tells which libraries it made.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// What is built.
pub(super) struct Build<'a> {
    pub(super) folder: &'a Path,
    pub(super) release: bool,
}

/// Builds; the libraries that a host could load, or that it did not compile, which cargo has explained.
///
/// # Errors
/// When cargo cannot be run.
pub(super) fn run(build: &Build<'_>) -> Result<Result<Vec<PathBuf>, String>, String> {
    // As cargo itself names it to the programs that it runs.
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(&cargo);
    command.args(["build", "--message-format", "json-render-diagnostics"]);
    if build.release {
        command.arg("--release");
    }
    let command = command.current_dir(build.folder).stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = command
        .output()
        .map_err(|error| format!("{} cannot be run: {error}", cargo.to_string_lossy()))?;
    if !output.status.success() {
        return Ok(Err("the build failed".into()));
    }
    Ok(Ok(libraries(&output.stdout)))
}

/// The dynamic libraries among cargo's messages, one a line:
/// <https://doc.rust-lang.org/cargo/reference/external-tools.html#artifact-messages>.
fn libraries(messages: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for line in messages.split(|byte| *byte == b'\n') {
        let Ok(message) = serde_json::from_slice::<Value>(line) else { continue };
        let texts = |pointer: &str| -> Vec<String> {
            let list = message.pointer(pointer).and_then(Value::as_array);
            let texts = list.into_iter().flatten().filter_map(Value::as_str);
            texts.map(str::to_owned).collect()
        };
        let is_library = message["reason"] == "compiler-artifact"
            && texts("/target/crate_types").iter().any(|kind| kind == "cdylib");
        if is_library {
            let is_dynamic = |file: &String| file.ends_with(std::env::consts::DLL_SUFFIX);
            found.extend(texts("/filenames").into_iter().filter(is_dynamic).map(PathBuf::from));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dynamic_libraries_alone_are_found_among_the_messages() {
        let suffix = std::env::consts::DLL_SUFFIX;
        let artifact = |kind: &str, files: &[&str]| {
            let target = serde_json::json!({ "crate_types": ["rlib", kind] });
            let message = serde_json::json!({ "reason": "compiler-artifact", "target": target,
                "filenames": files });
            message.to_string()
        };
        let messages = [
            artifact("rlib", &["/t/liba.rlib"]),
            "no JSON".into(),
            artifact("cdylib", &[&format!("/t/libb{suffix}"), "/t/libb.rlib"]),
            "{\"reason\":\"build-finished\",\"success\":true}".into(),
        ];
        let found = libraries(messages.join("\n").as_bytes());
        assert_eq!(found, [PathBuf::from(format!("/t/libb{suffix}"))]);
    }
}
