DROP TABLE queues;
DROP TABLE run_logs;
DROP TABLE occurrences;
ALTER TABLE nodes DROP COLUMN concurrency, DROP COLUMN running, DROP COLUMN stats, DROP COLUMN stopped_at;
ALTER TABLE user_streams DROP COLUMN runs_running;
ALTER TABLE runs DROP KEY idx_runs_fair, DROP KEY idx_runs_worker, DROP KEY idx_runs_finished,
    ADD KEY idx_runs_ended (user_id, finished_at, status, started_at), DROP COLUMN duration_ms, DROP COLUMN claim_user, DROP COLUMN queue,
    DROP COLUMN worker_key, DROP COLUMN worker_name, DROP COLUMN lease_seconds, DROP COLUMN timeout_at,
    DROP COLUMN deadline_at, DROP COLUMN progress_message, DROP COLUMN log_lines, DROP COLUMN log_bytes;
ALTER TABLE jobs DROP KEY idx_jobs_due, DROP KEY idx_jobs_next, DROP COLUMN due_at, DROP COLUMN scheduled_from, DROP COLUMN pause_reason,
    DROP COLUMN paused_by, DROP COLUMN max_running, DROP COLUMN run_timeout_seconds;
