-- Schedules, the ledger of occurrences, workers, logs, limits. Rules as in the first migration.

ALTER TABLE jobs ADD COLUMN due_at TEXT NULL; -- next_run_at with its jitter: when a node looks at the job
ALTER TABLE jobs ADD COLUMN scheduled_from TEXT NULL; -- since when the schedule holds; where its grid begins
ALTER TABLE jobs ADD COLUMN pause_reason TEXT NULL;
ALTER TABLE jobs ADD COLUMN paused_by BLOB NULL;
ALTER TABLE jobs ADD COLUMN max_running INTEGER NULL; -- runs at once under overlap allow
ALTER TABLE jobs ADD COLUMN run_timeout_seconds INTEGER NULL; -- for all attempts of a run together
-- Schedules::fire_due, next_due
CREATE INDEX idx_jobs_due ON jobs (due_at, job_id) WHERE due_at IS NOT NULL;
-- ScheduleStore::upcoming
CREATE INDEX idx_jobs_next ON jobs (created_by, next_run_at, job_id) WHERE next_run_at IS NOT NULL;

ALTER TABLE runs ADD COLUMN claim_user BLOB NULL; -- user_id while claim_key is set
ALTER TABLE runs ADD COLUMN queue TEXT NULL; -- of a worker run
ALTER TABLE runs ADD COLUMN worker_key INTEGER NULL; -- Priority::claim_key while a worker may claim the run
ALTER TABLE runs ADD COLUMN worker_name TEXT NULL;
ALTER TABLE runs ADD COLUMN lease_seconds INTEGER NULL; -- as the worker asked for
ALTER TABLE runs ADD COLUMN timeout_at TEXT NULL; -- when the attempt of a worker has taken too long
ALTER TABLE runs ADD COLUMN deadline_at TEXT NULL; -- when all attempts together have taken too long
ALTER TABLE runs ADD COLUMN progress_message TEXT NULL;
ALTER TABLE runs ADD COLUMN duration_ms INTEGER NULL; -- of the attempt that completed the run
ALTER TABLE runs ADD COLUMN log_lines INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN log_bytes INTEGER NOT NULL DEFAULT 0;
UPDATE runs SET claim_user = user_id WHERE claim_key IS NOT NULL;
UPDATE runs SET duration_ms = CAST((julianday(finished_at) - julianday(started_at)) * 86400000 AS INTEGER)
    WHERE status = 'Completed' AND started_at IS NOT NULL;
DROP INDEX idx_runs_ended;
-- RunHistory::recent_durations, from the index alone
CREATE INDEX idx_runs_finished ON runs (user_id, finished_at, duration_ms) WHERE finished_at IS NOT NULL;
-- RunQueue::claim: which users wait, and the most urgent run of each
CREATE INDEX idx_runs_fair ON runs (claim_user, claim_key, run_id) WHERE claim_user IS NOT NULL;
-- WorkerQueue::claim
CREATE INDEX idx_runs_worker ON runs (queue, user_id, worker_key, run_id) WHERE worker_key IS NOT NULL;

ALTER TABLE user_streams ADD COLUMN runs_running INTEGER NOT NULL DEFAULT 0; -- runs that are Running
UPDATE user_streams SET runs_running = (SELECT COUNT(*) FROM runs WHERE runs.user_id = user_streams.user_id
    AND runs.status = 'Running');

ALTER TABLE nodes ADD COLUMN concurrency INTEGER NOT NULL DEFAULT 0;
ALTER TABLE nodes ADD COLUMN running INTEGER NOT NULL DEFAULT 0;
ALTER TABLE nodes ADD COLUMN stats TEXT NULL; -- JSON: what the node measured of itself
ALTER TABLE nodes ADD COLUMN stopped_at TEXT NULL; -- when it ended in good order

-- The ledger: every planned instant ends in one row. Neighbours of one outcome without a run share a row.
CREATE TABLE occurrences (
    occurrence_id BLOB NOT NULL,
    job_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    planned_at TEXT NOT NULL,
    last_planned_at TEXT NULL, -- the last instant of a row that stands for several
    count INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NULL,
    run_id BLOB NULL,
    recorded_at TEXT NOT NULL,
    PRIMARY KEY (occurrence_id),
    CONSTRAINT occurrences_job FOREIGN KEY (job_id) REFERENCES jobs (job_id) ON DELETE CASCADE,
    CONSTRAINT occurrences_ran CHECK ((outcome = 'Ran') = (run_id IS NOT NULL)),
    CONSTRAINT occurrences_count CHECK (count >= 1)
);
-- no instant of a job is fired twice, however many nodes there are; OccurrenceStore::list
CREATE UNIQUE INDEX idx_occurrences_instant ON occurrences (job_id, planned_at);
-- retention
CREATE INDEX idx_occurrences_age ON occurrences (recorded_at);

-- What runs say while they work. It goes with the run.
CREATE TABLE run_logs (
    run_id BLOB NOT NULL,
    line INTEGER NOT NULL, -- from 1, without gaps
    logged_at TEXT NOT NULL,
    level TEXT NOT NULL,
    text TEXT NOT NULL,
    -- RunHistory::log
    PRIMARY KEY (run_id, line),
    CONSTRAINT run_logs_run FOREIGN KEY (run_id) REFERENCES runs (run_id) ON DELETE CASCADE
) WITHOUT ROWID;

-- Limits of the queues that workers serve; a queue without a row has none.
CREATE TABLE queues (
    user_id BLOB NOT NULL,
    queue TEXT NOT NULL,
    max_running INTEGER NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (user_id, queue),
    CONSTRAINT queues_owner FOREIGN KEY (user_id) REFERENCES users (user_id),
    CONSTRAINT queues_limit CHECK (max_running >= 0)
) WITHOUT ROWID;
