// SPDX-License-Identifier: MIT OR Apache-2.0
//! What was measured.

use std::time::Duration;

use super::clock::Taken;
use super::rate::Rate;

/// All of one run.
pub(super) struct Found {
    pub(super) sets: Vec<Set>,
    /// The most memory that the process held; none where the system does not tell.
    pub(super) peak_memory_bytes: Option<u64>,
}

/// Pictures that were measured together.
pub(super) struct Set {
    pub(super) name: String,
    pub(super) stages: Stages,
    pub(super) rates: Vec<Rate>,
}

/// The stages in the order in which they were first seen, each with what it took every time.
#[derive(Default)]
pub(super) struct Stages(Vec<(String, Vec<Taken>)>);

/// The least, the middle and the most of some times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spread {
    pub(super) least: Duration,
    pub(super) median: Duration,
    pub(super) most: Duration,
}

impl Stages {
    pub(super) fn add(&mut self, seen: Vec<(String, Taken)>) {
        for (name, taken) in seen {
            match self.0.iter_mut().find(|(known, _)| *known == name) {
                Some((_, times)) => times.push(taken),
                None => self.0.push((name, vec![taken])),
            }
        }
    }

    /// Name, spread of the times by the clock, and mean CPU time.
    pub(super) fn spreads(&self) -> impl Iterator<Item = (&str, Spread, Option<Duration>)> {
        self.0.iter().filter_map(|(name, times)| {
            let cpu: Option<Duration> = times.iter().map(|taken| taken.cpu).sum();
            let cpu = cpu.map(|all| all.div_f64(times.len() as f64));
            Some((name.as_str(), Spread::of(times.iter().map(|taken| taken.wall))?, cpu))
        })
    }
}

impl Spread {
    /// `None` of no times.
    fn of(times: impl Iterator<Item = Duration>) -> Option<Self> {
        let mut times: Vec<_> = times.collect();
        times.sort();
        Some(Self {
            least: *times.first()?,
            median: *times.get(times.len() / 2)?,
            most: *times.last()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spreads_are_the_least_the_middle_and_the_most_of_each_stage() {
        let ms = Duration::from_millis;
        let taken = |wall| Taken { wall: ms(wall), cpu: Some(ms(2 * wall)) };
        let mut stages = Stages::default();
        for wall in [5, 1, 3] {
            stages.add(vec![("decode".into(), taken(wall)), ("noise".into(), taken(10 * wall))]);
        }
        let spreads: Vec<_> = stages.spreads().collect();
        let spread =
            |least, median, most| Spread { least: ms(least), median: ms(median), most: ms(most) };
        assert_eq!(spreads[0], ("decode", spread(1, 3, 5), Some(ms(6))));
        assert_eq!(spreads[1].0, "noise");
        assert_eq!(Spread::of(std::iter::empty()), None);
    }
}
