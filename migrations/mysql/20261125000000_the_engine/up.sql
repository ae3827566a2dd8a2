-- Schedules, the ledger of occurrences, workers, logs, limits. Rules as in the first migration. MySQL knows no ADD COLUMN
-- IF NOT EXISTS, so a table is altered only where its last new column is not there yet: a migration that was cut short can
-- be run again.

SET @alter = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'jobs'
    AND column_name = 'run_timeout_seconds') = 0,
    'ALTER TABLE jobs
        ADD COLUMN due_at DATETIME(6) NULL COMMENT ''next_run_at with its jitter: when a node looks at the job'',
        ADD COLUMN scheduled_from DATETIME(6) NULL COMMENT ''since when the schedule holds; where its grid begins'',
        ADD COLUMN pause_reason VARCHAR(500) NULL,
        ADD COLUMN paused_by BINARY(16) NULL,
        ADD COLUMN max_running INT NULL COMMENT ''runs at once under overlap allow'',
        ADD COLUMN run_timeout_seconds INT NULL COMMENT ''for all attempts of a run together'',
        ADD KEY idx_jobs_due (due_at, job_id),
        ADD KEY idx_jobs_next (created_by, next_run_at, job_id)',
    'DO 0');
PREPARE alter_jobs FROM @alter;
EXECUTE alter_jobs;
DEALLOCATE PREPARE alter_jobs;

SET @alter = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'runs'
    AND column_name = 'log_bytes') = 0,
    'ALTER TABLE runs
        ADD COLUMN claim_user BINARY(16) NULL COMMENT ''user_id while claim_key is set'',
        ADD COLUMN queue VARCHAR(100) NULL COMMENT ''of a worker run'',
        ADD COLUMN worker_key BIGINT NULL COMMENT ''Priority::claim_key while a worker may claim the run'',
        ADD COLUMN worker_name VARCHAR(200) NULL,
        ADD COLUMN lease_seconds INT NULL COMMENT ''as the worker asked for'',
        ADD COLUMN timeout_at DATETIME(6) NULL COMMENT ''when the attempt of a worker has taken too long'',
        ADD COLUMN deadline_at DATETIME(6) NULL COMMENT ''when all attempts together have taken too long'',
        ADD COLUMN progress_message VARCHAR(1000) NULL,
        ADD COLUMN duration_ms INT NULL COMMENT ''of the attempt that completed the run'',
        ADD COLUMN log_lines INT NOT NULL DEFAULT 0,
        ADD COLUMN log_bytes INT NOT NULL DEFAULT 0,
        DROP KEY idx_runs_ended,
        ADD KEY idx_runs_finished (user_id, finished_at, duration_ms),
        ADD KEY idx_runs_fair (claim_user, claim_key, run_id),
        ADD KEY idx_runs_worker (queue, user_id, worker_key, run_id)',
    'DO 0');
PREPARE alter_runs FROM @alter;
EXECUTE alter_runs;
DEALLOCATE PREPARE alter_runs;

SET @alter = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE()
    AND table_name = 'user_streams' AND column_name = 'runs_running') = 0,
    'ALTER TABLE user_streams ADD COLUMN runs_running BIGINT NOT NULL DEFAULT 0 COMMENT ''runs that are Running''',
    'DO 0');
PREPARE alter_streams FROM @alter;
EXECUTE alter_streams;
DEALLOCATE PREPARE alter_streams;
UPDATE user_streams SET runs_running = (SELECT COUNT(*) FROM runs WHERE runs.user_id = user_streams.user_id
    AND runs.status = 'Running');
UPDATE runs SET claim_user = user_id WHERE claim_key IS NOT NULL;
UPDATE runs SET duration_ms = TIMESTAMPDIFF(MICROSECOND, started_at, finished_at) DIV 1000 WHERE status = 'Completed'
    AND duration_ms IS NULL AND started_at IS NOT NULL;

SET @alter = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'nodes'
    AND column_name = 'stopped_at') = 0,
    'ALTER TABLE nodes
        ADD COLUMN concurrency INT NOT NULL DEFAULT 0,
        ADD COLUMN running INT NOT NULL DEFAULT 0,
        ADD COLUMN stats MEDIUMTEXT NULL COMMENT ''JSON: what the node measured of itself'',
        ADD COLUMN stopped_at DATETIME(6) NULL COMMENT ''when it ended in good order''',
    'DO 0');
PREPARE alter_nodes FROM @alter;
EXECUTE alter_nodes;
DEALLOCATE PREPARE alter_nodes;

-- The ledger: every planned instant ends in one row. Neighbours of one outcome without a run share a row.
CREATE TABLE IF NOT EXISTS occurrences (
    occurrence_id BINARY(16) NOT NULL,
    job_id BINARY(16) NOT NULL,
    user_id BINARY(16) NOT NULL,
    planned_at DATETIME(6) NOT NULL,
    last_planned_at DATETIME(6) NULL COMMENT 'the last instant of a row that stands for several',
    count INT NOT NULL,
    outcome VARCHAR(16) NOT NULL,
    reason VARCHAR(500) NULL,
    run_id BINARY(16) NULL,
    recorded_at DATETIME(6) NOT NULL,
    PRIMARY KEY (occurrence_id),
    -- no instant of a job is fired twice, however many nodes there are; OccurrenceStore::list
    UNIQUE KEY idx_occurrences_instant (job_id, planned_at),
    -- retention
    KEY idx_occurrences_age (recorded_at),
    CONSTRAINT occurrences_job FOREIGN KEY (job_id) REFERENCES jobs (job_id) ON DELETE CASCADE,
    CONSTRAINT occurrences_ran CHECK ((outcome = 'Ran') = (run_id IS NOT NULL)),
    CONSTRAINT occurrences_count CHECK (count >= 1)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- What runs say while they work. It goes with the run.
CREATE TABLE IF NOT EXISTS run_logs (
    run_id BINARY(16) NOT NULL,
    line INT NOT NULL COMMENT 'from 1, without gaps',
    logged_at DATETIME(6) NOT NULL,
    level VARCHAR(8) NOT NULL,
    text TEXT NOT NULL,
    -- RunHistory::log
    PRIMARY KEY (run_id, line),
    CONSTRAINT run_logs_run FOREIGN KEY (run_id) REFERENCES runs (run_id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Limits of the queues that workers serve; a queue without a row has none.
CREATE TABLE IF NOT EXISTS queues (
    user_id BINARY(16) NOT NULL,
    queue VARCHAR(100) NOT NULL,
    max_running INT NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    PRIMARY KEY (user_id, queue),
    CONSTRAINT queues_owner FOREIGN KEY (user_id) REFERENCES users (user_id),
    CONSTRAINT queues_limit CHECK (max_running >= 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
