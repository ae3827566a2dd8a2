-- How deliveries to each endpoint went, by the hour. Rules as in the first migration.

CREATE TABLE webhook_stats (
    webhook_id BLOB NOT NULL, -- no foreign key: it would lock the endpoint behind its deliveries, against the order of locks
    hour_at TEXT NOT NULL, -- the start of the hour
    delivered INTEGER NOT NULL, -- deliveries that were taken
    given_up INTEGER NOT NULL, -- deliveries that failed for good
    attempts INTEGER NOT NULL,
    failed_attempts INTEGER NOT NULL,
    durations TEXT NOT NULL, -- JSON: how many attempts took how many milliseconds
    last_success_at TEXT NULL,
    last_failure_at TEXT NULL,
    -- EndpointStore::statistics: the hours of one endpoint
    PRIMARY KEY (webhook_id, hour_at)
) WITHOUT ROWID;
-- DeliveryStore::delete_ended: hours that are over for long
CREATE INDEX idx_webhook_stats_hour ON webhook_stats (hour_at);
