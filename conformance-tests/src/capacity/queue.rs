// SPDX-License-Identifier: MIT OR Apache-2.0
//! Stations one behind the other, each with servers and one queue: who comes first is served first.
//!
//! Arrivals are those of a Poisson process, times of service are drawn from measured ones.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::synth::random::Random;

/// Nanoseconds of a second: times are whole numbers of them, so that they have an order.
const NANOSECONDS: f64 = 1e9;

/// Servers with one queue.
#[derive(Clone, Debug)]
pub struct Station {
    /// How many serve at once, at least one.
    pub servers: usize,
    /// Measured times of service, s, at least one.
    pub service_seconds: Vec<f64>,
}

/// How long customers stayed, from arrival to the end of the last service.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Waits {
    /// Mean, s.
    pub mean: f64,
    /// Half stayed no longer, s.
    pub median: f64,
    /// 95 of 100 stayed no longer, s.
    pub most_of_95: f64,
    /// Share of all servers' time at the busiest station that was spent serving, `0..=1`.
    pub busiest: f64,
}

/// Sends `customers` through the stations, `per_second` of them on average; the first tenth does not count,
/// which meets empty queues. `None` of nobody, nothing or a rate that is none.
#[must_use]
pub fn simulate(
    stations: &[Station],
    per_second: f64,
    customers: usize,
    seed: u64,
) -> Option<Waits> {
    let is_usable = |station: &Station| station.servers > 0 && !station.service_seconds.is_empty();
    let has_rate = per_second.is_finite() && per_second > 0.0;
    if customers == 0 || stations.is_empty() || !has_rate || !stations.iter().all(is_usable) {
        return None;
    }
    let mut random = Random::new(seed);
    let mut clock = 0.0;
    let arrivals: Vec<u64> = (0..customers)
        .map(|_| {
            // The logarithm of 1 less a number below 1 is finite.
            clock -= (1.0 - random.unit()).ln() / per_second;
            (clock * NANOSECONDS) as u64
        })
        .collect();
    // Who leaves a station first comes to the next first.
    let mut coming: Vec<(u64, usize)> = arrivals.iter().copied().zip(0..).collect();
    let mut busiest: f64 = 0.0;
    for station in stations {
        coming.sort_unstable();
        busiest = busiest.max(serve(station, &mut coming, &mut random));
    }
    let start = customers / 10;
    let counted = coming.iter().filter(|(_, customer)| *customer >= start);
    let stay = |&(end, customer): &(u64, usize)| (end - arrivals[customer]) as f64 / NANOSECONDS;
    let mut stays: Vec<f64> = counted.map(stay).collect();
    stays.sort_by(f64::total_cmp);
    let quantile = |share: f64| stays.get((share * stays.len() as f64) as usize).copied();
    Some(Waits {
        mean: stays.iter().sum::<f64>() / stays.len() as f64,
        median: quantile(0.5)?,
        most_of_95: quantile(0.95)?,
        busiest,
    })
}

/// Turns the times at which customers come, in order, into those at which they leave; returns the share of
/// the servers' time that was spent.
fn serve(station: &Station, coming: &mut [(u64, usize)], random: &mut Random) -> f64 {
    let mut free: BinaryHeap<_> = (0..station.servers).map(|_| Reverse(0)).collect();
    let (mut spent, mut last) = (0.0, 1);
    for (time, _) in coming {
        let at = random.below(station.service_seconds.len());
        let service = station.service_seconds.get(at).map_or(0.0, |seconds| seconds.max(0.0));
        let Reverse(earliest) = free.pop().unwrap_or(Reverse(0));
        *time = earliest.max(*time) + (service * NANOSECONDS) as u64;
        free.push(Reverse(*time));
        spent += service;
        last = last.max(*time);
    }
    spent / (station.servers as f64 * last as f64 / NANOSECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times whose mean is a second, distributed as those of a Poisson process.
    fn exponential() -> Vec<f64> {
        (0..1000).map(|i| -(1.0 - (f64::from(i) + 0.5) / 1000.0).ln()).collect()
    }

    #[test]
    fn one_server_keeps_customers_as_long_as_pollaczek_and_khinchine_say() {
        // Mean stay with rate r and services of mean 1 and second moment m: 1 + r m / (2 (1 - r)).
        for (service_seconds, second_moment) in [(vec![1.0], 1.0), (exponential(), 2.0)] {
            let station = Station { servers: 1, service_seconds };
            let waits = simulate(&[station], 0.6, 400_000, 1).unwrap();
            let expected = 1.0 + 0.6 * second_moment / (2.0 * 0.4);
            assert!((waits.mean / expected - 1.0).abs() < 0.03, "{} {expected}", waits.mean);
            assert!((waits.busiest - 0.6).abs() < 0.01);
        }
    }

    #[test]
    fn several_servers_keep_customers_as_long_as_erlang_says() {
        // Four servers, three customers a second: Erlang's C is 0.5094, the mean wait C / (4 - 3).
        let station = Station { servers: 4, service_seconds: exponential() };
        let waits = simulate(&[station], 3.0, 400_000, 2).unwrap();
        assert!((waits.mean / 1.5094 - 1.0).abs() < 0.03, "{}", waits.mean);
        assert!(waits.median < waits.mean && waits.mean < waits.most_of_95);
    }

    #[test]
    fn a_second_station_adds_its_own_stay() {
        // What leaves an M/M/1 queue is a Poisson process again [Burke 1956].
        let station = |servers| Station { servers, service_seconds: exponential() };
        let waits = simulate(&[station(1), station(1)], 0.5, 400_000, 3).unwrap();
        assert!((waits.mean / 4.0 - 1.0).abs() < 0.04, "{}", waits.mean);
    }

    #[test]
    fn what_cannot_be_simulated_is_not() {
        let station = Station { servers: 1, service_seconds: vec![1.0] };
        let none = Station { servers: 0, ..station.clone() };
        let idle = Station { service_seconds: Vec::new(), ..station.clone() };
        for stations in [&[none][..], &[idle], &[]] {
            assert_eq!(simulate(stations, 1.0, 10, 0), None);
        }
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(simulate(std::slice::from_ref(&station), rate, 10, 0), None);
        }
        assert_eq!(simulate(&[station], 1.0, 0, 0), None);
    }
}
