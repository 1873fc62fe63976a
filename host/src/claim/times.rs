// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether the times of a claim's pictures fit each other and what is claimed. Only what is certain whatever the
//! zones is told.

use super::body::TimesBody;
use super::finding::Finding;
use super::moment::Moment;
use super::Member;
use crate::policy::ClaimPolicy;

const DAY: f64 = 86_400.0;
/// Clocks of one camera and of the satellites may be read this far apart, s: fixes are kept for minutes.
const LATE_FIX: i64 = 600;

/// What is known of the times, and what is found.
pub(super) fn times(members: &[Member], policy: &ClaimPolicy) -> (TimesBody, Vec<Finding>) {
    let known: Vec<(&str, Moment)> = members
        .iter()
        .filter_map(Member::facts)
        .filter_map(|(name, facts)| Some((name, facts.taken?)))
        .collect();
    let mut findings = Vec::new();
    findings.extend(against_claimed(members, policy));
    findings.extend(order(members));
    let first = known.iter().min_by_key(|(_, taken)| taken.latest);
    let last = known.iter().max_by_key(|(_, taken)| taken.earliest);
    let (Some(first), Some(last)) = (first, last) else { return (TimesBody::default(), findings) };
    let days = last.1.seconds_after(&first.1).max(0) as f64 / DAY;
    if days > policy.span_days {
        findings.push(Finding {
            code: "claim.times.span",
            text: format!("The pictures were taken over {days:.0} days at least."),
            images: vec![first.0.to_owned(), last.0.to_owned()],
        });
    }
    let times = TimesBody {
        known: known.len() as u64,
        first: Some(first.1.date()),
        last: Some(last.1.date()),
        span_days: Some((days * 10.0).round() / 10.0),
    };
    (times, findings)
}

/// Pictures taken after the time at which they are said to have been, and long before.
fn against_claimed(members: &[Member], policy: &ClaimPolicy) -> Vec<Finding> {
    let (mut after, mut before) = (Vec::new(), Vec::new());
    for (name, facts) in members.iter().filter_map(Member::facts) {
        let claimed = facts.claimed_at.as_deref().and_then(Moment::claimed);
        let Some((taken, claimed)) = facts.taken.zip(claimed) else { continue };
        let days = taken.seconds_after(&claimed) as f64 / DAY;
        if days > 0.0 {
            after.push(name.to_owned());
        } else if -days > policy.days_before {
            before.push(name.to_owned());
        }
    }
    let told = |code, text: String, images: Vec<String>| {
        (!images.is_empty()).then_some(Finding { code, text, images })
    };
    let after_text = format!("{} of the pictures were taken after the claimed time.", after.len());
    let before_text = format!(
        "{} of the pictures were taken more than {:.0} days before the claimed time.",
        before.len(),
        policy.days_before
    );
    let both = [
        told("claim.times.after_claimed", after_text, after),
        told("claim.times.before_claimed", before_text, before),
    ];
    both.into_iter().flatten().collect()
}

/// Two pictures that the cameras' clocks and the satellites put in opposite orders.
fn order(members: &[Member]) -> Option<Finding> {
    let known: Vec<_> = members
        .iter()
        .filter_map(Member::facts)
        .filter_map(|(name, facts)| Some((name, facts.taken?, facts.satellites?)))
        .collect();
    let mut images = Vec::new();
    for (index, (name, taken, satellites)) in known.iter().enumerate() {
        let is_reversed = |(_, other, at): &&(&str, Moment, i64)| {
            let by_clock = taken.seconds_after(other);
            let by_satellites = satellites - at;
            by_clock.signum() * by_satellites.signum() < 0
                && by_clock.abs().min(by_satellites.abs()) > LATE_FIX
        };
        if let Some((other, ..)) = known.iter().skip(index + 1).find(is_reversed) {
            images.extend([(*name).to_owned(), (*other).to_owned()]);
        }
    }
    images.sort_unstable();
    images.dedup();
    let text = "The cameras' clocks and the satellites put pictures in opposite orders.".into();
    (!images.is_empty()).then_some(Finding { code: "claim.times.order", text, images })
}

#[cfg(test)]
mod tests {
    use super::super::facts::Facts;
    use super::super::tests::member;
    use super::*;

    fn taken(day: i64, claimed_at: Option<&str>) -> Facts {
        let taken = Some(Moment::at(1_773_619_200 + day * 86_400));
        Facts { taken, claimed_at: claimed_at.map(str::to_owned), ..Facts::default() }
    }

    fn codes(members: &[Member]) -> Vec<&'static str> {
        let (_, findings) = times(members, &ClaimPolicy::default());
        findings.iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn pictures_of_one_day_are_nothing_to_tell() {
        let members = [member("a", taken(0, None)), member("b", taken(1, None))];
        let (times, findings) = times(&members, &ClaimPolicy::default());
        assert_eq!((times.known, times.span_days, findings.len()), (2, Some(1.0), 0));
        assert_eq!(
            (times.first.as_deref(), times.last.as_deref()),
            (Some("2026-03-16"), Some("2026-03-17"))
        );
    }

    #[test]
    fn pictures_after_or_long_before_the_claimed_time_and_over_weeks_are_told() {
        assert_eq!(
            codes(&[member("a", taken(3, Some("2026-03-16")))]),
            ["claim.times.after_claimed"]
        );
        assert_eq!(
            codes(&[member("a", taken(-40, Some("2026-03-16")))]),
            ["claim.times.before_claimed"]
        );
        assert_eq!(codes(&[member("a", taken(-20, Some("2026-03-16")))]).len(), 0);
        assert_eq!(
            codes(&[member("a", taken(0, None)), member("b", taken(20, None))]),
            ["claim.times.span"]
        );
    }

    #[test]
    fn clocks_and_satellites_in_opposite_orders_are_told() {
        let with =
            |day: i64, fix: i64| Facts { satellites: Some(fix * 86_400), ..taken(day, None) };
        assert_eq!(
            codes(&[member("a", with(0, 9)), member("b", with(1, 8))]),
            ["claim.times.order"]
        );
        assert_eq!(codes(&[member("a", with(0, 8)), member("b", with(1, 9))]).len(), 0);
    }
}
