// SPDX-License-Identifier: MIT OR Apache-2.0
//! `/webhooks`: receivers, the secret that signs, and what was sent.

use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::error::PageError;
use super::form::Form;
use super::layout::{Layout, Place};
use super::list::{is_full, Pages, PAGE};
use super::overlap::Overlap;
use super::session::Visitor;
use super::time::Moment;
use super::words::Badge;
use super::{reading, render, see_other};
use crate::api::administration::{self, check_state, no_delivery};
use crate::api::page::{cursor, place};
use crate::api::Shared;
use crate::store::{self, Attempt};

/// Characters of a secret that are always shown: its prefix and enough to tell two apart.
const SHOWN_CHARS: usize = 10;

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .route("/webhooks", reading().to(list))
        .route("/webhooks/secret/show", web::post().to(show_secret))
        .route("/webhooks/secret/rotate", web::post().to(rotate_secret))
        .route("/webhooks/deliveries/{id}", reading().to(show))
        .route("/webhooks/deliveries/{id}/send-again", web::post().to(send_again));
}

#[derive(Template)]
#[template(path = "webhooks.html")]
struct WebhooksPage {
    layout: Layout,
    masked: String,
    overlaps: &'static [Overlap],
    receivers: Vec<Receiver>,
    state: Option<String>,
    rows: Vec<Delivery>,
    pages: Pages,
}

struct Receiver {
    told: store::Receiver,
    last: Moment,
}

struct Delivery {
    id: String,
    event: String,
    url: String,
    state: Badge,
    attempts: u32,
    made: Moment,
    /// When it is tried next.
    next: Option<Moment>,
}

#[derive(Template)]
#[template(path = "secret.html")]
struct SecretPage {
    layout: Layout,
    secret: String,
    is_new: bool,
}

#[derive(Template)]
#[template(path = "delivery.html")]
struct DeliveryPage {
    layout: Layout,
    delivery: Delivery,
    attempts: Vec<(Moment, Attempt)>,
}

impl Delivery {
    fn of(found: store::Delivery) -> Self {
        let is_pending = found.state == "pending";
        Self {
            id: found.id,
            event: found.event,
            url: found.url,
            state: Badge::of(&found.state),
            attempts: found.attempts,
            made: Moment::of_seconds(found.created_at),
            next: is_pending.then(|| Moment::of_milliseconds(found.next_at)),
        }
    }
}

async fn list(shared: web::Data<Shared>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let visitor = Visitor::of(&shared, &request).await?;
    let organisation = &visitor.key.organisation;
    let query = Form::of_query(&request)?;
    let state = query.text("state");
    check_state(state)?;
    let before = query.text("cursor").map(place).transpose()?;
    let from = before.unwrap_or(i64::MAX);
    let found = shared.store.deliveries(organisation, state, from, PAGE).await?;
    let next = found.last().filter(|_| is_full(found.len())).map(|found| cursor(found.number));
    let secret = shared.store.webhook_secrets(organisation).await?.secret;
    let receivers = shared.store.receivers(organisation).await?;
    let receiver =
        |told: store::Receiver| Receiver { last: Moment::of_seconds(told.last_at), told };
    let page = WebhooksPage {
        layout: visitor.layout("Webhooks", Place::Webhooks),
        masked: secret.chars().take(SHOWN_CHARS).collect(),
        overlaps: Overlap::ALL,
        receivers: receivers.into_iter().map(receiver).collect(),
        pages: Pages::of("/webhooks", &[("state", state)], next.as_deref(), before.is_none()),
        state: state.map(str::to_owned),
        rows: found.into_iter().map(Delivery::of).collect(),
    };
    render(StatusCode::OK, &page)
}

async fn show_secret(
    shared: web::Data<Shared>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let (visitor, _) = Visitor::posting(&shared, &request, payload).await?;
    let secret = shared.store.webhook_secrets(&visitor.key.organisation).await?.secret;
    let layout = visitor.layout("Webhook secret", Place::Webhooks);
    render(StatusCode::OK, &SecretPage { layout, secret, is_new: false })
}

async fn rotate_secret(
    shared: web::Data<Shared>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let (visitor, form) = Visitor::posting(&shared, &request, payload).await?;
    let overlap = Overlap::of(&form)?;
    let secret = administration::rotate_secret(&shared, &visitor.key, overlap).await?;
    let layout = visitor.layout("New webhook secret", Place::Webhooks);
    render(StatusCode::OK, &SecretPage { layout, secret, is_new: true })
}

async fn show(
    shared: web::Data<Shared>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let visitor = Visitor::of(&shared, &request).await?;
    let found = shared.store.delivery(&id, &visitor.key.organisation).await?;
    let (delivery, attempts) = found.ok_or_else(no_delivery)?;
    let attempts = attempts.into_iter().map(|a| (Moment::of_milliseconds(a.at), a));
    let page = DeliveryPage {
        layout: visitor.layout("Delivery", Place::Webhooks),
        delivery: Delivery::of(delivery),
        attempts: attempts.collect(),
    };
    render(StatusCode::OK, &page)
}

async fn send_again(
    shared: web::Data<Shared>,
    request: HttpRequest,
    payload: web::Payload,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let (visitor, _) = Visitor::posting(&shared, &request, payload).await?;
    administration::redeliver(&shared, &visitor.key, &id).await?;
    Ok(see_other(&format!("/webhooks/deliveries/{id}?done=sent-again")))
}
