// SPDX-License-Identifier: MIT OR Apache-2.0
//! The metadata detector: what a file says about itself, and whether that account speaks against a
//! camera original.
//!
//! **What it tests.** EXIF, XMP, IPTC and PNG texts; declarations by generators; programs that wrote
//! the file; times, size and camera against each other; quantisation tables, colour profile, thumbnail and
//! further images against the account.
//!
//! **Why it works.** Most pictures are not forged with care: programs sign what they write. One cue
//! a file in [`cue`], one reader a container in [`container`] and a block in [`block`];
//! [`judgement`] adds the cues' log likelihood ratios.
//!
//! **When it does not apply.** Metadata can be stripped by anyone and written by anyone. What is
//! absent proves nothing; what is there is *declared*, not *proved*. Only Content Credentials are
//! signed, and a signature proves who said it.
//!
//! **Constants and their source.** At each cue; the likelihood ratios in `judgement.toml`.
//!
//! **References.** CIPA DC-008-2023 (Exif 3.0); ISO 16684-1:2019 (XMP); IPTC IIM 4.2 and Photo
//! Metadata Standard 2023.2; W3C PNG (Third Edition); RFC 9649 (WebP); TIFF 6.0; C2PA 2.2.

mod account;
mod block;
mod capture;
mod container;
mod credentials;
mod cue;
mod disclosure;
mod judgement;
mod named_files;
mod number;
mod stealth;
mod text;
mod time;
mod verbal;
mod writers;

#[cfg(test)]
mod bounds_tests;
#[cfg(test)]
mod lib_tests;
#[cfg(test)]
mod synth;

use std::time::Duration;

use assay_plugin_api::evidence::keys;
use assay_plugin_api::prelude::*;
use assay_signal::jpeg::writers::Writers;

use account::{Account, Place};
use container::{PngStructure, Structure};
use credentials::{Anchors, Validator};
use cue::{
    ai_system, aigc, c2pa, camera, chunk_order, claimed, editor, exposure, generator, jpeg_tables,
    lens, passage, pictures, profile, size, source_type, thumbnail, thumbnail_writer, times,
    trailing, zone, Cue,
};
use disclosure::Disclosure;
use judgement::{Evidence as Weight, Judgement};
use named_files::NamedFiles;
use text::shown;

/// Parameter: tolerance of the comparison with the claimed time.
const CLAIMED_TOLERANCE: &str = "claimed_tolerance_hours";
const HOUR_S: f64 = 3_600.0;

/// Parameter: the model of judgement.
const JUDGEMENT: &str = "judgement";
/// Parameter: the trust list.
const TRUST: &str = "c2pa_trust";
/// Parameter: a further list of who writes which quantisation tables.
const WRITERS: &str = "jpeg_writers";

/// Parameter: what may be said of persons and places.
const DISCLOSE: &str = "disclose";

/// The detector.
#[derive(Clone, Debug)]
pub struct Metadata {
    claimed_tolerance_s: i64,
    judgement: Judgement,
    validator: Validator,
    writers: Writers,
    files: NamedFiles,
    disclosure: Disclosure,
}

impl Metadata {
    /// All cues of an account and its picture, in the order in which they are reported.
    fn cues(
        &self,
        account: &Account,
        luma: Option<&Luma8<'_>>,
        claim: Option<&time::Moment>,
    ) -> Vec<Cue> {
        let mut cues = generator::cues(account);
        cues.extend(ai_system::cues(account));
        cues.extend(source_type::cues(account));
        cues.extend(aigc::cues(account));
        cues.extend(c2pa::cues(account));
        let programs = editor::cues(account);
        let names_program = !programs.is_empty();
        cues.extend(programs);
        cues.extend(jpeg_tables::cues(account, &self.writers, names_program));
        cues.extend(thumbnail_writer::cues(account, &self.writers, names_program));
        cues.extend(profile::cues(account));
        cues.extend(times::cues(account));
        cues.extend(claimed::cues(account, claim, self.claimed_tolerance_s));
        cues.extend(size::cues(account));
        cues.extend(thumbnail::cues(account, luma));
        cues.extend(exposure::cues(account, luma.map(exposure::mean_luma)));
        cues.extend(lens::cues(account));
        cues.extend(zone::cues(account));
        cues.extend(trailing::cues(account));
        cues.extend(pictures::cues(account));
        cues.extend(chunk_order::cues(account));
        cues.extend(passage::cues(account));
        let camera = camera::cues(account, &cues);
        cues.extend(camera);
        cues
    }
}

