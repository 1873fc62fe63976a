// SPDX-License-Identifier: MIT OR Apache-2.0
//! One image through the detectors of a policy: the one road through the code.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::Arc;
use std::time::{Duration, Instant};

use assay_plugin_api::descriptor::Input;
use assay_plugin_api::detector::NoScore;
use assay_plugin_api::report::Report;

use super::beside::Beside;
use super::call;
use super::copies::{CopyKind, Rerun};
use super::outcome::{DetectorOutcome, Outcome};
use super::pool::{Abandoned, Abandonment, Pool};
use super::request::{AnalysisRequest, RequestError};
use super::result::Analysis;
use crate::cancel::Cancel;
use crate::fusion;
use crate::image::evidence::ImageEvidence;
use crate::image::Foreseen;
use crate::memory::Readers;
use crate::plugin::{Instance, LoadedDetector, PluginError, Registry};
use crate::policy::{check, Policy, PolicyError};
use crate::stage::Stage;

/// Detectors with the parameters of one policy, ready to examine images.
pub struct Analyser {
    policy: Arc<Policy>,
    pool: Arc<Pool>,
    detectors: Vec<Arc<Ready>>,
}

/// One detector with its parameters and its deadline.
struct Ready {
    identity: DetectorOutcome,
    instance: Instance,
    pool: Arc<Pool>,
    deadline: Duration,
    abandoned: Abandoned,
    /// What it asks of a picture.
    foreseen: Foreseen,
    /// How long it took last, ns; at first the kinds of evidence that it asks for.
    last: AtomicU64,
}

