// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the digest of a policy depends on.

use assay::policy::{shipped, Policy};

use crate::support::small;

#[test]
fn digest_does_not_depend_on_how_the_policy_is_written() {
    let one = "name = \"p\"\nversion = \"1\"\n[fusion.ai_generated]\nbias = 1\nweights = { a = 1.0, b = 2 }\n\
               [fusion.manipulated.weights]\nc = 1\n[quorum]\nrequired = [\"a\", \"c\"]\n";
    let other = "# comment\nquorum = { required = [\"c\", 'a', \"a\"], min_scored = 1 }\n\n\
                 fusion.manipulated = { weights.c = 1.0 }\n\
                 fusion.ai_generated.weights = { b = 2.0,  a = 1e0 }\nfusion.ai_generated.bias = 1.0\n\
                 risk.medium = 0.6\nversion = '1' # default above\nname = \"\\u0070\"\n";
    let digest = |text| Policy::parse(text, "x.toml").unwrap().digest().to_owned();
    assert_eq!(digest(one), digest(other));
    assert_eq!(digest(one).len(), 64);
}

#[test]
fn digest_depends_on_everything_that_a_policy_says() {
    let rule = "[[rule]]\nname = \"r\"\nfinding = \"a.b\"\nreason = \"x\"\n";
    let raise = "p_manipulated = { at_least = 0.9 }";
    let mut digests: Vec<String> = [
        "",
        "description = \"x\"",
        "detectors.gan.enabled = false",
        "detectors.gan.deadline_ms = 1",
        "detectors.gan.threshold = 0.7",
        "detectors.gan.clear_below = 0.1",
        "detectors.gan.params.a = 1",
        "detectors.gan.calibration.slope = 1",
        "detectors.gan.calibration.slope = 0.9",
        "detectors.gan.calibration.offset = 0.1",
        "detectors.gan.calibration.knots = [[0.5, 0.5]]",
        "detectors.gan.params.a = true",
        "fusion.max_renormalisation = 3",
        "fusion.score_clamp = 0.02",
        "fusion.ai_generated.bias = 0.1",
        "fusion.manipulated.bias = 0.1",
        "verdict.ai_generated = 0.71",
        "verdict.manipulated = 0.71",
        "verdict.authentic_below = 0.29",
        "risk.medium = 0.61",
        "risk.high = 0.86",
        "risk.on_fault = \"HIGH\"",
        "stability.enabled = true",
        "stability.jpeg_quality = 80",
        "stability.scale = 0.8",
        "quorum.min_scored = 2",
        "quorum.min_weight_share = 0.1",
        "quorum.required = [\"gan\"]",
        &format!("{rule}{raise}"),
        &format!("{rule}{raise}\nenabled = false"),
        &format!("{rule}{raise}\ndetector = \"gan\""),
        &format!("{rule}{raise}\nmin_severity = \"notice\""),
        &format!("{rule}{raise}\nwhere = {{ a = 1 }}"),
        &format!("{rule}{raise}\nwhere = {{ a = {{ min = 1 }} }}"),
        &format!("{rule}p_ai_generated = {{ at_least = 0.9 }}"),
        &format!("{rule}p_ai_generated = {{ at_most = 0.9 }}"),
    ]
    .iter()
    .map(|more| small(more).unwrap_or_else(|e| panic!("{e}")).digest().to_owned())
    .collect();
    let count = digests.len();
    digests.sort();
    digests.dedup();
    assert_eq!(digests.len(), count);
}

#[test]
fn policy_written_out_in_full_reads_back_with_the_same_digest() {
    for name in shipped::names() {
        let policy = Policy::load(name, &[]).unwrap();
        let text = toml::to_string_pretty(&policy).unwrap();
        let again = Policy::parse(&text, "again.toml").unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(again.digest(), policy.digest(), "{name}");
    }
}
