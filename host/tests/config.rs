// SPDX-License-Identifier: MIT OR Apache-2.0
//! Settings: what is read, from where, and what is refused.

use std::path::{Path, PathBuf};

use assay::config::settings::BUILT_IN;
use assay::config::{
    Allowance, Code, Isolation, Plans, Script, Settings, SettingsError, Surroundings,
};
use assay::store::Plan;
use assay_plugin_api::descriptor::Kind;

fn here() -> Surroundings {
    Surroundings { working_folder: "/work".into(), executable_folder: "/bin".into() }
}

fn parse(text: &str) -> Result<Settings, SettingsError> {
    Settings::parse(text, Some(Path::new("/etc/assay/assay.toml")), &here())
}

const ONE: &str = "[[plugin]]\nmodel = \"gan\"\nlibrary = \"assay_gan\"\n";

#[track_caller]
fn assert_refused(text: &str, expected: &str) {
    match parse(text) {
        Ok(_) => panic!("accepted: {text}"),
        Err(error) => {
            let message = error.to_string();
            assert!(message.contains(expected), "{message}\nhas no: {expected}");
        }
    }
}

#[test]
fn built_in_settings_have_the_six_detectors_and_the_limits_of_the_guide() {
    let settings = Settings::parse(BUILT_IN, None, &here()).unwrap_or_else(|e| panic!("{e}"));
    let models: Vec<_> = settings.plugins.iter().map(|slot| slot.model.as_str()).collect();
    assert_eq!(models, ["gan", "diffusion", "noise", "metadata", "frequency", "splicing"]);
    assert_eq!(settings.limits.max_file_bytes, 20_000_000);
    assert_eq!(settings.limits.max_pixels, 100_000_000);
    assert_eq!(settings.limits.min_side, 100);
    assert!(settings.plugins.iter().all(|slot| slot.isolation == Isolation::None));
    assert_eq!(settings.decoder, None);
    assert_eq!(settings.pool_threads, 0);
    assert_eq!(settings.plugin_search[0], Path::new("/bin"));
    assert!(settings.policy_search.is_empty());
}

#[test]
fn what_is_left_out_has_the_built_in_value() {
    let settings = parse(ONE).unwrap();
    let built_in = Settings::parse(BUILT_IN, None, &here()).unwrap();
    assert_eq!(settings.limits, built_in.limits);
    assert_eq!(settings.pool_threads, built_in.pool_threads);
}

#[test]
fn one_more_table_is_one_more_detector() {
    let digest = "AB".repeat(32);
    let seventh = format!(
        "[[plugin]]\nmodel = \"seventh\"\nlibrary = \"../lib/libseventh.so\"\n\
         result_key = \"seventh_test\"\nsha256 = \"{digest}\"\n"
    );
    let settings = parse(&format!("{ONE}{seventh}")).unwrap();
    let slot = &settings.plugins[1];
    assert_eq!(slot.model, "seventh");
    assert_eq!(slot.code, Code::Library("/etc/assay/../lib/libseventh.so".into()));
    assert_eq!(slot.result_key.as_deref(), Some("seventh_test"));
    assert_eq!(slot.sha256, Some(digest.to_lowercase()));
}

#[test]
fn relative_paths_start_at_the_file_and_exe_is_the_executables_folder() {
    let paths = "[plugins]\nsearch = [\"plugins\", \"/opt/p\", \"{exe}/../lib\"]\n\
                 [policies]\nsearch = [\"rules\"]\n";
    let settings = parse(&format!("{paths}{ONE}")).unwrap();
    let expected = ["/etc/assay/plugins", "/opt/p", "/bin/../lib"].map(PathBuf::from);
    assert_eq!(settings.plugin_search, expected);
    assert_eq!(settings.policy_search, [PathBuf::from("/etc/assay/rules")]);
    assert_eq!(parse(ONE).unwrap().policy_search, [PathBuf::from("/etc/assay/policies")]);
}

