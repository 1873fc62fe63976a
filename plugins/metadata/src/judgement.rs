// SPDX-License-Identifier: MIT OR Apache-2.0
//! From cues to one score.
//!
//! **What it tests.** Whether the file's own account speaks against a camera original.
//!
//! **Why it works.** `log odds = Σ over groups of ln LR(strongest cue of the group)`, prior odds 1:1,
//! `score = 1 / (1 + exp(-log odds))`. Cues of one group tell the same story (three places that name
//! one editor are one edit), so that only the strongest counts; groups are taken as independent.
//! A declaration by the file that a generator made it settles the account: a camera's EXIF beside
//! it cannot argue it away, because both are equally easy to write.
//!
//! **When it does not apply.** Every likelihood ratio but those of trusted signatures is of declared
//! metadata, which anyone can write or strip. The score says what the file claims, not what it is.
//!
//! **Constants and their source.** `judgement.toml` beside the sources, one row a cue, which an operator
//! may replace in whole or in part.
//!
//! **References.** I. J. Good, *Probability and the Weighing of Evidence*, 1950 (sums of log ratios).

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::named_files::NamedFiles;

/// The shipped model.
const SHIPPED: &str = include_str!("../judgement.toml");
/// Largest file of a model, bytes.
const MAX_FILE_BYTES: u64 = 64 * 1024;
/// Largest logarithm of a ratio either way: odds of 22,000.
const MAX_LN_RATIO: f64 = 10.0;

/// What a cue says about the file's origin. What each means stands in `judgement.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Evidence {
    DeclaredGenerated,
    DeclaredAiEdited,
    DeclaredUnbound,
    DeclaredHost,
    DeclaredCreated,
    DeclaredCapture,
    SignedCapture,
    CredentialsBroken,
    Editor,
    Developer,
    Resaver,
    ModifiedLater,
    EditorTraces,
    LibraryTables,
    TimesContradict,
    ClaimContradicted,
    SizeDiffers,
    CameraContradicts,
    ExifAbsent,
    CameraConsistent,
    CameraNamed,
    ThumbnailDiffers,
    ShotContradicts,
    PlaceContradicts,
    Passage,
    PicturesMissing,
    PicturesPresent,
    ProfileOfProgram,
    ThumbnailResaved,
    /// Good to know; it has no row.
    Nothing,
}

impl Evidence {
    /// All that have a row.
    const ALL: [Self; 29] = [
        Self::DeclaredGenerated,
        Self::DeclaredAiEdited,
        Self::DeclaredUnbound,
        Self::DeclaredHost,
        Self::DeclaredCreated,
        Self::DeclaredCapture,
        Self::SignedCapture,
        Self::CredentialsBroken,
        Self::Editor,
        Self::Developer,
        Self::Resaver,
        Self::ModifiedLater,
        Self::EditorTraces,
        Self::LibraryTables,
        Self::TimesContradict,
        Self::ClaimContradicted,
        Self::SizeDiffers,
        Self::CameraContradicts,
        Self::ExifAbsent,
        Self::CameraConsistent,
        Self::CameraNamed,
        Self::ThumbnailDiffers,
        Self::ShotContradicts,
        Self::PlaceContradicts,
        Self::Passage,
        Self::PicturesMissing,
        Self::PicturesPresent,
        Self::ProfileOfProgram,
        Self::ThumbnailResaved,
    ];

