-- Secret addresses of jobs: hooks, heartbeats, badges. Rules as in the first migration.

CREATE TABLE job_links (
    secret_hash BLOB NOT NULL, -- the first half of the SHA-256 of the secret
    job_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    last4 TEXT NOT NULL,
    created_at TEXT NOT NULL,
    last_used_at TEXT NULL,
    -- LinkStore::resolve
    PRIMARY KEY (secret_hash),
    CONSTRAINT job_links_job FOREIGN KEY (job_id) REFERENCES jobs (job_id) ON DELETE CASCADE
) WITHOUT ROWID;
-- a job has one of each kind; LinkStore::find
CREATE UNIQUE INDEX idx_job_links_job ON job_links (job_id, kind);
