// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where a map brings together what is alike, pixel by pixel, and the region that grows from there.

use super::affine::Affine;
use super::matches::NEAREST_PX;
use super::plane::Plane;

/// The window that is compared around each pixel reaches so far from it, px.
const REACH: usize = 4;
/// Least correlation of two windows that are alike; what is alike by nature passes too, and is
/// told apart later.
const LEAST_CORRELATION: f32 = 0.80;
/// Least standard deviation of a window that can be compared, grey levels.
const LEAST_CONTRAST: f32 = 1.2;

/// A rectangle of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Frame {
    /// The smallest that holds the points, wider by `margin` on each side, within a plane.
    pub(super) fn around(points: &[[f32; 2]], margin: f32, plane: &Plane) -> Self {
        let edge = |axis: usize, side: usize| {
            let values = points.iter().map(|at| at[axis]);
            let least = values.clone().fold(f32::INFINITY, f32::min) - margin;
            let most = values.fold(f32::NEG_INFINITY, f32::max) + margin;
            let from = (least.max(0.0) as usize).min(side.saturating_sub(1));
            (from, (most.max(0.0).ceil() as usize + 1).clamp(from + 1, side) - from)
        };
        let ((x, width), (y, height)) = (edge(0, plane.width), edge(1, plane.height));
        Self { x, y, width, height }
    }

    pub(super) fn point(&self, index: usize) -> [f32; 2] {
        [(self.x + index % self.width) as f32, (self.y + index / self.width) as f32]
    }

    pub(super) fn index(&self, [x, y]: [f32; 2]) -> Option<usize> {
        let (x, y) = (x.round() - self.x as f32, y.round() - self.y as f32);
        let inside = x >= 0.0 && y >= 0.0 && x < self.width as f32 && y < self.height as f32;
        inside.then(|| y as usize * self.width + x as usize)
    }
}

/// How alike the windows around a pixel and around what it is mapped to are.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Likeness {
    /// Correlation, `-1..=1`; 0 where one of them cannot be compared.
    correlation: f32,
    /// The smaller standard deviation of both, grey levels.
    contrast: f32,
}

/// Compares the pixels of a frame with what they are mapped to.
pub(super) fn likeness(plane: &Plane, map: &Affine, frame: Frame) -> Vec<Likeness> {
    let pixels = frame.width * frame.height;
    let mut values = vec![[0.0_f32; 6]; pixels];
    for (index, out) in values.iter_mut().enumerate() {
        let at = frame.point(index);
        let there = map.apply(at);
        let far = (at[0] - there[0]).hypot(at[1] - there[1]) >= NEAREST_PX;
        let here = plane.row(at[1] as usize)[at[0] as usize] - 128.0;
        if let Some(there) = plane.bilinear(there).filter(|_| far) {
            let there = there - 128.0;
            *out = [1.0, here, there, here * here, there * there, here * there];
        }
    }
    let mut found = vec![Likeness::default(); pixels];
    let mut columns = vec![[0.0_f64; 6]; frame.width];
    let add = |columns: &mut [[f64; 6]], row: usize, sign: f64| {
        for (sums, values) in columns.iter_mut().zip(&values[row * frame.width..]) {
            sums.iter_mut().zip(values).for_each(|(sum, &v)| *sum += sign * f64::from(v));
        }
    };
    for y in 0..frame.height {
        if y == 0 {
            (0..REACH.min(frame.height)).for_each(|row| add(&mut columns, row, 1.0));
        }
        if y + REACH < frame.height {
            add(&mut columns, y + REACH, 1.0);
        }
        if y > REACH {
            add(&mut columns, y - REACH - 1, -1.0);
        }
        let mut window = [0.0_f64; 6];
        let slide = |window: &mut [f64; 6], x: usize, sign: f64| {
            window.iter_mut().zip(&columns[x]).for_each(|(sum, v)| *sum += sign * v);
        };
        (0..REACH.min(frame.width)).for_each(|x| slide(&mut window, x, 1.0));
        for x in 0..frame.width {
            if x + REACH < frame.width {
                slide(&mut window, x + REACH, 1.0);
            }
            if x > REACH {
                slide(&mut window, x - REACH - 1, -1.0);
            }
            if values[y * frame.width + x][0] > 0.0 {
                found[y * frame.width + x] = of_window(&window);
            }
        }
    }
    found
}

fn of_window(&[count, a, b, aa, bb, ab]: &[f64; 6]) -> Likeness {
    let least = ((2 * REACH + 1) * (REACH + 1)) as f64;
    if count < least {
        return Likeness::default();
    }
    let (mean_a, mean_b) = (a / count, b / count);
    let var_a = (aa / count - mean_a * mean_a).max(0.0);
    let var_b = (bb / count - mean_b * mean_b).max(0.0);
    let both = ab / count - mean_a * mean_b;
    Likeness {
        correlation: (both / (var_a * var_b).max(1e-6).sqrt()) as f32,
        contrast: var_a.min(var_b).sqrt() as f32,
    }
}

/// The pixels of the frame that are alike and hang together with one of the points.
pub(super) fn grown(frame: Frame, likeness: &[Likeness], points: &[[f32; 2]]) -> Vec<usize> {
    let alike = |index: usize| {
        likeness[index].correlation >= LEAST_CORRELATION
            && likeness[index].contrast >= LEAST_CONTRAST
    };
    let mut reached = vec![false; likeness.len()];
    let mut stack = Vec::new();
    for point in points {
        for dy in -3_i8..=3 {
            for dx in -3_i8..=3 {
                let near = [point[0] + f32::from(dx), point[1] + f32::from(dy)];
                stack.extend(frame.index(near).filter(|&index| alike(index)));
            }
        }
    }
    let mut region = Vec::new();
    while let Some(index) = stack.pop() {
        if std::mem::replace(&mut reached[index], true) {
            continue;
        }
        region.push(index);
        let (x, y) = (index % frame.width, index / frame.width);
        let sides = [
            (x > 0).then(|| index - 1),
            (x + 1 < frame.width).then(|| index + 1),
            (y > 0).then(|| index - frame.width),
            (y + 1 < frame.height).then(|| index + frame.width),
        ];
        stack.extend(sides.into_iter().flatten().filter(|&near| !reached[near] && alike(near)));
    }
    region.sort_unstable();
    region
}