#[test]
fn mistakes_are_told_with_place_and_nearest_name() {
    let error = parse(&format!("[limits]\nmax_pixel = 5\n{ONE}")).unwrap_err().to_string();
    let expected = "\
/etc/assay/assay.toml:2:1: unknown key `max_pixel` in `limits`
  |
2 | max_pixel = 5
  | ^^^^^^^^^
  hint: did you mean `max_pixels`? Known: max_file_bytes, max_pixels, min_side";
    assert_eq!(error, expected);
    assert_refused(&format!("[plugns]\n{ONE}"), "did you mean `plugins`?");
    assert_refused(&format!("{ONE}pth = 1"), "unknown key `pth` in `plugin`");
    assert_refused(&format!("[pool]\nthreads = -1\n{ONE}"), "a whole number within 0..=1024");
    assert_refused(&format!("[limits]\nmin_side = 0\n{ONE}"), "a whole number within 1..=65535");
    assert_refused(&format!("[limits]\nmax_pixels = 9_999\n{ONE}"), "squared (10000), found 9999");
    assert_refused(
        &format!("[plugins]\nsearch = [1]\n{ONE}"),
        "must be an array of paths, found 1",
    );
}

#[test]
fn foreign_libraries_run_apart_unless_told_otherwise() {
    let foreign = "[[plugin]]\nmodel = \"own\"\nlibrary = \"./libown.so\"\n";
    let isolations = |text: &str| {
        let settings = parse(text).unwrap_or_else(|e| panic!("{e}"));
        settings.plugins.iter().map(|slot| slot.isolation).collect::<Vec<_>>()
    };
    use Isolation::{None, Process};
    assert_eq!(isolations(&format!("{ONE}{foreign}")), [None, Process]);
    let all = |way: &str| format!("[plugins]\nisolation = \"{way}\"\n{ONE}{foreign}");
    assert_eq!(isolations(&all("auto")), [None, Process]);
    assert_eq!(isolations(&all("process")), [Process, Process]);
    assert_eq!(isolations(&all("none")), [None, None]);
    let own = format!("{}isolation = \"process\"\n", all("none"));
    assert_eq!(isolations(&own), [None, Process]);
    let text = format!("[plugins]\nisolation = \"thread\"\n{ONE}");
    assert_refused(&text, "must be \"auto\", \"none\" or \"process\", found");
}

#[test]
fn plugin_tables_are_checked() {
    assert_refused("", "`plugin` is missing, it must be at least one [[plugin]] table");
    assert_refused(&format!("{ONE}{ONE}"), "`gan` is the model of another [[plugin]] already");
    assert_refused("[[plugin]]\nmodel = \"gan\"", "`plugin.library` is missing");
    assert_refused(&ONE.replace("\"gan\"", "\"all\""), "snake_case and not `all`");
    assert_refused(&ONE.replace("\"gan\"", "\"Gan\""), "snake_case and not `all`");
    assert_refused(&format!("{ONE}sha256 = \"12\""), "`sha256` must be 64 hexadecimal digits");
    assert_refused(
        &format!("{ONE}kind = \"edits\""),
        "one of \"generation\", \"manipulation\", \"provenance\"",
    );
    assert_refused(&format!("{ONE}title = \" \""), "`title` must have 1 to 60 bytes");
}

