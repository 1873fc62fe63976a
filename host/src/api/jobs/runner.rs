// SPDX-License-Identifier: MIT OR Apache-2.0
//! Does what was accepted to be done later, whatever becomes of the process meanwhile.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{json, Value};
use tokio::sync::watch;
use tokio::task::{self, JoinSet};

use super::blobs::GRACE;
use super::claim;
use super::examine::{examine, Charge, Examined, Question};
use super::order::{Task, TaskSource};
use crate::api::error::{ApiError, Code};
use crate::api::Shared;
use crate::net::Target;
use crate::store::{Batch, BatchStanding, DueClaim, Hold, Job, JobEnd, JobQueue as _, StoreError};
use crate::view::RequestId;
use crate::webhook;

/// How often a job is taken up before it is given up: one that ends the process would otherwise do so
/// for ever.
const MOST_ATTEMPTS: u32 = 3;
/// The same where hosts share the database: one that is killed, cut off or stands still loses what it has
/// taken up through no fault of the job's.
const MOST_ATTEMPTS_OF_HOSTS: u32 = 8;
/// Longest wait before the queue is looked at again: other hosts accept jobs too.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// How often images that nobody needs are looked for.
const SWEEP: Duration = Duration::from_secs(60);

/// Does jobs, as many at once as images may be examined.
pub struct Runner {
    shared: Arc<Shared>,
}

impl Runner {
    /// A runner over what requests share.
    #[must_use]
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Does jobs until `stop` says so; then waits for those that run, for at most `patience`, and
    /// hands back those that are not done by then.
    pub async fn run(self, mut stop: watch::Receiver<bool>, patience: Duration) {
        let shared = &self.shared;
        let mut work = UnderWay::default();
        let mut swept = Instant::now();
        while !*stop.borrow() {
            if swept.elapsed() >= SWEEP {
                swept = Instant::now();
                if let Err(error) = shared.blobs.sweep(&shared.store, GRACE).await {
                    tracing::error!(%error, "images that are not needed cannot be looked for");
                }
            }
            work.hand_back(shared).await;
            while work.running.len() < shared.at_once && shared.presence.is_held() {
                match next(shared).await {
                    Ok(Some(next)) => work.begin(shared, next),
                    Ok(None) => break,
                    Err(error) => {
                        tracing::error!(%error, "the queue cannot be read");
                        break;
                    }
                }
            }
            tokio::select! {
                Some(done) = work.tasks.join_next_with_id(), if !work.tasks.is_empty() => {
                    work.end(done);
                }
                () = shared.work.notified() => {}
                () = shared.presence.released() => {}
                () = tokio::time::sleep(LONGEST_WAIT) => {}
                _ = stop.changed() => {}
            }
        }
        let rest = async {
            while let Some(done) = work.tasks.join_next_with_id().await {
                work.end(done);
            }
        };
        let _ = tokio::time::timeout(patience, rest).await;
        work.stranded.extend(work.running.drain().map(|(_, work)| work));
        work.hand_back(shared).await;
    }
}

/// What is taken up: a claim whose images are done, else a job.
enum Next {
    Job(Job),
    Claim(DueClaim),
}

async fn next(shared: &Shared) -> Result<Option<Next>, StoreError> {
    let host = shared.presence.id();
    if let Some(due) = shared.store.take_claim(host).await? {
        return Ok(Some(Next::Claim(due)));
    }
    Ok(shared.store.take_job(host).await?.map(Next::Job))
}

/// What a task works on: a job by its request, a claim by its batch; and how it is held.
#[derive(Clone, Debug)]
enum Work {
    Job(String, Hold),
    Claim(String, Hold),
}

/// What is taken up and not over.
#[derive(Default)]
struct UnderWay {
    /// Each tells whether its end stands in the database.
    tasks: JoinSet<bool>,
    running: HashMap<task::Id, Work>,
    /// Those whose end could not be written down.
    stranded: Vec<Work>,
}

