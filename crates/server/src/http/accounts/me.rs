//! `GET /me`, `PATCH /me`

use actix_web::{HttpRequest, HttpResponse};
use scheduler_domain::{
    ports::ProfileChange,
    user::{Phone, full_name, time_zone},
    validate::{FieldError, Problems},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::dto::UserOut;
use crate::{
    http::{
        auth::{Allowed, Principal},
        body::RawBody,
        body::present,
        problem::Problem,
        query::Query,
        scopes::AccountRead,
    },
    state::State,
};

/// The caller
#[utoipa::path(
    get, path = "/api/v1/me", operation_id = "getMe", tag = "Accounts",
    security(("bearer" = []), ("api_key" = ["account:read"])),
    responses((status = 200, description = "The account of the token", body = UserOut))
)]
pub async fn get(request: HttpRequest, principal: Allowed<AccountRead>) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let user = State::of(&request).users.find(principal.user_id).await?;
    Ok(HttpResponse::Ok().json(UserOut::from(user)))
}

/// What to change; absent fields stay as they are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProfilePatch)]
pub struct MePatch {
    #[serde(default)]
    full_name: Option<String>,
    /// `null` removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    phone: Option<Option<String>>,
    /// IANA time zone.
    #[serde(default)]
    #[schema(example = "Europe/Vienna")]
    time_zone: Option<String>,
}

impl MePatch {
    fn read(self) -> Result<ProfileChange, Vec<FieldError>> {
        let mut problems = Problems::new();
        let name = self
            .full_name
            .and_then(|name| problems.take(full_name("/full_name", &name)));
        let phone = self.phone.map(|phone| phone.filter(|text| !text.trim().is_empty()));
        let phone = match phone {
            Some(Some(text)) => problems.take(Phone::parse("/phone", &text)).map(Some),
            Some(None) => Some(None),
            None => None,
        };
        let zone = self
            .time_zone
            .and_then(|zone| problems.take(time_zone("/time_zone", &zone)));
        problems.finish()?;
        Ok(ProfileChange {
            full_name: name,
            phone,
            time_zone: zone,
        })
    }
}

/// Change the own account
#[utoipa::path(
    patch, path = "/api/v1/me", operation_id = "changeMe", tag = "Accounts",
    request_body = MePatch,
    responses((status = 200, description = "The account as it is now", body = UserOut))
)]
pub async fn change(request: HttpRequest, principal: Principal, body: RawBody) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let change = body.json::<MePatch>()?.read().map_err(Problem::invalid)?;
    let user = if change == ProfileChange::default() {
        state.users.find(principal.user_id).await?
    } else {
        state
            .users
            .change_profile(principal.user_id, &change, state.clock.now())
            .await?
    };
    Ok(HttpResponse::Ok().json(UserOut::from(user)))
}
