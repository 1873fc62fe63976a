// SPDX-License-Identifier: MIT OR Apache-2.0
//! The picture, the heat over it and the numbered regions, as one drawing in the picture's own pixels.
//!
//! Regions and heat are told in the stored picture, which may have to be turned for display: one matrix
//! turns everything, so that nothing is turned twice or not at all.

use std::io::Cursor;

use base64::prelude::{Engine as _, BASE64_STANDARD};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::thumbnail;
use image::{DynamicImage, ImageFormat, ImageResult, RgbImage};

use super::Dossier;
use crate::image::evidence::ImageEvidence;

/// Longest side of a picture in a report, px, and its JPEG quality.
const LONGEST_SIDE: u32 = 1_600;
const QUALITY: u8 = 88;
/// Parts of the longest side that are the width of a line and the height of a number.
const LINE: f64 = 1.0 / 350.0;
const NUMBER: f64 = 1.0 / 36.0;

/// A picture, made small enough for a report and saved anew.
#[derive(Clone, Debug)]
pub struct Photo {
    uri: String,
    size: [u32; 2],
    orientation: u8,
}

impl Photo {
    /// That of an examined picture.
    ///
    /// # Errors
    /// When it cannot be saved.
    pub fn of(image: &ImageEvidence) -> ImageResult<Self> {
        let size = [image.width(), image.height()];
        let [width, height] = size.map(|side| u64::from(side.max(1)));
        let longest = width.max(height).max(u64::from(LONGEST_SIDE));
        let scaled = |side: u64| {
            u32::try_from(side * u64::from(LONGEST_SIDE) / longest).unwrap_or(LONGEST_SIDE).max(1)
        };
        let small = RgbImage::from_raw(image.width(), image.height(), image.rgb().to_vec())
            .map(|picture| match longest > u64::from(LONGEST_SIDE) {
                true => thumbnail(&picture, scaled(width), scaled(height)),
                false => picture,
            })
            .unwrap_or_default();
        let mut bytes = Vec::new();
        small.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY))?;
        let uri = format!("data:image/jpeg;base64,{}", BASE64_STANDARD.encode(bytes));
        Ok(Self { uri, size, orientation: image.orientation() })
    }
}

/// A drawing, in pixels of the picture as it is displayed.
#[derive(Clone, Debug)]
pub struct Drawing {
    /// Columns and rows as displayed.
    pub width: u32,
    /// Rows as displayed.
    pub height: u32,
    /// Columns and rows as stored.
    pub stored: [u32; 2],
    /// What turns the stored picture: the six numbers of SVG's `matrix`.
    pub matrix: String,
    /// Address of the picture, if it is at hand.
    pub photo: Option<String>,
    /// The heat, if there is any.
    pub heat: Option<HeatLayer>,
    /// The regions.
    pub marks: Vec<Mark>,
    /// Width of a line.
    pub line: u32,
    /// Height of a number.
    pub number: u32,
}

/// The heat as an image of one pixel a cell.
#[derive(Clone, Debug)]
pub struct HeatLayer {
    /// Its address.
    pub uri: String,
    /// What it covers, px of the stored picture.
    pub width: u32,
    /// Rows that it covers.
    pub height: u32,
}

/// A numbered box as displayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Its number.
    pub number: usize,
    /// First column.
    pub x: i64,
    /// First row.
    pub y: i64,
    /// Columns.
    pub width: i64,
    /// Rows.
    pub height: i64,
    /// Base line of its number.
    pub number_y: i64,
}

impl Drawing {
    /// Draws what there is to draw; `None` where there is nothing, or the size is not known.
    ///
    /// # Errors
    /// When the heat cannot be saved.
    pub fn of(dossier: &Dossier, photo: Option<&Photo>) -> ImageResult<Option<Self>> {
        let told = dossier.picture.width.zip(dossier.picture.height).map(|(w, h)| [w, h]);
        let Some(stored) = photo.map(|photo| photo.size).or(told) else { return Ok(None) };
        let has_nothing = photo.is_none() && dossier.heat.is_none() && dossier.regions.is_empty();
        if has_nothing || stored.contains(&0) {
            return Ok(None);
        }
        let turn = Turn::new(photo.map_or(1, |photo| photo.orientation), stored);
        let [width, height] = turn.displayed();
        let longest = f64::from(width.max(height));
        let line = (longest * LINE).ceil() as u32;
        let number = (longest * NUMBER).ceil() as u32;
        let mark = |region: &super::shape::RegionPart| {
            let place = [region.x, region.y, region.width, region.height].map(i64::from);
            let [x, y, width, height] = turn.place(place);
            let above = y - i64::from(line);
            let is_room = above > i64::from(number);
            let number_y = if is_room { above } else { y + i64::from(number) };
            Mark { number: region.number, x, y, width, height, number_y }
        };
        let heat = dossier.heat.as_ref().map(|heat| {
            let (width, height) =
                (heat.columns.saturating_mul(heat.cell_px), heat.rows.saturating_mul(heat.cell_px));
            Ok::<_, image::ImageError>(HeatLayer {
                uri: png(heat.colours().into())?,
                width,
                height,
            })
        });
        Ok(Some(Self {
            width,
            height,
            stored,
            matrix: turn.matrix(),
            photo: photo.map(|photo| photo.uri.clone()),
            heat: heat.transpose()?,
            marks: dossier.regions.iter().map(mark).collect(),
            line,
            number,
        }))
    }
}

