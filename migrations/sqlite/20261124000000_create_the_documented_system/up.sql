-- Rules for every table: ids are UUIDv7 made by the program, 16 bytes; instants are UTC as text that sorts by time; JSON is
-- opaque text; what is filtered or sorted by is a column; text compares byte by byte. The twin of this file in
-- ../../mysql has the same names and meanings.

-- Accounts.
CREATE TABLE users (
    user_id BLOB NOT NULL,
    full_name TEXT NOT NULL,
    email TEXT NOT NULL, -- lower case: the one spelling under which the account is found
    password TEXT NOT NULL, -- a hash, never the password
    role TEXT NOT NULL,
    last_login TEXT NULL,
    status TEXT NOT NULL,
    is_active INTEGER NOT NULL, -- status = Active, as the documented table has it
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    phone TEXT NULL,
    time_zone TEXT NOT NULL,
    email_verified_at TEXT NULL,
    search_key TEXT NOT NULL, -- name and address in lower case, for the search of administrators
    PRIMARY KEY (user_id),
    CONSTRAINT users_active CHECK (is_active = (status = 'Active'))
);
-- UserStore::find_by_email, and of two sign-ups at once only one wins
CREATE UNIQUE INDEX idx_users_email ON users (email);
-- UserStore::find_by_phone
CREATE INDEX idx_users_phone ON users (phone);
-- UserStore::has_admin
CREATE INDEX idx_users_role ON users (role, status);

-- One row per user: the counter of their event stream, and what would otherwise be counted over history. Whoever emits
-- events locks this row last, so that numbers have no gaps and follow the order of commits.
CREATE TABLE user_streams (
    user_id BLOB NOT NULL,
    last_seq INTEGER NOT NULL, -- number of the newest event
    pruned_seq INTEGER NOT NULL, -- number of the newest event that retention has deleted
    jobs_pending INTEGER NOT NULL,
    jobs_running INTEGER NOT NULL,
    jobs_completed INTEGER NOT NULL,
    jobs_failed INTEGER NOT NULL,
    jobs_cancelled INTEGER NOT NULL,
    endpoints INTEGER NOT NULL, -- enabled webhook endpoints; 0 spares the look at them
    PRIMARY KEY (user_id),
    CONSTRAINT user_streams_counts CHECK (last_seq >= pruned_seq AND jobs_pending >= 0 AND jobs_running >= 0
        AND jobs_completed >= 0 AND jobs_failed >= 0 AND jobs_cancelled >= 0 AND endpoints >= 0)
);

-- One-time codes and the challenges that they answer.
CREATE TABLE manage_otp (
    id BLOB NOT NULL,
    otp TEXT NOT NULL, -- a keyed hash, never the code
    created_by BLOB NULL, -- the user; NULL for a decoy, which no code answers
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    purpose TEXT NOT NULL,
    channel TEXT NOT NULL,
    challenge TEXT NOT NULL, -- random; the client holds it
    attempts INTEGER NOT NULL,
    sent_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    consumed_at TEXT NULL,
    pending TEXT NULL, -- JSON: what a sign-up wants to become
    PRIMARY KEY (id),
    CONSTRAINT manage_otp_tries CHECK (attempts BETWEEN 0 AND 5)
);
-- OtpStore::find_live, take_try
CREATE UNIQUE INDEX idx_manage_otp_challenge ON manage_otp (challenge);
-- OtpStore::insert and redeem: end the other challenges of the user
CREATE INDEX idx_manage_otp_user ON manage_otp (created_by, purpose);
-- OtpStore::delete_expired
CREATE INDEX idx_manage_otp_expires ON manage_otp (expires_at);
CREATE INDEX idx_manage_otp_consumed ON manage_otp (consumed_at);

