//! Which command makes which call of the API: an operation that is new is given a command, or a reason for having none.

use super::Arguments;
use clap::Parser;
use serde_json::Value;
use std::collections::BTreeSet;

/// Operations, and a command that makes them.
const COMMANDS: &[(&str, &str)] = &[
    ("getMe", "jobs account show"),
    ("changeMe", "jobs account set --time-zone Europe/Vienna"),
    ("getConfiguration", "jobs admin config"),
    ("getAdminDashboard", "jobs admin engine"),
    ("testMail", "jobs admin mail-test"),
    ("listNodes", "jobs admin nodes"),
    ("listUsers", "jobs admin users list"),
    ("getUser", "jobs admin users show USER"),
    ("changeUser", "jobs admin users set USER --role admin"),
    ("createJobs", "jobs apply FILE"),
    ("listAuditLog", "jobs audit"),
    ("backfillJob", "jobs backfill JOB --from 2d"),
    ("listBulkOperations", "jobs bulk list"),
    ("createBulkOperation", "jobs bulk pause --every"),
    ("getBulkOperation", "jobs bulk show OPERATION"),
    ("abortBulkOperation", "jobs bulk abort OPERATION"),
    ("getCadenceOfJob", "jobs cadence JOB"),
    ("createJob", "jobs create Report"),
    ("importCrontab", "jobs crontab import FILE"),
    ("deleteJob", "jobs delete JOB"),
    ("duplicateJob", "jobs duplicate JOB"),
    ("changeJob", "jobs edit JOB"),
    ("listEvents", "jobs events"),
    ("listEventsOfJob", "jobs events JOB"),
    ("listApiKeys", "jobs keys list"),
    ("createApiKey", "jobs keys create NAME --scope jobs:read"),
    ("revokeApiKey", "jobs keys revoke KEY"),
    ("getInboundOfJob", "jobs links list JOB"),
    ("getHeartbeatOfJob", "jobs links list JOB"),
    ("getBadgeOfJob", "jobs links list JOB"),
    ("makeInboundOfJob", "jobs links create JOB inbound"),
    ("makeHeartbeatOfJob", "jobs links create JOB heartbeat"),
    ("makeBadgeOfJob", "jobs links create JOB badge"),
    ("revokeInboundOfJob", "jobs links revoke JOB inbound"),
    ("revokeHeartbeatOfJob", "jobs links revoke JOB heartbeat"),
    ("revokeBadgeOfJob", "jobs links revoke JOB badge"),
    ("listJobs", "jobs list"),
    ("logIn", "jobs login"),
    ("sendOtp", "jobs login"),
    ("verifyOtp", "jobs login"),
    ("logOut", "jobs logout"),
    ("readRunLog", "jobs logs RUN"),
    ("listNotices", "jobs notices list"),
    ("getNoticeDefaults", "jobs notices show"),
    ("getNoticesOfJob", "jobs notices show JOB"),
    ("changeNoticeDefaults", "jobs notices set --on late"),
    ("listOccurrencesOfJob", "jobs occurrences JOB"),
    ("getCustomerDashboard", "jobs overview"),
    ("pauseJob", "jobs pause JOB"),
    ("listQueues", "jobs queues list"),
    ("limitQueue", "jobs queues limit QUEUE 4"),
    ("resumeJob", "jobs resume JOB"),
    ("startRun", "jobs run JOB"),
    ("listRuns", "jobs runs list"),
    ("listRunsOfJob", "jobs runs list --job JOB"),
    ("getRun", "jobs runs show RUN"),
    ("cancelRun", "jobs runs cancel RUN"),
    ("retryRun", "jobs runs retry RUN"),
    ("previewSchedule", "jobs schedule preview --every 5m"),
    ("listSessions", "jobs sessions list"),
    ("endSession", "jobs sessions end SESSION"),
    ("getJob", "jobs show JOB"),
    ("listWebhooks", "jobs webhooks list"),
    ("createWebhook", "jobs webhooks create https://example.com/"),
    ("getWebhook", "jobs webhooks show WEBHOOK"),
    ("changeWebhook", "jobs webhooks edit WEBHOOK --enable"),
    ("deleteWebhook", "jobs webhooks delete WEBHOOK"),
    ("testWebhook", "jobs webhooks test WEBHOOK"),
    ("rotateWebhookSecret", "jobs webhooks rotate-secret WEBHOOK"),
    ("getWebhookStatistics", "jobs webhooks stats WEBHOOK"),
    ("listDeliveries", "jobs webhooks deliveries WEBHOOK"),
    ("getDelivery", "jobs webhooks delivery DELIVERY"),
    ("replayDelivery", "jobs webhooks replay DELIVERY"),
    ("replayDeliveries", "jobs webhooks replay --webhook WEBHOOK --from 2h"),
    ("claimRuns", "jobs worker --queue reports -- true"),
    ("completeRun", "jobs worker --queue reports -- true"),
    ("failRun", "jobs worker --queue reports -- true"),
    ("heartbeat", "jobs worker --queue reports -- true"),
    ("logLines", "jobs worker --queue reports -- true"),
    ("releaseRun", "jobs worker --queue reports -- true"),
];

/// Operations that no command makes, and why.
const NONE: &[(&str, &str)] = &[
    ("getJobDocumented", "getJob at its other address"),
    ("runJob", "startRun and cancelRun at another address"),
    ("countJobs", "jobs overview has the same numbers"),
    ("getBadge", "public: curl"),
    ("getBadgePicture", "public: a browser"),
    ("ping", "public: curl"),
    ("pingByGet", "public: curl"),
    ("callHook", "public: curl"),
    ("getHealth", "for the operator: job-scheduler healthcheck"),
    ("getReadiness", "for the operator: job-scheduler healthcheck"),
    ("getMetrics", "for Prometheus"),
    ("getMeta", "for the dashboard, before a log-in"),
    (
        "signUp",
        "where a password is chosen, people are better off with the dashboard",
    ),
    ("resetPassword", "as signUp"),
    ("setUp", "as signUp; or job-scheduler admin create"),
    ("refreshTokens", "every command, when its token is old"),
];

#[test]
fn every_operation_has_a_command_or_a_reason() {
    let document: Value = serde_json::from_str(include_str!("../../../../openapi.json")).unwrap();
    let paths = document["paths"].as_object().unwrap().values();
    let operations: BTreeSet<&str> = paths
        .flat_map(|path| path.as_object().unwrap().values())
        .filter_map(|operation| operation["operationId"].as_str())
        .collect();
    let known: Vec<&str> = COMMANDS.iter().chain(NONE).map(|(operation, _)| *operation).collect();
    let unique: BTreeSet<&str> = known.iter().copied().collect();
    assert_eq!(unique, operations);
    assert_eq!(unique.len(), known.len(), "an operation is here twice");
    for (operation, line) in COMMANDS {
        if let Err(error) = Arguments::try_parse_from(line.split(' ')) {
            panic!("{operation}: {line}: {error}");
        }
    }
}
