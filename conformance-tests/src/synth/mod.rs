// SPDX-License-Identifier: MIT OR Apache-2.0
//! Makers of test pictures, deterministic by seed: a scene, a camera that photographs it, a
//! generator that invents one, a forger that changes one, and codecs that save it.
//!
//! ```
//! use assay_conformance::synth::{codec::Jpeg, Camera, Scene};
//!
//! let photo = Camera::with_body(7).shoot(&Scene::new(1).light(320, 240), 1);
//! let file = Jpeg::quality(90).encode(&photo).unwrap();
//! assert!(file.starts_with(&[0xff, 0xd8]));
//! ```
//! The same recipe gives the same bits on every run of one platform. Nothing here is a measurement
//! of how well a detector works on real pictures: a synthetic camera has the traces it was given.

pub mod camera;
pub mod codec;
pub mod demosaic;
pub mod exif;
pub mod forgery;
pub mod generator;
pub mod hostile;
pub mod light;
pub mod picture;
pub mod random;
pub mod scene;
pub mod watermark;

pub use camera::Camera;
pub use demosaic::Demosaic;
pub use exif::Exif;
pub use forgery::Forgery;
pub use generator::Generator;
pub use light::Light;
pub use picture::{Mask, Picture};
pub use random::Random;
pub use scene::Scene;
pub use watermark::Watermark;
