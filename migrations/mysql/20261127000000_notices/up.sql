-- Notices: who is told when jobs fail, and when they work again. Rules as in the migrations before.

SET @alter = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'users'
    AND column_name = 'notices') = 0,
    'ALTER TABLE users ADD COLUMN notices VARCHAR(500) NULL COMMENT ''JSON: what they are told; NULL: the defaults''',
    'DO 0');
PREPARE alter_users FROM @alter;
EXECUTE alter_users;
DEALLOCATE PREPARE alter_users;

SET @alter = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'jobs'
    AND column_name = 'notices') = 0,
    'ALTER TABLE jobs ADD COLUMN notices VARCHAR(500) NULL COMMENT ''JSON: what is told; NULL: as its owner wants it''',
    'DO 0');
PREPARE alter_jobs FROM @alter;
EXECUTE alter_jobs;
DEALLOCATE PREPARE alter_jobs;

SET @alter = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE()
    AND table_name = 'user_streams' AND column_name = 'incidents') = 0,
    'ALTER TABLE user_streams ADD COLUMN incidents BIGINT NOT NULL DEFAULT 0 COMMENT ''how many are open'',
     ADD COLUMN notice_extra INT NOT NULL DEFAULT 0 COMMENT ''bits: trouble that somebody ever wanted to hear of''',
    'DO 0');
PREPARE alter_streams FROM @alter;
EXECUTE alter_streams;
DEALLOCATE PREPARE alter_streams;

-- Jobs that are not well, from the first trouble to the first success. Read and written under the lock of the user's stream,
-- where their number is: while that is 0, a success looks nothing up here.
CREATE TABLE IF NOT EXISTS incidents (
    job_id BINARY(16) NOT NULL,
    user_id BINARY(16) NOT NULL,
    opened_at DATETIME(6) NOT NULL,
    troubles VARCHAR(100) NOT NULL COMMENT 'words with blanks between them',
    failures INT NOT NULL,
    latest MEDIUMTEXT NOT NULL COMMENT 'JSON: the latest trouble',
    remind_at DATETIME(6) NULL COMMENT 'when to tell it again',
    PRIMARY KEY (job_id),
    -- NoticeStore::remind
    KEY idx_incidents_remind (remind_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- The outbox.
CREATE TABLE IF NOT EXISTS notices (
    notice_id BINARY(16) NOT NULL COMMENT 'retention goes along it: ids grow with time',
    user_id BINARY(16) NOT NULL,
    job_id BINARY(16) NOT NULL,
    kind VARCHAR(16) NOT NULL,
    facts MEDIUMTEXT NOT NULL COMMENT 'JSON: what happened, the incident, and what it had shown before',
    created_at DATETIME(6) NOT NULL,
    status VARCHAR(16) NOT NULL,
    due_at DATETIME(6) NULL COMMENT 'when it may be taken; NULL once it is settled',
    lease BINARY(16) NULL COMMENT 'of the node that tells it now',
    tries INT NOT NULL DEFAULT 0,
    sent_at DATETIME(6) NULL COMMENT 'those of one mail have the same',
    error VARCHAR(1000) NULL,
    PRIMARY KEY (notice_id),
    -- NoticeStore::claim: who has waited longest
    KEY idx_notices_due (due_at),
    -- NoticeStore::claim: what is due of them
    KEY idx_notices_due_owner (user_id, due_at, notice_id),
    -- NoticeStore::claim: when they were written to
    KEY idx_notices_sent (user_id, sent_at),
    -- NoticeStore::list
    KEY idx_notices_user (user_id, notice_id),
    CONSTRAINT notices_state CHECK ((status = 'Pending') = (due_at IS NOT NULL))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
