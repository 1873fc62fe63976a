// SPDX-License-Identifier: MIT OR Apache-2.0
//! Names that lead elsewhere the second time: what was looked up is what is dialled.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use assay::net::{FetchError, Fetcher, Found, Guard, Names, Target, Timeouts};

use crate::receiver::{Receiver, Reply};

/// A resolver that answers each look-up with the next of its lists; the last one stays.
#[derive(Debug)]
struct Fickle {
    answers: Mutex<Vec<Vec<Ipv4Addr>>>,
    asked: AtomicUsize,
}

impl Fickle {
    fn answering(answers: &[&[[u8; 4]]]) -> Arc<Self> {
        let list = |list: &&[[u8; 4]]| list.iter().map(|a| Ipv4Addr::from(*a)).collect();
        let answers = Mutex::new(answers.iter().map(list).collect());
        Arc::new(Self { answers, asked: AtomicUsize::new(0) })
    }
}

impl Names for Fickle {
    fn addresses(&self, _name: &str) -> Found {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
        let sockets = answer.into_iter().map(|ip| SocketAddr::from((ip, 0))).collect();
        Box::pin(async move { Ok(sockets) })
    }
}

/// The address where the picture is, and one that must not be dialled though somebody listens there.
const GOOD: [u8; 4] = [127, 0, 0, 1];
const BAD: [u8; 4] = [127, 0, 0, 2];

fn fetcher(names: Arc<Fickle>) -> Fetcher {
    let guard = Guard::allowing(&["127.0.0.1/32".parse().unwrap()]).resolving_by(names);
    let second = Duration::from_secs(5);
    Fetcher::new(guard, Timeouts { connect: second, total: second }, 1_000).unwrap()
}

/// A name with the receiver's port. It listens at all addresses, so that a wrong dial would be seen.
fn named(receiver: &Receiver, path: &str) -> Target {
    let url = receiver.url(path);
    let rest = url.split_once("//").unwrap().1.split_once(':').unwrap().1;
    Target::parse(&format!("http://rebind.example:{rest}")).unwrap()
}

#[tokio::test]
async fn a_name_is_looked_up_once_and_what_was_checked_is_dialled() {
    let receiver = Receiver::start_everywhere();
    receiver.reply("/photo", [Reply::body(b"picture".to_vec())]);
    let names = Fickle::answering(&[&[GOOD], &[BAD]]);
    let fetcher = fetcher(Arc::clone(&names));
    let target = named(&receiver, "/photo");
    assert_eq!(fetcher.fetch(&target).await.unwrap(), b"picture");
    assert_eq!(names.asked.load(Ordering::Relaxed), 1);
    // The next request looks anew, and is refused before anybody is dialled.
    let refused = fetcher.fetch(&target).await.unwrap_err();
    assert!(matches!(refused, FetchError::Unreachable), "{refused}");
    assert_eq!(names.asked.load(Ordering::Relaxed), 2);
    assert_eq!(receiver.received("/photo").len(), 1);
}

#[tokio::test]
async fn of_several_addresses_only_the_permitted_ones_are_dialled() {
    let receiver = Receiver::start_everywhere();
    receiver.reply("/photo", [Reply::body(b"picture".to_vec())]);
    let names = Fickle::answering(&[&[BAD, GOOD, [169, 254, 169, 254]]]);
    let target = named(&receiver, "/photo");
    assert_eq!(fetcher(names).fetch(&target).await.unwrap(), b"picture");
    assert_eq!(receiver.dialled(), [IpAddr::from(GOOD)]);
}

#[tokio::test]
async fn a_redirect_to_the_same_name_is_looked_up_and_checked_again() {
    let receiver = Receiver::start_everywhere();
    let again = named(&receiver, "/inward").to_string();
    receiver.reply("/photo", [Reply::redirect(&again)]);
    let names = Fickle::answering(&[&[GOOD], &[BAD]]);
    let refused = fetcher(names).fetch(&named(&receiver, "/photo")).await.unwrap_err();
    assert!(matches!(refused, FetchError::Unreachable), "{refused}");
    assert!(receiver.received("/inward").is_empty());
}
