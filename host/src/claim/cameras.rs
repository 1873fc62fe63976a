// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which cameras took the pictures of a claim.
//!
//! Pictures are of one camera unless something tells them apart: maker, model, serial number, or
//! the pattern of an enrolled sensor. A picture that says nothing belongs to none. Several cameras are
//! a note and no fault: people have several.

use std::collections::BTreeSet;

use super::body::CameraBody;
use super::facts::Facts;
use super::finding::Finding;
use super::Member;

/// What is known of a camera, and its pictures.
struct Camera<'a> {
    known: Facts,
    members: Vec<(&'a str, &'a Facts)>,
}

/// The cameras, each with its pictures in the claim's order, and what is found of them.
pub(super) fn cameras(members: &[Member]) -> (Vec<CameraBody>, Vec<Finding>) {
    let mut cameras: Vec<Camera<'_>> = Vec::new();
    for (name, facts) in members.iter().filter_map(Member::facts) {
        if !names_camera(facts) {
            continue;
        }
        match cameras.iter_mut().find(|camera| fits(&camera.known, facts)) {
            Some(camera) => {
                camera.known.serial = camera.known.serial.take().or_else(|| facts.serial.clone());
                let enrolled = camera.known.enrolled.take();
                camera.known.enrolled = enrolled.or_else(|| facts.enrolled.clone());
                camera.members.push((name, facts));
            }
            None => cameras.push(Camera { known: facts.clone(), members: vec![(name, facts)] }),
        }
    }
    let mut findings: Vec<Finding> = cameras.iter().filter_map(several_structures).collect();
    findings.extend(several(&cameras));
    (cameras.into_iter().map(body).collect(), findings)
}

fn names_camera(facts: &Facts) -> bool {
    facts.make.is_some() || facts.model.is_some() || facts.enrolled.is_some()
}

fn fits(camera: &Facts, facts: &Facts) -> bool {
    let agree = |one: &Option<String>, other: &Option<String>| {
        one.is_none() || other.is_none() || one == other
    };
    camera.make == facts.make
        && camera.model == facts.model
        && agree(&camera.serial, &facts.serial)
        && agree(&camera.enrolled, &facts.enrolled)
}

fn structures<'a>(camera: &'a Camera<'_>) -> BTreeSet<&'a String> {
    camera.members.iter().filter_map(|(_, facts)| facts.structure.as_ref()).collect()
}

fn images(camera: &Camera<'_>) -> Vec<String> {
    camera.members.iter().map(|(name, _)| (*name).to_owned()).collect()
}

fn several(cameras: &[Camera<'_>]) -> Option<Finding> {
    (cameras.len() > 1).then(|| Finding {
        code: "claim.cameras.several",
        text: format!("The pictures are from {} cameras.", cameras.len()),
        images: cameras.iter().flat_map(images).collect(),
    })
}

fn several_structures(camera: &Camera<'_>) -> Option<Finding> {
    let count = structures(camera).len();
    let named = camera.known.model.as_deref().unwrap_or("one camera");
    (count > 1).then(|| Finding {
        code: "claim.cameras.structures",
        text: format!(
            "The pictures of {named} were saved in {count} ways: not all files are the camera's own."
        ),
        images: images(camera),
    })
}

fn body(camera: Camera<'_>) -> CameraBody {
    let software = camera.members.iter().filter_map(|(_, facts)| facts.software.clone());
    let software: BTreeSet<String> = software.collect();
    CameraBody {
        structures: structures(&camera).len() as u64,
        software: software.into_iter().collect(),
        images: images(&camera),
        serial_known: camera.known.serial.is_some(),
        make: camera.known.make,
        model: camera.known.model,
        enrolled: camera.known.enrolled,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::member;
    use super::*;

    fn of(model: &str, serial: Option<&str>) -> Facts {
        let text = |text: &str| Some(text.to_owned());
        Facts {
            make: text("Acme"),
            model: text(model),
            serial: serial.and_then(text),
            ..Facts::default()
        }
    }

    #[test]
    fn pictures_of_one_model_are_of_one_camera_unless_their_serial_numbers_differ() {
        let one = [member("a", of("A", None)), member("b", of("A", Some("1")))];
        let (cameras, findings) = cameras(&one);
        assert_eq!((cameras.len(), findings.len()), (1, 0));
        assert!(cameras[0].serial_known);
        let two = [
            member("a", of("A", Some("2"))),
            member("b", of("A", Some("1"))),
            member("c", Facts::default()),
        ];
        let (cameras, findings) = super::cameras(&two);
        assert_eq!((cameras.len(), findings[0].code), (2, "claim.cameras.several"));
        assert_eq!(findings[0].images, ["a", "b"]);
    }

    #[test]
    fn files_of_one_camera_in_two_structures_are_told() {
        let with = |structure: &str| Facts { structure: Some(structure.into()), ..of("A", None) };
        let (cameras, findings) = cameras(&[member("a", with("x")), member("b", with("y"))]);
        assert_eq!((cameras[0].structures, findings[0].code), (2, "claim.cameras.structures"));
    }
}
