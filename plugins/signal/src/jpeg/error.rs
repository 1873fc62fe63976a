// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can be wrong with a JPEG file.

/// Why a JPEG file could not be read, or not in the way that was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JpegError {
    /// The data do not begin with a start-of-image marker.
    #[error("no JPEG: expected the start marker FF D8 at offset 0; check the format first")]
    NotJpeg,
    /// More segments than any honest file has.
    #[error("more than {limit} JPEG segments before offset {offset}; the file is refused")]
    TooManySegments {
        /// Most segments that are kept.
        limit: usize,
        /// Where the one too many begins.
        offset: usize,
    },
    /// There is no frame header, so there is no picture.
    #[error("the JPEG file has no frame header (SOF); it may be cut short")]
    NoFrame,
    /// There is a frame header but no coded data for the component.
    #[error("the JPEG file has no readable scan of component {component}; it may be cut short")]
    NoScan {
        /// Index of the component in the frame.
        component: usize,
    },
    /// A segment says something that cannot be.
    #[error("malformed {name} segment at offset {offset}: {problem}")]
    Malformed {
        /// Name of the marker.
        name: &'static str,
        /// Offset of the marker in the file.
        offset: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Coefficients of this coding process are not read.
    #[error("coefficients of JPEG process {process} are not supported; use the decoded pixels")]
    UnsupportedProcess {
        /// Coding process, in words.
        process: &'static str,
    },
    /// The picture or its decoding is larger than the caller allows.
    #[error(
        "the JPEG file needs {found} {what}, the limit is {limit}; raise it or refuse the file"
    )]
    LimitExceeded {
        /// What is counted.
        what: &'static str,
        /// How many the file needs.
        found: u64,
        /// How many are allowed.
        limit: u64,
    },
    /// A component was asked for that the frame does not have.
    #[error("component {component} was asked for, the frame has {count}")]
    NoComponent {
        /// Index that was asked for.
        component: usize,
        /// Components in the frame.
        count: usize,
    },
    /// None of the components is luma.
    #[error("the JPEG file stores {color}, so none of its components is luma")]
    NoLuma {
        /// Colour model of the file.
        color: &'static str,
    },
}
