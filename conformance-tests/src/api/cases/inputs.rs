// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is submitted: formats, limits, options, ways to send an image.

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::json;

use crate::api::bench::Bench;
use crate::api::cases::Case;
use crate::api::clause;
use crate::api::client::Request;
use crate::api::expect::{equal, holds, Fields as _};
use crate::case::Check;
use crate::fixtures::{made, HEIC};
use crate::synth::{codec, Picture};

const PATH: &str = "/v1/analyze";

pub(super) const CASES: &[Case] = &[
    Case {
        id: "formats",
        group: "formats",
        description: "JPEG, PNG, WebP, HEIC, BMP and TIFF are analysed and named.",
        clause: clause::guide("API guide, Supported formats and limits", "Image formats: JPEG, PNG, WebP, HEIC, BMP, TIFF"),
        run: formats,
    },
    Case {
        id: "format-unsupported",
        group: "limits",
        description: "A file of another format is refused with 422 UNSUPPORTED_FORMAT.",
        clause: clause::guide("API guide, Error handling", "422 | Unprocessable | Image format not supported or image too small"),
        run: unsupported,
    },
    Case {
        id: "image-corrupt",
        group: "limits",
        description: "A file that is cut short is refused with 422 IMAGE_CORRUPT.",
        clause: clause::read("`IMAGE_CORRUPT` 422"),
        run: corrupt,
    },
    Case {
        id: "image-too-small",
        group: "limits",
        description: "A picture of 99 columns is refused with 422 IMAGE_TOO_SMALL.",
        clause: clause::guide("API guide, Supported formats and limits", "Minimum dimensions: 100x100 pixels."),
        run: too_small,
    },
    Case {
        id: "file-too-large",
        group: "limits",
        description: "A file of 20,000,001 bytes is refused with 413 FILE_SIZE_EXCEEDED.",
        clause: clause::guide("API guide, Supported formats and limits", "Maximum file size: 20 MB (base64 or URL)."),
        run: too_large,
    },
    Case {
        id: "models-subset",
        group: "options",
        description: "A subset of the models gives the results of exactly those.",
        clause: clause::read("A subset runs only those; the ensemble renormalises over what ran."),
        run: subset,
    },
    Case {
        id: "metadata-switched-off",
        group: "options",
        description: "Without metadata analysis there is no such result, and asking for both is refused.",
        clause: clause::read("`false` leaves the metadata detector out even under `[\"all\"]`; naming `metadata` in \
               `models` together with `false` is a 400."),
        run: metadata,
    },
    Case {
        id: "heatmap",
        group: "options",
        description: "A heatmap is there when it is asked for, and only then.",
        clause: clause::guide("API guide, Single image analysis", "Include a pixel-level manipulation heatmap in response. Default: `false`"),
        run: heatmap,
    },
    Case {
        id: "policy",
        group: "options",
        description: "Each listed policy can be named and is the one that is applied; another name is refused.",
        clause: clause::beyond("`options.policy` to name another one the organisation may use"),
        run: policy,
    },
    Case {
        id: "claimed-at",
        group: "options",
        description: "A date and a time are accepted as the claimed moment; anything else is refused.",
        clause: clause::read("optional `context.claimed_at` (RFC 3339 date or time) in a request"),
        run: claimed_at,
    },
    Case {
        id: "data-uri",
        group: "inputs",
        description: "Base64 with a `data:` prefix is analysed.",
        clause: clause::read("A `data:` URI prefix on base64 is accepted and stripped."),
        run: data_uri,
    },
    Case {
        id: "multipart",
        group: "inputs",
        description: "A form with a file part is analysed.",
        clause: clause::read("Beyond the guide: `multipart/form-data` with a file part, so that \
               `curl -F image=@photo.jpg` works."),
        run: multipart,
    },
    Case {
        id: "field-unknown",
        group: "inputs",
        description: "A field that is not known and broken JSON are refused with name or place of the fault.",
        clause: clause::guide("API guide, Error handling", "400 | Bad request | Check request format and parameters"),
        run: unknown_field,
    },
];

fn formats(bench: &Bench) -> Check {
    let picture = bench.picture();
    let files = [
        ("JPEG", bench.photo()?),
        ("PNG", made(codec::png(&picture, &[]))?),
        ("WEBP", made(codec::webp(&picture))?),
        ("HEIC", HEIC.to_vec()),
        ("BMP", made(codec::bmp(&picture))?),
        ("TIFF", made(codec::tiff(&picture))?),
    ];
    for (format, file) in files {
        let answer = bench.analyze(&file, &json!({}))?;
        answer.status(200)?;
        let body = answer.json()?;
        equal("image_info.format", format, body.text("/image_info/format")?)?;
        equal("file_size_bytes", file.len() as u64, body.count("/image_info/file_size_bytes")?)?;
    }
    Ok(())
}

fn unsupported(bench: &Bench) -> Check {
    bench.analyze(b"GIF89a\x01\0\x01\0", &json!({}))?.error(422, "UNSUPPORTED_FORMAT").map(drop)
}

