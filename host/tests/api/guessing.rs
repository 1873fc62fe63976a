// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whoever guesses at keys is slowed down, and nobody else.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::shared_limits::hosts;
use crate::support::{Answer, Server};

const PATH: &str = "/v1/detectors";
const FIVE: &str = "\n[server]\nunknown_keys = 5\nunknown_key_seconds = 3\n";

/// A key as it could be one.
fn guess(number: usize) -> String {
    format!("ak_{number:016x}_{number:064x}")
}

fn is_told_to_wait(answer: &Answer) -> bool {
    if answer.status != 429 {
        return false;
    }
    assert_eq!(answer.error(), "RATE_LIMIT_EXCEEDED");
    assert!(answer.message().contains("unknown keys"), "{}", answer.message());
    assert!((1..=4).contains(&answer.header("retry-after").unwrap().parse::<u64>().unwrap()));
    true
}

#[test]
fn after_a_few_unknown_keys_the_next_one_is_not_looked_up() {
    let server = Server::start_with(FIVE);
    let (_, used) = server.key(&[]);
    let (_, fresh) = server.key(&[]);
    let (revoked_id, revoked) = server.key(&[]);
    for key in [&used, &revoked] {
        assert_eq!(server.get(PATH, Some(key)).status, 200);
    }
    for number in 0..5 {
        assert_eq!(server.get(PATH, Some(&guess(number))).status, 401, "{number}");
    }
    assert!(is_told_to_wait(&server.get(PATH, Some(&guess(5)))));
    // Nor where no handler is, which would tell too.
    assert!(is_told_to_wait(&server.get("/v1/nothing", Some(&guess(5)))));
    // Requests without a key guess at nothing.
    assert_eq!(server.get(PATH, None).status, 401);
    assert_eq!(server.get("/healthz", None).status, 200);
    // A key that was good here before goes on; one that is new here waits for its turn, not for long.
    assert_eq!(server.get(PATH, Some(&used)).status, 200);
    let start = Instant::now();
    while is_told_to_wait(&server.get(PATH, Some(&fresh))) {
        assert!(start.elapsed() < Duration::from_secs(8));
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(server.get(PATH, Some(&fresh)).status, 200);
    // One that is over is no guess, and is over at once.
    assert_eq!(server.keys(&["revoke", &revoked_id]).0, 0);
    for _ in 0..10 {
        assert_eq!(server.get(PATH, Some(&revoked)).status, 401);
    }
}

#[test]
fn hosts_of_one_database_count_unknown_keys_together() {
    let slow = "[server]\nunknown_keys = 5\nunknown_key_seconds = 600\n";
    let Some(hosts) = hosts(2, slow) else { return };
    let (_, used) = hosts[0].key(&[]);
    for host in &hosts {
        assert_eq!(host.get(PATH, Some(&used)).status, 200);
    }
    let asked = (0..20).map(|number| hosts[number % 2].get(PATH, Some(&guess(number))).status);
    let looked_up = asked.filter(|status| *status == 401).count();
    // One more from the host that learns of the other's with its own next one.
    assert!((5..=6).contains(&looked_up), "{looked_up}");
    for host in &hosts {
        assert_eq!(host.get(PATH, Some(&guess(99))).status, 429);
        assert_eq!(host.get(PATH, Some(&used)).status, 200);
    }
}

#[test]
fn addresses_behind_a_trusted_proxy_are_counted_apart() {
    let more = format!("{FIVE}\n[network]\ntrusted_proxies = [\"127.0.0.0/8\"]\n");
    let server = Server::start_with(&more);
    let ask = |address: &str, number| {
        let kind = format!("text/plain\r\nX-Forwarded-For: {address}");
        server.send("GET", PATH, Some(&guess(number)), &kind, &[])
    };
    for number in 0..5 {
        assert_eq!(ask("203.0.113.1", number).status, 401);
        // Of one subscriber.
        assert_eq!(ask(&format!("2001:db8:1:2::{number}"), number).status, 401);
    }
    for address in ["203.0.113.1", "198.51.100.1, 203.0.113.1", "2001:db8:1:2:3::4"] {
        assert!(is_told_to_wait(&ask(address, 9)), "{address}");
    }
    for address in ["203.0.113.2", "2001:db8:1:3::1"] {
        assert_eq!(ask(address, 9).status, 401, "{address}");
    }
}

#[test]
fn nobody_escapes_by_naming_another_address() {
    let server = Server::start_with(FIVE);
    let ask = |number: usize| {
        let kind = format!("text/plain\r\nX-Forwarded-For: 203.0.113.{number}");
        server.send("GET", PATH, Some(&guess(number)), &kind, &[])
    };
    assert!((0..5).all(|number| ask(number).status == 401));
    assert!(is_told_to_wait(&ask(5)));
}

#[test]
fn a_flood_of_guesses_does_not_hold_up_the_keys_in_use() {
    let server = Server::start_with(FIVE);
    let (_, key) = server.key(&["--plan", "enterprise"]);
    assert_eq!(server.get(PATH, Some(&key)).status, 200);
    let (is_over, looked_up) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (server, is_over, looked_up) = (&server, &is_over, &looked_up);
            scope.spawn(move || {
                for number in 0.. {
                    if is_over.load(Ordering::Relaxed) {
                        return;
                    }
                    let answer = server.get(PATH, Some(&guess(thread * 1_000_000 + number)));
                    if answer.status == 401 {
                        looked_up.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
        let end = Instant::now() + Duration::from_secs(4);
        let mut statuses = Vec::new();
        while Instant::now() < end {
            statuses.push(server.get(PATH, Some(&key)).status);
            // Below what the largest plan allows in a minute.
            std::thread::sleep(Duration::from_millis(10));
        }
        // Before anything is asserted: the others go on until they are told.
        is_over.store(true, Ordering::Relaxed);
        assert!(statuses.iter().all(|&status| status == 200), "{statuses:?}");
    });
    // Five at once, two more in the time, and what was under way at once.
    let looked_up = looked_up.into_inner();
    assert!((5..=12).contains(&looked_up), "{looked_up}");
}
