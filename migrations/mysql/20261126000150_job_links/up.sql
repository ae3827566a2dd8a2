-- Secret addresses of jobs: hooks, heartbeats, badges. Rules as in the first migration.

CREATE TABLE IF NOT EXISTS job_links (
    secret_hash BINARY(16) NOT NULL COMMENT 'the first half of the SHA-256 of the secret',
    job_id BINARY(16) NOT NULL,
    user_id BINARY(16) NOT NULL,
    kind VARCHAR(16) NOT NULL,
    last4 VARCHAR(4) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    last_used_at DATETIME(6) NULL,
    -- LinkStore::resolve
    PRIMARY KEY (secret_hash),
    -- a job has one of each kind; LinkStore::find
    UNIQUE KEY idx_job_links_job (job_id, kind),
    CONSTRAINT job_links_job FOREIGN KEY (job_id) REFERENCES jobs (job_id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
