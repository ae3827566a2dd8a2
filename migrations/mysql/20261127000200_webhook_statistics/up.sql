-- How deliveries to each endpoint went, by the hour. Rules as in the first migration.

CREATE TABLE IF NOT EXISTS webhook_stats (
    webhook_id BINARY(16) NOT NULL COMMENT 'no foreign key: it would lock the endpoint behind its deliveries, against the order of locks',
    hour_at DATETIME(6) NOT NULL COMMENT 'the start of the hour',
    delivered INT NOT NULL COMMENT 'deliveries that were taken',
    given_up INT NOT NULL COMMENT 'deliveries that failed for good',
    attempts INT NOT NULL,
    failed_attempts INT NOT NULL,
    durations TEXT NOT NULL COMMENT 'JSON: how many attempts took how many milliseconds',
    last_success_at DATETIME(6) NULL,
    last_failure_at DATETIME(6) NULL,
    -- EndpointStore::statistics: the hours of one endpoint
    PRIMARY KEY (webhook_id, hour_at),
    -- DeliveryStore::delete_ended: hours that are over for long
    INDEX idx_webhook_stats_hour (hour_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
