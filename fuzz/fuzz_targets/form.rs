// SPDX-License-Identifier: MIT OR Apache-2.0
//! The form of `POST /v1/analyze`, with the boundary `x`.
#![no_main]

use actix_web::dev::Payload;
use actix_web::test::TestRequest;
use actix_web::web;
use actix_web::FromRequest as _;
use assay::api::bodies::read_form;
use assay::net::Guard;
use libfuzzer_sys::fuzz_target;

/// Largest image, bytes.
const IMAGE_BYTES: u64 = 1_000;

thread_local! {
    static RUNTIME: actix_web::rt::Runtime =
        actix_web::rt::Runtime::new().unwrap_or_else(|error| panic!("no runtime: {error}"));
}

fuzz_target!(|body: &[u8]| {
    let read = async {
        let (request, mut payload): (_, Payload) = TestRequest::post()
            .insert_header(("content-type", "multipart/form-data; boundary=x"))
            .set_payload(body.to_vec())
            .to_http_parts();
        let payload = web::Payload::from_request(&request, &mut payload).await;
        let Ok(payload) = payload else { panic!("there is always a body") };
        read_form(&request, payload, IMAGE_BYTES, &Guard::allowing(&[])).await
    };
    if let Err(error) = RUNTIME.with(|runtime| runtime.block_on(read)) {
        assert!((400..500).contains(&error.code.status().as_u16()), "{error:?}");
    }
});
