// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a form sends: names and texts, of which a name may come several times.

use actix_web::{web, HttpRequest};

use super::error::PageError;
use crate::api::{body, Shared};

/// Largest form, bytes.
const MOST_BYTES: usize = 64 << 10;

/// Fields in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a request's body.
    ///
    /// # Errors
    /// For a body that is no form, is too large or comes too slowly.
    pub(super) async fn read(
        shared: &Shared,
        request: &HttpRequest,
        payload: web::Payload,
    ) -> Result<Self, PageError> {
        let bytes = body::read(request, payload, MOST_BYTES, shared.pace()).await?;
        let text = String::from_utf8(bytes).map_err(|_| wrong())?;
        Self::parse(&text)
    }

    /// Reads a request's query.
    ///
    /// # Errors
    /// For one that is none.
    pub(super) fn of_query(request: &HttpRequest) -> Result<Self, PageError> {
        Self::parse(request.query_string())
    }

    fn parse(text: &str) -> Result<Self, PageError> {
        let fields = web::Query::<Vec<(String, String)>>::from_query(text).map_err(|_| wrong())?;
        Ok(Self(fields.into_inner()))
    }

    /// The first text of a name that is not empty, without white space around it.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.texts().find(|(known, _)| *known == name).map(|(_, text)| text)
    }

    /// All texts of a name that are not empty.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.texts().filter(move |(known, _)| *known == name).map(|(_, text)| text)
    }

    fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        let texts = self.0.iter().map(|(name, text)| (name.as_str(), text.trim()));
        texts.filter(|(_, text)| !text.is_empty())
    }
}

fn wrong() -> PageError {
    PageError::invalid("The form cannot be read; go back and send it again.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_come_several_times_and_empty_texts_are_none() {
        let form = Form::parse("scope=read&scope=admin&note=+&end=a%26b+c").unwrap();
        assert_eq!(form.all("scope").collect::<Vec<_>>(), ["read", "admin"]);
        assert_eq!((form.text("note"), form.text("end")), (None, Some("a&b c")));
    }
}
