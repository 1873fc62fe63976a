// SPDX-License-Identifier: MIT OR Apache-2.0
//! Who is signed in: a random token in a cookie, of which the store keeps the digest.
//!
//! A session is nothing of its own: it may do what its key may, and each request asks the key again.

use actix_web::http::header::COOKIE;
use actix_web::{web, HttpRequest};
use base64::prelude::{Engine as _, BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::error::PageError;
use super::form::Form;
use super::layout::{Layout, Place};
use crate::api::auth::check_address;
use crate::api::error::ApiError;
use crate::api::Shared;
use crate::store::{ApiKey, Scope, SessionAge};

/// How long a session lasts whatever is done in it, s: a working day.
const LIFE_SECONDS: i64 = 12 * 3_600;
/// How long it lasts when nothing is done, s: a browser that was left open over lunch.
const IDLE_SECONDS: i64 = 3_600;
/// How exactly its last use is known, s, so that not every page is a write.
const USE_SECONDS: i64 = 60;
/// Random bytes of a token.
const TOKEN_BYTES: usize = 32;
/// What the token of forms is made for.
const FORMS: &[u8] = b"assay dashboard forms";
/// Where a script, or a form that uploads files, sends it.
const TOKEN_HEADER: &str = "X-CSRF-Token";
/// The field that has it in every other form.
const TOKEN_FIELD: &str = "token";

/// Somebody who is signed in.
pub(super) struct Visitor {
    /// The key, as it is now.
    pub(super) key: ApiKey,
    /// The digest of the session's token.
    digest: Vec<u8>,
    /// What the forms of the session send.
    token: String,
    /// The word of what was just done.
    done: Option<String>,
}

impl Visitor {
    /// Who sends a request.
    ///
    /// # Errors
    /// When nobody is signed in, the session is over, or its key may not be used any more, or not from
    /// here.
    pub(super) async fn of(shared: &Shared, request: &HttpRequest) -> Result<Self, PageError> {
        Self::find(shared, request).await?.ok_or_else(|| PageError::SignedOut {
            on_the_way_to: request.method().is_safe().then(|| request.uri().to_string()),
        })
    }

    /// The same, and `None` where nobody is signed in.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn find(
        shared: &Shared,
        request: &HttpRequest,
    ) -> Result<Option<Self>, PageError> {
        let Some(text) = cookie(request, name(shared)) else { return Ok(None) };
        let digest = Sha256::digest(text).to_vec();
        let now = Timestamp::now().as_second();
        let Some(session) = shared.store.session(&digest, age(now)).await? else {
            return Ok(None);
        };
        let key = session.key;
        if key.state(now) != "active" || may_sign_in(shared, &key, request).is_err() {
            return Ok(None);
        }
        if now - session.used_at >= USE_SECONDS {
            if let Err(error) = shared.store.use_session(&digest, now).await {
                tracing::warn!(%error, "the use of a session cannot be written down");
            }
        }
        let query = Form::of_query(request)?;
        let done = query.text("done").map(str::to_owned);
        Ok(Some(Self { key, digest, token: token_of_forms(text), done }))
    }

    /// Who sends a form, and the form, which has the session's token.
    ///
    /// # Errors
    /// As [`Self::of`] and [`Form::read`], and for a form without the token.
    pub(super) async fn posting(
        shared: &Shared,
        request: &HttpRequest,
        payload: web::Payload,
    ) -> Result<(Self, Form), PageError> {
        let visitor = Self::of(shared, request).await?;
        let form = Form::read(shared, request, payload).await?;
        let header = request.headers().get(TOKEN_HEADER).and_then(|value| value.to_str().ok());
        visitor.check_token(header.or(form.text(TOKEN_FIELD)))?;
        Ok((visitor, form))
    }

    /// Checks what a form sent as the session's token.
    ///
    /// # Errors
    /// When it is another, or none.
    pub(super) fn check_token(&self, sent: Option<&str>) -> Result<(), PageError> {
        let is_own =
            sent.is_some_and(|sent| bool::from(sent.as_bytes().ct_eq(self.token.as_bytes())));
        is_own.then_some(()).ok_or_else(|| {
            PageError::forbidden(
                "The form is not of this session; load the page and send it again.",
            )
        })
    }

    /// Whether the key has a scope.
    pub(super) fn may(&self, scope: Scope) -> bool {
        self.key.scopes.contains(&scope)
    }

    /// Checks that it has.
    ///
    /// # Errors
    /// When it has not.
    pub(super) fn needs(&self, scope: Scope) -> Result<(), PageError> {
        self.may(scope).then_some(()).ok_or_else(|| {
            let message =
                format!("The key that you signed in with lacks the scope `{scope}`; use another.");
            PageError::forbidden(message)
        })
    }

    /// The layout of a page.
    pub(super) fn layout(&self, title: impl Into<String>, place: Place) -> Layout {
        Layout::of(title, &self.key, &self.token, place).just(self.done.as_deref())
    }

    /// Ends the session.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn sign_out(&self, shared: &Shared) -> Result<(), PageError> {
        Ok(shared.store.end_session(&self.digest, &self.key).await?)
    }
}

