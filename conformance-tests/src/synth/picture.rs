// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finished pictures and masks.

use assay_plugin_api::finding::Region;
use assay_plugin_api::testing::EvidenceBuilder;

/// 8-bit RGB pixels, row-major, interleaved, origin top left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Columns, px.
    pub width: usize,
    /// Rows, px.
    pub height: usize,
    /// `width * height * 3` samples.
    pub rgb: Vec<u8>,
}

/// Which pixels were changed, row-major.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    /// Columns, px.
    pub width: usize,
    /// Rows, px.
    pub height: usize,
    /// `width * height` values.
    pub changed: Vec<bool>,
}

impl Picture {
    /// Pixels from `(x, y)`.
    #[must_use]
    pub fn from_fn(
        width: usize,
        height: usize,
        mut pixel: impl FnMut(usize, usize) -> [u8; 3],
    ) -> Self {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let rgb = places.flat_map(|(x, y)| pixel(x, y)).collect();
        Self { width, height, rgb }
    }

    /// The pixel at `(x, y)`.
    ///
    /// # Panics
    /// Outside the picture.
    #[must_use]
    pub fn pixel(&self, x: usize, y: usize) -> [u8; 3] {
        let at = (y * self.width + x) * 3;
        [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]]
    }

    /// Sets the pixel at `(x, y)`.
    ///
    /// # Panics
    /// Outside the picture.
    pub fn set_pixel(&mut self, x: usize, y: usize, pixel: [u8; 3]) {
        let at = (y * self.width + x) * 3;
        self.rgb[at..at + 3].copy_from_slice(&pixel);
    }

    /// BT.601 luma, rounded as the contract's `luma8` plane is.
    #[must_use]
    pub fn luma(&self) -> Vec<u8> {
        let luma = |&[r, g, b]: &[u8; 3]| {
            let sum = 299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b);
            ((sum + 500) / 1000) as u8
        };
        self.rgb.as_chunks::<3>().0.iter().map(luma).collect()
    }

    /// The same picture without colour: each pixel is its luma.
    #[must_use]
    pub fn without_colour(&self) -> Self {
        let rgb = self.luma().iter().flat_map(|&luma| [luma; 3]).collect();
        Self { rgb, ..*self }
    }

    /// A part of the picture.
    ///
    /// # Panics
    /// If the region is not within the picture.
    #[must_use]
    pub fn crop(&self, region: Region) -> Self {
        let (x, y) = (region.x as usize, region.y as usize);
        let (width, height) = (region.width as usize, region.height as usize);
        assert!(x + width <= self.width && y + height <= self.height, "{region:?} is outside");
        let rows = (y..y + height).map(|row| (row * self.width + x) * 3);
        let rgb = rows.flat_map(|at| self.rgb[at..at + width * 3].iter().copied()).collect();
        Self { width, height, rgb }
    }

    /// The picture as evidence for a detector in memory: planes only, no file, no facts.
    #[must_use]
    pub fn evidence(&self) -> EvidenceBuilder {
        let side = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX);
        EvidenceBuilder::from_rgb(side(self.width), side(self.height), self.rgb.clone())
    }
}

impl Mask {
    /// A mask that is set within a region; what lies outside the picture is cut off.
    #[must_use]
    pub fn of_region(width: usize, height: usize, region: Region) -> Self {
        let within = |at: usize, start: u32, length: u32| {
            at >= start as usize && at - (start as usize) < length as usize
        };
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let changed = places
            .map(|(x, y)| within(x, region.x, region.width) && within(y, region.y, region.height))
            .collect();
        Self { width, height, changed }
    }

    /// Share of changed pixels, `0..=1`.
    #[must_use]
    pub fn share(&self) -> f64 {
        let changed = self.changed.iter().filter(|&&changed| changed).count();
        changed as f64 / self.changed.len().max(1) as f64
    }

    /// The mask as a picture: white where changed.
    #[must_use]
    pub fn picture(&self) -> Picture {
        let rgb = self.changed.iter().flat_map(|&changed| [if changed { 255 } else { 0 }; 3]);
        Picture { width: self.width, height: self.height, rgb: rgb.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crop_keeps_the_pixels_of_its_region() {
        let picture = Picture::from_fn(8, 6, |x, y| [x as u8, y as u8, 0]);
        let crop = picture.crop(Region { x: 3, y: 2, width: 4, height: 3 });
        assert_eq!((crop.width, crop.height, crop.rgb.len()), (4, 3, 36));
        assert_eq!(crop.pixel(0, 0), [3, 2, 0]);
        assert_eq!(crop.pixel(3, 2), [6, 4, 0]);
    }

    #[test]
    fn luma_is_rounded_bt_601() {
        let picture = Picture { width: 2, height: 1, rgb: vec![255, 0, 0, 10, 20, 31] };
        // 0.299 * 255 = 76.245; 2.99 + 11.74 + 3.534 = 18.264.
        assert_eq!(picture.luma(), [76, 18]);
        assert_eq!(picture.without_colour().rgb, [76, 76, 76, 18, 18, 18]);
    }

    #[test]
    fn mask_of_a_region_covers_its_share() {
        let mask = Mask::of_region(10, 10, Region { x: 8, y: 0, width: 5, height: 5 });
        assert_eq!(mask.share(), 0.1);
        assert!(mask.changed[8] && !mask.changed[7]);
        assert_eq!(mask.picture().pixel(8, 4), [255; 3]);
    }
}
