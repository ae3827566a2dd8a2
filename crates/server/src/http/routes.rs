//! Which address answers what.

use actix_web::{
    FromRequest, Handler, HttpResponse, Resource, Responder, Scope,
    guard::{Get, Head},
    web::{self, ServiceConfig},
};

use super::{
    accounts, admin, api_keys, audit_log, bulk, dashboard, docs, events, idempotency, jobs, links,
    middleware::accept_json,
    nodes, notices,
    operational::{self, mailbox, metrics},
    problem::Problem,
    queues, runs, schedules, sessions, static_files, users, webhooks, worker,
};
use crate::ws::session as websocket;

/// A resource under construction, which knows its methods so that it can name them.
struct At {
    resource: Resource,
    methods: Vec<&'static str>,
}

fn at(path: &str) -> At {
    At {
        resource: web::resource(path),
        methods: Vec::new(),
    }
}

macro_rules! method {
    ($name:ident, $word:literal) => {
        fn $name<F, Args>(mut self, handler: F) -> Self
        where
            F: Handler<Args>,
            Args: FromRequest + 'static,
            F::Output: Responder + 'static,
        {
            self.methods.push($word);
            self.resource = self.resource.route(web::$name().to(handler));
            self
        }
    };
}

impl At {
    fn get<F, Args>(mut self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.methods.push("GET, HEAD");
        let either = actix_web::guard::Any(Get()).or(Head());
        self.resource = self.resource.route(web::route().guard(either).to(handler));
        self
    }

    method!(post, "POST");
    method!(put, "PUT");
    method!(patch, "PATCH");
    method!(delete, "DELETE");

    /// Any other method is told which ones there are.
    fn done(self) -> Resource {
        let methods = self.methods.join(", ");
        self.resource.default_service(web::to(move || {
            let methods = methods.clone();
            async move { Err::<HttpResponse, _>(Problem::method_not_allowed(&methods)) }
        }))
    }
}

async fn nothing_here() -> Result<HttpResponse, Problem> {
    Err(Problem::not_found())
}

/// The routes of the documented API; they answer at the root and under `/api/v1`.
fn documented() -> Vec<Resource> {
    vec![
        at("/login").post(accounts::log_in::handle).done(),
        at("/verify-otp").post(accounts::verify_otp::handle).done(),
        at("/send-otp").post(accounts::send_otp::handle).done(),
        at("/signup").post(accounts::sign_up::handle).done(),
        at("/reset-password").post(accounts::reset_password::handle).done(),
        at("/logout").patch(accounts::log_out::handle).done(),
        at("/job/{id}").get(jobs::get::handle).done(),
        at("/jobs").get(jobs::list::handle).post(jobs::create::handle).done(),
        at("/run-job/{id}").post(jobs::run_job::handle).done(),
        at("/dashboard/customer").get(dashboard::customer).done(),
        at("/ws").get(websocket::open).done(),
    ]
}

fn canonical() -> Scope {
    let scope = documented().into_iter().fold(web::scope("/api/v1"), Scope::service);
    of_jobs(scope)
        .service(at("/me").get(accounts::me::get).patch(accounts::me::change).done())
        .service(
            at("/me/notices")
                .get(notices::defaults::get)
                .patch(notices::defaults::change)
                .done(),
        )
        .service(at("/notices").get(notices::list::handle).done())
        .service(at("/token/refresh").post(accounts::refresh::handle).done())
        .service(at("/setup").post(accounts::setup::handle).done())
        .service(at("/sessions").get(sessions::list).done())
        .service(at("/sessions/{id}").delete(sessions::end).done())
        .service(
            at("/api-keys")
                .get(api_keys::list::handle)
                .post(api_keys::create::handle)
                .done(),
        )
        .service(at("/api-keys/{id}").delete(api_keys::revoke::handle).done())
        .service(at("/audit-log").get(audit_log::handle).done())
        .service(at("/users").get(users::list).done())
        .service(at("/users/{id}").get(users::get).patch(users::change).done())
        .service(at("/schedules/preview").post(schedules::preview::handle).done())
        .service(at("/schedules/import").post(schedules::import::handle).done())
        .service(at("/runs").get(runs::list).done())
        .service(at("/runs/{id}").get(runs::get).done())
        .service(at("/runs/{id}/cancel").post(runs::cancel).done())
        .service(at("/runs/{id}/retry").post(runs::retry).done())
        .service(at("/runs/{id}/log").get(runs::log::read).done())
        .service(at("/worker/claim").post(worker::claim::handle).done())
        .service(at("/worker/runs/{id}/heartbeat").post(worker::heartbeat::handle).done())
        .service(at("/worker/runs/{id}/log").post(worker::log::handle).done())
        .service(at("/worker/runs/{id}/complete").post(worker::complete::handle).done())
        .service(at("/worker/runs/{id}/fail").post(worker::fail::handle).done())
        .service(at("/worker/runs/{id}/release").post(worker::release::handle).done())
        .service(at("/queues").get(queues::list).done())
        .service(at("/queues/{queue}").put(queues::limit).done())
        .service(at("/events").get(events::list).done())
        .service(at("/nodes").get(nodes::list).done())
        .service(at("/dashboard/admin").get(dashboard::admin::admin).done())
        .service(at("/admin/configuration").get(admin::configuration::handle).done())
        .service(at("/admin/mail-test").post(admin::mail_test::handle).done())
        .service(
            at("/webhooks")
                .get(webhooks::list::handle)
                .post(webhooks::create::handle)
                .done(),
        )
        .service(
            at("/webhooks/{id}")
                .get(webhooks::get::handle)
                .patch(webhooks::change::handle)
                .delete(webhooks::delete::handle)
                .done(),
        )
        .service(at("/webhooks/{id}/replay").post(webhooks::replay_range::handle).done())
        .service(at("/webhooks/{id}/statistics").get(webhooks::statistics::handle).done())
        .service(at("/webhooks/{id}/test").post(webhooks::test::handle).done())
        .service(
            at("/webhooks/{id}/rotate-secret")
                .post(webhooks::rotate_secret::handle)
                .done(),
        )
        .service(at("/webhooks/{id}/deliveries").get(webhooks::deliveries::handle).done())
        .service(at("/deliveries/{id}").get(webhooks::get_delivery::handle).done())
        .service(at("/deliveries/{id}/replay").post(webhooks::replay::handle).done())
        .service(at("/meta").get(operational::meta).done())
        .default_service(web::to(nothing_here))
}

