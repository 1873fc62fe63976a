// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay plugins new`: a crate of one's own with a whole detector, which is the template under another
//! name.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use assay_plugin_api::abi::CONTRACT_VERSION;

use super::CommandError;

/// The template's files, by their paths in the crate.
const FILES: [(&str, &str); 5] = [
    ("Cargo.toml", include_str!("../../../plugins/template/Cargo.toml")),
    ("README.md", include_str!("../../../plugins/template/README.md")),
    ("golden.txt", include_str!("../../../plugins/template/golden.txt")),
    ("src/lib.rs", include_str!("../../../plugins/template/src/lib.rs")),
    ("src/tests.rs", include_str!("../../../plugins/template/src/tests.rs")),
];
/// What the template depends on, as it is written there.
const DEPENDENCY: &str = "assay-plugin-api = { path = \"../../plugin-api\" }";
/// The crate of the contract.
const CONTRACT: &str = "assay-plugin-api";
/// Longest name, bytes: with what is put before and behind it, it stays a name of the contract.
const MAX_NAME_BYTES: usize = 40;
/// Models that every deployment has.
const TAKEN: [&str; 7] = ["all", "gan", "diffusion", "noise", "metadata", "frequency", "splicing"];

/// The name of a detector in its three spellings.
struct Name<'a> {
    /// `cast-shadows`
    kebab: &'a str,
    /// `cast_shadows`
    snake: String,
    /// `CastShadows`
    camel: String,
    /// `Cast shadows`
    title: String,
}

/// Makes the crate of the detector `name` in `folder`; it depends on the contract at `contract`, or on
/// the one that is found.
pub(super) fn run(
    name: &str,
    folder: Option<&Path>,
    contract: Option<&Path>,
) -> Result<ExitCode, CommandError> {
    let name = Name::new(name)?;
    let folder = folder.map_or_else(|| PathBuf::from(name.kebab), Path::to_path_buf);
    if folder.exists() {
        return Err(
            format!("{}: is there already; name another with --dir", folder.display()).into()
        );
    }
    let contract = match contract {
        Some(path) => Some(contract_at(path)?),
        None => found_contract(),
    };
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |error: std::io::Error| format!("{path}: {error}")
    };
    for (path, text) in files(&name, contract.as_deref()) {
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(&folder);
        fs::create_dir_all(parent).map_err(failed(parent))?;
        fs::write(&path, text).map_err(failed(&path))?;
    }
    let mut out = anstream::stdout();
    writeln!(out, "{}: the detector {}, in src/lib.rs", folder.display(), name.kebab)?;
    match contract {
        Some(path) => writeln!(out, "the contract: {}", path.display())?,
        None => writeln!(
            out,
            "the contract: {CONTRACT} {CONTRACT_VERSION} of the registry; --contract PATH takes a checkout's"
        )?,
    }
    writeln!(
        out,
        "next: cargo test, and the other commands of {}",
        folder.join("README.md").display()
    )?;
    Ok(ExitCode::SUCCESS)
}

