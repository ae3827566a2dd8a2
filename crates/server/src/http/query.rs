//! Query parameters: each known one read once, unknown ones refused with the names of the known ones.

use actix_web::HttpRequest;
use scheduler_domain::{
    clock::Timestamp,
    page::{Limit, PageKey},
    user::Word,
    validate::{FieldError, excerpt},
};
use std::collections::BTreeSet;

use super::problem::{Code, Problem};

/// The parameters of a request.
pub struct Query {
    pairs: Vec<(String, String)>,
    known: BTreeSet<&'static str>,
}

impl Query {
    /// Takes the query of a request apart.
    pub fn of(request: &HttpRequest) -> Self {
        let pairs = url::form_urlencoded::parse(request.query_string().as_bytes())
            .into_owned()
            .collect();
        Self {
            pairs,
            known: BTreeSet::new(),
        }
    }

    /// Every value of a parameter.
    pub fn many(&mut self, name: &'static str) -> Vec<String> {
        self.known.insert(name);
        self.pairs
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.clone())
            .collect()
    }

    /// The value of a parameter that may be given once.
    pub fn one(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        let mut values = self.many(name);
        if values.len() > 1 {
            return Err(Problem::parameter(FieldError::new(
                name,
                "repeated",
                "may be given only once",
            )));
        }
        Ok(values.pop())
    }

    /// Words of a closed set; repeated parameters and commas both separate them.
    pub fn words<W: Word>(&mut self, name: &'static str) -> Result<Vec<W>, Problem> {
        let values = self.many(name);
        let words = values
            .iter()
            .flat_map(|value| value.split(','))
            .map(|word| W::parse(name, word));
        words.collect::<Result<_, _>>().map_err(Problem::parameter)
    }

    /// One word of a closed set.
    pub fn word<W: Word>(&mut self, name: &'static str) -> Result<Option<W>, Problem> {
        self.one(name)?
            .map(|word| W::parse(name, &word))
            .transpose()
            .map_err(Problem::parameter)
    }

    /// An instant in RFC 3339.
    pub fn instant(&mut self, name: &'static str) -> Result<Option<Timestamp>, Problem> {
        let Some(text) = self.one(name)? else { return Ok(None) };
        match chrono::DateTime::parse_from_rfc3339(&text) {
            Ok(instant) => Ok(Some(instant.to_utc())),
            Err(_) => {
                let message = format!("\"{}\" is not an instant like 2026-01-31T08:00:00Z", excerpt(&text));
                Err(Problem::parameter(FieldError::new(name, "invalid_instant", message)))
            }
        }
    }

    /// `limit`, 1 to 200.
    pub fn limit(&mut self) -> Result<Limit, Problem> {
        match self.one("limit")? {
            None => Ok(Limit::DEFAULT),
            Some(text) => {
                let number = text.parse::<u32>().map_err(|_| {
                    let message = format!("\"{}\" is not a whole number from 1 to {}", excerpt(&text), Limit::MAX);
                    Problem::parameter(FieldError::new("limit", "out_of_range", message))
                })?;
                Limit::new(number).map_err(Problem::parameter)
            }
        }
    }

    /// `cursor`, which must be of the list `scope`.
    pub fn cursor(&mut self, scope: &str) -> Result<Option<PageKey>, Problem> {
        match self.one("cursor")? {
            None => Ok(None),
            Some(text) => PageKey::decode(&text, scope).map(Some).ok_or_else(invalid_cursor),
        }
    }

    /// Refuses parameters that nobody has asked for.
    pub fn finish(self) -> Result<(), Problem> {
        let Some((unknown, _)) = self.pairs.iter().find(|(key, _)| !self.known.contains(key.as_str())) else {
            return Ok(());
        };
        let known: Vec<&str> = self.known.into_iter().collect();
        let message = if known.is_empty() {
            "is not known here; this address takes no parameters".to_owned()
        } else {
            format!("is not known here; known are: {}", known.join(", "))
        };
        let mut error = FieldError::new(excerpt(unknown), "unknown_parameter", message);
        error.allowed = Some(known.into_iter().map(str::to_owned).collect());
        Err(Problem::parameter(error))
    }
}

/// The cursor is not one of this list.
pub fn invalid_cursor() -> Problem {
    let detail = "the cursor is not one of this list with these filters; start again without one";
    Problem::new(Code::InvalidCursor, detail).with_errors(vec![FieldError::new("cursor", "invalid_cursor", detail)])
}