/// Jobs, one and many.
fn of_jobs(scope: Scope) -> Scope {
    scope
        .service(at("/jobs/counts").get(jobs::counts::handle).done())
        .service(at("/jobs/batch").post(jobs::batch::handle).done())
        .service(
            at("/jobs/{id}")
                .get(jobs::get::handle)
                .patch(jobs::change::handle)
                .delete(jobs::delete::handle)
                .done(),
        )
        .service(
            at("/jobs/{id}/runs")
                .get(jobs::runs::list)
                .post(jobs::runs::start)
                .done(),
        )
        .service(at("/jobs/{id}/cadence").get(jobs::cadence::handle).done())
        .service(at("/jobs/{id}/notices").get(notices::of_job::handle).done())
        .service(at("/jobs/{id}/events").get(jobs::events::list).done())
        .service(
            at("/jobs/{id}/inbound")
                .get(links::manage::inbound::get)
                .post(links::manage::inbound::make)
                .delete(links::manage::inbound::revoke)
                .done(),
        )
        .service(
            at("/jobs/{id}/heartbeat")
                .get(links::manage::heartbeat::get)
                .post(links::manage::heartbeat::make)
                .delete(links::manage::heartbeat::revoke)
                .done(),
        )
        .service(
            at("/jobs/{id}/badge")
                .get(links::manage::badge::get)
                .post(links::manage::badge::make)
                .delete(links::manage::badge::revoke)
                .done(),
        )
        .service(at("/jobs/{id}/pause").post(jobs::pause::pause).done())
        .service(at("/jobs/{id}/resume").post(jobs::pause::resume).done())
        .service(at("/jobs/{id}/duplicate").post(jobs::duplicate::handle).done())
        .service(at("/jobs/{id}/backfill").post(jobs::backfill::handle).done())
        .service(at("/jobs/{id}/occurrences").get(jobs::occurrences::list).done())
        .service(
            at("/bulk-operations")
                .get(bulk::list::handle)
                .post(bulk::create::handle)
                .done(),
        )
        .service(at("/bulk-operations/{id}").get(bulk::get::handle).done())
        .service(at("/bulk-operations/{id}/abort").post(bulk::abort::handle).done())
}

/// What strangers reach with a secret address: at the root, where the addresses that are handed out lead, and under
/// `/api/v1`. They answer whatever kind of answer is asked for: a picture is asked for as one.
fn secret_addresses(prefix: &str) -> Vec<Resource> {
    let at = |path: &str| at(&format!("{prefix}{path}"));
    vec![
        at("/hooks/{secret}").post(links::hook::handle).done(),
        at("/heartbeats/{secret}")
            .get(links::ping::get)
            .post(links::ping::handle)
            .done(),
        at("/badges/{secret}.svg").get(links::badge::svg).done(),
        at("/badges/{secret}.json").get(links::badge::json).done(),
    ]
}

/// Every route.
pub fn configure(config: &mut ServiceConfig) {
    let once = || actix_web::middleware::from_fn(idempotency::once);
    for resource in secret_addresses("/api/v1").into_iter().chain(secret_addresses("")) {
        config.service(resource.wrap(once()));
    }
    config.service(
        canonical()
            .wrap(once())
            .wrap(actix_web::middleware::from_fn(accept_json)),
    );
    for resource in documented() {
        config.service(resource.wrap(once()).wrap(actix_web::middleware::from_fn(accept_json)));
    }
    // At the root only what was documented answers: PATCH /me is under /api/v1.
    let me = at("/me").get(accounts::me::get).done();
    config
        .service(me.wrap(actix_web::middleware::from_fn(accept_json)))
        .service(at("/healthz").get(operational::healthz).done())
        .service(at("/readyz").get(operational::readyz).done())
        .service(at("/metrics").get(metrics::metrics).done())
        .service(at("/openapi.json").get(docs::openapi_json).done())
        .service(at("/asyncapi.yaml").get(docs::asyncapi).done())
        .service(at("/docs").get(docs::home).done())
        .service(at("/docs/preview").post(docs::preview::handle).done())
        .service(at("/docs/{name}").get(docs::page).done())
        .service(at("/dev/mailbox").get(mailbox::page).done())
        .service(at("/dev/mailbox.json").get(mailbox::json_list).done())
        .service(at("/dev/mailbox/{id}/html").get(mailbox::html).done())
        .service(at("/").get(static_files::to_dashboard).done())
        .service(at("/app").get(static_files::to_dashboard).done())
        .service(at("/app/{path:.*}").get(static_files::serve).done())
        .default_service(web::to(nothing_here));
}
