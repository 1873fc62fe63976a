// SPDX-License-Identifier: MIT OR Apache-2.0
//! Answers on well-formed pictures of every size and content.

use super::{keeps, written_out, Case, Faults, Trial};
use crate::case::{Check, Problem};
use crate::evidence::{jpeg, Given};
use crate::fixtures::{checkerboard, made, noise};
use crate::synth::codec::{Components, Jpeg};
use crate::synth::{Generator, Picture};

const fn case(id: &'static str, description: &'static str, run: fn(&Trial<'_>) -> Check) -> Case {
    let clause = keeps(
        "Every picture gets a score or a reason, whatever its size, its content and its coding.",
    );
    Case { id, group: "pictures", description, clause, run }
}

pub(super) const CASES: &[Case] = &[
    case("photos", "Photos in every JPEG coding get a score or a reason.", photos),
    case("grey-pictures", "Pictures without colour get a score or a reason.", grey),
    case("tiny-pictures", "Pictures of 1x1 to 17x17 px get a score or a reason.", tiny),
    case("thin-pictures", "Pictures of one to nine rows or columns get a score or a reason.", thin),
    case(
        "odd-sizes",
        "Pictures whose sides are no multiple of 2, 8 or 16 get a score or a reason.",
        odd,
    ),
    case(
        "flat-pictures",
        "Pictures of one colour, saturated ones too, get a score or a reason.",
        flat,
    ),
    case(
        "noise-pictures",
        "Pictures of independent random samples get a score or a reason.",
        noisy,
    ),
    case(
        "checkerboards",
        "Squares and stripes at the finest scale get a score or a reason.",
        boards,
    ),
    case("huge-picture", "A picture of 8000x6000 px gets a score or a reason.", huge),
    Case {
        id: "row-padding",
        group: "pictures",
        description: "Samples between the rows of a plane do not change the answer.",
        clause: keeps("Samples between the rows of a plane mean nothing."),
        run: padding,
    },
];

fn ask_all(
    trial: &Trial<'_>,
    pictures: impl IntoIterator<Item = (String, Picture)>,
) -> Result<(), Problem> {
    let (_plugin, detector) = trial.detector()?;
    for (what, picture) in pictures {
        trial.ask(&detector, &what, &Given::of_picture(&picture), Faults::Refused)?;
    }
    Ok(())
}

/// Photos cut to sizes.
fn cut(trial: &Trial<'_>, sizes: &[(usize, usize)]) -> Result<(), Problem> {
    let pictures = sizes.iter().map(|&(width, height)| {
        (format!("photo of {width}x{height} px"), jpeg::photo(trial.seed(), width, height))
    });
    ask_all(trial, pictures)
}

fn photos(trial: &Trial<'_>) -> Result<(), Problem> {
    let (_plugin, detector) = trial.detector()?;
    let photo = jpeg::photo(trial.seed(), 384, 288);
    let codings = [
        ("JPEG quality 90", Jpeg::quality(90)),
        ("JPEG quality 40", Jpeg::quality(40)),
        ("JPEG 4:4:4 quality 100", Jpeg::quality(100).subsampling(1, 1)),
        ("progressive JPEG", Jpeg::quality(85).progressive()),
        ("grey JPEG", Jpeg::quality(85).components(Components::Grey)),
    ];
    for (what, coding) in codings {
        let given = made(jpeg::of_picture(&photo, &coding))?;
        trial.ask(&detector, what, &given, Faults::Refused)?;
    }
    let with_metadata = made(jpeg::of_photo(trial.seed()))?;
    trial.ask(&detector, "JPEG with EXIF", &with_metadata, Faults::Refused)?;
    let drawn = Given::of_picture(&Generator::new(trial.seed(), 3).draw(384, 288));
    trial.ask(&detector, "generated picture", &drawn, Faults::Refused)?;
    Ok(())
}

fn grey(trial: &Trial<'_>) -> Result<(), Problem> {
    let photo = jpeg::photo(trial.seed(), 384, 288).without_colour();
    ask_all(trial, [("grey photo of 384x288 px".into(), photo)])
}

fn tiny(trial: &Trial<'_>) -> Result<(), Problem> {
    let sides = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17];
    cut(trial, &sides.map(|side| (side, side)))
}