#[test]
fn a_command_stands_in_the_place_of_a_library() {
    let table = "[[plugin]]\nmodel = \"own\"\ncommand = [\"python3\", \"own.py\"]\n";
    let more = "files = [\"more\"]\nreadable = [\"/opt/data\"]\ntitle = \"Ours\"\n\
                kind = \"manipulation\"\n";
    let settings = parse(&format!("{table}{more}")).unwrap_or_else(|e| panic!("{e}"));
    let slot = &settings.plugins[0];
    let script = Script {
        command: vec!["python3".into(), "own.py".into()],
        folder: "/etc/assay".into(),
        files: vec!["/etc/assay/more".into()],
        readable: vec!["/opt/data".into()],
    };
    assert_eq!(slot.code, Code::Script(script));
    assert_eq!(slot.isolation, Isolation::Process);
    assert_eq!((slot.title.as_deref(), slot.kind), (Some("Ours"), Some(Kind::Manipulation)));
    let all = parse(&format!("[plugins]\nisolation = \"none\"\n{table}")).unwrap();
    assert_eq!(all.plugins[0].isolation, Isolation::Process);
    let key = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";
    for (more, told) in [
        ("library = \"x\"".to_owned(), "either `library` or `command`, not both"),
        ("isolation = \"none\"".to_owned(), "can only be \"process\" or \"auto\""),
        (format!("signed_by = \"{key}\""), "only libraries are signed"),
    ] {
        assert_refused(&format!("{table}{more}"), told);
    }
    assert_refused(&format!("{ONE}files = [\"more\"]"), "with a `command` only");
    assert_refused(&table.replace("\"python3\", \"own.py\"", ""), "a program and its arguments");
    assert_refused(&table.replace("\"own.py\"", "5"), "an array of texts");
}

#[test]
fn chosen_file_wins_then_the_usual_one_then_the_built_in() {
    let folder = tempfile::tempdir().unwrap();
    let here = Surroundings {
        working_folder: folder.path().into(),
        executable_folder: folder.path().join("bin"),
    };
    let load = |chosen: Option<&str>| Settings::load_in(chosen.map(Path::new), &here);
    assert_eq!(load(None).unwrap().plugins.len(), 6);
    assert_eq!(load(None).unwrap().file, None);

    std::fs::create_dir(folder.path().join("config")).unwrap();
    std::fs::write(folder.path().join("config/assay.toml"), ONE).unwrap();
    assert_eq!(load(None).unwrap().plugins.len(), 1);
    assert_eq!(load(None).unwrap().policy_search, [folder.path().join("config/policies")]);

    std::fs::write(folder.path().join("other.toml"), ONE.replace("gan", "other")).unwrap();
    assert_eq!(load(Some("other.toml")).unwrap().plugins[0].model, "other");

    let error = load(Some("missing.toml")).unwrap_err();
    assert!(matches!(error, SettingsError::Unreadable { .. }), "a chosen file is not passed over");
    std::fs::write(folder.path().join("config/assay.toml"), "x = 1").unwrap();
    assert!(load(None).is_err(), "a wrong usual file is not passed over");
}

#[test]
fn plans_are_those_of_the_guide_unless_told_otherwise() {
    let built_in = Settings::parse(BUILT_IN, None, &here()).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(built_in.plans, Plans::default());
    let starter = built_in.plans.of(Plan::Starter, "acme");
    let growth = built_in.plans.of(Plan::Growth, "acme");
    let numbers = |a: Allowance| (a.requests_per_minute, a.requests_per_day, a.batch_size);
    assert_eq!((numbers(starter), numbers(growth)), ((60, 10_000, 20), (300, 100_000, 100)));

    let text = format!(
        "{ONE}[plans.starter]\nbatch_size = 7\n[[organisation]]\nname = \"acme\"\n\
         requests_per_minute = 5\n"
    );
    let plans = parse(&text).unwrap_or_else(|e| panic!("{e}")).plans;
    assert_eq!(numbers(plans.of(Plan::Starter, "acme")), (5, 10_000, 7));
    assert_eq!(numbers(plans.of(Plan::Starter, "other")), (60, 10_000, 7));
}

#[test]
fn mistakes_in_plans_are_told() {
    assert_refused(&format!("{ONE}[plans.startr]\n"), "did you mean `starter`?");
    assert_refused(&format!("{ONE}[plans.starter]\nbatch_size = 0\n"), "batch_size");
    assert_refused(&format!("{ONE}[[organisation]]\nbatch_size = 3\n"), "`organisation.name`");
    let twice = "[[organisation]]\nname = \"a\"\n[[organisation]]\nname = \"a\"\n";
    assert_refused(&format!("{ONE}{twice}"), "the name of another [[organisation]]");
}