/// Why a policy cannot be run by these detectors.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnalyserError {
    /// The policy names what the detectors do not have.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A detector refused its parameters.
    #[error(transparent)]
    Create(#[from] PluginError),
    /// The system refused a thread.
    #[error("no thread for a detector: {0}")]
    Thread(#[from] std::io::Error),
}

/// What a pool thread tells the waiting caller.
enum Message {
    Started(usize, Instant),
    Answered(usize, Result<Report, NoScore>, Duration),
}

/// A call as the waiting caller sees it.
#[derive(Clone, Copy, PartialEq)]
enum Progress {
    Queued,
    Running(Instant),
    Over,
}

/// One detector of one analysis.
struct Call {
    ready: Arc<Ready>,
    abandonment: Abandonment,
    progress: Progress,
    start: Option<Instant>,
    outcome: Option<(Outcome, Duration)>,
}

impl Analyser {
    /// Makes the detectors that `policy` enables, with its parameters.
    ///
    /// # Errors
    /// When the policy names an unknown detector or parameter, or a detector refuses a value.
    pub fn new(
        registry: &Registry,
        policy: Arc<Policy>,
        pool: Arc<Pool>,
    ) -> Result<Self, AnalyserError> {
        let known: Vec<_> = registry.detectors().iter().map(|d| d.model_key.as_str()).collect();
        check::check_detectors(&policy, &known).map_err(PolicyError::from)?;
        let is_enabled = |d: &&Arc<LoadedDetector>| policy.detector(&d.model_key).enabled;
        let enabled = registry.detectors().iter().filter(is_enabled);
        let detectors = enabled.map(|detector| Ready::new(detector, &policy, &pool).map(Arc::new));
        let detectors = detectors.collect::<Result<_, _>>()?;
        Ok(Self { policy, pool, detectors })
    }

    /// Other detectors under the same policy, in the same pool.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_detectors(&self, registry: &Registry) -> Result<Self, AnalyserError> {
        Self::new(registry, Arc::clone(&self.policy), Arc::clone(&self.pool))
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The model keys that can be asked for, in the order of results.
    #[must_use]
    pub fn models(&self) -> Vec<&str> {
        self.detectors.iter().map(|d| d.identity.model_key.as_str()).collect()
    }

    /// What the detectors are, in the order of results; the outcomes in it say nothing.
    pub fn identities(&self) -> impl Iterator<Item = &DetectorOutcome> {
        self.detectors.iter().map(|detector| &detector.identity)
    }

    /// What the detectors that a request chooses will ask of a picture.
    #[must_use]
    pub fn foresees(&self, request: &AnalysisRequest) -> Foreseen {
        // What is wrong with the request is told where it is analysed.
        let chosen = self.chosen(request).unwrap_or_default();
        chosen.iter().fold(Foreseen::default(), |all, ready| Foreseen {
            coefficients: all.coefficients || ready.foreseen.coefficients,
            readers: all.readers.and(&ready.foreseen.readers),
        })
    }

    /// Has a thread of the detectors do `work` when it has nothing else to do.
    pub fn beside<T: Send + Sync + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Beside<T> {
        Beside::new(&self.pool, work)
    }

    /// Examines one image.
    ///
    /// # Errors
    /// When the request names what is not there. What goes wrong in a detector is its outcome.
    pub fn analyse(
        &self,
        image: &Arc<ImageEvidence>,
        request: &AnalysisRequest,
    ) -> Result<Analysis, RequestError> {
        self.analyse_for(image, request, &Cancel::default())
    }

    /// Examines one image for somebody who may stop waiting: from then on nothing is begun any more, and what
    /// comes of it means nothing.
    ///
    /// # Errors
    /// As [`Self::analyse`].
    pub fn analyse_for(
        &self,
        image: &Arc<ImageEvidence>,
        request: &AnalysisRequest,
        cancel: &Cancel,
    ) -> Result<Analysis, RequestError> {
        let (outcomes, mut stages) = self.run(image, request, self.chosen(request)?, cancel);
        let again = || self.run_again(image, request, &outcomes, cancel);
        let (reruns, again) = Stage::time("again", again);
        stages.extend((!reruns.is_empty()).then_some(again));
        Ok(self.fuse(image, outcomes, reruns, stages))
    }

    /// What the policy makes of outcomes that are not looked for on copies of the image.
    #[must_use]
    pub fn conclude(&self, image: &ImageEvidence, outcomes: Vec<DetectorOutcome>) -> Analysis {
        self.fuse(image, outcomes, Vec::new(), Vec::new())
    }

    fn fuse(
        &self,
        image: &ImageEvidence,
        outcomes: Vec<DetectorOutcome>,
        reruns: Vec<Rerun>,
        mut stages: Vec<Stage>,
    ) -> Analysis {
        let fuse = || fusion::fuse_with_copies(&outcomes, &reruns, &self.policy);
        let (verdict, fusion) = Stage::time("fusion", fuse);
        stages.push(fusion);
        Analysis::new(image, outcomes, reruns, verdict, stages)
    }

    /// What the detectors answer on one image, without a verdict.
    ///
    /// # Errors
    /// When the request names what is not there.
    pub fn outcomes(
        &self,
        image: &Arc<ImageEvidence>,
        request: &AnalysisRequest,
    ) -> Result<Vec<DetectorOutcome>, RequestError> {
        Ok(self.run(image, request, self.chosen(request)?, &Cancel::default()).0)
    }

    fn chosen(&self, request: &AnalysisRequest) -> Result<Vec<Arc<Ready>>, RequestError> {
        let chosen = request.choose(&self.models())?;
        Ok(chosen.into_iter().map(|i| Arc::clone(&self.detectors[i])).collect())
    }

    /// What those who speak for the verdict answer on copies of the image, one copy after the other,
    /// so that one at a time is in memory. Each call has its detector's whole deadline again.
    fn run_again(
        &self,
        image: &ImageEvidence,
        request: &AnalysisRequest,
        outcomes: &[DetectorOutcome],
        cancel: &Cancel,
    ) -> Vec<Rerun> {
        let supporters = fusion::supporters(outcomes, &self.policy);
        let is_supporter = |d: &&Arc<Ready>| supporters.contains(&d.identity.model_key);
        let chosen: Vec<_> = self.detectors.iter().filter(is_supporter).cloned().collect();
        if chosen.is_empty() {
            return Vec::new();
        }
        let rerun = |copy: CopyKind| {
            let made = copy.of(image, &self.policy.stability);
            let again = |made| self.run(&Arc::new(made), request, chosen.clone(), cancel).0;
            let outcomes = made.map(again);
            Rerun { copy, outcomes: outcomes.map_err(|error| error.to_string()) }
        };
        CopyKind::ALL.into_iter().take_while(|_| !cancel.is_set()).map(rerun).collect()
    }

    /// What the chosen detectors answer, and when those worked that began.
    fn run(
        &self,
        image: &Arc<ImageEvidence>,
        request: &AnalysisRequest,
        chosen: Vec<Arc<Ready>>,
        cancel: &Cancel,
    ) -> (Vec<DetectorOutcome>, Vec<Stage>) {
        let (sender, receiver) = mpsc::channel();
        let cancel = cancel.of_part();
        let mut calls: Vec<_> = chosen.into_iter().map(Call::new).collect();
        // The longest first, so that no thread idles while it ends.
        let mut order: Vec<_> = calls.iter().enumerate().collect();
        order.sort_by_key(|(_, call)| Reverse(call.ready.last.load(Ordering::Relaxed)));
        for (index, call) in order {
            let evidence = EvidenceOfCall {
                image: Arc::clone(image),
                cancel: cancel.clone(),
                claimed_at: request.claimed_at.as_ref().map(ToString::to_string),
            };
            call.ready.pool.submit(call.job(index, evidence, sender.clone()));
        }
        drop(sender);
        self.wait(&receiver, &mut calls, (image.width(), image.height()));
        cancel.set();
        let stages = calls.iter().filter_map(Call::stage).collect();
        (calls.into_iter().map(Call::into_outcome).collect(), stages)
    }

    /// Collects answers until each call has answered or overrun its deadline.
    fn wait(&self, receiver: &Receiver<Message>, calls: &mut [Call], size: (u32, u32)) {
        while calls.iter().any(|call| call.progress != Progress::Over) {
            let message = match calls.iter().filter_map(Call::due).min() {
                None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(due) => receiver.recv_timeout(due.saturating_duration_since(Instant::now())),
            };
            match message {
                Ok(Message::Started(index, start)) => calls[index].started(start),
                Ok(Message::Answered(index, answer, took)) => {
                    calls[index].answered(answer, took, size);
                }
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {
                    let overdue = calls.iter_mut().filter_map(Call::time_out);
                    overdue.for_each(|ready| ready.pool.replace_thread());
                }
            }
        }
    }
}

/// What a job needs to make its evidence once it runs and its deadline is known.
struct EvidenceOfCall {
    image: Arc<ImageEvidence>,
    cancel: Cancel,
    claimed_at: Option<String>,
}

impl Call {
    fn new(ready: Arc<Ready>) -> Self {
        let abandonment = ready.abandoned.of_call();
        Self { ready, abandonment, progress: Progress::Queued, start: None, outcome: None }
    }

    fn job(
        &self,
        index: usize,
        evidence: EvidenceOfCall,
        sender: Sender<Message>,
    ) -> impl FnOnce() -> bool + Send + 'static {
        let (ready, abandonment) = (Arc::clone(&self.ready), self.abandonment.clone());
        move || {
            let start = Instant::now();
            if sender.send(Message::Started(index, start)).is_err() {
                return abandonment.end();
            }
            if ready.abandoned.is_full() {
                let count = ready.abandoned.count();
                let message = format!("{count} earlier calls still run past their deadline");
                let refused = Err(NoScore::failed(message));
                drop(sender.send(Message::Answered(index, refused, Duration::ZERO)));
                return abandonment.end();
            }
            let EvidenceOfCall { image, cancel, claimed_at } = evidence;
            if cancel.is_set() {
                let gave_up = Err(NoScore::Cancelled);
                drop(sender.send(Message::Answered(index, gave_up, Duration::ZERO)));
                return abandonment.end();
            }
            let deadline = start + ready.deadline;
            let answer = ready.instance.detect(image, claimed_at, deadline, cancel);
            let took = start.elapsed();
            let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
            ready.last.store(nanoseconds, Ordering::Relaxed);
            let was_left_behind = abandonment.end();
            // A caller that no longer waits has written the call off already.
            drop(sender.send(Message::Answered(index, answer, took)));
            was_left_behind
        }
    }

    /// When a running call is overdue.
    fn due(&self) -> Option<Instant> {
        match self.progress {
            Progress::Running(start) => Some(start + self.ready.deadline),
            Progress::Queued | Progress::Over => None,
        }
    }

    fn started(&mut self, start: Instant) {
        if self.progress == Progress::Queued {
            self.progress = Progress::Running(start);
            self.start = Some(start);
        }
    }

    fn answered(&mut self, answer: Result<Report, NoScore>, took: Duration, size: (u32, u32)) {
        if self.progress != Progress::Over {
            self.finish(call::outcome(answer, took, self.ready.deadline, size), took);
        }
    }

    /// Writes the call off if it is overdue; its detector where it holds a thread from now on.
    fn time_out(&mut self) -> Option<&Ready> {
        let Progress::Running(start) = self.progress else { return None };
        let took = start.elapsed();
        if took <= self.ready.deadline {
            return None;
        }
        self.finish(call::timed_out(self.ready.deadline), took);
        self.abandonment.begin().then_some(&*self.ready)
    }

    fn finish(&mut self, outcome: Outcome, took: Duration) {
        self.progress = Progress::Over;
        self.outcome = Some((outcome, took));
    }

    /// When it worked; none where it never began.
    fn stage(&self) -> Option<Stage> {
        let name = self.ready.identity.model_key.clone();
        let (start, (_, took)) = (self.start?, self.outcome.as_ref()?);
        Some(Stage { name, start, took: *took })
    }

    fn into_outcome(self) -> DetectorOutcome {
        let lost = || (Outcome::Failed { message: "gave no answer".into() }, Duration::ZERO);
        let (outcome, took) = self.outcome.unwrap_or_else(lost);
        let duration_ms = took.as_secs_f64() * 1e3;
        DetectorOutcome { outcome, duration_ms, ..self.ready.identity.clone() }
    }
}

