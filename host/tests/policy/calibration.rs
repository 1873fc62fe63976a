// SPDX-License-Identifier: MIT OR Apache-2.0
//! A detector's calibration in a policy, and the record of what a policy was fitted to.

use assay::policy::{Calibration, Policy};

use crate::support::{assert_refused, small, SMALL};

const RECORD: &str = r#"
[calibrated]
command = "assay calibrate m.csv"
date = "2026-01-02"
digest = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
base = "default 1.0.0"
target_fpr = 0.01
target_fpr_others = 0.03
target_miss = 0.05
tiers = ["clean"]
pictures = { ai_generated = 3, "authentic.web" = 4 }
"#;

fn calibration(text: &str) -> Calibration {
    let policy = small(&format!("detectors.gan.calibration = {text}"));
    policy.unwrap_or_else(|e| panic!("{e}")).detector("gan").calibration.unwrap()
}

#[test]
fn calibration_is_logistic_or_by_knots_and_what_is_not_written_changes_nothing() {
    let logistic = |slope, offset| Calibration::Logistic { slope, offset };
    assert_eq!(calibration("{ slope = 0.5, offset = -1 }"), logistic(0.5, -1.0));
    assert_eq!(calibration("{ offset = 2.5 }"), logistic(1.0, 2.5));
    assert_eq!(calibration("{ slope = 0 }"), logistic(0.0, 0.0));
    let knots = vec![[0.0, 0.2], [0.5, 0.2], [1.0, 0.9]];
    assert_eq!(
        calibration("{ knots = [[0, 0.2], [0.5, 0.2], [1, 0.9]] }"),
        Calibration::Knots { knots }
    );
    assert_eq!(small("").unwrap().detector("gan").calibration, None);
}

#[test]
fn calibration_that_could_fall_or_says_nothing_is_refused() {
    let refused = |text: &str, expected: &str| {
        assert_refused(&format!("detectors.gan.calibration = {text}"), expected);
    };
    refused("{ slope = -0.1 }", "calibration.slope` must be a number within 0..=50, found -0.1");
    refused("{ offset = 51 }", "calibration.offset` must be a number within -50..=50, found 51");
    refused("{ slope = 1, knots = [[0.5, 0.5]] }", "either `knots` or `slope` and `offset`");
    refused("{}", "`detectors.gan.calibration.slope` is missing");
    refused("{ knots = [] }", "must have 1 to 64 knots, found 0");
    refused("{ knots = [[0.5, 1.1]] }", "must be pairs [score, score] of numbers within 0..=1");
    refused("{ knots = [[0.5, 0.5, 0.5]] }", "must be pairs [score, score]");
    refused("{ knots = [[0.5, 0.5], [0.5, 0.6]] }", "after [0.5, 0.5] the first number");
    refused("{ knots = [[0.5, 0.5], [0.6, 0.4]] }", "the second not smaller, found an array");
    refused("{ gain = 1, slope = 1 }", "unknown key `gain` in `detectors.gan.calibration`");
}

#[test]
fn calibrated_policy_written_out_in_full_reads_back_with_the_same_digest() {
    let measured = "[calibrated.ai_generated]\nn_positive = 3\nn_authentic = 4\nridge = 0.1\n\
                    auc = 0.8\nbrier = 0.2\nece = 0.1\nbalanced_accuracy = 0.7\n\
                    false_positives = { \"other, clean\" = \"0 of 4\" }\n";
    let more = format!(
        "detectors.a.calibration.knots = [[0.25, 0.5]]\ndetectors.a.params.x = 1\n\
         detectors.b.calibration.slope = 0.75\n{RECORD}{measured}"
    );
    let policy = small(&more).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(policy.calibrated.as_ref().unwrap().pictures["authentic.web"], 4);
    let text = toml::to_string_pretty(&policy).unwrap();
    let again = Policy::parse(&text, "again.toml").unwrap_or_else(|e| panic!("{e}\n{text}"));
    assert_eq!(again.digest(), policy.digest());
    assert_eq!(again.calibrated, policy.calibrated);
}

#[test]
fn record_is_not_inherited_because_the_numbers_above_it_were_not_fitted() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let calibration = "detectors.gan.calibration.slope = 0.5\n";
    write("small.toml", &format!("{SMALL}{calibration}{RECORD}"));
    write("mine.toml", "name = \"mine\"\nversion = \"1\"\nextends = \"small\"\n");
    let load = |name| Policy::load(name, &[folder.path().into()]).unwrap();
    assert!(load("small").calibrated.is_some());
    assert_eq!(load("mine").calibrated, None);
    assert_eq!(load("mine").detector("gan"), load("small").detector("gan"));
}

#[test]
fn record_says_what_is_missing_or_wrong_in_it() {
    let with = |from: &str, to: &str, expected: &str| {
        assert!(RECORD.contains(from), "{from}");
        assert_refused(&RECORD.replace(from, to), expected);
    };
    with("date = \"2026-01-02\"\n", "", "`calibrated.date` is missing");
    with("target_fpr = 0.01\n", "", "`calibrated.target_fpr` is missing");
    with("0.05", "5", "`calibrated.target_miss` must be a number within 0..=1, found 5");
    with("44136f", "44136F", "`calibrated.digest` must be 64 hexadecimal digits");
    with("= 3,", "= -3,", "`calibrated.pictures.ai_generated` must be a whole number, found -3");
    with("tiers", "tears", "unknown key `tears` in `calibrated`");
}
