// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay camera learn`: files of cameras and programs in, a list of their quantisation tables out.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use assay_signal::jpeg::writers::{listed_name, tables_of, Writer, WriterKind, Writers};
use assay_signal::jpeg::JpegFile;
use clap::Args;

use super::super::in_order::progress;
use super::super::inputs::{self, Input};
use super::super::{exit, setup, CommandError};
use crate::image::metadata::camera_name;

#[derive(Args)]
pub(in super::super) struct Arguments {
    /// JPEG files as the camera or program saved them: files, folders or patterns
    #[arg(required = true, value_name = "PATH|DIR|GLOB")]
    files: Vec<String>,
    /// The list: made if it is not there, else what is learnt is added to it
    #[arg(long, value_name = "FILE")]
    list: PathBuf,
    /// Name of the camera [default: maker and model in each file's EXIF]
    #[arg(long, value_name = "NAME", conflicts_with = "program")]
    camera: Option<String>,
    /// Name of the program that saved the files
    #[arg(long, value_name = "NAME")]
    program: Option<String>,
}

impl Arguments {
    /// The writer of all files, where the arguments name one.
    fn named(&self) -> Result<Option<Writer>, CommandError> {
        let named = [(&self.camera, WriterKind::Camera), (&self.program, WriterKind::Program)];
        for (name, kind) in named {
            if let Some(name) = name {
                let name = listed_name(name).ok_or("the name is empty")?;
                return Ok(Some(Writer { kind, name, files: 1 }));
            }
        }
        Ok(None)
    }
}

/// Learns from the files. Nothing is written unless all of them can be used.
pub(in super::super) fn run(
    arguments: &Arguments,
    config: Option<&Path>,
) -> Result<ExitCode, CommandError> {
    let list = &arguments.list;
    let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", list.display());
    let mut writers = match std::fs::read_to_string(list) {
        Ok(text) => Writers::read(&text).map_err(|error| wrong(&error))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Writers::default(),
        Err(error) => return Err(wrong(&error).into()),
    };
    let named = arguments.named()?;
    let limits = setup::limits(&setup::settings(config)?);
    let inputs = inputs::resolve(&arguments.files)?;
    let bar = progress(inputs.len());
    let mut has_failed = false;
    for input in &inputs {
        match learnt(input, limits.max_file_bytes, named.as_ref()) {
            Ok((tables, writer)) => writers.add(&tables, writer),
            Err(message) => {
                has_failed = true;
                bar.suspend(|| writeln!(anstream::stderr(), "{}: {message}", input.name()))?;
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    if has_failed {
        return Ok(ExitCode::from(exit::INPUT_FAILED));
    }
    std::fs::write(list, writers.to_text()).map_err(|error| wrong(&error))?;
    let (pairs, files) = (writers.len(), inputs.len());
    writeln!(
        anstream::stdout(),
        "{}: {pairs} pairs of tables, {files} files learnt",
        list.display()
    )?;
    Ok(ExitCode::SUCCESS)
}

/// The tables of a file and who wrote them.
fn learnt(
    input: &Input,
    max_bytes: u64,
    named: Option<&Writer>,
) -> Result<(String, Writer), String> {
    let bytes = input.read(max_bytes).map_err(|error| format!("cannot be read: {error}"))?;
    let file = JpegFile::parse(&bytes).map_err(|error| error.to_string())?;
    let tables = tables_of(&file).ok_or("no quantisation tables can be read")?;
    if let Some(writer) = named {
        return Ok((tables, writer.clone()));
    }
    let name = file.exif().and_then(camera_name).and_then(|name| listed_name(&name));
    let name = name.ok_or("EXIF names no camera; name it with --camera or --program")?;
    Ok((tables, Writer { kind: WriterKind::Camera, name, files: 1 }))
}