impl UnderWay {
    fn begin(&mut self, shared: &Arc<Shared>, next: Next) {
        let shared = Arc::clone(shared);
        let (work, task) = match next {
            Next::Job(job) => (
                Work::Job(job.request_id.clone(), job.hold.clone()),
                self.tasks.spawn(do_job(shared, job)),
            ),
            Next::Claim(due) => (
                Work::Claim(due.batch_id.clone(), due.hold.clone()),
                self.tasks.spawn(do_claim(shared, due)),
            ),
        };
        self.running.insert(task.id(), work);
    }

    fn end(&mut self, done: Result<(task::Id, bool), task::JoinError>) {
        let (id, is_written) = match done {
            Ok(done) => done,
            Err(error) => {
                tracing::error!(%error, "a job's task broke off");
                (error.id(), false)
            }
        };
        let work = self.running.remove(&id);
        self.stranded.extend(work.filter(|_| !is_written));
    }

    /// Puts jobs back in line whose end could not be written down; those for which that fails too are tried
    /// again with the next look at the queue.
    async fn hand_back(&mut self, shared: &Shared) {
        let mut left = Vec::new();
        for work in self.stranded.drain(..) {
            let handed_back = match &work {
                Work::Job(request_id, hold) => shared.store.hand_back_job(request_id, hold).await,
                Work::Claim(batch_id, hold) => shared.store.hand_back_claim(batch_id, hold).await,
            };
            if let Err(error) = handed_back {
                tracing::error!(%error, ?work, "what was taken up cannot be handed back");
                left.push(work);
            }
        }
        self.stranded = left;
    }
}

/// Does a job, and tells whether its end stands in the database: by this host, or by another.
async fn do_job(shared: Arc<Shared>, job: Job) -> bool {
    let start = Instant::now();
    let mut is_refundable = false;
    let most = if shared.store.is_shared() { MOST_ATTEMPTS_OF_HOSTS } else { MOST_ATTEMPTS };
    let answer = if job.hold.attempts > most {
        let message = format!("The analysis broke off {most} times; it is given up.");
        Err(ApiError::new(Code::Internal, message))
    } else {
        match serde_json::from_str::<Task>(&job.task) {
            Ok(task) => {
                is_refundable = task.is_refundable;
                answer(&shared, &job, task, start).await
            }
            Err(error) => Err(ApiError::internal(&error)),
        }
    };
    let has_run = match &answer {
        Ok(examined) => !examined.is_hit,
        Err(error) => error.code != Code::UrlUnreachable,
    };
    let is_refunded = is_refundable && !has_run;
    let status = if answer.is_ok() { "complete" } else { "failed" };
    let written = match answer {
        // The image is all right, and what came of it is not kept: it is done again.
        Err(error) if error.code == Code::Storage => Err(error),
        answer => finish(&shared, &job, answer, is_refunded).await,
    };
    match written {
        Ok(false) => {
            tracing::warn!(request_id = job.request_id, "another host has this job by now");
            true
        }
        Ok(true) => {
            tracing::info!(request_id = job.request_id, status, "job done");
            metrics::counter!("assay_jobs_total", "status" => status).increment(1);
            shared.blobs.done(&job.request_id).await;
            shared.sender.wake();
            true
        }
        Err(error) => {
            tracing::error!(%error, request_id = job.request_id, "a job's end cannot be written down");
            false
        }
    }
}

/// Makes a claim, and tells whether it stands in the database.
async fn do_claim(shared: Arc<Shared>, due: DueClaim) -> bool {
    match claim::make(&shared, &due).await {
        Ok(false) => {
            tracing::warn!(batch_id = due.batch_id, "another host has this claim by now");
            true
        }
        Ok(true) => {
            tracing::info!(batch_id = due.batch_id, "claim made");
            shared.sender.wake();
            true
        }
        Err(error) => {
            tracing::error!(%error, batch_id = due.batch_id, "a claim cannot be made");
            false
        }
    }
}