impl Ready {
    fn new(
        detector: &LoadedDetector,
        policy: &Policy,
        pool: &Arc<Pool>,
    ) -> Result<Self, AnalyserError> {
        let descriptor = detector.descriptor();
        let settings = policy.detector(&detector.model_key);
        let checked = check::check_params(policy, &detector.model_key, &descriptor.params);
        checked.map_err(PolicyError::from)?;
        let identity = DetectorOutcome {
            id: descriptor.id.to_string(),
            model_key: detector.model_key.clone(),
            result_key: detector.result_key.clone(),
            title: detector.title.clone(),
            kind: detector.kind,
            version: descriptor.version.to_string(),
            digest: detector.plugin.digest().to_owned(),
            duration_ms: 0.0,
            outcome: Outcome::NotApplicable { reason: String::new() },
        };
        let instance = detector.plugin.create(&settings.attributes())?;
        let coefficients = descriptor.inputs.contains(&Input::JpegCoefficients);
        let readers = Readers::of(instance.reader());
        let pool = match instance {
            Instance::Here(_) => Arc::clone(pool),
            Instance::Apart(_) | Instance::Script(_) => pool.of_apart(&detector.model_key)?,
        };
        Ok(Self {
            identity,
            instance,
            pool,
            deadline: Duration::from_millis(settings.deadline_ms),
            abandoned: Abandoned::default(),
            foreseen: Foreseen { coefficients, readers },
            last: AtomicU64::new(descriptor.inputs.len() as u64),
        })
    }
}
