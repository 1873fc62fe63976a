// SPDX-License-Identifier: MIT OR Apache-2.0
//! `/usage`: images of today and of the last days, against what the plan allows.

use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use jiff::Timestamp;

use super::error::PageError;
use super::layout::{Layout, Place};
use super::session::Visitor;
use super::time::{Moment, DAY_SECONDS};
use super::{reading, render};
use crate::api::Shared;
use crate::store::Scope;

/// Days that are shown, today included.
const DAYS: i64 = 30;
/// Height of the chart, px of its own.
const HEIGHT: f64 = 120.0;
/// From one bar to the next, px of its own.
const STEP: i64 = 20;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.route("/usage", reading().to(show));
}

#[derive(Template)]
#[template(path = "usage.html")]
struct UsagePage {
    layout: Layout,
    plan: &'static str,
    used: u64,
    limit: u64,
    reset: Moment,
    requests_per_minute: u64,
    batch_size: u64,
    days: Vec<Bar>,
    sum: u64,
    most: u64,
    width: i64,
    height: f64,
}

/// One day of the chart.
struct Bar {
    day: String,
    images: u64,
    x: i64,
    y: f64,
    height: f64,
}

async fn show(shared: web::Data<Shared>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let visitor = Visitor::of(&shared, &request).await?;
    visitor.needs(Scope::Read)?;
    let day = shared.rates.day(&shared.store, &visitor.key).await?;
    let today = Timestamp::now().as_second().div_euclid(DAY_SECONDS);
    let first = today - DAYS + 1;
    let found = shared.store.images_by_day(&visitor.key.organisation, first).await?;
    let most = found.iter().map(|(_, images)| *images).max().unwrap_or(0);
    let allowance = day.allowance;
    let page = UsagePage {
        layout: visitor.layout("Usage", Place::Usage),
        plan: visitor.key.plan.as_str(),
        used: day.used,
        limit: allowance.requests_per_day,
        reset: Moment::of_seconds(day.reset),
        requests_per_minute: allowance.requests_per_minute,
        batch_size: allowance.batch_size,
        days: bars(&found, first, most),
        sum: found.iter().map(|(_, images)| images).sum(),
        most,
        width: DAYS * STEP,
        height: HEIGHT,
    };
    render(StatusCode::OK, &page)
}

fn bars(found: &[(i64, u64)], first: i64, most: u64) -> Vec<Bar> {
    let bar = |index: i64| {
        let day = first + index;
        let images = found.iter().find(|(known, _)| *known == day).map_or(0, |(_, n)| *n);
        let height = HEIGHT * images as f64 / most.max(1) as f64;
        let day = Moment::of_seconds(day * DAY_SECONDS).day().to_owned();
        Bar { day, images, x: index * STEP, y: HEIGHT - height, height }
    };
    (0..DAYS).map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_has_a_bar_and_the_highest_fills_the_chart() {
        let bars = bars(&[(20_001, 5), (20_029, 10)], 20_000, 10);
        assert_eq!(bars.len(), 30);
        assert_eq!((bars[0].images, bars[0].height), (0, 0.0));
        assert_eq!((bars[1].height, bars[1].y), (60.0, 60.0));
        assert_eq!((bars[29].height, bars[29].day.as_str()), (HEIGHT, "2024-11-02"));
    }
}