impl Detector for Metadata {
    const ID: &'static str = "metadata";
    const MODEL_KEY: &'static str = "metadata";
    const RESULT_KEY: &'static str = "metadata_analysis";
    const TITLE: &'static str = "Metadata analysis";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const LICENCE: &'static str = "MIT OR Apache-2.0";
    const KIND: Kind = Kind::Provenance;
    const INPUTS: &'static [Input] = &[Input::Encoded, Input::Rgb, Input::Luma, Input::Metadata];

    fn card() -> ModelCard {
        ModelCard::new("The file's own account speaks against a camera original.")
            .method(
                "Reads EXIF, XMP, IPTC, colour profiles, PNG texts and the structure of JPEG and PNG; \
                 compares them with each other, \
                 with what generators and editors write, and with the claimed time; validates \
                 Content Credentials; adds the findings' log likelihood ratios, one a group.",
            )
            .trained_on(
                "Digests of editors' quantisation tables come from labelled files. The likelihood \
                 ratios are set by hand; where enough files of enough sources contradict one, the \
                 nearest end of their interval takes its place: two of 29.",
            )
            .limits(
                "Metadata can be stripped or written by anyone: absence is weak evidence, \
                 declarations are not proved. A valid signature proves who said it, not that it is \
                 true; nothing is fetched. An editor's name says edited, not falsified.",
            )
            .reference("CIPA DC-008-2023, Exchangeable image file format (Exif 3.0)")
            .reference("ISO 16684-1:2019, Extensible metadata platform (XMP)")
            .reference("IPTC Photo Metadata Standard 2023.2; Digital Source Type NewsCodes")
            .reference("C2PA Technical Specification 2.2")
            .reference("GB 45438-2025, labelling of generated content")
            .reference("E. Kee, M. K. Johnson, H. Farid, Digital Image Authentication from JPEG Headers, IEEE TIFS 2011")
    }

    fn params() -> Vec<ParamSpec> {
        vec![
            ParamSpec::real(CLAIMED_TOLERANCE, 24.0, 0.0, 87_600.0)
                .unit("h")
                .doc("How far the file's time may lie from the claimed time."),
            ParamSpec::choice(JUDGEMENT, "", &[]).doc(
                "What each cue weighs: rows of `judgement.toml` as a text, or the path of a file of \
                 them, absolute or from the working folder; read once. Empty: the shipped ones.",
            ),
            ParamSpec::choice(TRUST, "", &[]).doc(
                "Authorities whose Content Credentials are trusted: certificates in PEM, or the path \
                 of a file of them, or `none`; read once. Empty: the shipped public lists.",
            ),
            ParamSpec::choice(WRITERS, "", &[]).doc(
                "Path of a list of who writes which quantisation tables, as `assay camera learn` makes \
                 it; read once, beside the shipped one.",
            ),
            ParamSpec::choice(DISCLOSE, disclosure::WORDS[0], &disclosure::WORDS).doc(
                "What the attributes may say of persons and places: serial numbers of camera and lens, the \
                 position, both or none.",
            ),
        ]
    }

    fn new(params: &Params) -> Result<Self, String> {
        let seconds = params.real(CLAIMED_TOLERANCE) * HOUR_S;
        let mut files = NamedFiles::default();
        // At most 87,600 hours by the parameter's range: far within an i64.
        Ok(Self {
            claimed_tolerance_s: seconds as i64,
            judgement: Judgement::read(params.text(JUDGEMENT), &mut files)?,
            validator: Validator::new(&Anchors::read(params.text(TRUST), &mut files)?)?,
            writers: writers::read(params.text(WRITERS), &mut files)?,
            files,
            disclosure: Disclosure::from_word(params.text(DISCLOSE)),
        })
    }

