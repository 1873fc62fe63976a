// SPDX-License-Identifier: MIT OR Apache-2.0
//! The road of a picture as the server goes it, stage by stage, with a database of its own.

use std::path::Path;
use std::sync::Arc;

use assay_plugin_api::evidence::keys;
use jiff::Timestamp;
use tokio::runtime::Runtime;

use super::clock::{self, Taken};
use super::figures::Stages;
use crate::analysis::{
    Analyser, Analysis, AnalysisRequest, Asked, Derivation, Models, StoredLocalisation,
};
use crate::claim::{Facts, Look};
use crate::cli::inputs::Input;
use crate::cli::CommandError;
use crate::image::evidence::ImageEvidence;
use crate::image::Foreseen;
use crate::store::{Kept, KeyRequest, NewAnalysis, Store};
use crate::view::{AnalysisView, Pictures, RequestId};
use crate::worker::Decoder;

/// Who the database says asked.
const ACTOR: &str = "bench";
/// What serial numbers are kept under in a database that is thrown away.
const SECRET: [u8; 32] = [0; 32];

/// All that the pictures have in common.
pub(super) struct Road<'a> {
    analyser: &'a Analyser,
    request: AnalysisRequest,
    /// A request for each detector alone.
    alone: Vec<(String, AnalysisRequest)>,
    decoder: Decoder,
    store: Store,
}

/// What is kept of a picture to recognise it by.
fn fingerprint(look: &Look, image: &ImageEvidence, analysis: &Analysis) -> Vec<u8> {
    let facts = Facts::read(image.blob(keys::EXIF), &analysis.outcomes, None, &SECRET);
    look.clone().with(facts).to_bytes()
}

/// A runtime for waiting on the database, one for each thread that does.
pub(super) fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

impl<'a> Road<'a> {
    /// Opens a database in `data`, of a region; the request must fit the analyser.
    pub(super) fn new(
        analyser: &'a Analyser,
        request: AnalysisRequest,
        decoder: Decoder,
        (data, region): (&Path, &str),
    ) -> Result<Self, CommandError> {
        let known = analyser.models();
        let chosen = request.choose(&known)?;
        let alone = chosen.into_iter().filter_map(|index| known.get(index)).map(|&model| {
            let models = Models::Named(vec![model.to_owned()]);
            (model.to_owned(), AnalysisRequest { models, ..request.clone() })
        });
        let alone = alone.collect();
        let store = runtime()?.block_on(async {
            let store = Store::open(data).await?;
            // Answers are an organisation's, and its first key makes one.
            let key = KeyRequest::unrestricted(ACTOR, Vec::new());
            store.create_key(&key, region, ACTOR).await.map(|_| store)
        })?;
        Ok(Self { analyser, request, alone, decoder, store })
    }

    /// What each stage of some pictures takes, each alone, over some rounds behind one that does not count.
    pub(super) fn measure(&self, inputs: &[Input], rounds: usize) -> Result<Stages, CommandError> {
        let waiting = runtime()?;
        let mut stages = Stages::default();
        for round in 0..=rounds {
            for input in inputs {
                let mut seen = Vec::new();
                let (done, whole) = clock::time(|| self.whole(input, &waiting));
                done?;
                self.by_stage(input, &waiting, &mut |stage, taken| seen.push((stage, taken)))?;
                seen.push(("whole".into(), whole));
                if round > 0 {
                    stages.add(seen);
                }
            }
        }
        Ok(stages)
    }

    /// From the file to the stored answer.
    pub(super) fn whole(&self, input: &Input, waiting: &Runtime) -> Result<(), CommandError> {
        let foreseen = self.analyser.foresees(&self.request);
        let image = Arc::new(self.decoder.read(self.fetch(input)?, foreseen)?);
        let seen = Arc::clone(&image);
        let look = self.analyser.beside(move || Look::of_image(&seen));
        let analysis = self.analyser.analyse(&image, &self.request)?;
        let answer = self.answer(&analysis)?;
        let fingerprint = fingerprint(look.get(), &image, &analysis);
        self.store(waiting, &answer, &analysis, &fingerprint)
    }

    fn by_stage(
        &self,
        input: &Input,
        waiting: &Runtime,
        see: &mut impl FnMut(String, Taken),
    ) -> Result<(), CommandError> {
        let mut seen = |stage: &str, taken| see(stage.to_owned(), taken);
        let (bytes, taken) = clock::time(|| self.fetch(input));
        seen("fetch", taken);
        let bytes = bytes?;
        let (image, taken) = clock::time(|| self.decoder.read(bytes, Foreseen::default()));
        seen("decode", taken);
        let image = Arc::new(image?);
        seen("luma", clock::time(|| image.luma().len()).1);
        seen("coefficients", clock::time(|| image.luma_coefficients().is_some()).1);
        for (model, request) in &self.alone {
            let (outcomes, taken) = clock::time(|| self.analyser.outcomes(&image, request));
            seen(model, taken);
            outcomes?;
        }
        let (outcomes, taken) = clock::time(|| self.analyser.outcomes(&image, &self.request));
        seen("detectors", taken);
        let outcomes = outcomes?;
        let (analysis, taken) = clock::time(|| self.analyser.conclude(&image, outcomes));
        seen("fusion", taken);
        let (answer, taken) = clock::time(|| self.answer(&analysis));
        seen("answer", taken);
        let answer = answer?;
        let (fingerprint, taken) =
            clock::time(|| fingerprint(&Look::of_image(&image), &image, &analysis));
        seen("fingerprint", taken);
        let kept = clock::time(|| self.store(waiting, &answer, &analysis, &fingerprint));
        seen("store", kept.1);
        kept.0
    }

    fn fetch(&self, input: &Input) -> Result<Vec<u8>, CommandError> {
        let read = input.read(self.decoder.limits().max_file_bytes);
        read.map_err(|error| format!("{}: cannot be read: {error}", input.name()).into())
    }

    fn answer(&self, analysis: &Analysis) -> Result<(RequestId, String), CommandError> {
        let request_id = RequestId::random()?;
        let view = AnalysisView {
            request_id: request_id.clone(),
            reference_id: None,
            source: None,
            processed_at: Timestamp::now(),
            processing_time_ms: 0,
            heatmap: None,
            pictures: Pictures::LeftOut,
            analysis,
            policy: self.analyser.policy(),
        };
        Ok((request_id, view.to_json().to_string()))
    }

    fn store(
        &self,
        waiting: &Runtime,
        (request_id, body): &(RequestId, String),
        analysis: &Analysis,
        fingerprint: &[u8],
    ) -> Result<(), CommandError> {
        let size = (analysis.image.width, analysis.image.height);
        let found = analysis.localisation.as_ref();
        let localisation = found.map(|found| StoredLocalisation::of(found, size).to_bytes());
        let localisation = localisation.transpose()?;
        let asked = Asked { models: vec!["all".into()], metadata_analysis: true, claimed_at: None };
        let kept = Kept {
            body,
            localisation: localisation.as_deref(),
            derivation: Some(&Derivation::of(analysis, asked).to_text()),
            fingerprint: Some(fingerprint),
        };
        let request_id = request_id.to_string();
        let new = NewAnalysis {
            actor: ACTOR,
            request_id: &request_id,
            organisation: ACTOR,
            kept,
            charge: None,
            answer: None,
        };
        Ok(waiting.block_on(self.store.keep_analysis(&new))?)
    }
}
