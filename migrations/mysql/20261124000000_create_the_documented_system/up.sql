-- Rules for every table: ids are UUIDv7 made by the program, BINARY(16); instants are UTC with microseconds; JSON is
-- opaque text (never the JSON type: it would rewrite numbers); what is filtered or sorted by is a column; text compares
-- byte by byte. The twin of this file in ../../sqlite has the same names and meanings. MySQL does not undo a migration that
-- was cut short, so every statement can be run again.

-- Accounts.
CREATE TABLE IF NOT EXISTS users (
    user_id BINARY(16) NOT NULL,
    full_name VARCHAR(400) NOT NULL,
    email VARCHAR(254) NOT NULL COMMENT 'lower case: the one spelling under which the account is found',
    password VARCHAR(255) NOT NULL COMMENT 'a hash, never the password',
    role VARCHAR(16) NOT NULL,
    last_login DATETIME(6) NULL,
    status VARCHAR(16) NOT NULL,
    is_active BOOLEAN NOT NULL COMMENT 'status = Active, as the documented table has it',
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    phone VARCHAR(20) NULL,
    time_zone VARCHAR(64) NOT NULL,
    email_verified_at DATETIME(6) NULL,
    search_key VARCHAR(1000) NOT NULL COMMENT 'name and address in lower case, for the search of administrators',
    PRIMARY KEY (user_id),
    -- UserStore::find_by_email, and of two sign-ups at once only one wins
    UNIQUE KEY idx_users_email (email),
    -- UserStore::find_by_phone
    KEY idx_users_phone (phone),
    -- UserStore::has_admin
    KEY idx_users_role (role, status),
    CONSTRAINT users_active CHECK (is_active = (status = 'Active'))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- One row per user: the counter of their event stream, and what would otherwise be counted over history. Whoever emits
-- events locks this row last, so that numbers have no gaps and follow the order of commits.
CREATE TABLE IF NOT EXISTS user_streams (
    user_id BINARY(16) NOT NULL,
    last_seq BIGINT NOT NULL COMMENT 'number of the newest event',
    pruned_seq BIGINT NOT NULL COMMENT 'number of the newest event that retention has deleted',
    jobs_pending BIGINT NOT NULL,
    jobs_running BIGINT NOT NULL,
    jobs_completed BIGINT NOT NULL,
    jobs_failed BIGINT NOT NULL,
    jobs_cancelled BIGINT NOT NULL,
    endpoints INT NOT NULL COMMENT 'enabled webhook endpoints; 0 spares the look at them',
    PRIMARY KEY (user_id),
    CONSTRAINT user_streams_counts CHECK (last_seq >= pruned_seq AND jobs_pending >= 0 AND jobs_running >= 0
        AND jobs_completed >= 0 AND jobs_failed >= 0 AND jobs_cancelled >= 0 AND endpoints >= 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- One-time codes and the challenges that they answer.
CREATE TABLE IF NOT EXISTS manage_otp (
    id BINARY(16) NOT NULL,
    otp VARCHAR(64) NOT NULL COMMENT 'a keyed hash, never the code',
    created_by BINARY(16) NULL COMMENT 'the user; NULL for a decoy, which no code answers',
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    purpose VARCHAR(16) NOT NULL,
    channel VARCHAR(8) NOT NULL,
    challenge VARCHAR(32) NOT NULL COMMENT 'random; the client holds it',
    attempts INT NOT NULL,
    sent_at DATETIME(6) NOT NULL,
    expires_at DATETIME(6) NOT NULL,
    consumed_at DATETIME(6) NULL,
    pending TEXT NULL COMMENT 'JSON: what a sign-up wants to become',
    PRIMARY KEY (id),
    -- OtpStore::find_live, take_try
    UNIQUE KEY idx_manage_otp_challenge (challenge),
    -- OtpStore::insert and redeem: end the other challenges of the user
    KEY idx_manage_otp_user (created_by, purpose),
    -- OtpStore::delete_expired
    KEY idx_manage_otp_expires (expires_at),
    KEY idx_manage_otp_consumed (consumed_at),
    CONSTRAINT manage_otp_tries CHECK (attempts BETWEEN 0 AND 5)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Log-ins.
CREATE TABLE IF NOT EXISTS sessions (
    session_id BINARY(16) NOT NULL,
    user_id BINARY(16) NOT NULL,
    nonce BINARY(16) NOT NULL,
    generation INT NOT NULL COMMENT 'number of the current refresh token',
    rotated_at DATETIME(6) NOT NULL,
    grace_used BOOLEAN NOT NULL,
    created_at DATETIME(6) NOT NULL,
    last_used_at DATETIME(6) NOT NULL,
    expires_at DATETIME(6) NOT NULL,
    user_agent VARCHAR(300) NULL,
    ip VARCHAR(64) NULL,
    ended_at DATETIME(6) NULL,
    end_reason VARCHAR(16) NULL,
    PRIMARY KEY (session_id),
    -- SessionStore::list, and the end of all sessions of a user
    KEY idx_sessions_user (user_id, created_at, session_id),
    -- SessionStore::delete_ended
    KEY idx_sessions_expires (expires_at),
    KEY idx_sessions_ended (ended_at),
    CONSTRAINT sessions_end CHECK ((ended_at IS NULL) = (end_reason IS NULL))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- What should be done. Every list is of one owner and without the deleted, so every index starts with these two.
CREATE TABLE IF NOT EXISTS jobs (
    job_id BINARY(16) NOT NULL,
    job_name VARCHAR(200) NOT NULL,
    priority VARCHAR(16) NOT NULL,
    description TEXT NULL,
    payload MEDIUMTEXT NULL COMMENT 'JSON',
    status VARCHAR(16) NOT NULL COMMENT 'that of the latest run',
    completed_at DATETIME(6) NULL,
    created_by BINARY(16) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    executor MEDIUMTEXT NOT NULL COMMENT 'JSON',
    schedule TEXT NULL COMMENT 'JSON',
    retry TEXT NOT NULL COMMENT 'JSON',
    timeout_seconds INT NULL,
    overlap VARCHAR(16) NOT NULL,
    catch_up TEXT NOT NULL COMMENT 'JSON',
    next_run_at DATETIME(6) NULL,
    paused_at DATETIME(6) NULL,
    version BIGINT NOT NULL,
    tags TEXT NOT NULL COMMENT 'JSON; job_tags is what is searched',
    external_id VARCHAR(200) NULL,
    deleted_at DATETIME(6) NULL,
    last_run_id BINARY(16) NULL,
    active_runs INT NOT NULL COMMENT 'runs that have not ended',
    waiting_runs INT NOT NULL COMMENT 'those of them that wait behind another (overlap queue)',
    name_key VARCHAR(400) NOT NULL COMMENT 'the name in lower case, for sorting',
    search_key MEDIUMTEXT NOT NULL COMMENT 'name and description in lower case, for searching',
    PRIMARY KEY (job_id),
    -- JobStore::list by priority; the documented index, led by what every list is restricted to
    KEY idx_priority (created_by, deleted_at, priority, created_at, job_id),
    -- JobStore::list by status; the documented index, led likewise
    KEY idx_status (created_by, deleted_at, status, created_at, job_id),
    -- JobStore::list by age, change and name
    KEY idx_jobs_created (created_by, deleted_at, created_at, job_id),
    KEY idx_jobs_updated (created_by, deleted_at, updated_at, job_id),
    KEY idx_jobs_name (created_by, deleted_at, name_key, job_id),
    -- one job per external id of an owner
    UNIQUE KEY idx_jobs_external_id (created_by, external_id),
    -- RunQueue::delete_ended: deleted jobs
    KEY idx_jobs_deleted (deleted_at),
    CONSTRAINT jobs_owner FOREIGN KEY (created_by) REFERENCES users (user_id),
    CONSTRAINT jobs_active CHECK (active_runs >= 0 AND waiting_runs >= 0 AND waiting_runs <= active_runs)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- The tags of jobs, to find jobs by.
CREATE TABLE IF NOT EXISTS job_tags (
    created_by BINARY(16) NOT NULL,
    tag VARCHAR(50) NOT NULL,
    job_id BINARY(16) NOT NULL,
    -- JobStore::list by tag
    PRIMARY KEY (created_by, tag, job_id),
    -- JobStore::update, delete
    KEY idx_job_tags_job (job_id),
    CONSTRAINT job_tags_job FOREIGN KEY (job_id) REFERENCES jobs (job_id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Executions of jobs. Four columns are set only while they matter (claim_key, lease_until, retry_at, active_job_id), so
-- that their indexes hold the few runs under way on one side and history, as NULL, on the other.
CREATE TABLE IF NOT EXISTS runs (
    run_id BINARY(16) NOT NULL,
    job_id BINARY(16) NOT NULL,
    user_id BINARY(16) NOT NULL,
    job_name VARCHAR(200) NOT NULL,
    status VARCHAR(16) NOT NULL,
    reason VARCHAR(24) NULL,
    trigger_type VARCHAR(16) NOT NULL,
    planned_at DATETIME(6) NULL,
    trigger_run_id BINARY(16) NULL,
    trigger_user_id BINARY(16) NULL,
    attempt INT NOT NULL,
    max_attempts INT NOT NULL,
    crashes INT NOT NULL,
    payload MEDIUMTEXT NULL COMMENT 'JSON, only where it is not the payload of the job',
    progress INT NULL,
    result MEDIUMTEXT NULL COMMENT 'JSON',
    error_code VARCHAR(64) NULL,
    error_message TEXT NULL,
    created_at DATETIME(6) NOT NULL,
    started_at DATETIME(6) NULL,
    finished_at DATETIME(6) NULL,
    retry_at DATETIME(6) NULL,
    cancel_requested_at DATETIME(6) NULL,
    lease_token BINARY(16) NULL,
    lease_until DATETIME(6) NULL,
    node_id BINARY(16) NULL,
    claim_key BIGINT NULL COMMENT 'Priority::claim_key while the run may be claimed; NULL while it waits behind another',
    attempts MEDIUMTEXT NOT NULL COMMENT 'JSON: the attempts that have ended',
    active_job_id BINARY(16) NULL COMMENT 'job_id until the run has ended',
    -- also RunQueue::delete_ended, which walks along this key: it grows with time
    PRIMARY KEY (run_id),
    -- RunQueue::claim: the order of the claim, without a sort
    KEY idx_runs_claim (claim_key, run_id),
    -- RunQueue::reap, free_leases_of
    KEY idx_runs_lease (lease_until),
    -- RunQueue::queue_due_retries, next_retry_at
    KEY idx_runs_retry (retry_at),
    -- the runs of a job that have not ended, and the next of them that waits
    KEY idx_runs_active (active_job_id, created_at, run_id),
    -- RunHistory::list_runs of a job. Ordered by age, not by id alone: a planner would rather walk along the primary key
    -- through the runs of everybody until the page is full
    KEY idx_runs_job (job_id, created_at, run_id),
    -- RunHistory::list_runs of a user
    KEY idx_runs_user (user_id, created_at, run_id),
    -- RunHistory::list_runs by status
    KEY idx_runs_status (user_id, status, created_at, run_id),
    -- RunHistory::recent_durations, from the index alone
    KEY idx_runs_ended (user_id, finished_at, status, started_at),
    CONSTRAINT runs_job FOREIGN KEY (job_id) REFERENCES jobs (job_id),
    CONSTRAINT runs_ended CHECK ((finished_at IS NOT NULL) = (status IN ('Completed', 'Failed', 'Cancelled'))),
    CONSTRAINT runs_active CHECK ((active_job_id IS NULL) = (finished_at IS NOT NULL)),
    CONSTRAINT runs_leased CHECK ((lease_token IS NOT NULL) = (status = 'Running')
        AND (lease_until IS NOT NULL) = (status = 'Running')),
    CONSTRAINT runs_retrying CHECK ((retry_at IS NOT NULL) = (status = 'Retrying')),
    CONSTRAINT runs_claimable CHECK (claim_key IS NULL OR status = 'Queued'),
    CONSTRAINT runs_crashes CHECK (crashes >= 0 AND attempt >= 0 AND max_attempts >= 1)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Facts, one stream per user.
CREATE TABLE IF NOT EXISTS events (
    user_id BINARY(16) NOT NULL,
    seq BIGINT NOT NULL COMMENT 'without gaps, in the order of commits',
    event_id BINARY(16) NOT NULL,
    type VARCHAR(32) NOT NULL,
    occurred_at DATETIME(6) NOT NULL,
    job_id BINARY(16) NULL,
    run_id BINARY(16) NULL,
    data MEDIUMTEXT NOT NULL COMMENT 'JSON, sent as it is',
    -- EventStore::read_after
    PRIMARY KEY (user_id, seq),
    -- EventStore::job_events
    KEY idx_events_job (job_id, seq),
    -- EventStore::delete_events
    KEY idx_events_age (occurred_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- How many runs ended in each minute and hour, written in the transaction that ends them.
CREATE TABLE IF NOT EXISTS run_stats (
    user_id BINARY(16) NOT NULL,
    grain_seconds INT NOT NULL,
    bucket_at DATETIME(6) NOT NULL,
    completed BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    cancelled BIGINT NOT NULL,
    -- RunHistory::results
    PRIMARY KEY (user_id, grain_seconds, bucket_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Where events are sent.
CREATE TABLE IF NOT EXISTS webhook_endpoints (
    webhook_id BINARY(16) NOT NULL,
    user_id BINARY(16) NOT NULL,
    url TEXT NOT NULL,
    types TEXT NOT NULL COMMENT 'JSON list of words; "*" is all but those that must be named',
    description TEXT NULL,
    sealed_headers MEDIUMTEXT NULL COMMENT 'encrypted JSON',
    secrets TEXT NOT NULL COMMENT 'JSON; each secret is encrypted',
    enabled BOOLEAN NOT NULL,
    disabled_reason TEXT NULL,
    failing_since DATETIME(6) NULL,
    version BIGINT NOT NULL,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    PRIMARY KEY (webhook_id),
    -- EndpointStore::list; the endpoints that an event goes to
    KEY idx_webhook_endpoints_user (user_id, webhook_id),
    CONSTRAINT webhook_endpoints_owner FOREIGN KEY (user_id) REFERENCES users (user_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- The outbox: one event on its way to one endpoint, written in the transaction of the event.
CREATE TABLE IF NOT EXISTS webhook_deliveries (
    delivery_id BINARY(16) NOT NULL,
    webhook_id BINARY(16) NOT NULL,
    user_id BINARY(16) NOT NULL,
    event_seq BIGINT NOT NULL,
    event_id BINARY(16) NOT NULL,
    type VARCHAR(32) NOT NULL,
    status VARCHAR(16) NOT NULL,
    next_attempt_at DATETIME(6) NULL COMMENT 'also the end of the lease of an attempt under way',
    lease BINARY(16) NULL COMMENT 'names the attempt under way; its result is written only while it holds',
    attempts MEDIUMTEXT NOT NULL COMMENT 'JSON',
    attempt_count INT NOT NULL,
    created_at DATETIME(6) NOT NULL,
    finished_at DATETIME(6) NULL,
    -- DeliveryStore::delete_ended walks along this key: it grows with time
    PRIMARY KEY (delivery_id),
    -- DeliveryStore::next_due; whether claim_due has anything to do (NULL for all that have ended)
    KEY idx_webhook_deliveries_next (next_attempt_at),
    -- DeliveryStore::claim_due: from endpoint to endpoint, then the oldest of each; the end of all of an endpoint
    KEY idx_webhook_deliveries_due (status, webhook_id, next_attempt_at, delivery_id),
    -- DeliveryStore::list
    KEY idx_webhook_deliveries_endpoint (webhook_id, delivery_id),
    -- EventStore::delete_events: whether an event is still on its way
    KEY idx_webhook_deliveries_event (user_id, event_seq),
    CONSTRAINT webhook_deliveries_pending CHECK ((status = 'Pending') = (next_attempt_at IS NOT NULL)
        AND (status = 'Pending') = (finished_at IS NULL))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Server processes.
CREATE TABLE IF NOT EXISTS nodes (
    node_id BINARY(16) NOT NULL,
    name VARCHAR(255) NOT NULL,
    version VARCHAR(64) NOT NULL,
    started_at DATETIME(6) NOT NULL COMMENT 'first heartbeat',
    seen_at DATETIME(6) NOT NULL COMMENT 'latest heartbeat',
    PRIMARY KEY (node_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
