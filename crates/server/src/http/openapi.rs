//! The OpenAPI 3.1 document, made from the handlers.

mod examples;
mod problems;

use scheduler_domain::{api_key::Scope, page::Limit, user::Word};
use serde_json::Value;
use std::sync::OnceLock;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        ContentBuilder, KnownFormat, ObjectBuilder, Ref, RefOr, Required, ResponseBuilder, SchemaFormat, Type,
        path::{Parameter, ParameterBuilder, ParameterIn},
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use super::{
    accounts, admin, api_keys, audit_log, bulk, dashboard, events, idempotency, jobs, links, nodes, notices,
    operational, problem, queues, runs, schedules, sessions, users, webhooks, worker,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Job Scheduler API",
        description = "Jobs that run when they should, and everybody who cares is told at once.\n\n\
            Log in with `/login` and `/verify-otp`, then send the access token as `Authorization: Bearer …`; or send an API \
            key (`jsk_…`) in its place, wherever an operation lists the scope that the key needs. \
            Times are RFC 3339 in UTC. Unknown fields and parameters are refused. Every failure is `application/problem+json`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    paths(
        accounts::sign_up::handle, accounts::log_in::handle, accounts::send_otp::handle, accounts::verify_otp::handle,
        accounts::reset_password::handle, accounts::log_out::handle, accounts::refresh::handle, accounts::setup::handle,
        accounts::me::get, accounts::me::change, sessions::list, sessions::end,
        jobs::create::handle, jobs::batch::handle, jobs::list::handle, jobs::counts::handle, jobs::get::handle, jobs::get::documented,
        jobs::change::handle, jobs::delete::handle, jobs::duplicate::handle, jobs::events::list, jobs::cadence::handle,
        jobs::pause::pause, jobs::pause::resume, jobs::backfill::handle, jobs::occurrences::list,
        bulk::create::handle, bulk::list::handle, bulk::get::handle, bulk::abort::handle,
        links::manage::inbound::get, links::manage::inbound::make, links::manage::inbound::revoke,
        links::manage::heartbeat::get, links::manage::heartbeat::make, links::manage::heartbeat::revoke,
        links::manage::badge::get, links::manage::badge::make, links::manage::badge::revoke,
        links::hook::handle, links::ping::handle, links::ping::get, links::badge::svg, links::badge::json,
        schedules::preview::handle, schedules::import::handle,
        jobs::run_job::handle, jobs::runs::list, jobs::runs::start, runs::list, runs::get, runs::cancel, runs::retry,
        runs::log::read, worker::claim::handle, worker::heartbeat::handle, worker::log::handle,
        worker::complete::handle, worker::fail::handle, worker::release::handle, queues::list, queues::limit,
        notices::defaults::get, notices::defaults::change, notices::of_job::handle, notices::list::handle,
        events::list, dashboard::customer, dashboard::admin::admin, nodes::list,
        api_keys::create::handle, api_keys::list::handle, api_keys::revoke::handle,
        audit_log::handle,
        users::list, users::get, users::change, admin::configuration::handle, admin::mail_test::handle,
        webhooks::create::handle, webhooks::list::handle, webhooks::get::handle, webhooks::change::handle,
        webhooks::delete::handle, webhooks::test::handle, webhooks::rotate_secret::handle, webhooks::deliveries::handle,
        webhooks::get_delivery::handle, webhooks::replay::handle, webhooks::replay_range::handle,
        webhooks::statistics::handle,
        operational::healthz, operational::readyz, operational::metrics::metrics, operational::meta,
    ),
    components(schemas(problem::Problem, audit_log::export::Format, runs::dto::ReasonWord)),
    tags(
        (name = "Accounts", description = "Sign-up, two-factor log-in, sessions"),
        (name = "API keys", description = "For programs, in the place of a log-in"),
        (name = "Jobs", description = "What should be done"),
        (name = "Bulk operations", description = "The same thing done to many jobs"),
        (name = "Schedules", description = "When jobs run by themselves, and what became of it"),
        (name = "Links", description = "Secret addresses: hooks, heartbeats, badges"),
        (name = "Runs", description = "Executions of jobs"),
        (name = "Workers", description = "Programs of yours that carry runs out"),
        (name = "Events", description = "What happened"),
        (name = "Notices", description = "Who is told when jobs fail, and when they work again"),
        (name = "Webhooks", description = "Telling other systems"),
        (name = "Dashboard", description = "Numbers"),
        (name = "Administration", description = "For administrators"),
        (name = "Operation", description = "Health of the server"),
    ),
    security(("bearer" = [])),
    modifiers(&Conventions)
)]
struct Api;