-- Log-ins.
CREATE TABLE sessions (
    session_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    nonce BLOB NOT NULL,
    generation INTEGER NOT NULL, -- number of the current refresh token
    rotated_at TEXT NOT NULL,
    grace_used INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    last_used_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    user_agent TEXT NULL,
    ip TEXT NULL,
    ended_at TEXT NULL,
    end_reason TEXT NULL,
    PRIMARY KEY (session_id),
    CONSTRAINT sessions_end CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
-- SessionStore::list, and the end of all sessions of a user
CREATE INDEX idx_sessions_user ON sessions (user_id, created_at, session_id);
-- SessionStore::delete_ended
CREATE INDEX idx_sessions_expires ON sessions (expires_at);
CREATE INDEX idx_sessions_ended ON sessions (ended_at);

-- What should be done. Every list is of one owner and without the deleted, so every index starts with these two.
CREATE TABLE jobs (
    job_id BLOB NOT NULL,
    job_name TEXT NOT NULL,
    priority TEXT NOT NULL,
    description TEXT NULL,
    payload TEXT NULL, -- JSON
    status TEXT NOT NULL, -- that of the latest run
    completed_at TEXT NULL,
    created_by BLOB NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    executor TEXT NOT NULL, -- JSON
    schedule TEXT NULL, -- JSON
    retry TEXT NOT NULL, -- JSON
    timeout_seconds INTEGER NULL,
    overlap TEXT NOT NULL,
    catch_up TEXT NOT NULL, -- JSON
    next_run_at TEXT NULL,
    paused_at TEXT NULL,
    version INTEGER NOT NULL,
    tags TEXT NOT NULL, -- JSON; job_tags is what is searched
    external_id TEXT NULL,
    deleted_at TEXT NULL,
    last_run_id BLOB NULL,
    active_runs INTEGER NOT NULL, -- runs that have not ended
    waiting_runs INTEGER NOT NULL, -- those of them that wait behind another (overlap queue)
    name_key TEXT NOT NULL, -- the name in lower case, for sorting
    search_key TEXT NOT NULL, -- name and description in lower case, for searching
    PRIMARY KEY (job_id),
    CONSTRAINT jobs_owner FOREIGN KEY (created_by) REFERENCES users (user_id),
    CONSTRAINT jobs_active CHECK (active_runs >= 0 AND waiting_runs >= 0 AND waiting_runs <= active_runs)
);
-- JobStore::list by priority; the documented index, led by what every list is restricted to
CREATE INDEX idx_priority ON jobs (created_by, deleted_at, priority, created_at, job_id);
-- JobStore::list by status; the documented index, led likewise
CREATE INDEX idx_status ON jobs (created_by, deleted_at, status, created_at, job_id);
-- JobStore::list by age, change and name
CREATE INDEX idx_jobs_created ON jobs (created_by, deleted_at, created_at, job_id);
CREATE INDEX idx_jobs_updated ON jobs (created_by, deleted_at, updated_at, job_id);
CREATE INDEX idx_jobs_name ON jobs (created_by, deleted_at, name_key, job_id);
-- one job per external id of an owner
CREATE UNIQUE INDEX idx_jobs_external_id ON jobs (created_by, external_id);
-- RunQueue::delete_ended: deleted jobs
CREATE INDEX idx_jobs_deleted ON jobs (deleted_at) WHERE deleted_at IS NOT NULL;

-- The tags of jobs, to find jobs by.
CREATE TABLE job_tags (
    created_by BLOB NOT NULL,
    tag TEXT NOT NULL,
    job_id BLOB NOT NULL,
    -- JobStore::list by tag
    PRIMARY KEY (created_by, tag, job_id),
    CONSTRAINT job_tags_job FOREIGN KEY (job_id) REFERENCES jobs (job_id) ON DELETE CASCADE
) WITHOUT ROWID;
-- JobStore::update, delete
CREATE INDEX idx_job_tags_job ON job_tags (job_id);

-- Executions of jobs. Four columns are set only while they matter (claim_key, lease_until, retry_at, active_job_id), so
-- that their indexes hold the few runs under way and no history.
CREATE TABLE runs (
    run_id BLOB NOT NULL,
    job_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    job_name TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NULL,
    trigger_type TEXT NOT NULL,
    planned_at TEXT NULL,
    trigger_run_id BLOB NULL,
    trigger_user_id BLOB NULL,
    attempt INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL,
    crashes INTEGER NOT NULL,
    payload TEXT NULL, -- JSON, only where it is not the payload of the job
    progress INTEGER NULL,
    result TEXT NULL, -- JSON
    error_code TEXT NULL,
    error_message TEXT NULL,
    created_at TEXT NOT NULL,
    started_at TEXT NULL,
    finished_at TEXT NULL,
    retry_at TEXT NULL,
    cancel_requested_at TEXT NULL,
    lease_token BLOB NULL,
    lease_until TEXT NULL,
    node_id BLOB NULL,
    claim_key INTEGER NULL, -- Priority::claim_key while the run may be claimed; NULL while it waits behind another
    attempts TEXT NOT NULL, -- JSON: the attempts that have ended
    active_job_id BLOB NULL, -- job_id until the run has ended
    -- also RunQueue::delete_ended, which walks along this key: it grows with time
    PRIMARY KEY (run_id),
    CONSTRAINT runs_job FOREIGN KEY (job_id) REFERENCES jobs (job_id),
    CONSTRAINT runs_ended CHECK ((finished_at IS NOT NULL) = (status IN ('Completed', 'Failed', 'Cancelled'))),
    CONSTRAINT runs_active CHECK ((active_job_id IS NULL) = (finished_at IS NOT NULL)),
    CONSTRAINT runs_leased CHECK ((lease_token IS NOT NULL) = (status = 'Running')
        AND (lease_until IS NOT NULL) = (status = 'Running')),
    CONSTRAINT runs_retrying CHECK ((retry_at IS NOT NULL) = (status = 'Retrying')),
    CONSTRAINT runs_claimable CHECK (claim_key IS NULL OR status = 'Queued'),
    CONSTRAINT runs_crashes CHECK (crashes >= 0 AND attempt >= 0 AND max_attempts >= 1)
);
-- RunQueue::claim: the order of the claim, without a sort
CREATE INDEX idx_runs_claim ON runs (claim_key, run_id) WHERE claim_key IS NOT NULL;
-- RunQueue::reap, free_leases_of
CREATE INDEX idx_runs_lease ON runs (lease_until) WHERE lease_until IS NOT NULL;
-- RunQueue::queue_due_retries, next_retry_at
CREATE INDEX idx_runs_retry ON runs (retry_at) WHERE retry_at IS NOT NULL;
-- the runs of a job that have not ended, and the next of them that waits
CREATE INDEX idx_runs_active ON runs (active_job_id, created_at, run_id) WHERE active_job_id IS NOT NULL;
-- RunHistory::list_runs of a job. Ordered by age, not by id alone: a planner would rather walk along the primary key
-- through the runs of everybody until the page is full
CREATE INDEX idx_runs_job ON runs (job_id, created_at, run_id);
-- RunHistory::list_runs of a user
CREATE INDEX idx_runs_user ON runs (user_id, created_at, run_id);
-- RunHistory::list_runs by status
CREATE INDEX idx_runs_status ON runs (user_id, status, created_at, run_id);
-- RunHistory::recent_durations, from the index alone
CREATE INDEX idx_runs_ended ON runs (user_id, finished_at, status, started_at);

-- Facts, one stream per user.
CREATE TABLE events (
    user_id BLOB NOT NULL,
    seq INTEGER NOT NULL, -- without gaps, in the order of commits
    event_id BLOB NOT NULL,
    type TEXT NOT NULL,
    occurred_at TEXT NOT NULL,
    job_id BLOB NULL,
    run_id BLOB NULL,
    data TEXT NOT NULL, -- JSON, sent as it is
    -- EventStore::read_after
    PRIMARY KEY (user_id, seq)
) WITHOUT ROWID;
-- EventStore::job_events
CREATE INDEX idx_events_job ON events (job_id, seq);
-- EventStore::delete_events
CREATE INDEX idx_events_age ON events (occurred_at);

-- How many runs ended in each minute and hour, written in the transaction that ends them.
CREATE TABLE run_stats (
    user_id BLOB NOT NULL,
    grain_seconds INTEGER NOT NULL,
    bucket_at TEXT NOT NULL,
    completed INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    cancelled INTEGER NOT NULL,
    -- RunHistory::results
    PRIMARY KEY (user_id, grain_seconds, bucket_at)
) WITHOUT ROWID;

-- Where events are sent.
CREATE TABLE webhook_endpoints (
    webhook_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    url TEXT NOT NULL,
    types TEXT NOT NULL, -- JSON list of words; "*" is all but those that must be named
    description TEXT NULL,
    sealed_headers TEXT NULL, -- encrypted JSON
    secrets TEXT NOT NULL, -- JSON; each secret is encrypted
    enabled INTEGER NOT NULL,
    disabled_reason TEXT NULL,
    failing_since TEXT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (webhook_id),
    CONSTRAINT webhook_endpoints_owner FOREIGN KEY (user_id) REFERENCES users (user_id)
);
-- EndpointStore::list; the endpoints that an event goes to
CREATE INDEX idx_webhook_endpoints_user ON webhook_endpoints (user_id, webhook_id);

-- The outbox: one event on its way to one endpoint, written in the transaction of the event.
CREATE TABLE webhook_deliveries (
    delivery_id BLOB NOT NULL,
    webhook_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    event_seq INTEGER NOT NULL,
    event_id BLOB NOT NULL,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    next_attempt_at TEXT NULL, -- also the end of the lease of an attempt under way
    lease BLOB NULL, -- names the attempt under way; its result is written only while it holds
    attempts TEXT NOT NULL, -- JSON
    attempt_count INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    finished_at TEXT NULL,
    -- DeliveryStore::delete_ended walks along this key: it grows with time
    PRIMARY KEY (delivery_id),
    CONSTRAINT webhook_deliveries_pending CHECK ((status = 'Pending') = (next_attempt_at IS NOT NULL)
        AND (status = 'Pending') = (finished_at IS NULL))
);
-- DeliveryStore::next_due; whether claim_due has anything to do
CREATE INDEX idx_webhook_deliveries_next ON webhook_deliveries (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
-- DeliveryStore::claim_due: from endpoint to endpoint, then the oldest of each; the end of all of an endpoint
CREATE INDEX idx_webhook_deliveries_due ON webhook_deliveries (status, webhook_id, next_attempt_at, delivery_id);
-- DeliveryStore::list
CREATE INDEX idx_webhook_deliveries_endpoint ON webhook_deliveries (webhook_id, delivery_id);
-- EventStore::delete_events: whether an event is still on its way
CREATE INDEX idx_webhook_deliveries_event ON webhook_deliveries (user_id, event_seq);

-- Server processes.
CREATE TABLE nodes (
    node_id BLOB NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    started_at TEXT NOT NULL, -- first heartbeat
    seen_at TEXT NOT NULL, -- latest heartbeat
    PRIMARY KEY (node_id)
);
