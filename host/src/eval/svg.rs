// SPDX-License-Identifier: MIT OR Apache-2.0
//! Plots as inline SVG: no script, no font, no file beside the page.

use std::fmt::Write as _;

/// Side of the plotting area, px.
const SIDE: f64 = 260.0;
/// Room for the axes' numbers and names, px.
const MARGIN: f64 = 44.0;
/// Height of one bar with its gap, px.
const BAR: f64 = 16.0;
/// Least room for the bars' names and for the text after them, px.
const TEXT: f64 = 260.0;
/// Widest usual character of their type, px: text beyond the plot's edge would be cut off.
const CHARACTER: f64 = 6.6;
/// Colours that readers with the common colour deficiencies tell apart [Okabe & Ito 2008].
const COLOURS: [&str; 8] =
    ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#666666", "#000000"];

/// A named line through points of the plot's own units.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) points: Vec<(f64, f64)>,
}

/// An axis: what it shows, and the marks on it with their place, 0..=1.
pub(super) struct Axis {
    pub(super) name: &'static str,
    pub(super) marks: Vec<(f64, String)>,
}

impl Axis {
    /// From 0 to 1 in fifths.
    pub(super) fn unit(name: &'static str) -> Self {
        let mark = |fifth: u8| (f64::from(fifth) / 5.0, format!("{:.1}", f64::from(fifth) / 5.0));
        Self { name, marks: (0..=5).map(mark).collect() }
    }
}

/// Text that is safe inside a page.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            other => safe.push(other),
        }
    }
    safe
}

fn colour(index: usize) -> &'static str {
    COLOURS.get(index % COLOURS.len()).copied().unwrap_or("#000000")
}

/// A square plot of lines whose points lie within 0..=1, with a legend below.
pub(super) fn plot(title: &str, x: &Axis, y: &Axis, has_diagonal: bool, lines: &[Line]) -> String {
    let width = SIDE + 2.0 * MARGIN;
    let height = SIDE + 2.0 * MARGIN + 14.0 * lines.len() as f64;
    let at = |(px, py): (f64, f64)| (MARGIN + px * SIDE, MARGIN + (1.0 - py) * SIDE);
    let mut svg = format!(
        "<svg width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\"><title>{0}</title><text x=\"{MARGIN}\" y=\"20\" class=\"t\">{0}</text>\
         <rect x=\"{MARGIN}\" y=\"{MARGIN}\" width=\"{SIDE}\" height=\"{SIDE}\" class=\"f\"/>",
        escaped(title)
    );
    for (place, mark) in &x.marks {
        let (px, py) = at((*place, 0.0));
        let below = py + 14.0;
        let _ = write!(
            svg,
            "<path d=\"M{px:.1} {py:.1}v{:.1}\" class=\"g\"/><text x=\"{px:.1}\" y=\"{below:.1}\" \
             class=\"m\">{mark}</text>",
            -SIDE
        );
    }
    for (place, mark) in &y.marks {
        let (px, py) = at((0.0, *place));
        let (left, middle) = (px - 4.0, py + 4.0);
        let _ = write!(
            svg,
            "<path d=\"M{px:.1} {py:.1}h{SIDE:.1}\" class=\"g\"/><text x=\"{left:.1}\" \
             y=\"{middle:.1}\" class=\"e\">{mark}</text>"
        );
    }
    let (centre, foot) = (MARGIN + SIDE / 2.0, MARGIN + SIDE + 30.0);
    let _ = write!(
        svg,
        "<text x=\"{centre}\" y=\"{foot}\" class=\"m\">{}</text><text x=\"{MARGIN}\" y=\"36\" \
         class=\"s\">{}</text>",
        x.name, y.name
    );
    if has_diagonal {
        svg.push_str(&path(&[(0.0, 0.0), (1.0, 1.0)].map(at), "#bbbbbb"));
    }
    for (index, line) in lines.iter().enumerate() {
        let points: Vec<_> = line.points.iter().copied().map(at).collect();
        svg.push_str(&path(&points, colour(index)));
        let (y, left) = (MARGIN + SIDE + 48.0 + 14.0 * index as f64, MARGIN + 18.0);
        let swatch = y - 4.0;
        let _ = write!(
            svg,
            "<path d=\"M{MARGIN} {swatch}h12\" stroke=\"{}\" stroke-width=\"3\"/><text x=\"{left}\" \
             y=\"{y}\" class=\"s\">{}</text>",
            colour(index),
            escaped(&line.name)
        );
    }
    svg.push_str("</svg>");
    svg
}

fn path(points: &[(f64, f64)], colour: &str) -> String {
    let mut d = String::new();
    for (index, (x, y)) in points.iter().enumerate() {
        let _ = write!(d, "{}{x:.1} {y:.1}", if index == 0 { 'M' } else { 'L' });
    }
    format!("<path d=\"{d}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.8\"/>")
}

/// One bar a row: its name, its length 0..=1, and the text after it.
pub(super) fn bars(title: &str, rows: &[(String, f64, String)], has_middle: bool) -> String {
    let height = 28.0 + BAR * rows.len() as f64;
    let room = |text: &str| (text.chars().count() as f64 * CHARACTER + 16.0).max(TEXT);
    let names = rows.iter().map(|(name, ..)| room(name)).fold(TEXT, f64::max);
    let after = rows.iter().map(|(.., text)| room(text)).fold(TEXT, f64::max);
    let width = names + SIDE + after;
    let mut svg = format!(
        "<svg width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\"><title>{0}</title><text x=\"0\" y=\"14\" class=\"t\">{0}</text>",
        escaped(title)
    );
    for (index, (name, length, text)) in rows.iter().enumerate() {
        let top = 24.0 + BAR * index as f64;
        let (base, end) = (top + 11.0, names - 6.0);
        let long = length.clamp(0.0, 1.0) * SIDE;
        let after = names + SIDE + 8.0;
        let _ = write!(
            svg,
            "<text x=\"{end}\" y=\"{base}\" class=\"e\">{}</text><rect x=\"{names}\" y=\"{top}\" \
             width=\"{long:.1}\" height=\"12\" fill=\"{}\"/><text x=\"{after}\" y=\"{base}\" \
             class=\"s\">{}</text>",
            escaped(name),
            colour(4),
            escaped(text)
        );
    }
    if has_middle {
        let middle = names + SIDE / 2.0;
        let _ = write!(svg, "<path d=\"M{middle} 22V{height}\" stroke=\"#d55e00\"/>");
    }
    svg.push_str("</svg>");
    svg
}