/// Operations that carry on without a body; a derived description says of every body that it is required.
const BODY_IS_OPTIONAL: &[&str] = &[
    "callHook",
    "pauseJob",
    "refreshTokens",
    "runJob",
    "startRun",
    "testMail",
];

/// What holds for every operation: bearer tokens, and problems as the answer to every failure.
struct Conventions;

impl Modify for Conventions {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let bearer = |format: &str, description: String| {
            let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format(format);
            SecurityScheme::Http(scheme.description(Some(description)).build())
        };
        let log_in = "The access token of a log-in. It may do everything that its user may.";
        components.add_security_scheme("bearer", bearer("JWT", log_in.to_owned()));
        let key = format!(
            "An API key. Operations list the scope that it needs; where none is listed, only a log-in will do. Scopes: {}.",
            Scope::words().join(", ")
        );
        components.add_security_scheme("api_key", bearer("jsk_…", key));
        for (address, path) in &mut openapi.paths.paths {
            if let Some(operation) = path.post.as_mut().filter(|_| idempotency::applies_to(address)) {
                operation
                    .parameters
                    .get_or_insert_default()
                    .push(RefOr::T(idempotency_key()));
            }
            let operations = [
                &mut path.get,
                &mut path.post,
                &mut path.put,
                &mut path.patch,
                &mut path.delete,
            ];
            for operation in operations.into_iter().flatten() {
                let parameters = operation.parameters.iter_mut().flatten();
                parameters.for_each(state_rules);
                let id = operation.operation_id.as_deref().unwrap_or_default();
                if let Some(RefOr::T(body)) = operation
                    .request_body
                    .as_mut()
                    .filter(|_| BODY_IS_OPTIONAL.contains(&id))
                {
                    body.required = Some(Required::False);
                }
                let problem = ContentBuilder::new()
                    .schema(Some(RefOr::Ref(Ref::from_schema_name("Problem"))))
                    .build();
                let failure = ResponseBuilder::new()
                    .description("A problem; `code` says which")
                    .content("application/problem+json", problem)
                    .build();
                operation
                    .responses
                    .responses
                    .insert("default".to_owned(), RefOr::T(failure));
            }
        }
    }
}

/// What holds for parameters of the same name everywhere; types alone do not say it.
fn state_rules(parameter: &mut RefOr<Parameter>) {
    let RefOr::T(parameter) = parameter else { return };
    let rules = match parameter.name.as_str() {
        "limit" => ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1))
            .maximum(Some(Limit::MAX))
            .default(Some(Limit::DEFAULT.get().into())),
        "after" => ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)),
        "created_after" | "created_before" => ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))),
        "cursor" | "since" => ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)),
        "window" => ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(["1h", "24h", "7d"])),
        "If-Match" => ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(r#"^(\*|"[0-9]{1,18}(-[^"]*)?")$"#)),
        _ => return,
    };
    parameter.schema = Some(rules.into());
}

/// The header that POST requests may have.
fn idempotency_key() -> Parameter {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(255))
        .pattern(Some("^[!-~]+$"));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "1 to 255 visible ASCII characters, new for each request. Repeated with the same body within 24 hours, the \
             request is not carried out again: the answer is the first one, with `Idempotent-Replayed: true`. 409 \
             `idempotency_in_progress` while the first is under way, 422 `idempotency_mismatch` with another body.",
        ))
        .schema(Some(text))
        .build()
}

/// The document.
pub fn document() -> Value {
    let mut document = serde_json::to_value(Api::openapi()).unwrap_or_default();
    problems::describe(&mut document);
    examples::add(&mut document);
    document
}

/// The document as text, made once.
pub fn text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| serde_json::to_string_pretty(&document()).unwrap_or_default() + "\n")
}
