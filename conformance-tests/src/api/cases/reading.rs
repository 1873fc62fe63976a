// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can be read later: analyses, drawings, batches a page at a time.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::json;

use crate::api::bench::Bench;
use crate::api::cases::Case;
use crate::api::clause;
use crate::api::client::Request;
use crate::api::expect::{equal, holds, Fields as _};
use crate::case::{Check, Problem};
use crate::fixtures::made;
use crate::synth::forgery::SplicedJpeg;

pub(super) const CASES: &[Case] = &[
    Case {
        id: "analysis-read-again",
        group: "reading",
        description: "An analysis can be read again as it was, and not by another organisation.",
        clause: clause::beyond("`GET /v1/analyses/{request_id}`"),
        run: again,
    },
    Case {
        id: "heatmap-png",
        group: "reading",
        description: "The drawing of an analysis is a PNG, or 404 where nothing was localised.",
        clause: clause::beyond("`GET /v1/analyses/{request_id}` (+ `/heatmap.png`)"),
        run: drawing,
    },
    Case {
        id: "batch-pages",
        group: "batch",
        description: "The results of a batch come a page at a time, each once, and a wrong cursor is refused.",
        clause: clause::beyond("`GET /v1/batches/{id}` (results as they complete; cursor pagination)"),
        run: pages,
    },
];

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

fn again(bench: &Bench) -> Check {
    let answer = bench.analyze(&bench.photo()?, &json!({ "reference_id": "once more" }))?;
    answer.status(200)?;
    let first = answer.json()?;
    let path = format!("/v1/analyses/{}", first.text("/request_id")?);
    let read = bench.get(&path)?;
    read.status(200)?;
    equal("the analysis", first, read.json()?)?;
    // Whether somebody else has it is nobody's business.
    let foreign = bench.settings.limited_key.as_deref();
    let foreign = foreign.ok_or_else(|| Problem::skipped("no --limited-key was given"))?;
    let answer = bench.send(&Request::new("GET", &path).key(foreign))?;
    answer.error(404, "NOT_FOUND").map(drop)
}

fn drawing(bench: &Bench) -> Check {
    let seed = bench.seed;
    let (forged, _) = made(SplicedJpeg::new(seed, 800, 600).make())?;
    let answer = bench.analyze(&forged, &json!({}))?;
    answer.status(200)?;
    let id = answer.json()?.text("/request_id")?.to_owned();
    let drawn = bench.get(&format!("/v1/analyses/{id}/heatmap.png"))?;
    if drawn.status == 404 {
        // Nothing was localised: whether a detector finds this forgery is no rule of the guide.
        return drawn.error(404, "NOT_FOUND").map(drop);
    }
    drawn.status(200)?;
    equal("Content-Type", Some("image/png"), drawn.header("content-type"))?;
    holds(drawn.body.starts_with(PNG), || "the drawing is no PNG".into())
}

fn pages(bench: &Bench) -> Check {
    let image = |name: &str| json!({ "image_base64": BASE64_STANDARD.encode(b"GIF89a"), "reference_id": name });
    let names = ["a", "b", "c"];
    let body = json!({ "images": names.map(image) });
    let accepted = bench.post("/v1/analyze/batch", &body)?;
    accepted.status(202)?;
    let path = format!("/v1/batches/{}", accepted.json()?.text("/batch_id")?);
    let end = Instant::now() + bench.settings.wait;
    let (mut found, mut query) = (BTreeSet::new(), "?limit=1".to_owned());
    loop {
        let answer = bench.get(&format!("{path}{query}"))?;
        answer.status(200)?;
        let page = answer.json()?;
        let results = page.list("/results")?;
        holds(results.len() <= 1, || format!("{query}: expected one result, found more"))?;
        for result in results {
            let name = result.text("/reference_id")?;
            let is_new = found.insert(name.to_owned());
            holds(is_new, || format!("{query}: found {name:?} on two pages"))?;
        }
        match page.text("/next_cursor") {
            Ok(cursor) => query = format!("?limit=1&cursor={cursor}"),
            Err(_) if page.text("/status")? == "COMPLETE" => break,
            Err(_) => {}
        }
        holds(Instant::now() < end, || "the batch was not done in time".into())?;
        thread::sleep(Duration::from_millis(100));
    }
    equal("images on all pages", names.len(), found.len())?;
    let wrong = bench.get(&format!("{path}?cursor=nonsense"))?;
    wrong.error(400, "INVALID_REQUEST").map(drop)
}
