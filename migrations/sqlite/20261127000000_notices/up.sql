-- Notices: who is told when jobs fail, and when they work again. Rules as in the migrations before.

ALTER TABLE users ADD COLUMN notices TEXT NULL; -- JSON: what they are told; NULL: the defaults
ALTER TABLE jobs ADD COLUMN notices TEXT NULL; -- JSON: what is told; NULL: as its owner wants it
ALTER TABLE user_streams ADD COLUMN incidents INTEGER NOT NULL DEFAULT 0; -- how many are open
ALTER TABLE user_streams ADD COLUMN notice_extra INTEGER NOT NULL DEFAULT 0; -- bits: trouble that somebody ever wanted to hear of

-- Jobs that are not well, from the first trouble to the first success. Read and written under the lock of the user's stream,
-- where their number is: while that is 0, a success looks nothing up here.
CREATE TABLE incidents (
    job_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    opened_at TEXT NOT NULL,
    troubles TEXT NOT NULL, -- words with blanks between them
    failures INTEGER NOT NULL,
    latest TEXT NOT NULL, -- JSON: the latest trouble
    remind_at TEXT NULL, -- when to tell it again
    PRIMARY KEY (job_id)
);
-- NoticeStore::remind
CREATE INDEX idx_incidents_remind ON incidents (remind_at) WHERE remind_at IS NOT NULL;

-- The outbox.
CREATE TABLE notices (
    notice_id BLOB NOT NULL, -- retention goes along it: ids grow with time
    user_id BLOB NOT NULL,
    job_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    facts TEXT NOT NULL, -- JSON: what happened, the incident, and what it had shown before
    created_at TEXT NOT NULL,
    status TEXT NOT NULL,
    due_at TEXT NULL, -- when it may be taken; NULL once it is settled
    lease BLOB NULL, -- of the node that tells it now
    tries INTEGER NOT NULL DEFAULT 0,
    sent_at TEXT NULL, -- those of one mail have the same
    error TEXT NULL,
    PRIMARY KEY (notice_id),
    CONSTRAINT notices_state CHECK ((status = 'Pending') = (due_at IS NOT NULL))
);
-- NoticeStore::claim: who has waited longest
CREATE INDEX idx_notices_due ON notices (due_at) WHERE due_at IS NOT NULL;
-- NoticeStore::claim: what is due of them
CREATE INDEX idx_notices_due_owner ON notices (user_id, due_at, notice_id) WHERE due_at IS NOT NULL;
-- NoticeStore::claim: when they were written to
CREATE INDEX idx_notices_sent ON notices (user_id, sent_at) WHERE sent_at IS NOT NULL;
-- NoticeStore::list
CREATE INDEX idx_notices_user ON notices (user_id, notice_id);
