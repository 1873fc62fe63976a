// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether the places of a claim's pictures fit each other and their times. Coordinates are compared here and
//! leave only where the policy lets positions be disclosed.

use super::body::{PlacesBody, PositionBody};
use super::finding::Finding;
use super::moment::Moment;
use super::Member;
use crate::policy::ClaimPolicy;

/// Mean radius of the earth, km (IUGG).
const EARTH_KM: f64 = 6_371.0;
/// What rounding places to a hundredth of a degree can add to a distance, km.
const ROUNDING_KM: f64 = 1.6;
/// Distances below this are never a journey that was too fast: fixes can be that wrong, km.
const LEAST_KM: f64 = 50.0;
const HOUR: f64 = 3_600.0;

/// A picture's place and time.
struct Stop<'a> {
    name: &'a str,
    place: [f64; 2],
    at: Option<Moment>,
}

/// What is known of the places, and what is found; `is_disclosed` lists them.
pub(super) fn places(
    members: &[Member],
    policy: &ClaimPolicy,
    is_disclosed: bool,
) -> (PlacesBody, Vec<Finding>) {
    let stops: Vec<Stop<'_>> = members
        .iter()
        .filter_map(Member::facts)
        .filter_map(|(name, facts)| {
            let at = facts.satellites.map(Moment::at).or(facts.taken);
            Some(Stop { name, place: facts.place?, at })
        })
        .collect();
    let mut farthest: Option<(f64, &str, &str)> = None;
    let mut fastest: Option<(f64, &str, &str)> = None;
    for (index, one) in stops.iter().enumerate() {
        for other in stops.iter().skip(index + 1) {
            let km = (distance_km(one.place, other.place) - ROUNDING_KM).max(0.0);
            if farthest.is_none_or(|(most, ..)| km > most) {
                farthest = Some((km, one.name, other.name));
            }
            let kmh = speed_kmh(km, one, other);
            if kmh.is_some_and(|kmh| fastest.is_none_or(|(most, ..)| kmh > most)) {
                fastest = kmh.map(|kmh| (kmh, one.name, other.name));
            }
        }
    }
    let pair = |one: &str, other: &str| vec![one.to_owned(), other.to_owned()];
    let mut findings = Vec::new();
    if let Some((km, one, other)) = farthest.filter(|(km, ..)| *km > policy.far_km) {
        findings.push(Finding {
            code: "claim.places.apart",
            text: format!("Two pictures were taken {km:.0} km apart."),
            images: pair(one, other),
        });
    }
    if let Some((_, one, other)) = fastest.filter(|(kmh, ..)| *kmh > policy.fastest_kmh) {
        findings.push(Finding {
            code: "claim.travel.impossible",
            text: format!(
                "Between two pictures somebody would have travelled faster than {:.0} km/h.",
                policy.fastest_kmh
            ),
            images: pair(one, other),
        });
    }
    let position = |stop: &Stop<'_>| PositionBody {
        image: stop.name.to_owned(),
        latitude: stop.place[0],
        longitude: stop.place[1],
    };
    let body = PlacesBody {
        known: stops.len() as u64,
        farthest_km: farthest.map(|(km, ..)| km.round()),
        positions: is_disclosed.then(|| stops.iter().map(position).collect()),
    };
    (body, findings)
}

/// The least speed of a journey between two pictures; none where a time is not known or the distance is small.
fn speed_kmh(km: f64, one: &Stop<'_>, other: &Stop<'_>) -> Option<f64> {
    let seconds = one.at?.most_seconds_between(&other.at?).max(1);
    (km >= LEAST_KM).then(|| km / (seconds as f64 / HOUR))
}

/// Along a great circle, by the haversine.
fn distance_km([north, east]: [f64; 2], [other_north, other_east]: [f64; 2]) -> f64 {
    let half = |from: f64, to: f64| ((to - from).to_radians() / 2.0).sin().powi(2);
    let along = north.to_radians().cos() * other_north.to_radians().cos();
    let chord = half(north, other_north) + along * half(east, other_east);
    2.0 * EARTH_KM * chord.clamp(0.0, 1.0).sqrt().asin()
}

#[cfg(test)]
mod tests {
    use super::super::facts::Facts;
    use super::super::tests::member;
    use super::*;

    const MUNICH: [f64; 2] = [48.14, 11.58];
    const HAMBURG: [f64; 2] = [53.55, 9.99];

    fn stop(place: [f64; 2], hour: i64) -> Facts {
        Facts { place: Some(place), satellites: Some(hour * 3_600), ..Facts::default() }
    }

    fn of(members: &[Member], is_disclosed: bool) -> (PlacesBody, Vec<&'static str>) {
        let (places, findings) = places(members, &ClaimPolicy::default(), is_disclosed);
        (places, findings.iter().map(|finding| finding.code).collect())
    }

    #[test]
    fn distances_are_those_of_the_globe() {
        assert!((distance_km(MUNICH, HAMBURG) - 612.0).abs() < 3.0);
        assert!((distance_km([0.0, 179.9], [0.0, -179.9]) - 22.2).abs() < 0.1);
    }

    #[test]
    fn places_far_apart_and_journeys_that_are_too_fast_are_told() {
        let by_train = [member("a", stop(MUNICH, 0)), member("b", stop(HAMBURG, 6))];
        assert_eq!(of(&by_train, false).1, ["claim.places.apart"]);
        let too_fast = [member("a", stop(MUNICH, 10)), member("b", stop(HAMBURG, 10))];
        assert_eq!(of(&too_fast, false).1, ["claim.places.apart", "claim.travel.impossible"]);
        let one_place = [member("a", stop(MUNICH, 0)), member("b", stop(MUNICH, 0))];
        assert_eq!(of(&one_place, false).1.len(), 0);
    }

    #[test]
    fn coordinates_stay_inside_unless_they_may_be_disclosed() {
        let members = [member("a", stop(MUNICH, 0))];
        let (places, _) = of(&members, false);
        assert!(!serde_json::json!(places).to_string().contains("48.14"));
        let (places, _) = of(&members, true);
        assert_eq!(places.positions.unwrap()[0].latitude, 48.14);
    }
}