async fn answer<'a>(
    shared: &'a Arc<Shared>,
    job: &Job,
    task: Task,
    start: Instant,
) -> Result<Examined<'a>, ApiError> {
    let image = match &task.source {
        TaskSource::Blob => {
            shared.blobs.read(&job.request_id).await.map_err(|e| ApiError::image_of_a_job(&e))?
        }
        TaskSource::Url(url) => {
            let target = Target::parse(url).map_err(|e| ApiError::internal(&e))?;
            shared.fetcher.fetch(&target).await?
        }
        TaskSource::Refused { code, message } => {
            let code = Code::named(code).unwrap_or(Code::Internal);
            return Err(ApiError::new(code, message));
        }
    };
    let question = Question {
        organisation: job.organisation.as_str().into(),
        name: RequestId::parse(&job.request_id)
            .ok_or_else(|| ApiError::internal(&"a job without a name"))?,
        analyser: shared.policies.choose_for(&job.organisation, task.order.policy.as_deref())?,
        order: task.order,
        image,
        start,
    };
    examine(shared, question, Charge::Paid).await
}

/// Writes down what came of a job, and tells whether it was still held.
async fn finish(
    shared: &Shared,
    job: &Job,
    answer: Result<Examined<'_>, ApiError>,
    is_refunded: bool,
) -> Result<bool, ApiError> {
    let now = shared.sender.now();
    let (end, about, unpublished) = match answer {
        Ok(examined) => {
            let body: Value =
                serde_json::from_str(&examined.body).map_err(|e| ApiError::internal(&e))?;
            let verdict = body.get("verdict").cloned().unwrap_or(Value::Null);
            let label = verdict.get("label").and_then(Value::as_str);
            let end = JobEnd {
                localisation: examined.result.localisation.clone(),
                derivation: examined.result.derivation.clone(),
                fingerprint: examined.result.fingerprint.clone(),
                body: Some(examined.body),
                label: label.map(str::to_owned),
                outcome: verdict.to_string(),
                is_refunded,
            };
            (end, verdict, examined.unpublished)
        }
        Err(error) => {
            let error = error_object(&error, &job.request_id);
            let outcome = error.to_string();
            let end = JobEnd {
                body: None,
                localisation: None,
                derivation: None,
                fingerprint: None,
                label: None,
                outcome,
                is_refunded,
            };
            (end, error, None)
        }
    };
    let announce = match targets(job.webhook_url.as_deref()) {
        Some((url, receiver)) => {
            let tell = if end.body.is_some() {
                webhook::analysis_complete
            } else {
                webhook::analysis_failed
            };
            let reference_id = job.reference_id.as_deref();
            let told = tell((&url, &receiver), &job.request_id, reference_id, &about, now);
            Some(told.map_err(|e| ApiError::internal(&e))?)
        }
        None => None,
    };
    let announce_batch = |batch: &Batch, standing: &BatchStanding| {
        let target = targets(batch.webhook_url.as_deref());
        let tell = |(url, receiver): (String, String)| {
            webhook::batch_complete((&url, &receiver), batch, standing, now)
        };
        target.map(tell).transpose()
    };
    let is_held = shared.store.finish_job(job, &end, announce, announce_batch).await?;
    if let Some(unpublished) = unpublished.filter(|_| is_held) {
        unpublished.publish(shared).await;
    }
    Ok(is_held)
}

/// A webhook's URL and its receiver.
pub(super) fn targets(url: Option<&str>) -> Option<(String, String)> {
    let target = Target::parse(url?).ok()?;
    Some((target.to_string(), target.receiver()))
}

/// The guide's error object.
fn error_object(error: &ApiError, request_id: &str) -> Value {
    json!({ "code": error.code.as_str(), "message": error.message, "request_id": request_id })
}
