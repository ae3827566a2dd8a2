//! `GET /admin/configuration`: what this node was started with.

use actix_web::{HttpRequest, HttpResponse};
use scheduler_domain::page::Page;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    config::{Setting, Source},
    http::{auth::Admin, page, problem::Problem, query::Query},
    list_schema,
    state::State,
};

/// Where a value came from.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SettingSource {
    Flag,
    Environment,
    /// A file that an environment variable names (`SCHED_…_FILE`).
    SecretFile,
    /// The configuration file.
    File,
    Default,
}

/// A key of the configuration.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Setting)]
pub struct SettingOut {
    /// Its name in the configuration file.
    #[schema(example = "retention_days")]
    key: &'static str,
    /// The environment variable that sets it.
    #[schema(example = "SCHED_RETENTION_DAYS")]
    variable: String,
    /// What it does.
    description: &'static str,
    /// The value in force; null where nobody set it and there is no constant default.
    #[schema(required, example = "30")]
    value: Option<String>,
    /// What holds where `value` is null, in words.
    #[schema(required)]
    otherwise: Option<&'static str>,
    source: SettingSource,
    /// The variable or the file that it came from.
    #[schema(required)]
    place: Option<String>,
    /// Whether it can hold credentials; these are masked in `value`.
    secret: bool,
}

impl From<&Setting> for SettingOut {
    fn from(setting: &Setting) -> Self {
        let (source, place) = match &setting.source {
            Source::Flag => (SettingSource::Flag, None),
            Source::Environment(variable) => (SettingSource::Environment, Some(variable.clone())),
            Source::SecretFile(path) => (SettingSource::SecretFile, Some(path.display().to_string())),
            Source::File(path) => (SettingSource::File, Some(path.display().to_string())),
            Source::Default => (SettingSource::Default, None),
        };
        Self {
            key: setting.key.name,
            variable: setting.key.variable(),
            description: setting.key.help,
            value: setting.value.clone(),
            otherwise: setting.value.is_none().then_some(setting.key.default_note),
            source,
            place,
            secret: setting.key.secret,
        }
    }
}

list_schema!(
    /// Keys of the configuration, all on one page.
    SettingList,
    SettingOut
);

/// The effective configuration
///
/// Of the node that answers: every key with the value that it was started with and where that came from, as
/// `job-scheduler config print` shows them. Credentials are masked.
#[utoipa::path(
    get, path = "/api/v1/admin/configuration", operation_id = "getConfiguration", tag = "Administration",
    responses((status = 200, description = "Every key", body = SettingList))
)]
pub async fn handle(request: HttpRequest, _: Admin) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let data = State::of(&request).config.settings.iter().collect();
    let page = Page { data, next: None };
    Ok(page::answer(page, "configuration", SettingOut::from))
}
