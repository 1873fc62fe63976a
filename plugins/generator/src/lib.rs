// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the detectors of generators share: crops in, a worded and drawn report out.
//!
//! gan and diffusion differ in their hypothesis, their trained files and their words, which they give
//! as a [`Subject`]. Everything else, from the choice of crops to the sentence, is here.

#![warn(missing_docs)]

mod heat;
mod level;
mod mark;
mod report;
#[cfg(test)]
mod tests;

pub use level::Resemblance;

use assay_plugin_api::evidence::keys;
use assay_plugin_api::prelude::*;
use assay_signal::classifier::{ClassifierError, CropClassifier};
use assay_signal::model::CompressionState;
use assay_signal::traces::{crops, lent, Picture};
use assay_signal::watermark;

/// What a detector looks for, and in which words it says so.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    /// Code of the finding.
    pub code: &'static str,
    /// Ends "statistical traces like those of known …".
    pub generators: &'static str,
    /// Begins "The … model gave no number".
    pub model: &'static str,
}

/// The files that were trained for a detector.
#[derive(Clone, Copy, Debug)]
pub struct TrainedFiles<'a> {
    /// In the format of `assay_signal::model`.
    pub model: &'a [u8],
    /// In the format of `assay_signal::network`, if the model reads a network's features.
    pub network: Option<&'a [u8]>,
    /// In the format of `assay_signal::attribution`, if families of generators are told by them.
    pub attribution: Option<&'a [u8]>,
}

/// A detector of generators, without its identity.
#[derive(Debug)]
pub struct GeneratorDetector {
    subject: Subject,
    classifier: CropClassifier,
    most_crops: usize,
    reads_watermarks: bool,
}

/// The parameters of such a detector.
#[must_use]
pub fn params() -> Vec<ParamSpec> {
    let most = crops::MOST_CROPS as i64;
    vec![ParamSpec::int("crops", crops::USUAL_CROPS as i64, 1, most)
        .doc("Most 256x256 px crops read; fewer are faster and less certain.")]
}

impl GeneratorDetector {
    /// Reads the trained files; `params` are those of [`params`].
    ///
    /// # Errors
    /// What is wrong with the files, for a person.
    pub fn new(subject: Subject, files: TrainedFiles<'_>, params: &Params) -> Result<Self, String> {
        let classifier = classifier(files).map_err(|error| error.to_string())?;
        let most_crops = usize::try_from(params.int("crops")).map_err(|error| error.to_string())?;
        Ok(Self { subject, classifier, most_crops, reads_watermarks: false })
    }

    /// The same detector, which also looks for the invisible watermarks that generators write.
    #[must_use]
    pub fn with_watermarks(self) -> Self {
        Self { reads_watermarks: true, ..self }
    }

    /// Reads the picture. A generator's watermark decides the score, also where there is nothing
    /// else to go by.
    ///
    /// # Errors
    /// Pictures that have no crop to read and no watermark are not applicable; samples that are no
    /// picture, and a model without a number, have failed.
    pub fn detect(&self, evidence: &Evidence<'_>) -> Result<Report, NoScore> {
        let rgb = evidence.rgb()?;
        let picture = Picture::new(rgb.samples(), rgb.width(), rgb.height(), rgb.row_stride())
            .map_err(|error| NoScore::failed(error.to_string()))?;
        let mark = self.reads_watermarks.then(|| watermark::find(&picture)).flatten();
        let places = match crops::choose(&picture, self.most_crops) {
            Ok(places) => places,
            Err(error) => {
                let reason = report::abstention(&error);
                return match mark {
                    Some(mark) => Ok(mark::alone(&mark, &reason)),
                    None => Err(NoScore::not_applicable(reason)),
                };
            }
        };
        let report = self.of_crops(evidence, &picture, &places)?;
        Ok(match mark {
            Some(mark) => mark::added(&mark, report),
            None => report,
        })
    }

    /// The report on the statistics of crops.
    fn of_crops(
        &self,
        evidence: &Evidence<'_>,
        picture: &Picture<'_>,
        places: &[(usize, usize)],
    ) -> Result<Report, NoScore> {
        let format = evidence.text_fact(keys::FORMAT);
        let quality = evidence.int_fact(keys::JPEG_QUALITY);
        let state = CompressionState::of_file(format.as_deref(), quality);
        let go_on = || evidence.check_cancelled();
        let lent = |x: usize, y: usize| evidence.numbers(&lent::key_of(x, y));
        let reading = self.classifier.read_picture(picture, places, lent, state, go_on)?;
        let Some(reading) = reading else {
            let model = self.subject.model;
            let message = format!("The {model} model gave no number; report this picture.");
            return Err(NoScore::failed(message));
        };
        let digest = self.classifier.model().digest();
        let heat = heat::map(&reading, picture.width(), picture.height());
        Ok(report::of(&self.subject, &reading, state, digest).heatmap(heat))
    }
}

fn classifier(files: TrainedFiles<'_>) -> Result<CropClassifier, ClassifierError> {
    let classifier = CropClassifier::read(files.model, files.network)?;
    match files.attribution {
        Some(attribution) => classifier.with_attribution(attribution),
        None => Ok(classifier),
    }
}
