//! What an operation demands of an API key. Each handler says it in the type of its caller; the document says it in
//! `security`, and a test holds the two against each other for every operation.

use scheduler_domain::api_key::Scope;
use serde::Serialize;
use utoipa::ToSchema;

/// A demand: any of these scopes will do.
pub trait Need: 'static {
    /// The scopes.
    const ANY_OF: &'static [Scope];
}

macro_rules! needs {
    ($($(#[$doc:meta])* $name:ident: $($scope:ident)|+;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl Need for $name {
            const ANY_OF: &'static [Scope] = &[$(Scope::$scope),+];
        }
    )+};
}

needs! {
    /// To see jobs.
    JobsRead: JobsRead;
    /// To make and change jobs.
    JobsWrite: JobsWrite;
    /// To see runs.
    RunsRead: RunsRead;
    /// To start, cancel and repeat runs.
    RunsWrite: RunsWrite;
    /// To carry runs out.
    Work: Worker;
    /// To do anything with webhooks.
    Webhooks: WebhooksManage;
    /// To see the account.
    AccountRead: AccountRead;
    /// To hear of events: of jobs or of runs, whichever the key may see.
    Events: JobsRead | RunsRead;
}

/// What an API key may do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Scope)]
pub enum ScopeWord {
    #[serde(rename = "jobs:read")]
    JobsRead,
    #[serde(rename = "jobs:write")]
    JobsWrite,
    #[serde(rename = "runs:read")]
    RunsRead,
    #[serde(rename = "runs:write")]
    RunsWrite,
    #[serde(rename = "worker")]
    Worker,
    #[serde(rename = "webhooks:manage")]
    WebhooksManage,
    #[serde(rename = "account:read")]
    AccountRead,
}
