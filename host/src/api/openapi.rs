// SPDX-License-Identifier: MIT OR Apache-2.0
//! The OpenAPI document, made from the handlers and the types that they serialise, and its page.
//!
//! A new operation has a line in the table of `routes` and a `#[utoipa::path]` above its handler, with
//! `Failures` among the responses when it lies under `/v1`. Its bodies are structs with `ToSchema`. A
//! test fails while the table and the document differ.

use std::collections::BTreeMap;

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Info, License, OpenApi, Ref, RefOr};
use utoipa::{IntoResponses, Modify, PartialSchema as _, ToSchema as _};
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::error::Code;
use crate::view::{ErrorBody, FailureBody, ProblemBody};

/// What every operation under `/v1` can fail with.
pub(super) struct Failures;

impl IntoResponses for Failures {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut codes: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
        for code in Code::ALL {
            codes.entry(code.status().as_u16()).or_default().push(code.as_str());
        }
        let response = |(status, codes): (u16, Vec<&str>)| {
            let body =
                |name| ContentBuilder::new().schema(Some(Ref::from_schema_name(name))).build();
            let mut response = ResponseBuilder::new()
                .description(codes.join(", "))
                .content("application/json", body("Error"))
                .content("application/problem+json", body("Problem"));
            if status == 401 {
                response = response.header("WWW-Authenticate", text("Bearer"));
            }
            if status == 405 {
                response = response.header("Allow", text("Methods that the path takes"));
            }
            if matches!(status, 429 | 503) {
                response = response.header("Retry-After", number("Seconds to wait"));
            }
            (status.to_string(), RefOr::T(response.build()))
        };
        codes.into_iter().map(response).collect()
    }
}

fn number(description: &str) -> utoipa::openapi::Header {
    let schema = ObjectBuilder::new().schema_type(Type::Integer).build();
    HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build()
}

fn text(description: &str) -> utoipa::openapi::Header {
    let schema = ObjectBuilder::new().schema_type(Type::String).build();
    HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build()
}

/// What stands around the operations: title, key, and the headers of every answer.
pub(super) struct Surroundings;

impl Modify for Surroundings {
    fn modify(&self, document: &mut OpenApi) {
        let mut info = Info::new("Assay", env!("CARGO_PKG_VERSION"));
        info.description = Some(
            "Tells whether a picture is a camera's, a generator's or a retoucher's, why, and how sure \
             it is."
                .into(),
        );
        info.license = Some(License::new("MIT OR Apache-2.0"));
        document.info = info;
        let components = document.components.get_or_insert_default();
        let key = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        components.add_security_scheme("key", key);
        for (name, schema) in [
            (ErrorBody::name(), ErrorBody::schema()),
            (FailureBody::name(), FailureBody::schema()),
            (ProblemBody::name(), ProblemBody::schema()),
        ] {
            components.schemas.insert(name.into_owned(), schema);
        }
        for (path, item) in &mut document.paths.paths {
            let operations = [("get", &mut item.get), ("post", &mut item.post)];
            for (method, operation) in operations {
                let Some(operation) = operation else { continue };
                operation.operation_id = Some(operation_id(method, path));
                for response in operation.responses.responses.values_mut() {
                    if let RefOr::T(response) = response {
                        add_headers(path, response);
                    }
                }
            }
        }
    }
}

/// A name that no other operation has: the method and the path's words.
fn operation_id(method: &str, path: &str) -> String {
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.fold(method.to_owned(), |name, word| name + "_" + word)
}

fn add_headers(path: &str, response: &mut Response) {
    let mut add = |name: &str, header| {
        response.headers.insert(name.into(), RefOr::T(header));
    };
    add("X-Request-Id", text("The request's name"));
    add("X-Region", text("Where the deployment stands"));
    if path.starts_with("/v1/") {
        add("X-RateLimit-Limit", number("Requests a minute"));
        add("X-RateLimit-Remaining", number("Requests left in this minute"));
        add("X-RateLimit-Reset", number("When the next minute begins, Unix seconds"));
    }
}

/// The page at `/docs/`; all of it is in the binary, and nothing is asked of anybody else.
pub(super) fn page() -> SwaggerUi {
    let config = Config::from("/openapi.json").validator_url("none");
    SwaggerUi::new("/docs/{_:.*}").config(config)
}
