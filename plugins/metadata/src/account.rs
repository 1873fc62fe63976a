// SPDX-License-Identifier: MIT OR Apache-2.0
//! The account: everything a file says about itself, in one form for all containers.

use std::borrow::Cow;

use assay_plugin_api::evidence::{keys, Evidence};
use assay_signal::jpeg::photoshop;

use crate::block::exif::ExifFacts;
use crate::block::icc::Profile;
use crate::block::{exif, icc, iptc, xmp};
use crate::container::{self, JpegFacts, PngStructure};
use crate::credentials::{Credentials, Reading};
use crate::stealth;
use crate::text::MAX_KEPT_BYTES;

/// Most statements kept of one file.
const MAX_STATEMENTS: usize = 1_024;
/// Most Photoshop resources looked at.
const MAX_RESOURCES: usize = 256;
/// Most bytes of statements kept of one file.
const MAX_STATEMENT_BYTES: usize = 4 * 1024 * 1024;

/// Where a statement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// tEXt, zTXt or iTXt of a PNG.
    PngText,
    /// A field of the EXIF block; the key is the tag's name.
    Exif,
    /// A property of the XMP packet; the key has the usual prefix.
    Xmp,
    /// A dataset of IPTC IIM; the key is its name.
    Iptc,
    /// A JPEG comment.
    JpegComment,
    /// Text at the start of a JPEG application segment of no known kind.
    JpegSegment,
    /// A text hidden in the lowest bits of the pixels.
    Stealth,
}

impl Place {
    /// The name for a person.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::PngText => "PNG text",
            Self::Exif => "EXIF",
            Self::Xmp => "XMP",
            Self::Iptc => "IPTC",
            Self::JpegComment => "JPEG comment",
            Self::JpegSegment => "JPEG segment",
            Self::Stealth => "hidden in the pixels",
        }
    }
}

/// One thing the file says: not checked, not cleaned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    /// Where it stands.
    pub place: Place,
    /// Under which name.
    pub key: String,
    /// What it says.
    pub value: String,
}

impl Statement {
    /// A statement.
    pub(crate) fn new(place: Place, key: impl Into<String>, value: impl Into<String>) -> Self {
        Self { place, key: key.into(), value: value.into() }
    }
}

/// Statements within a budget, so that a hostile file costs bounded memory and time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Statements {
    list: Vec<Statement>,
    bytes: usize,
}

impl Statements {
    /// Adds a statement while the budget lasts; cuts long values.
    pub(crate) fn push(&mut self, mut statement: Statement) {
        let end = statement.value.floor_char_boundary(MAX_KEPT_BYTES);
        statement.value.truncate(end);
        let bytes = self.bytes + statement.key.len() + statement.value.len();
        if self.is_full() || bytes > MAX_STATEMENT_BYTES {
            return;
        }
        self.bytes = bytes;
        self.list.push(statement);
    }

    /// Whether more would be dropped.
    pub(crate) fn is_full(&self) -> bool {
        self.list.len() >= MAX_STATEMENTS || self.bytes >= MAX_STATEMENT_BYTES
    }

    /// All statements in file order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Statement> {
        self.list.iter()
    }

    /// The first value under `key` at `place` that is more than white space.
    pub(crate) fn find(&self, place: Place, key: &str) -> Option<&str> {
        let mut all = self.list.iter().filter(|s| s.place == place && s.key == key);
        all.find_map(|s| Some(s.value.trim()).filter(|value| !value.is_empty()))
    }
}

/// Everything the file says about itself.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// Width and height in px by the container's header, where it has one that is read.
    pub size: Option<(u32, u32)>,
    /// What EXIF says, where there is an EXIF block with at least one field.
    pub exif: Option<ExifFacts>,
    /// An XMP packet could be read.
    pub xmp_present: bool,
    /// An IPTC IIM record could be read.
    pub iptc_present: bool,
    /// The colour profile.
    pub profile: Option<Profile>,
    /// A Content Credentials store is there.
    pub c2pa_present: bool,
    /// What became of reading it.
    pub credentials: Option<Reading>,
    /// Identifiers of Photoshop image resources.
    pub photoshop_resources: Vec<u16>,
    /// Structure of a JPEG file.
    pub jpeg: Option<JpegFacts>,
    /// Structure of a PNG file.
    pub png: Option<PngStructure>,
    /// All texts by place and key.
    pub statements: Statements,
}

impl Account {
    /// The Content Credentials, where they could be read.
    pub(crate) fn credentials(&self) -> Option<&Credentials> {
        match self.credentials.as_ref()? {
            Reading::Read(credentials) => Some(credentials),
            Reading::Refused(_) => None,
        }
    }

    /// Reads the account. The host's blocks are preferred to the container's own.
    pub(crate) fn read(evidence: &Evidence<'_>) -> Self {
        let mut blocks = container::read(evidence.encoded());
        if let Some(block) = evidence.blob(keys::EXIF) {
            blocks.exif = Some(Cow::Borrowed(block));
        }
        if let Some(packet) = evidence.blob(keys::XMP) {
            blocks.xmp.insert(0, Cow::Borrowed(packet));
            // The container's first packet is the one that the host lent.
            blocks.xmp.dedup();
        }
        let profile = evidence.blob(keys::ICC).map(Cow::Borrowed).or(blocks.icc);
        let mut account = Self {
            profile: profile.and_then(|profile| icc::read(&profile)),
            size: blocks.size,
            c2pa_present: blocks.c2pa_present,
            jpeg: blocks.jpeg,
            png: blocks.png,
            statements: blocks.statements,
            ..Self::default()
        };
        account.exif = blocks.exif.and_then(|block| exif::read(&block, &mut account.statements));
        for packet in &blocks.xmp {
            account.xmp_present |= xmp::read(packet, &mut account.statements);
        }
        for resources in &blocks.photoshop {
            for resource in photoshop::resources(resources).take(MAX_RESOURCES) {
                if resource.id == photoshop::IPTC {
                    account.iptc_present |= iptc::read(resource.data, &mut account.statements);
                }
                account.photoshop_resources.push(resource.id);
            }
        }
        for record in &blocks.iptc {
            account.iptc_present |= iptc::read(record, &mut account.statements);
        }
        stealth::read(evidence, &mut account.statements);
        account
    }
}
