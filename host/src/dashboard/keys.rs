// SPDX-License-Identifier: MIT OR Apache-2.0
//! `/keys`: the organisation's keys. The text of a new one stands on one answer and nowhere else.

use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use jiff::Timestamp;

use super::error::PageError;
use super::form::Form;
use super::layout::{Layout, Place};
use super::overlap::Overlap;
use super::session::Visitor;
use super::time::{start_of_day, Moment};
use super::words::Badge;
use super::{reading, render, see_other};
use crate::api::administration::{self, Create, Restrict};
use crate::api::error::{ApiError, Code};
use crate::api::Shared;
use crate::store::{ApiKey, Environment, NewKey, Scope};

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .route("/keys", reading().to(list))
        .route("/keys", web::post().to(create))
        .route("/keys/{id}/rotate", reading().to(ask_rotate))
        .route("/keys/{id}/rotate", web::post().to(rotate))
        .route("/keys/{id}/restrict", reading().to(ask_restrict))
        .route("/keys/{id}/restrict", web::post().to(restrict))
        .route("/keys/{id}/revoke", reading().to(ask_revoke))
        .route("/keys/{id}/revoke", web::post().to(revoke));
}

#[derive(Template)]
#[template(path = "keys.html")]
struct KeysPage {
    layout: Layout,
    rows: Vec<Row>,
    draft: Draft,
    refusal: Option<String>,
}

struct Row {
    id: String,
    is_own: bool,
    state: Badge,
    is_active: bool,
    environment: &'static str,
    scopes: String,
    endpoints: Vec<String>,
    addresses: Vec<String>,
    made: Moment,
    ends: Option<Moment>,
}

/// The form as it was filled in.
struct Draft {
    environment: String,
    scopes: Vec<String>,
    endpoints: String,
    addresses: String,
    /// A day.
    expires: String,
}

#[derive(Template)]
#[template(path = "new_key.html")]
struct NewKeyPage {
    layout: Layout,
    id: String,
    key: String,
    /// The key that it takes the place of.
    rotated: Option<String>,
}

#[derive(Template)]
#[template(path = "rotate_key.html")]
struct RotatePage {
    layout: Layout,
    id: String,
    overlaps: &'static [Overlap],
}

#[derive(Template)]
#[template(path = "restrict_key.html")]
struct RestrictPage {
    layout: Layout,
    id: String,
    is_own: bool,
    /// One a line.
    endpoints: String,
    /// One a line.
    addresses: String,
    refusal: Option<String>,
}

#[derive(Template)]
#[template(path = "revoke_key.html")]
struct RevokePage {
    layout: Layout,
    id: String,
    is_own: bool,
}

impl Default for Draft {
    fn default() -> Self {
        let Create { environment, scopes, .. } = Create::default();
        let (endpoints, addresses, expires) = Default::default();
        Self { environment, scopes, endpoints, addresses, expires }
    }
}

impl Draft {
    fn of(form: &Form) -> Self {
        let text = |name: &str| form.text(name).unwrap_or_default().to_owned();
        Self {
            environment: text("environment"),
            scopes: form.all("scope").map(str::to_owned).collect(),
            endpoints: text("endpoints"),
            addresses: text("addresses"),
            expires: text("expires"),
        }
    }

    fn has(&self, scope: &Scope) -> bool {
        self.scopes.iter().any(|chosen| chosen == scope.as_str())
    }

    fn wish(&self) -> Result<Create, ApiError> {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        let day = |text: &str| start_of_day(text).and_then(|at| Timestamp::from_second(at).ok());
        let expires_at = match self.expires.as_str() {
            "" => None,
            text => Some(day(text).ok_or_else(|| {
                ApiError::invalid(format!("Expected a day such as 2027-11-30, found {text:?}."))
            })?),
        };
        Ok(Create {
            environment: self.environment.clone(),
            scopes: self.scopes.clone(),
            endpoints: words(&self.endpoints),
            allow_ips: words(&self.addresses),
            expires_at,
        })
    }
}

impl Row {
    fn of(key: ApiKey, visitor: &Visitor, now: i64) -> Self {
        let state = key.state(now);
        let scopes: Vec<_> = key.scopes.iter().map(|scope| scope.as_str()).collect();
        Self {
            is_own: key.id == visitor.key.id,
            id: key.id,
            state: Badge::of(state),
            is_active: state == "active",
            environment: key.environment.as_str(),
            scopes: scopes.join(", "),
            endpoints: key.endpoints,
            addresses: key.addresses,
            made: Moment::of_seconds(key.created_at),
            ends: key.revoked_at.or(key.expires_at).map(Moment::of_seconds),
        }
    }
}

