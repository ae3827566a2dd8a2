-- The same thing done to many jobs, in the background, a batch at a time. Rules as in the first migration.

CREATE TABLE IF NOT EXISTS bulk_operations (
    bulk_operation_id BINARY(16) NOT NULL,
    user_id BINARY(16) NOT NULL,
    action VARCHAR(16) NOT NULL,
    params MEDIUMTEXT NOT NULL COMMENT 'JSON',
    target MEDIUMTEXT NOT NULL COMMENT 'JSON: ids, or a filter',
    status VARCHAR(16) NOT NULL,
    matched INT NOT NULL,
    matched_exactly BOOLEAN NOT NULL,
    done INT NOT NULL DEFAULT 0,
    failed INT NOT NULL DEFAULT 0,
    errors MEDIUMTEXT NOT NULL COMMENT 'JSON: the first that failed',
    after_key VARCHAR(200) NULL COMMENT 'JSON: the last job that was handled',
    created_at DATETIME(6) NOT NULL,
    finished_at DATETIME(6) NULL,
    lease_token BINARY(16) NULL COMMENT 'of the node that handles a batch now',
    lease_until DATETIME(6) NULL COMMENT 'when the next batch may be taken; NULL once it has ended',
    PRIMARY KEY (bulk_operation_id),
    -- BulkStore::list
    KEY idx_bulk_owner (user_id, created_at, bulk_operation_id),
    -- BulkStore::claim
    KEY idx_bulk_open (lease_until),
    -- BulkStore::insert: how many of a user are open
    KEY idx_bulk_open_owner (user_id, lease_until),
    -- retention
    KEY idx_bulk_age (finished_at),
    CONSTRAINT bulk_operations_owner FOREIGN KEY (user_id) REFERENCES users (user_id),
    CONSTRAINT bulk_operations_ended CHECK ((finished_at IS NULL) = (lease_until IS NOT NULL))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