    /// Name of the row.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::DeclaredGenerated => "declared_generated",
            Self::DeclaredAiEdited => "declared_ai_edited",
            Self::DeclaredUnbound => "declared_unbound",
            Self::DeclaredHost => "declared_host",
            Self::DeclaredCreated => "declared_created",
            Self::DeclaredCapture => "declared_capture",
            Self::SignedCapture => "signed_capture",
            Self::CredentialsBroken => "credentials_broken",
            Self::Editor => "editor",
            Self::Developer => "developer",
            Self::Resaver => "resaver",
            Self::ModifiedLater => "modified_later",
            Self::EditorTraces => "editor_traces",
            Self::LibraryTables => "library_tables",
            Self::TimesContradict => "times_contradict",
            Self::ClaimContradicted => "claim_contradicted",
            Self::SizeDiffers => "size_differs",
            Self::CameraContradicts => "camera_contradicts",
            Self::ExifAbsent => "exif_absent",
            Self::CameraConsistent => "camera_consistent",
            Self::CameraNamed => "camera_named",
            Self::ThumbnailDiffers => "thumbnail_differs",
            Self::ShotContradicts => "shot_contradicts",
            Self::PlaceContradicts => "place_contradicts",
            Self::Passage => "passage",
            Self::PicturesMissing => "pictures_missing",
            Self::PicturesPresent => "pictures_present",
            Self::ProfileOfProgram => "profile_of_program",
            Self::ThumbnailResaved => "thumbnail_resaved",
            Self::Nothing => "nothing",
        }
    }

    /// Whether the file itself says that a generator had a part in it.
    pub(crate) fn is_declared_ai(self) -> bool {
        matches!(self, Self::DeclaredGenerated | Self::DeclaredAiEdited)
    }
}

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    ln_ratio: f64,
    group: String,
}

/// A row of an operator's table, which may say only one of the two.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    ln_ratio: Option<f64>,
    group: Option<String>,
}

/// The model of judgement: what each cue weighs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Judgement(BTreeMap<Evidence, Row>);

impl Judgement {
    /// The model that the parameter names: empty for the shipped one, a text of its form, or the path of
    /// a file of that form.
    ///
    /// # Errors
    /// Which row of which table is wrong and why.
    pub(crate) fn read(parameter: &str, files: &mut NamedFiles) -> Result<Self, String> {
        let shipped = || Self::shipped().map_err(|error| format!("shipped judgement: {error}"));
        if parameter.is_empty() {
            return shipped();
        }
        if parameter.contains('=') {
            let changed = shipped()?.changed(parameter);
            return changed.map_err(|error| format!("judgement: {error}"));
        }
        let wrong = |error: String| format!("judgement {parameter}: {error}");
        let text = files.read("judgement_sha256", parameter, MAX_FILE_BYTES).map_err(wrong)?;
        shipped()?.changed(&text).map_err(wrong)
    }

    fn shipped() -> Result<Self, String> {
        let mut rows: BTreeMap<String, Row> = parsed(SHIPPED)?;
        let row = |evidence: Evidence| {
            let name = evidence.name();
            rows.remove(name).map(|row| (evidence, row)).ok_or(format!("`{name}` is missing"))
        };
        Evidence::ALL.into_iter().map(row).collect::<Result<_, _>>().map(Self)
    }

    /// This model with an operator's rows in place of its own.
    fn changed(mut self, text: &str) -> Result<Self, String> {
        let changes: BTreeMap<String, Change> = parsed(text)?;
        for (name, change) in changes {
            let row = self.0.iter_mut().find(|(evidence, _)| evidence.name() == name);
            let (_, row) = row.ok_or_else(|| {
                let known: Vec<_> = Evidence::ALL.iter().map(|evidence| evidence.name()).collect();
                format!("no cue is called `{name}`; known: {}", known.join(", "))
            })?;
            if let Some(ratio) = change.ln_ratio {
                if !(-MAX_LN_RATIO..=MAX_LN_RATIO).contains(&ratio) {
                    return Err(format!(
                        "`{name}.ln_ratio` must be within -{MAX_LN_RATIO}..={MAX_LN_RATIO}, found {ratio}"
                    ));
                }
                row.ln_ratio = ratio;
            }
            row.group = change.group.unwrap_or_else(|| std::mem::take(&mut row.group));
        }
        Ok(self)
    }

    /// Natural logarithm of a cue's likelihood ratio.
    pub(crate) fn ln_ratio(&self, evidence: Evidence) -> f64 {
        self.0.get(&evidence).map_or(0.0, |row| row.ln_ratio)
    }

