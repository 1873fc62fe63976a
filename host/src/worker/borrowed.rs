// SPDX-License-Identifier: MIT OR Apache-2.0
//! The evidence of a picture as a detector in a worker sees it: what is small came with the task, what
//! is large lies in shared memory, and what is rarely wanted is asked for.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use abi_stable::sabi_trait::TD_Opaque;
use abi_stable::sabi_types::RRef;
use abi_stable::std_types::{ROption, RSlice, RStr};
use assay_plugin_api::abi::{
    EvidenceRef, EvidenceSource, EvidenceSource_TO, RawCoefficients, RawPlane,
};
use assay_plugin_api::evidence::keys;
use assay_plugin_api::report::Value;

use super::channel::Channel;
use super::loans::{Borrowing, Shelf};
use super::message::{Exhibit, Grid, Reply, Task, Want};

/// A picture that is lent for one call.
pub(super) struct Borrowed<'c> {
    exhibit: Exhibit,
    deadline: Instant,
    file: Borrowing,
    rgb: Borrowing,
    luma: OnceLock<Option<(Grid, Borrowing)>>,
    coefficients: OnceLock<Option<(Grid, Borrowing)>>,
    /// One thread of the detector asks at a time.
    host: Mutex<(&'c Channel, &'c mut Shelf)>,
}

impl<'c> Borrowed<'c> {
    pub(super) fn new(
        exhibit: Exhibit,
        [file, rgb]: [Borrowing; 2],
        channel: &'c Channel,
        shelf: &'c mut Shelf,
    ) -> Self {
        let deadline = Instant::now() + Duration::from_millis(exhibit.remaining_ms);
        let (luma, coefficients) = (OnceLock::new(), OnceLock::new());
        let host = Mutex::new((channel, shelf));
        Self { exhibit, deadline, file, rgb, luma, coefficients, host }
    }

    /// The evidence as it crosses the boundary of the library.
    pub(super) fn as_source(&self) -> EvidenceRef<'_> {
        EvidenceSource_TO::from_ptr(RRef::new(self), TD_Opaque)
    }

    /// Asks the host; a host that is gone lends nothing.
    fn ask(&self, want: Want) -> Option<(Grid, Borrowing)> {
        let mut host = self.host.lock().unwrap_or_else(PoisonError::into_inner);
        let (channel, shelf) = &mut *host;
        channel.send(&Reply::Want(want), &[], None).ok()?;
        match channel.receive(None).ok()? {
            (Task::Lend(Some(lent)), sent) => {
                Some((lent.grid, shelf.find(&lent.memory, &mut sent.into_iter()).ok()?))
            }
            _ => None,
        }
    }
}

/// What is listed under a key.
fn listed<'a, T>(list: &'a [(String, T)], key: &str) -> Option<&'a T> {
    list.iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

impl EvidenceSource for Borrowed<'_> {
    fn encoded(&self) -> RSlice<'_, u8> {
        (&*self.file).into()
    }

    fn plane(&self, key: RStr<'_>) -> ROption<RawPlane<'_>> {
        let (channels, samples) = match key.as_str() {
            keys::RGB8 => (3, &*self.rgb),
            keys::LUMA8 => match self.luma.get_or_init(|| self.ask(Want::Luma)) {
                Some((_, luma)) => (1, &**luma),
                None => return ROption::RNone,
            },
            _ => return ROption::RNone,
        };
        let (width, height) = (self.exhibit.width, self.exhibit.height);
        let row_stride = width * channels;
        ROption::RSome(RawPlane { width, height, channels, row_stride, samples: samples.into() })
    }

    fn coefficients(&self, key: RStr<'_>) -> ROption<RawCoefficients<'_>> {
        if key.as_str() != keys::JPEG_LUMA {
            return ROption::RNone;
        }
        let found = self.coefficients.get_or_init(|| self.ask(Want::Coefficients));
        let raw = found.as_ref().and_then(|(grid, memory)| {
            let values: &[i16] = bytemuck::try_cast_slice(memory).ok()?;
            Some(RawCoefficients {
                block_columns: grid.columns,
                block_rows: grid.rows,
                values: values.into(),
            })
        });
        raw.into()
    }

    fn table(&self, key: RStr<'_>) -> ROption<RSlice<'_, u16>> {
        let table = listed(&self.exhibit.tables, key.as_str());
        table.map(|table| table.as_slice().into()).into()
    }

    fn numbers(&self, _key: RStr<'_>) -> ROption<RSlice<'_, f32>> {
        ROption::RNone
    }

    fn blob(&self, key: RStr<'_>) -> ROption<RSlice<'_, u8>> {
        if key.as_str() == keys::EXIF && self.exhibit.is_exif_the_file {
            return ROption::RSome(self.encoded());
        }
        listed(&self.exhibit.blobs, key.as_str()).map(|blob| blob.as_slice().into()).into()
    }

    fn fact(&self, key: RStr<'_>) -> ROption<Value> {
        listed(&self.exhibit.facts, key.as_str()).cloned().into()
    }

    fn is_cancelled(&self) -> bool {
        // A call that is not wanted any more ends with the process.
        false
    }

    fn remaining_ms(&self) -> u64 {
        let left = self.deadline.saturating_duration_since(Instant::now());
        // Rounded up, so that 0 means past the deadline and nothing else.
        u64::try_from(left.as_micros().div_ceil(1000)).unwrap_or(u64::MAX)
    }
}