/// Begins a session of a key: the cookie that the browser is to keep.
///
/// # Errors
/// When the database fails, or the system has no random numbers.
pub(super) async fn begin(shared: &Shared, key: &ApiKey) -> Result<String, PageError> {
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes).map_err(|e| ApiError::internal(&e))?;
    let text = BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let now = Timestamp::now().as_second();
    shared.store.begin_session(&Sha256::digest(&text), key, now, age(now)).await?;
    Ok(written(shared, &text, LIFE_SECONDS))
}

/// The cookie that has the browser forget the session.
pub(super) fn forgotten(shared: &Shared) -> String {
    written(shared, "", 0)
}

/// Checks that a key in force may be used to sign in from where a request comes.
///
/// # Errors
/// When it is no admin's, is restricted to some paths, or may not be used from here.
pub(super) fn may_sign_in(
    shared: &Shared,
    key: &ApiKey,
    request: &HttpRequest,
) -> Result<(), PageError> {
    if !key.scopes.contains(&Scope::Admin) {
        return Err(PageError::forbidden("The key lacks the scope `admin`; use one that has it."));
    }
    if !key.endpoints.is_empty() {
        let message = "The key may only be used for some paths of the API; use another.";
        return Err(PageError::forbidden(message));
    }
    Ok(check_address(shared, key, request)?)
}

fn age(now: i64) -> SessionAge {
    SessionAge { made_after: now - LIFE_SECONDS, used_after: now - IDLE_SECONDS }
}

/// Behind TLS the browser is told to take the cookie from us alone, and to send it nowhere in clear.
fn name(shared: &Shared) -> &'static str {
    if is_secure(shared) {
        "__Host-assay-session"
    } else {
        "assay-session"
    }
}

fn is_secure(shared: &Shared) -> bool {
    shared.service.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
}

fn written(shared: &Shared, text: &str, seconds: i64) -> String {
    let secure = if is_secure(shared) { "; Secure" } else { "" };
    let name = name(shared);
    format!("{name}={text}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Strict{secure}")
}

/// The text of a cookie.
fn cookie<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let headers = request.headers().get_all(COOKIE).filter_map(|value| value.to_str().ok());
    let pairs = headers.flat_map(|text| text.split(';')).filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(known, text)| (known.trim(), text.trim()))
        .find(|(known, _)| *known == name)
        .map(|(_, text)| text)
}

/// Who knows this does not know the cookie, and another session has another.
fn token_of_forms(text: &str) -> String {
    // HMAC takes keys of any length: RFC 2104, section 2.
    let Ok(mut hmac) = Hmac::<Sha256>::new_from_slice(text.as_bytes()) else {
        return String::new();
    };
    hmac.update(FORMS);
    BASE64_URL_SAFE_NO_PAD.encode(hmac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_cookie_is_found_among_others_by_its_whole_name() {
        let request = TestRequest::default()
            .insert_header((
                COOKIE,
                "xassay-session=1; assay-session=right ; other=assay-session=2",
            ))
            .to_http_request();
        assert_eq!(cookie(&request, "assay-session"), Some("right"));
        assert_eq!(cookie(&request, "session"), None);
    }

    #[test]
    fn sessions_have_tokens_of_their_own_that_do_not_tell_the_cookie() {
        let (one, other) = (token_of_forms("one"), token_of_forms("other"));
        assert!(one != other && one.len() == 43 && !one.contains("one"));
    }
}
