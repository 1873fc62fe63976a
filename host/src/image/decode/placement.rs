// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where a stored pixel goes when the container crops, turns or mirrors its picture.

/// A part of a grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) columns: u32,
    pub(super) rows: u32,
}

/// A map from stored pixels to pixels of the result: `result = axes * stored + origin`, where
/// every row and column of `axes` has one entry of 1 or -1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placement {
    stored: (u32, u32),
    width: u32,
    height: u32,
    /// Result steps `(x, y)` for one stored step to the right.
    right: (i64, i64),
    /// Result steps `(x, y)` for one stored step down.
    down: (i64, i64),
    /// Where the stored pixel `(0, 0)` goes, perhaps outside.
    origin: (i64, i64),
}

impl Placement {
    /// Every stored pixel stays where it is.
    pub(super) fn whole(width: u32, height: u32) -> Self {
        let stored = (width, height);
        Self { stored, width, height, right: (1, 0), down: (0, 1), origin: (0, 0) }
    }

    /// Columns and rows of the stored grid.
    pub(super) fn stored(&self) -> (u32, u32) {
        self.stored
    }

    /// Columns and rows of the result.
    pub(super) fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// Keeps a part of the result.
    pub(super) fn cropped(self, window: Window) -> Self {
        let origin = (self.origin.0 - i64::from(window.x), self.origin.1 - i64::from(window.y));
        Self { width: window.columns, height: window.rows, origin, ..self }
    }

    /// Turns the result a quarter against the clock: `(x, y)` goes to `(y, width - 1 - x)`.
    pub(super) fn turned_left(self) -> Self {
        let turned = |(x, y): (i64, i64)| (y, -x);
        let (x, y) = turned(self.origin);
        Self {
            width: self.height,
            height: self.width,
            right: turned(self.right),
            down: turned(self.down),
            origin: (x, y + i64::from(self.width) - 1),
            ..self
        }
    }

    /// Exchanges left and right.
    pub(super) fn mirrored(self) -> Self {
        let mirrored = |(x, y): (i64, i64)| (-x, y);
        let (x, y) = mirrored(self.origin);
        Self {
            right: mirrored(self.right),
            down: mirrored(self.down),
            origin: (x + i64::from(self.width) - 1, y),
            ..self
        }
    }

    /// Exchanges top and bottom.
    pub(super) fn flipped(self) -> Self {
        self.turned_left().turned_left().mirrored()
    }

    /// Puts a run of stored pixels that starts at column `x` of row `y` where it belongs in `rgb`,
    /// which holds the result; what falls outside is dropped, and so is alpha.
    pub(super) fn put_row(&self, rgb: &mut [u8], x: usize, y: usize, run: &[[u8; 4]]) {
        let (Ok(x), Ok(y)) = (i64::try_from(x), i64::try_from(y)) else { return };
        let (width, height) = (i64::from(self.width), i64::from(self.height));
        let mut to_x = self.origin.0 + x * self.right.0 + y * self.down.0;
        let mut to_y = self.origin.1 + x * self.right.1 + y * self.down.1;
        let inside = i64::from(self.stored.0).saturating_sub(x).max(0);
        if y >= i64::from(self.stored.1) {
            return;
        }
        for pixel in run.iter().take(usize::try_from(inside).unwrap_or(0)) {
            if (0..width).contains(&to_x) && (0..height).contains(&to_y) {
                // Not negative, and within a picture that is in memory.
                let at = (to_y * width + to_x) as usize * 3;
                if let Some(place) = rgb.get_mut(at..at + 3) {
                    place.copy_from_slice(&pixel[..3]);
                }
            }
            to_x += self.right.0;
            to_y += self.right.1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Puts the stored picture `1 2 3 / 4 5 6`.
    fn put(placement: Placement) -> (u32, u32, Vec<u8>) {
        let (width, height) = placement.size();
        let mut rgb = vec![0; (width * height * 3) as usize];
        for (y, row) in [[1, 2, 3], [4, 5, 6]].into_iter().enumerate() {
            placement.put_row(&mut rgb, 0, y, &row.map(|v| [v, v, v, 255]));
        }
        (width, height, rgb.as_chunks::<3>().0.iter().map(|pixel| pixel[0]).collect())
    }

    #[test]
    fn quarter_turn_goes_against_the_clock() {
        let turned = Placement::whole(3, 2).turned_left();
        assert_eq!(put(turned), (2, 3, vec![3, 6, 2, 5, 1, 4]));
    }

    #[test]
    fn mirror_exchanges_left_and_right_and_flip_top_and_bottom() {
        assert_eq!(put(Placement::whole(3, 2).mirrored()), (3, 2, vec![3, 2, 1, 6, 5, 4]));
        assert_eq!(put(Placement::whole(3, 2).flipped()), (3, 2, vec![4, 5, 6, 1, 2, 3]));
    }

    #[test]
    fn crop_comes_before_the_turn_that_follows_it() {
        let window = Window { x: 1, y: 0, columns: 2, rows: 2 };
        let placed = Placement::whole(3, 2).cropped(window).turned_left();
        assert_eq!(put(placed), (2, 2, vec![3, 6, 2, 5]));
    }

    #[test]
    fn pixels_past_the_stored_grid_are_padding() {
        let placement = Placement::whole(2, 1);
        let mut rgb = vec![0; 6];
        placement.put_row(&mut rgb, 0, 0, &[[1; 4], [2; 4], [3; 4]]);
        placement.put_row(&mut rgb, 0, 1, &[[9; 4]; 3]);
        assert_eq!(rgb, [1, 1, 1, 2, 2, 2]);
    }
}