/// The files of the crate: path and text.
fn files<'n>(
    name: &'n Name<'n>,
    contract: Option<&Path>,
) -> impl Iterator<Item = (&'static str, String)> + 'n {
    let dependency = match contract {
        // What a path says in TOML; one that is no Unicode was refused.
        Some(path) => format!("{{ path = {} }}", toml::Value::from(path.display().to_string())),
        None => toml::Value::from(CONTRACT_VERSION).to_string(),
    };
    // A crate that lies within another workspace is none of that one's.
    let dependency = format!("{CONTRACT} = {dependency}\n\n[workspace]");
    let ignored = [(".gitignore", "/target\n".to_owned())];
    FILES
        .into_iter()
        .map(move |(path, text)| (path, name.given_to(&text.replace(DEPENDENCY, &dependency))))
        .chain(ignored)
}

impl<'a> Name<'a> {
    fn new(name: &'a str) -> Result<Self, String> {
        let words = || name.split('-');
        let is_word = |word: &str| {
            !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        };
        let is_name = words().all(is_word) && name.starts_with(|c: char| c.is_ascii_lowercase());
        if !is_name || name.len() > MAX_NAME_BYTES {
            return Err(format!(
                "\"{name}\": expected at most {MAX_NAME_BYTES} lower-case letters, digits and single \
                 hyphens that start with a letter, such as cast-shadows"
            ));
        }
        if TAKEN.contains(&name) {
            return Err(format!("\"{name}\" is the name of a model that Assay comes with"));
        }
        let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
        let spaced = name.replace('-', " ");
        Ok(Self {
            kebab: name,
            snake: name.replace('-', "_"),
            camel: words().map(capital).collect(),
            title: capital(&spaced),
        })
    }

    /// The template's text with this name in all places of its own.
    fn given_to(&self, text: &str) -> String {
        let Self { kebab, snake, camel, title } = self;
        [
            (
                "\"The smallest Assay detector, to copy\"",
                format!("\"{title}: a detector for Assay\""),
            ),
            ("assay-plugin-template", format!("assay-plugin-{kebab}")),
            ("assay_plugin_template", format!("assay_plugin_{snake}")),
            ("\"luma-entropy\"", format!("\"{kebab}\"")),
            ("\"entropy\"", format!("\"{snake}\"")),
            ("\"entropy_analysis\"", format!("\"{snake}_analysis\"")),
            ("Luma entropy", title.clone()),
            ("LumaEntropy", camel.clone()),
        ]
        .into_iter()
        .fold(text.to_owned(), |text, (of_template, own)| text.replace(of_template, &own))
    }
}

/// The contract's crate at `path`, or in the checkout at `path`.
fn contract_at(path: &Path) -> Result<PathBuf, String> {
    let candidates = [path.to_owned(), path.join("plugin-api")];
    let found = candidates.iter().find(|folder| is_contract(folder));
    let found = found.and_then(|folder| folder.canonicalize().ok());
    found.filter(|folder| folder.to_str().is_some()).ok_or_else(|| {
        format!("{}: expected the crate {CONTRACT} or a checkout that has it", path.display())
    })
}

/// The contract's crate of the checkout that this program was built in, or that it is called in.
fn found_contract() -> Option<PathBuf> {
    let program = std::env::current_exe().ok();
    let here = std::env::current_dir().ok();
    [program, here]
        .iter()
        .flatten()
        .flat_map(|path| path.ancestors())
        .find_map(|folder| contract_at(&folder.join("plugin-api")).ok())
}

fn is_contract(folder: &Path) -> bool {
    let text = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    let manifest = text.parse::<toml::Table>().unwrap_or_default();
    let name = manifest.get("package").and_then(|package| package.get("name"));
    name.and_then(toml::Value::as_str) == Some(CONTRACT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kebab_case_and_not_taken() {
        for name in ["", "-a", "a-", "a--b", "1a", "Shadows", "a_b", "a/b", "..", "gan", "all", "é"]
        {
            assert!(Name::new(name).is_err(), "{name}");
        }
        assert!(Name::new(&"a".repeat(MAX_NAME_BYTES + 1)).is_err());
        let name = Name::new("cast-shadows-2").unwrap();
        let spelt = [name.snake.as_str(), &name.camel, &name.title];
        assert_eq!(spelt, ["cast_shadows_2", "CastShadows2", "Cast shadows 2"]);
    }

    #[test]
    fn nothing_of_the_templates_own_name_is_left() {
        let name = Name::new("cast-shadows").unwrap();
        for contract in [None, Some(Path::new("/a \"place\""))] {
            for (path, text) in files(&name, contract) {
                for left in [
                    "template",
                    "luma-entropy",
                    "LumaEntropy",
                    "Luma entropy",
                    "\"entropy\"",
                    "../",
                ] {
                    assert!(!text.contains(left), "{path}: {left}: {text}");
                }
            }
        }
        let manifest = files(&name, Some(Path::new("/a \"place\""))).next().unwrap().1;
        let manifest: toml::Table = manifest.parse().unwrap();
        assert_eq!(manifest["package"]["name"].as_str(), Some("assay-plugin-cast-shadows"));
        assert_eq!(manifest["dependencies"][CONTRACT]["path"].as_str(), Some("/a \"place\""));
    }

    #[test]
    fn the_detector_has_fewer_than_60_lines() {
        let (_, text) = FILES[3];
        assert!(text.lines().count() < 60, "{}", text.lines().count());
    }
}
