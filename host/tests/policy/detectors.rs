// SPDX-License-Identifier: MIT OR Apache-2.0
//! Policies against the detectors at hand and their parameters.

use assay::policy::{check_detectors, check_params};
use assay_plugin_api::params::ParamSpec;
use assay_plugin_api::report::Value;

use crate::support::{small, SIX};

#[test]
fn detectors_that_are_not_at_hand_are_told_with_the_nearest_name() {
    let policy = small(
        "[detectors.gna]\n[detectors.gone]\nenabled = false\n[quorum]\nrequired = [\"noise\", \"splicng\"]\n\
         [[rule]]\nname = \"r\"\ndetector = \"metdata\"\nfinding = \"a.b\"\nreason = \"x\"\n\
         p_manipulated = { at_least = 0.9 }",
    )
    .unwrap();
    let error = check_detectors(&policy, &SIX).unwrap_err();
    assert_eq!(error.iter().count(), 3, "{error}");
    let text = error.to_string();
    assert!(text.contains("small.toml:6:12: unknown detector `gna`"), "{text}");
    assert!(text.contains("did you mean `gan`?"));
    assert!(text.contains("small.toml:10:22: unknown detector `splicng`"));
    assert!(text.contains("small.toml:13:12: unknown detector `metdata`"));
    assert!(check_detectors(&policy, &[&SIX[..], &["gna", "splicng", "metdata"]].concat()).is_ok());
}

#[test]
fn params_are_checked_against_the_detectors_list() {
    let specs = [
        ParamSpec::int("window_px", 64, 8, 512),
        ParamSpec::real("alpha", 0.5, 0.0, 1.0),
        ParamSpec::choice("mode", "fast", &["fast", "exact"]),
    ];
    let policy =
        small("[detectors.gan.params]\nwindow_px = 32\nalpha = 1\nmode = \"exact\"").unwrap();
    check_params(&policy, "gan", &specs).unwrap();
    check_params(&policy, "splicing", &specs).unwrap();
    let attributes = policy.detector("gan").attributes();
    assert_eq!(attributes[2].name, "window_px");
    assert_eq!(attributes[2].value, Value::Int(32));

    let policy =
        small("[detectors.gan.params]\nwindow = 32\nalpha = 2.5\nmode = \"slow\"").unwrap();
    let error = check_params(&policy, "gan", &specs).unwrap_err().to_string();
    assert!(error.contains("small.toml:7:1: unknown parameter `window` of `gan`"), "{error}");
    assert!(error.contains("small.toml:8:9: `alpha` must be a real number within 0..=1, found 2.5"));
    assert!(error.contains("small.toml:9:8: `mode` must be one of \"fast\", \"exact\""), "{error}");
}

#[test]
fn detector_that_the_policy_does_not_name_has_the_defaults() {
    let policy = small("").unwrap();
    let seventh = policy.detector("seventh");
    assert!(seventh.enabled && policy.is_enabled("seventh"));
    assert!(seventh.clear_below < seventh.threshold);
}