fn png(picture: DynamicImage) -> ImageResult<String> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png)?;
    Ok(format!("data:image/png;base64,{}", BASE64_STANDARD.encode(bytes.into_inner())))
}

/// How a stored picture is turned for display [EXIF 2.32, orientation].
struct Turn {
    /// `x' = a x + c y + e`, `y' = b x + d y + f`.
    numbers: [i64; 6],
    displayed: [u32; 2],
}

impl Turn {
    fn new(orientation: u8, [width, height]: [u32; 2]) -> Self {
        let (w, h) = (i64::from(width), i64::from(height));
        let numbers = match orientation {
            2 => [-1, 0, 0, 1, w, 0],
            3 => [-1, 0, 0, -1, w, h],
            4 => [1, 0, 0, -1, 0, h],
            5 => [0, 1, 1, 0, 0, 0],
            6 => [0, 1, -1, 0, h, 0],
            7 => [0, -1, -1, 0, h, w],
            8 => [0, -1, 1, 0, 0, w],
            _ => [1, 0, 0, 1, 0, 0],
        };
        let is_lying = (5..=8).contains(&orientation);
        Self { numbers, displayed: if is_lying { [height, width] } else { [width, height] } }
    }

    fn displayed(&self) -> [u32; 2] {
        self.displayed
    }

    fn matrix(&self) -> String {
        self.numbers.map(|number| number.to_string()).join(" ")
    }

    /// A box (first column and row, columns and rows) as displayed.
    fn place(&self, [x, y, width, height]: [i64; 4]) -> [i64; 4] {
        let [a, b, c, d, e, f] = self.numbers;
        let corner = |x: i64, y: i64| (a * x + c * y + e, b * x + d * y + f);
        let ((left, top), (right, bottom)) = (corner(x, y), corner(x + width, y + height));
        [left.min(right), top.min(bottom), (left - right).abs(), (top - bottom).abs()]
    }
}

#[cfg(test)]
mod tests {
    use image::metadata::Orientation;
    use image::GrayImage;

    use super::*;

    /// The box of the bright pixels.
    fn bright(picture: &GrayImage) -> [i64; 4] {
        let bright: Vec<_> = picture
            .enumerate_pixels()
            .filter(|(.., p)| p.0[0] > 0)
            .map(|(x, y, _)| (x, y))
            .collect();
        let left = bright.iter().map(|(x, _)| *x).min().unwrap();
        let top = bright.iter().map(|(_, y)| *y).min().unwrap();
        let right = bright.iter().map(|(x, _)| *x).max().unwrap() + 1;
        let bottom = bright.iter().map(|(_, y)| *y).max().unwrap() + 1;
        [left, top, right - left, bottom - top].map(i64::from)
    }

    #[test]
    fn boxes_turn_as_pictures_do() {
        let picture = GrayImage::from_fn(7, 5, |x, y| {
            image::Luma([if (1..3).contains(&x) && (3..4).contains(&y) { 255 } else { 0 }])
        });
        assert_eq!(bright(&picture), [1, 3, 2, 1]);
        for orientation in 1..=8 {
            let mut turned = DynamicImage::ImageLuma8(picture.clone());
            turned.apply_orientation(Orientation::from_exif(orientation).unwrap());
            let turn = Turn::new(orientation, [7, 5]);
            assert_eq!(turn.displayed(), [turned.width(), turned.height()], "{orientation}");
            assert_eq!(turn.place([1, 3, 2, 1]), bright(&turned.into_luma8()), "{orientation}");
        }
    }
}