async fn list(shared: web::Data<Shared>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let visitor = Visitor::of(&shared, &request).await?;
    page(&shared, &visitor, StatusCode::OK, Draft::default(), None).await
}

async fn page(
    shared: &Shared,
    visitor: &Visitor,
    status: StatusCode,
    draft: Draft,
    refusal: Option<String>,
) -> Result<HttpResponse, PageError> {
    let now = Timestamp::now().as_second();
    let mut keys = administration::own_keys(shared, &visitor.key).await?;
    // Those in use first, each kind with the newest first.
    keys.reverse();
    keys.sort_by_key(|key| key.state(now) != "active");
    let page = KeysPage {
        layout: visitor.layout("Keys", Place::Keys),
        rows: keys.into_iter().map(|key| Row::of(key, visitor, now)).collect(),
        draft,
        refusal,
    };
    render(status, &page)
}

async fn create(
    shared: web::Data<Shared>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let (visitor, form) = Visitor::posting(&shared, &request, payload).await?;
    let draft = Draft::of(&form);
    let made = match draft.wish() {
        Ok(wish) => administration::create_key(&shared, &visitor.key, wish).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(new) => shown_once(&visitor, new, None),
        Err(error) if error.code.status().is_client_error() => {
            page(&shared, &visitor, error.code.status(), draft, Some(error.message)).await
        }
        Err(error) => Err(error.into()),
    }
}

fn shown_once(
    visitor: &Visitor,
    new: NewKey,
    rotated: Option<String>,
) -> Result<HttpResponse, PageError> {
    let NewKey { id, key, .. } = new;
    let layout = visitor.layout("New key", Place::Keys);
    render(StatusCode::CREATED, &NewKeyPage { layout, id, key, rotated })
}

async fn ask_rotate(
    shared: web::Data<Shared>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let visitor = Visitor::of(&shared, &request).await?;
    let id = administration::own_key(&shared, &visitor.key, &id).await?.id;
    let layout = visitor.layout("Rotate a key", Place::Keys);
    render(StatusCode::OK, &RotatePage { layout, id, overlaps: Overlap::ALL })
}

async fn rotate(
    shared: web::Data<Shared>,
    request: HttpRequest,
    payload: web::Payload,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let (visitor, form) = Visitor::posting(&shared, &request, payload).await?;
    let overlap = Overlap::of(&form)?;
    let new = administration::rotate_key(&shared, &visitor.key, &id, overlap).await?;
    shown_once(&visitor, new, Some(id.into_inner()))
}

async fn ask_restrict(
    shared: web::Data<Shared>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let visitor = Visitor::of(&shared, &request).await?;
    let key = administration::own_key(&shared, &visitor.key, &id).await?;
    let page = RestrictPage {
        layout: visitor.layout("Restrict a key", Place::Keys),
        is_own: key.id == visitor.key.id,
        id: key.id,
        endpoints: key.endpoints.join("\n"),
        addresses: key.addresses.join("\n"),
        refusal: None,
    };
    render(StatusCode::OK, &page)
}

async fn restrict(
    shared: web::Data<Shared>,
    request: HttpRequest,
    payload: web::Payload,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let (visitor, form) = Visitor::posting(&shared, &request, payload).await?;
    let Draft { endpoints, addresses, .. } = Draft::of(&form);
    let words = |text: &str| Some(text.split_whitespace().map(str::to_owned).collect());
    let wish = Restrict { endpoints: words(&endpoints), allow_ips: words(&addresses) };
    match administration::restrict_key(&shared, &visitor.key, &id, wish).await {
        Ok(()) => Ok(see_other("/keys?done=restricted")),
        Err(error) if error.code == Code::InvalidRequest => {
            let layout = visitor.layout("Restrict a key", Place::Keys);
            let (id, refusal) = (id.into_inner(), Some(error.message));
            let is_own = id == visitor.key.id;
            let page = RestrictPage { layout, id, is_own, endpoints, addresses, refusal };
            render(StatusCode::BAD_REQUEST, &page)
        }
        Err(error) => Err(error.into()),
    }
}

async fn ask_revoke(
    shared: web::Data<Shared>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let visitor = Visitor::of(&shared, &request).await?;
    let id = administration::own_key(&shared, &visitor.key, &id).await?.id;
    let is_own = id == visitor.key.id;
    let layout = visitor.layout("Revoke a key", Place::Keys);
    render(StatusCode::OK, &RevokePage { layout, id, is_own })
}

async fn revoke(
    shared: web::Data<Shared>,
    request: HttpRequest,
    payload: web::Payload,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let (visitor, _) = Visitor::posting(&shared, &request, payload).await?;
    administration::revoke_key(&shared, &visitor.key, &id).await?;
    Ok(see_other("/keys?done=revoked"))
}
