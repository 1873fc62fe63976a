// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`export_detector!`](crate::export_detector): the only way from a [`Detector`] to the ABI.
//! Panics stop here: one that reached the `extern "C"` edge would abort the process.

use std::any::Any;
use std::panic::{catch_unwind, AssertUnwindSafe};

use abi_stable::sabi_trait::TD_Opaque;
use abi_stable::std_types::{RResult, RString, RVec};

use crate::abi::{DetectorBox, DetectorObject, DetectorObject_TO, EvidenceRef};
use crate::descriptor::Descriptor;
use crate::detector::{Detector, NoScore};
use crate::evidence::Evidence;
use crate::params::Params;
use crate::report::{Attribute, Report};

struct Guarded<D>(D);

impl<D: Detector> DetectorObject for Guarded<D> {
    fn detect(&self, evidence: EvidenceRef<'_>) -> RResult<Report, NoScore> {
        let run = AssertUnwindSafe(|| self.0.detect(&Evidence::new(evidence)));
        let panicked = |message: String| Err(NoScore::Panicked { message: message.into() });
        guard(run).unwrap_or_else(panicked).into()
    }
}

/// Runs `code`; a panic becomes its message and nothing is printed.
fn guard<T>(code: impl FnOnce() -> T + std::panic::UnwindSafe) -> Result<T, String> {
    catch_unwind(code).map_err(|payload| panic_text(&*payload))
}

fn panic_text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "panic without a message".into())
}

/// The descriptor of `D`; the message of a panic as the error. For the macro.
#[must_use]
pub fn descriptor<D: Detector>() -> RResult<Descriptor, RString> {
    guard(Descriptor::of::<D>).map_err(RString::from).into()
}

/// A detector of type `D`. For the macro.
///
/// A library has its own copy of the standard library and so its own panic hook; it is silenced
/// here, because the host reports a caught panic itself.
#[must_use]
pub fn create<D: Detector>(given: &RVec<Attribute>) -> RResult<DetectorBox, RString> {
    std::panic::set_hook(Box::new(|_| {}));
    let make = || D::new(&Params::resolve(&D::params(), given)?);
    let made = guard(AssertUnwindSafe(make)).and_then(|made| made);
    let boxed = made.map(|detector| DetectorObject_TO::from_value(Guarded(detector), TD_Opaque));
    boxed.map_err(RString::from).into()
}

/// Exports a [`Detector`] from a `cdylib`: the last line of a plugin.
#[macro_export]
macro_rules! export_detector {
    ($detector:ty) => {
        #[allow(unsafe_code)] // exported symbols; nothing in them dereferences a pointer
        const _: () = {
            use $crate::__abi::prefix_type::PrefixTypeTrait as _;
            use $crate::__abi::std_types::{RResult, RString, RVec};

            #[no_mangle]
            pub static ASSAY_PLUGIN_CONTRACT: [u8; $crate::abi::CONTRACT_MARK_LEN] =
                $crate::abi::contract_mark();

            extern "C" fn descriptor() -> RResult<$crate::descriptor::Descriptor, RString> {
                $crate::export::descriptor::<$detector>()
            }

            extern "C" fn create(
                params: RVec<$crate::report::Attribute>,
            ) -> RResult<$crate::abi::DetectorBox, RString> {
                $crate::export::create::<$detector>(&params)
            }

            #[$crate::__abi::export_root_module]
            pub fn root() -> $crate::abi::PluginModuleRef {
                $crate::abi::PluginModule { descriptor, create }.leak_into_prefix()
            }
        };
    };
}