    /// The score of all cues, 0..=1.
    pub(crate) fn score(&self, cues: impl Iterator<Item = Evidence> + Clone) -> f64 {
        let is_declared = cues.clone().any(Evidence::is_declared_ai);
        let mut groups: Vec<(&str, f64)> = Vec::new();
        for row in cues.filter_map(|evidence| self.0.get(&evidence)) {
            match groups.iter_mut().find(|(group, _)| *group == row.group) {
                Some((_, strongest)) if *strongest < row.ln_ratio => *strongest = row.ln_ratio,
                Some(_) => {}
                None => groups.push((row.group.as_str(), row.ln_ratio)),
            }
        }
        let counted = groups.iter().map(|(_, ratio)| *ratio).filter(|&r| !is_declared || r > 0.0);
        let log_odds: f64 = counted.sum();
        1.0 / (1.0 + (-log_odds).exp())
    }
}

fn parsed<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    toml::from_str(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parameter: &str) -> Result<Judgement, String> {
        Judgement::read(parameter, &mut NamedFiles::default())
    }

    fn shipped() -> Judgement {
        read("").unwrap()
    }

    fn of(cues: &[Evidence]) -> f64 {
        shipped().score(cues.iter().copied())
    }

    #[test]
    fn no_cue_is_even_odds() {
        assert!((of(&[]) - 0.5).abs() < 1e-12);
        assert!((of(&[Evidence::Nothing]) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn absence_of_exif_alone_is_weak() {
        // 1 / (1 + e^-0.25) = 0.5622
        assert!((of(&[Evidence::ExifAbsent]) - 0.5622).abs() < 1e-4);
    }

    #[test]
    fn a_camera_is_low_and_never_extreme() {
        let score = of(&[Evidence::CameraConsistent]);
        assert!((0.1..0.3).contains(&score), "{score}");
    }

    #[test]
    fn a_declaration_is_not_argued_away_by_a_camera() {
        let both = of(&[Evidence::DeclaredGenerated, Evidence::CameraConsistent]);
        assert!((both - of(&[Evidence::DeclaredGenerated])).abs() < 1e-12);
        assert!(both > 0.95 && of(&[Evidence::DeclaredAiEdited]) > 0.95);
    }

    #[test]
    fn the_same_story_counts_once() {
        let once = of(&[Evidence::ModifiedLater]);
        assert!(of(&[Evidence::Editor]) < once, "the strongest of a group counts");
        let three = of(&[Evidence::Editor, Evidence::ModifiedLater, Evidence::Editor]);
        assert!((three - once).abs() < 1e-12);
        assert!((0.65..0.9).contains(&once), "{once}");
    }

    #[test]
    fn only_a_trusted_signature_speaks_strongly_for_a_camera() {
        let signed = of(&[Evidence::SignedCapture]);
        assert!(signed < 0.06 && signed < of(&[Evidence::CameraConsistent]), "{signed}");
        assert!(of(&[Evidence::DeclaredCapture]) > 0.35);
    }

    #[test]
    fn an_operator_changes_rows_by_text_or_file_and_keeps_the_others() {
        let text = "[editor]\nln_ratio = 2.0\n[exif_absent]\ngroup = \"program\"";
        let judgement = read(text).unwrap();
        assert!((judgement.ln_ratio(Evidence::Editor) - 2.0).abs() < 1e-12);
        assert!((judgement.ln_ratio(Evidence::ExifAbsent) - 0.25).abs() < 1e-12);
        let both = judgement.score([Evidence::Editor, Evidence::ExifAbsent].into_iter());
        assert!((both - 1.0 / (1.0 + (-2.0_f64).exp())).abs() < 1e-12);
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/judgement.toml");
        assert_eq!(read(file), read(""));
    }

    #[test]
    fn a_wrong_table_says_what_and_where() {
        for (parameter, part) in [
            ("[editr]\nln_ratio = 1.0", "no cue is called `editr`; known: declared_generated"),
            ("[editor]\nln_ratio = 99.0", "`editor.ln_ratio` must be within -10..=10, found 99"),
            ("[editor]\nln_ratio = nan", "found NaN"),
            ("[editor]\nratio = 1.0", "unknown field `ratio`"),
            ("[editor\nln_ratio = 1.0", "line 1"),
            ("/nowhere/judgement.toml", "judgement /nowhere/judgement.toml:"),
        ] {
            let error = read(parameter).unwrap_err();
            assert!(error.contains(part), "{parameter}: {error}");
        }
    }
}
