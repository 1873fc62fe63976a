// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files with Content Credentials, signed here with a key that lives as long as the tests run.

use std::io::Cursor;
use std::sync::LazyLock;

use base64::prelude::{Engine, BASE64_STANDARD};
use c2pa::{Builder, BuilderIntent, Context, EphemeralSigner, Signer};
use serde_json::{json, Value};

static SIGNER: LazyLock<EphemeralSigner> =
    LazyLock::new(|| EphemeralSigner::new("camera.example").unwrap());

/// The authority of the signer, in PEM: the trust list under which it is trusted.
pub(crate) fn authority() -> String {
    let certificate = SIGNER.certs().unwrap().pop().unwrap();
    let lines = BASE64_STANDARD.encode(certificate);
    let lines: Vec<_> =
        lines.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

/// One action; the source type is a term of the IPTC's vocabulary.
pub(crate) fn action(name: &str, agent: &str, term: Option<&str>) -> Value {
    let mut action = json!({ "action": name, "softwareAgent": { "name": agent, "version": "1" } });
    if let Some(term) = term {
        let address = format!("http://cv.iptc.org/newscodes/digitalsourcetype/{term}");
        action["digitalSourceType"] = address.into();
    }
    action
}

/// `file` with a manifest that holds these actions and continues `parent`, where there is one.
pub(crate) fn signed_with(
    file: &[u8],
    format: &str,
    actions: &[Value],
    parent: Option<&[u8]>,
) -> Vec<u8> {
    let definition = json!({
        "claim_generator_info": [{ "name": "Test Maker", "version": "2" }],
        "title": "a test",
        "assertions": [{ "label": "c2pa.actions", "data": { "actions": actions } }],
    });
    let context = Context::new();
    let mut builder = Builder::from_context(context).with_definition(definition).unwrap();
    if let Some(parent) = parent {
        // Adds the action by which the parent was opened.
        builder.set_intent(BuilderIntent::Edit);
        let ingredient = json!({ "title": "parent", "relationship": "parentOf" }).to_string();
        builder.add_ingredient_from_stream(ingredient, format, &mut Cursor::new(parent)).unwrap();
    }
    let mut output = Cursor::new(Vec::new());
    builder.sign(&*SIGNER, format, &mut Cursor::new(file), &mut output).unwrap();
    output.into_inner()
}

/// `file` with a manifest that says how it was created.
pub(crate) fn signed(file: &[u8], format: &str, term: &str) -> Vec<u8> {
    signed_with(file, format, &[action("c2pa.created", "Any Maker", Some(term))], None)
}