    fn detect(&self, evidence: &Evidence<'_>) -> Result<Report, NoScore> {
        let has_blocks = [keys::EXIF, keys::XMP].iter().any(|key| evidence.blob(key).is_some());
        if evidence.encoded().is_empty() && !has_blocks {
            return Err(NoScore::not_applicable("There is no file whose metadata could be read."));
        }
        let mut account = Account::read(evidence);
        if account.c2pa_present {
            let limit = Duration::from_millis(evidence.remaining_ms());
            account.credentials = Some(self.validator.read(evidence.encoded(), limit));
            evidence.check_cancelled()?;
        }
        let claim = evidence.text_fact(keys::CLAIMED_AT).and_then(|text| time::claimed(&text));
        let luma = evidence.luma().ok();
        let cues = self.cues(&account, luma.as_ref(), claim.as_ref());
        let score = self.judgement.score(cues.iter().map(|cue| cue.evidence));
        let detail = verbal::detail(&self.judgement, &cues, score);
        let mut report = Report::new(Score::clamped(score)).detail(detail);
        if cues.iter().any(|cue| cue.evidence == Weight::DeclaredGenerated) {
            report = report.label(Label::Synthetic);
        }
        report = attributes(report, &account, &cues, &self.writers);
        report = capture::add(report, &account);
        report = self.disclosure.add(report, &account);
        report =
            self.files.iter().fold(report, |report, (name, digest)| report.attribute(name, digest));
        Ok(cues.into_iter().fold(report, |report, cue| report.finding(judged(cue))))
    }
}

/// A cue's finding, which names the row of the table by which it was weighed.
fn judged(cue: Cue) -> Finding {
    match cue.evidence {
        Weight::Nothing => cue.finding,
        evidence => cue.finding.value("judged_as", evidence.name()),
    }
}

/// Adds what was read, `Null` where it is unknown.
fn attributes(report: Report, account: &Account, cues: &[Cue], writers: &Writers) -> Report {
    let said = |place, key: &str| account.statements.find(place, key).map(shown);
    let software = said(Place::Exif, "Software")
        .or_else(|| said(Place::Xmp, "xmp:CreatorTool"))
        .or_else(|| said(Place::PngText, "Software"));
    // The value that the first finding of this code carries under this name.
    let found = |code: &str, name: &str| {
        let cue = cues.iter().find(|cue| cue.finding.code == code)?;
        let value = cue.finding.values.iter().find(|value| value.name == name)?;
        Some(value.value.clone())
    };
    let generator = found("provenance.declared.generator", "generator");
    let model = found("provenance.declared.generator", "model");
    let parameters = found("provenance.declared.generator", "parameters");
    let credentials = account.credentials();
    let signed_term = || credentials?.origin.term().map(text::shown);
    let structure = account.jpeg.as_ref().and_then(|jpeg| jpeg.structure.as_ref());
    let quality = account.jpeg.as_ref().and_then(|jpeg| jpeg.quality);
    report
        .attribute("exif_present", account.exif.is_some())
        .attribute("gps_present", account.exif.as_ref().is_some_and(|exif| exif.gps))
        .attribute("device_fingerprint", camera::fingerprint(account))
        .attribute("software", software)
        .attribute("camera_make", said(Place::Exif, "Make"))
        .attribute("camera_model", said(Place::Exif, "Model"))
        .attribute("taken_at", claimed::taken_at(account).map(|moment| moment.text()))
        .attribute("declared_generator", generator)
        .attribute("declared_model", model)
        .attribute("declared_parameters", parameters)
        .attribute("editor", found("provenance.editor", "program"))
        .attribute("digital_source_type", source_type::term(account).or_else(signed_term))
        .attribute("c2pa_present", account.c2pa_present)
        .attribute("c2pa_state", c2pa::state_name(account))
        .attribute("c2pa_issuer", credentials.and_then(|c| c.issuer.clone()))
        .attribute("c2pa_generator", credentials.and_then(|c| c.generator.clone()))
        .attribute("c2pa_actions", credentials.map(|c| c.actions.join(", ")))
        .attribute("c2pa_signed_at", credentials.and_then(|c| c.signed_at.clone()))
        .attribute("c2pa_manifests", credentials.map(|c| Value::Json(c.chain.as_str().into())))
        .attribute("xmp_present", account.xmp_present)
        .attribute("iptc_present", account.iptc_present)
        .attribute("icc_profile", account.profile.as_ref().map(|p| p.description.clone()))
        .attribute("icc_owner", profile::owner(account))
        .attribute("jpeg_quality", quality.map(i64::from))
        .attribute("jpeg_tables", jpeg_tables::words(account, writers))
        .attribute("jpeg_writer", jpeg_tables::writer(account, writers))
        .attribute("thumbnail_tables", thumbnail_writer::words(account, writers))
        .attribute("jpeg_structure", structure.map(Structure::words))
        .attribute("jpeg_pictures", pictures::words(account))
        .attribute("png_structure", account.png.as_ref().map(PngStructure::words))
        .attribute("png_writer", account.png.as_ref().and_then(PngStructure::writer))
}

assay_plugin_api::export_detector!(Metadata);
