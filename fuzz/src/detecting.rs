// SPDX-License-Identifier: MIT OR Apache-2.0
//! The metadata detector as the host runs it: made once, and every report held against the contract.

use std::sync::LazyLock;

use assay_metadata::Metadata;
use assay_plugin_api::check;
use assay_plugin_api::detector::Detector as _;
use assay_plugin_api::evidence::Evidence;
use assay_plugin_api::params::Params;
use assay_plugin_api::testing::EvidenceBuilder;

static DETECTOR: LazyLock<Metadata> = LazyLock::new(|| {
    let params = Params::resolve(&Metadata::params(), &[]);
    let made = params.and_then(|params| Metadata::new(&params));
    made.unwrap_or_else(|message| panic!("the detector refuses its defaults: {message}"))
});

/// Side of the plain picture that goes with a file, px.
const SIDE: u32 = 64;

/// Runs the detector on a file with a plain picture.
pub fn detect_file(bytes: &[u8]) {
    detect(&EvidenceBuilder::grey(SIDE, SIDE, |x, y| (x * 3 + y) as u8).encoded(bytes));
}

/// Runs the detector.
///
/// # Panics
/// When the report breaks the contract.
pub fn detect(given: &EvidenceBuilder) {
    let evidence = Evidence::new(given.as_source());
    let (width, height) = evidence.rgb().map_or((0, 0), |rgb| (rgb.width(), rgb.height()));
    if let Ok(report) = DETECTOR.detect(&evidence) {
        let sides = (u32::try_from(width), u32::try_from(height));
        let (Ok(width), Ok(height)) = sides else { panic!("{width}x{height}") };
        if let Err(breach) = check::report(&report, width, height) {
            panic!("{breach}: {report:?}");
        }
    }
}

/// Lets a panic of the credentials' thread be what it is in production, an answer; any other still ends
/// the run.
pub fn forgive_the_credentials_thread() {
    let ends_the_run = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().name() == Some("main") {
            ends_the_run(info);
        } else {
            eprintln!("caught as in production: {info}");
        }
    }));
}
