// SPDX-License-Identifier: MIT OR Apache-2.0
//! Printing which camera took which picture.

use std::io::{self, Write as _};

use assay_signal::prnu::identify::Likeness;
use assay_signal::prnu::search::Place;
use assay_signal::prnu::Fingerprint;
use clap::ValueEnum;
use serde_json::{json, Value};

use super::trace::Item;

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Made to be read
    Human,
    /// One array of all results
    Json,
}

/// Prints items, each as soon as it is there.
pub(super) struct Printer<'a> {
    format: Format,
    cameras: &'a [Fingerprint],
    false_alarms: f64,
    items: usize,
}

impl<'a> Printer<'a> {
    pub(super) fn new(format: Format, cameras: &'a [Fingerprint], false_alarms: f64) -> Self {
        Self { format, cameras, false_alarms, items: 0 }
    }

    pub(super) fn print(&mut self, item: &Item) -> io::Result<()> {
        let mut out = anstream::stdout();
        match self.format {
            Format::Human => self.print_human(&mut out, item)?,
            Format::Json => {
                out.write_all(if self.items == 0 { b"[\n" } else { b",\n" })?;
                let json = self.json(item);
                serde_json::to_writer_pretty(&mut out, &json).map_err(io::Error::from)?;
            }
        }
        self.items += 1;
        out.flush()
    }

    pub(super) fn end(&self) -> io::Result<()> {
        match self.format {
            Format::Human => Ok(()),
            Format::Json => {
                let mut out = anstream::stdout();
                out.write_all(if self.items == 0 { b"[]\n" } else { b"\n]\n" })?;
                out.flush()
            }
        }
    }

    fn name(&self, likeness: &Likeness) -> &str {
        self.cameras.get(likeness.camera).map_or("", Fingerprint::name)
    }

    fn print_human(&self, out: &mut impl io::Write, item: &Item) -> io::Result<()> {
        writeln!(out, "{}", item.source)?;
        let found = match &item.result {
            Ok(found) => found,
            Err(unusable) => return writeln!(out, "  {}: {}", unusable.code, unusable.message),
        };
        for likeness in found.iter().filter(|likeness| likeness.is_match) {
            let (name, fit) = (self.name(likeness), &likeness.fit);
            writeln!(
                out,
                "  taken by {name}: PCE {:.0}, 10^{:.0} false alarms; {}",
                fit.pce,
                fit.log10_false_alarms,
                place_in_words(&fit.place)
            )?;
        }
        match found.first() {
            Some(nearest) if !nearest.is_match => {
                let (name, pce) = (self.name(nearest), nearest.fit.pce);
                writeln!(out, "  no enrolled camera found; the nearest is {name}, PCE {pce:.0}")
            }
            _ => Ok(()),
        }
    }

    fn json(&self, item: &Item) -> Value {
        let found = match &item.result {
            Ok(found) => found,
            Err(unusable) => {
                let error = json!({ "code": unusable.code, "message": unusable.message });
                return json!({ "source": item.source, "error": error });
            }
        };
        let row = |likeness: &Likeness| {
            let place = &likeness.fit.place;
            json!({
                "camera": self.name(likeness),
                "matched": likeness.is_match,
                "pce": likeness.fit.pce,
                "log10_false_alarms": likeness.fit.log10_false_alarms,
                "x": place.x,
                "y": place.y,
                "scale": place.scale,
            })
        };
        let best = found.first().filter(|likeness| likeness.is_match);
        json!({
            "source": item.source,
            "camera": best.map(|likeness| self.name(likeness)),
            "false_alarms": self.false_alarms,
            "cameras": found.iter().map(row).collect::<Vec<_>>(),
        })
    }
}

/// Where in the camera's frame a picture lies.
fn place_in_words(place: &Place) -> String {
    let scale =
        if place.scale == 1.0 { String::new() } else { format!(", resized by {:.3}", place.scale) };
    match (place.x, place.y) {
        (0, 0) => format!("from the frame's first pixel on{scale}"),
        (x, y) => format!("from ({x}, {y}) of the frame on{scale}"),
    }
}