fn corrupt(bench: &Bench) -> Check {
    let mut file = made(codec::png(&bench.picture(), &[]))?;
    file.truncate(file.len() / 2);
    bench.analyze(&file, &json!({}))?.error(422, "IMAGE_CORRUPT").map(drop)
}

fn too_small(bench: &Bench) -> Check {
    let small = made(codec::png(&Picture::from_fn(99, 200, |x, _| [x as u8; 3]), &[]))?;
    bench.analyze(&small, &json!({}))?.error(422, "IMAGE_TOO_SMALL").map(drop)
}

fn too_large(bench: &Bench) -> Check {
    let mut file = bench.photo()?;
    file.resize(20_000_001, 0);
    bench.analyze(&file, &json!({}))?.error(413, "FILE_SIZE_EXCEEDED").map(drop)
}

fn subset(bench: &Bench) -> Check {
    let more = json!({ "options": { "models": ["gan", "diffusion", "splicing"] } });
    let answer = bench.analyze(&bench.photo()?, &more)?;
    answer.status(200)?;
    let body = answer.json()?;
    let mut names = body.names("/model_results")?;
    names.sort_unstable();
    equal(
        "model_results",
        vec!["diffusion_detection", "gan_detection", "splicing_detection"],
        names,
    )
}

fn metadata(bench: &Bench) -> Check {
    let photo = bench.photo()?;
    let off = json!({ "options": { "models": ["all"], "metadata_analysis": false } });
    let answer = bench.analyze(&photo, &off)?;
    answer.status(200)?;
    let body = answer.json()?;
    holds(!body.names("/model_results")?.contains(&"metadata_analysis"), || {
        "metadata_analysis: expected to be left out, found it".into()
    })?;
    let both = json!({ "options": { "models": ["metadata"], "metadata_analysis": false } });
    bench.analyze(&photo, &both)?.error(400, "INVALID_REQUEST").map(drop)
}

fn heatmap(bench: &Bench) -> Check {
    let photo = bench.photo()?;
    let plain = bench.analyze(&photo, &json!({}))?.json()?;
    holds(plain.get("heatmap").is_none_or(serde_json::Value::is_null), || {
        "heatmap: expected none unless it is asked for".into()
    })?;
    let asked = bench.analyze(&photo, &json!({ "options": { "return_heatmap": true } }))?.json()?;
    holds(asked.get("heatmap").is_some_and(serde_json::Value::is_object), || {
        "heatmap: expected an object when it is asked for".into()
    })
}

fn policy(bench: &Bench) -> Check {
    let photo = bench.photo()?;
    let known = bench.get("/v1/policies")?.json()?;
    for policy in known.list("/policies")? {
        let (name, digest) = (policy.text("/name")?, policy.text("/digest")?);
        let answer = bench.analyze(&photo, &json!({ "options": { "policy": name } }))?;
        answer.status(200)?;
        equal("policy.digest", digest, answer.json()?.text("/policy/digest")?)?;
    }
    let answer = bench.analyze(&photo, &json!({ "options": { "policy": "no-such-policy" } }))?;
    answer.error(400, "INVALID_REQUEST").map(drop)
}

fn claimed_at(bench: &Bench) -> Check {
    let photo = bench.photo()?;
    for time in ["2026-03-16", "2026-03-16T14:23:11Z"] {
        let answer = bench.analyze(&photo, &json!({ "context": { "claimed_at": time } }))?;
        answer.status(200)?;
    }
    let answer = bench.analyze(&photo, &json!({ "context": { "claimed_at": "last week" } }))?;
    answer.error(400, "INVALID_REQUEST").map(drop)
}

fn data_uri(bench: &Bench) -> Check {
    let coded = BASE64_STANDARD.encode(bench.photo()?);
    let body = json!({ "image_base64": format!("data:image/jpeg;base64,{coded}") });
    bench.post(PATH, &body)?.status(200)
}

fn multipart(bench: &Bench) -> Check {
    let mut body = b"--b0\r\nContent-Disposition: form-data; name=\"image\"; \
                     filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"
        .to_vec();
    body.extend(bench.photo()?);
    body.extend(b"\r\n--b0--\r\n");
    let request = Request::new("POST", PATH).key(&bench.settings.key);
    bench.send(&request.body("multipart/form-data; boundary=b0", body))?.status(200)
}

fn unknown_field(bench: &Bench) -> Check {
    let answer = bench.analyze(&bench.photo()?, &json!({ "no_such_field": 1 }))?;
    let message = answer.error(400, "INVALID_REQUEST")?;
    holds(message.contains("no_such_field"), || {
        format!("expected the field's name in {message:?}")
    })?;
    let request = Request::new("POST", PATH).key(&bench.settings.key);
    let broken = bench.send(&request.body("application/json", "{\"image_base64\":\n oops}"))?;
    let message = broken.error(400, "INVALID_REQUEST")?;
    holds(message.contains("line 2"), || format!("expected line and column in {message:?}"))
}
