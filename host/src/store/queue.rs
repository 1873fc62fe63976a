// SPDX-License-Identifier: MIT OR Apache-2.0
//! Images that were accepted to be examined later, alone or in batches.
//!
//! A job is accepted, and finished, in one transaction with everything that can be seen of it from
//! outside: its batch, its answer, the webhook that it sets off. So whenever a process dies, a job either has
//! been done or has not. What a host has taken up is held by it ([`Hold`]) as long as its lease lasts
//! ([`Store::release_dead`]); one that has lost it cannot finish what another holds now. Why it is no library:
//! `docs/adr/0004-a-queue-of-our-own.md` and `docs/adr/0018-leases-in-the-table.md`.

use std::future::Future;

use super::deliveries::NewDelivery;
use super::first_answers::Remembered;
#[cfg(doc)]
use super::Store;
use super::{Charge, StoreError};

/// Where accepted jobs wait until they are done.
pub trait JobQueue {
    /// Accepts jobs with all that goes with them.
    ///
    /// # Errors
    /// Where the day has not so many images left, another host has answered the same request, or the database
    /// fails; nothing is accepted or charged then.
    fn accept_jobs(&self, new: &NewJobs<'_>)
        -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Takes up the next job for a host: that whose turn it is.
    ///
    /// # Errors
    /// When the database fails.
    fn take_job(&self, host: &str) -> impl Future<Output = Result<Option<Job>, StoreError>> + Send;

    /// Gives a job back that was taken up and not done, as if it had not been; nothing where another host
    /// holds it now.
    ///
    /// # Errors
    /// When the database fails.
    fn hand_back_job(
        &self,
        request_id: &str,
        hold: &Hold,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Writes down what came of a job, and tells whether it was still held; else nothing is written.
    /// `announce` says what its own receiver is told, `announce_batch` what the batch's is told when this was
    /// its last job; one that is a claim is told when that is made.
    ///
    /// # Errors
    /// When the database fails; the job is as it was then.
    fn finish_job(
        &self,
        job: &Job,
        end: &JobEnd,
        announce: Option<NewDelivery>,
        announce_batch: impl FnOnce(&Batch, &BatchStanding) -> std::io::Result<Option<NewDelivery>>
            + Send,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Jobs that are waiting or running.
    ///
    /// # Errors
    /// When the database fails.
    fn jobs_to_do(&self) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// The same, and how many of them are an organisation's.
    ///
    /// # Errors
    /// When the database fails.
    fn jobs_beside(
        &self,
        organisation: &str,
    ) -> impl Future<Output = Result<(u64, u64), StoreError>> + Send;

    /// Whether a job is still to be done, and so needs what was kept for it.
    ///
    /// # Errors
    /// When the database fails.
    fn is_to_do(&self, request_id: &str) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// An image to be examined later.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// The request's name.
    pub request_id: String,
    /// The client's own name for it.
    pub reference_id: Option<String>,
    /// Where to tell that it is done.
    pub webhook_url: Option<String>,
    /// What is asked, JSON.
    pub task: String,
}

/// Jobs that are accepted together, and what becomes so with them.
#[derive(Clone, Copy, Debug)]
pub struct NewJobs<'a> {
    /// Who submits them: a key.
    pub actor: &'a str,
    /// Whose they are.
    pub organisation: &'a str,
    /// The batch that they are; none for one that stands alone.
    pub batch: Option<&'a Batch>,
    /// They themselves.
    pub jobs: &'a [NewJob],
    /// What the organisation's day is charged with for them.
    pub charge: Option<Charge>,
    /// The answer that says so, if it is to be remembered.
    pub answer: Option<&'a Remembered<'a>>,
}

/// Images that were submitted together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its name, `batch_…`.
    pub batch_id: String,
    /// The client's own name for it.
    pub reference_id: Option<String>,
    /// Where to tell that all are done.
    pub webhook_url: Option<String>,
    /// What is asked of the claim that they are, JSON; none where they are no claim.
    pub claim_asked: Option<String>,
}

/// A job that was taken up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The request's name.
    pub request_id: String,
    /// Whose it is.
    pub organisation: String,
    /// The batch that it belongs to.
    pub batch_id: Option<String>,
    /// The client's own name for it.
    pub reference_id: Option<String>,
    /// Where to tell that it is done.
    pub webhook_url: Option<String>,
    /// What is asked, JSON.
    pub task: String,
    /// By whom.
    pub hold: Hold,
}

/// Who has taken something up, and which time that was: together they are never the same again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The host.
    pub host: String,
    /// How often it was taken up, this time included.
    pub attempts: u32,
}

/// What came of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobEnd {
    /// The whole answer; none when it failed.
    pub body: Option<String>,
    /// Where in the picture, packed, for drawing it later.
    pub localisation: Option<Vec<u8>>,
    /// What the verdict was made from.
    pub derivation: Option<String>,
    /// What the picture is recognised by.
    pub fingerprint: Option<Vec<u8>>,
    /// The verdict's label; none when it failed.
    pub label: Option<String>,
    /// The verdict or the error, JSON.
    pub outcome: String,
    /// Whether the image that the day was charged with is given back to it.
    pub is_refunded: bool,
}

/// How far a job is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobStanding {
    /// The client's own name for it.
    pub reference_id: Option<String>,
    /// `queued`, `running`, `complete` or `failed`.
    pub state: String,
    /// The verdict or the error, JSON.
    pub outcome: Option<String>,
}

/// How far a batch is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BatchStanding {
    /// The client's own name for it.
    pub reference_id: Option<String>,
    /// Images.
    pub total: u64,
    /// Those that were examined.
    pub completed: u64,
    /// Those that could not be.
    pub failed: u64,
    /// How many have each verdict's label.
    pub labels: Vec<(String, u64)>,
    /// The claim that they are, JSON.
    pub claim: Option<String>,
    /// Whether they are a claim that is still to be made.
    pub is_without_claim: bool,
}

/// One image of a batch that is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchItem {
    /// Its place in the order of completion, from 1.
    pub place: i64,
    /// The request's name.
    pub request_id: String,
    /// The client's own name for it.
    pub reference_id: Option<String>,
    /// `complete` or `failed`.
    pub state: String,
    /// The verdict or the error, JSON.
    pub outcome: String,
}