fn thin(trial: &Trial<'_>) -> Result<(), Problem> {
    let sides = [1, 2, 3, 7, 8, 9];
    let both = sides.map(|side| [(side, 1_000), (1_000, side)]);
    cut(trial, both.as_flattened())
}

fn odd(trial: &Trial<'_>) -> Result<(), Problem> {
    cut(trial, &[(99, 101), (127, 129), (255, 257), (300, 201), (333, 222), (641, 479)])
}

fn flat(trial: &Trial<'_>) -> Result<(), Problem> {
    let colours = [[0; 3], [128; 3], [255; 3], [255, 0, 0], [0, 255, 255]];
    let mut pictures = Vec::from(colours.map(|colour| {
        (format!("flat {colour:?} of 200x152 px"), Picture::from_fn(200, 152, |_, _| colour))
    }));
    let two = Picture::from_fn(200, 152, |x, _| [if x < 100 { 0 } else { 255 }; 3]);
    pictures.push(("half black, half white, of 200x152 px".into(), two));
    let mut point = Picture::from_fn(200, 152, |_, _| [0; 3]);
    point.set_pixel(100, 76, [255; 3]);
    pictures.push(("one white pixel on black, of 200x152 px".into(), point));
    ask_all(trial, pictures)
}

fn noisy(trial: &Trial<'_>) -> Result<(), Problem> {
    ask_all(trial, [("noise of 256x192 px".into(), noise(trial.seed(), 256, 192))])
}

fn boards(trial: &Trial<'_>) -> Result<(), Problem> {
    let mut pictures =
        Vec::from([1, 2, 3, 8].map(|side| {
            (format!("squares of {side} px, 256x192 px"), checkerboard(side, 256, 192))
        }));
    let stripes = |vertical: bool| {
        Picture::from_fn(256, 192, |x, y| {
            [if [y, x][usize::from(vertical)] % 2 == 1 { 255 } else { 0 }; 3]
        })
    };
    pictures.push(("rows of 1 px, 256x192 px".into(), stripes(false)));
    pictures.push(("columns of 1 px, 256x192 px".into(), stripes(true)));
    ask_all(trial, pictures)
}

fn huge(trial: &Trial<'_>) -> Result<(), Problem> {
    let tile = jpeg::photo(trial.seed(), 800, 600);
    ask_all(trial, [("photo repeated to 8000x6000 px".into(), repeated(&tile, 8_000, 6_000))])
}

/// A picture repeated to a size, quickly.
pub(super) fn repeated(tile: &Picture, width: usize, height: usize) -> Picture {
    let mut rgb = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        let at = (y % tile.height) * tile.width * 3;
        let row = &tile.rgb[at..at + tile.width * 3];
        rgb.extend(row.iter().copied().cycle().take(width * 3));
    }
    Picture { width, height, rgb }
}

fn padding(trial: &Trial<'_>) -> Result<(), Problem> {
    let (_plugin, detector) = trial.detector()?;
    let picture = jpeg::photo(trial.seed(), 384, 288);
    let mut given = Given::of_picture(&picture);
    let tight = trial.answer(&detector, "rows without padding", &given, Faults::Allowed)?;
    for padding in [1, 64] {
        given.set_planes(&picture, padding);
        let what = format!("rows followed by {padding} samples");
        let padded = trial.answer(&detector, &what, &given, Faults::Allowed)?;
        let (tight, padded) = (written_out(&tight), written_out(&padded));
        if tight != padded {
            let difference = super::difference(&tight, &padded);
            return Err(Problem::failed(format!("{what}: other answer: {difference}")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_picture_has_its_tile_everywhere() {
        let tile = Picture::from_fn(3, 2, |x, y| [x as u8, y as u8, 0]);
        let picture = repeated(&tile, 8, 5);
        assert_eq!((picture.pixel(7, 4), picture.rgb.len()), ([1, 0, 0], 120));
        assert_eq!(picture.pixel(2, 3), [2, 1, 0]);
    }
}
