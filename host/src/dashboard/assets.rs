// SPDX-License-Identifier: MIT OR Apache-2.0
//! Styles, scripts and drawings, embedded. Their address has their digest, so that a browser may keep
//! them for ever.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{self, ServiceConfig};
use actix_web::HttpResponse;
use sha2::{Digest as _, Sha256};

use super::error::PageError;
use super::reading;

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// Name, content type, content.
const ASSETS: &[(&str, &str, &str)] = &[
    ("analysis.css", CSS, include_str!("../../assets/analysis.css")),
    ("analysis.js", SCRIPT, include_str!("../../assets/analysis.js")),
    ("dashboard.css", CSS, include_str!("../../assets/dashboard.css")),
    ("dashboard.js", SCRIPT, include_str!("../../assets/dashboard.js")),
    ("workbench.css", CSS, include_str!("../../assets/workbench.css")),
    ("workbench.js", SCRIPT, include_str!("../../assets/workbench.js")),
    ("pictures.js", SCRIPT, include_str!("../../assets/pictures.js")),
    ("upload.js", SCRIPT, include_str!("../../assets/upload.js")),
    ("icon.svg", SVG, include_str!("../../assets/icon.svg")),
];

/// Bytes of a digest that stand in an address.
const DIGEST_BYTES: usize = 8;

/// The digest of each asset by its name.
static DIGESTS: LazyLock<BTreeMap<&'static str, String>> = LazyLock::new(|| {
    let digest = |content: &str| {
        let digest = Sha256::digest(content);
        digest.iter().take(DIGEST_BYTES).map(|byte| format!("{byte:02x}")).collect()
    };
    ASSETS.iter().map(|(name, _, content)| (*name, digest(content))).collect()
});

pub(super) fn configure(config: &mut ServiceConfig) {
    config.route("/assets/{digest}/{name}", reading().to(show));
}

/// Where an asset is.
pub(super) fn address(name: &str) -> String {
    let digest = DIGESTS.get(name).map_or("unknown", String::as_str);
    format!("/assets/{digest}/{name}")
}

async fn show(path: web::Path<(String, String)>) -> Result<HttpResponse, PageError> {
    let (digest, name) = path.into_inner();
    let found = ASSETS.iter().find(|(known, _, _)| *known == name);
    let found = found.filter(|_| DIGESTS.get(name.as_str()) == Some(&digest));
    let (_, kind, content) = found.ok_or_else(|| PageError::not_found("There is no such file."))?;
    let for_ever = (CACHE_CONTROL, "public, max-age=31536000, immutable");
    Ok(HttpResponse::Ok().content_type(*kind).insert_header(for_ever).body(*content))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// The names in `layout.asset("…")` of all templates of pages.
    fn asked_for(folder: &Path, names: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                asked_for(&path, names);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let parts = text.split("layout.asset(\"").skip(1);
            names.extend(parts.map(|part| part.split('"').next().unwrap().to_owned()));
        }
    }

    #[test]
    fn every_asset_that_a_template_names_is_there() {
        let mut names = Vec::new();
        asked_for(&Path::new(env!("CARGO_MANIFEST_DIR")).join("templates"), &mut names);
        assert!(!names.is_empty());
        for name in names {
            assert!(DIGESTS.contains_key(name.as_str()), "{name}");
        }
    }

    #[test]
    fn nothing_is_fetched_from_elsewhere() {
        for (name, kind, content) in ASSETS {
            let foreign = content.replace("http://www.w3.org/2000/svg", "");
            assert!(!foreign.contains("://"), "{name} {kind}");
        }
    }
}
