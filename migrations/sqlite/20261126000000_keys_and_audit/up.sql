-- API keys, answers kept for repeated requests, the audit log. Rules as in the first migration.

-- Keys of programs. The key itself is not here, only its hash.
CREATE TABLE api_keys (
    api_key_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    name TEXT NOT NULL,
    key_hash BLOB NOT NULL, -- SHA-256 of the whole key
    prefix TEXT NOT NULL, -- its first characters, for people
    last4 TEXT NOT NULL, -- its last ones
    scopes TEXT NOT NULL, -- words with blanks between them
    created_at TEXT NOT NULL,
    expires_at TEXT NULL,
    last_used_at TEXT NULL, -- to a quarter of an hour
    PRIMARY KEY (api_key_id),
    CONSTRAINT api_keys_owner FOREIGN KEY (user_id) REFERENCES users (user_id)
);
-- ApiKeyStore::find_live: every request with a key that is not remembered
CREATE UNIQUE INDEX idx_api_keys_hash ON api_keys (key_hash);
-- ApiKeyStore::list
CREATE INDEX idx_api_keys_user ON api_keys (user_id, created_at, api_key_id);

ALTER TABLE runs ADD COLUMN trigger_api_key_id BLOB NULL; -- the key that asked for the run

-- Requests with an Idempotency-Key, and their answers once there is one.
CREATE TABLE idempotency_keys (
    user_id BLOB NOT NULL,
    key_hash BLOB NOT NULL, -- SHA-256 of the kind of credential, the operation and the key
    fingerprint BLOB NOT NULL, -- SHA-256 of query and body
    claim BLOB NULL, -- who is at work on it; null when it is answered
    locked_until TEXT NULL, -- when whoever is at work on it must have died
    status INTEGER NULL,
    headers TEXT NULL, -- JSON
    body TEXT NULL,
    scopes TEXT NULL, -- what a key must be allowed (any of these) to be told the answer
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    PRIMARY KEY (user_id, key_hash),
    CONSTRAINT idempotency_keys_state CHECK ((claim IS NULL) = (status IS NOT NULL))
);
-- IdempotencyStore::delete_expired
CREATE INDEX idx_idempotency_expires ON idempotency_keys (expires_at);

-- Who did what, from where. Rows are added and, when they are old, deleted; never changed.
CREATE TABLE audit_log (
    audit_id BLOB NOT NULL, -- retention goes along it: ids grow with time
    user_id BLOB NOT NULL, -- whose log it is in
    recorded_at TEXT NOT NULL,
    action TEXT NOT NULL,
    actor_type TEXT NOT NULL,
    actor_user_id BLOB NULL,
    actor_id BLOB NULL, -- the session or the API key
    target_type TEXT NULL,
    target_id BLOB NULL,
    target_name TEXT NULL,
    ip TEXT NULL,
    user_agent TEXT NULL,
    request_id TEXT NULL,
    changes TEXT NULL, -- JSON: fields with their values before and after
    PRIMARY KEY (audit_id)
);
-- AuditLog::list, by each of its filters
CREATE INDEX idx_audit_user ON audit_log (user_id, recorded_at, audit_id);
CREATE INDEX idx_audit_action ON audit_log (user_id, action, recorded_at, audit_id);
CREATE INDEX idx_audit_target ON audit_log (user_id, target_id, recorded_at, audit_id) WHERE target_id IS NOT NULL;
CREATE INDEX idx_audit_actor ON audit_log (user_id, actor_id, recorded_at, audit_id) WHERE actor_id IS NOT NULL;
