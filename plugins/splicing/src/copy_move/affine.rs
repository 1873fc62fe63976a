// SPDX-License-Identifier: MIT OR Apache-2.0
//! Affine maps of the plane, and those that fit pairs of points.

/// `p -> linear p + shift`, px.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Affine {
    pub(super) linear: [[f32; 2]; 2],
    pub(super) shift: [f32; 2],
}

impl Affine {
    /// Turned by `angle`, scaled, mirrored before that if `flip`, so that `from` comes to `to`.
    pub(super) fn similarity(
        scale: f32,
        angle: f32,
        flip: bool,
        from: [f32; 2],
        to: [f32; 2],
    ) -> Self {
        let (sin, cos) = angle.sin_cos();
        let (a, b) = (scale * cos, scale * sin);
        let sign = if flip { -1.0 } else { 1.0 };
        let mut map = Self { linear: [[a, -b * sign], [b, a * sign]], shift: [0.0; 2] };
        let [x, y] = map.apply(from);
        map.shift = [to[0] - x, to[1] - y];
        map
    }

    #[inline]
    pub(super) fn apply(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let [[a, b], [c, d]] = self.linear;
        [a * x + b * y + self.shift[0], c * x + d * y + self.shift[1]]
    }

    /// How much areas grow; negative for a mirrored map.
    pub(super) fn determinant(&self) -> f32 {
        let [[a, b], [c, d]] = self.linear;
        a * d - b * c
    }

    /// The similarity that brings the first of each pair nearest to the second, in least squares;
    /// `None` for fewer than two different points.
    pub(super) fn fitted(pairs: &[([f32; 2], [f32; 2])], flip: bool) -> Option<Self> {
        let sign = if flip { -1.0 } else { 1.0 };
        let count = pairs.len() as f32;
        let mean = |of: fn(&([f32; 2], [f32; 2])) -> f32| pairs.iter().map(of).sum::<f32>() / count;
        let from = [mean(|p| p.0[0]), mean(|p| p.0[1])];
        let to = [mean(|p| p.1[0]), mean(|p| p.1[1])];
        let (mut cos, mut sin, mut spread) = (0.0, 0.0, 0.0);
        for (a, b) in pairs {
            let (x, y) = (a[0] - from[0], sign * (a[1] - from[1]));
            let (u, v) = (b[0] - to[0], b[1] - to[1]);
            cos += x * u + y * v;
            sin += x * v - y * u;
            spread += x * x + y * y;
        }
        let scale = cos.hypot(sin) / spread;
        (spread > 1.0 && scale > 0.0)
            .then(|| Self::similarity(scale, sin.atan2(cos), flip, from, to))
    }
}
