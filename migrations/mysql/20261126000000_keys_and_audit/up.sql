-- API keys, answers kept for repeated requests, the audit log. Rules as in the migrations before.

-- Keys of programs. The key itself is not here, only its hash.
CREATE TABLE IF NOT EXISTS api_keys (
    api_key_id BINARY(16) NOT NULL,
    user_id BINARY(16) NOT NULL,
    name VARCHAR(100) NOT NULL,
    key_hash BINARY(32) NOT NULL COMMENT 'SHA-256 of the whole key',
    prefix VARCHAR(16) NOT NULL COMMENT 'its first characters, for people',
    last4 VARCHAR(4) NOT NULL COMMENT 'its last ones',
    scopes VARCHAR(500) NOT NULL COMMENT 'words with blanks between them',
    created_at DATETIME(6) NOT NULL,
    expires_at DATETIME(6) NULL,
    last_used_at DATETIME(6) NULL COMMENT 'to a quarter of an hour',
    PRIMARY KEY (api_key_id),
    -- ApiKeyStore::find_live: every request with a key that is not remembered
    UNIQUE KEY idx_api_keys_hash (key_hash),
    -- ApiKeyStore::list
    KEY idx_api_keys_user (user_id, created_at, api_key_id),
    CONSTRAINT api_keys_owner FOREIGN KEY (user_id) REFERENCES users (user_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

SET @alter = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'runs'
    AND column_name = 'trigger_api_key_id') = 0,
    'ALTER TABLE runs ADD COLUMN trigger_api_key_id BINARY(16) NULL COMMENT ''the key that asked for the run''',
    'DO 0');
PREPARE alter_runs FROM @alter;
EXECUTE alter_runs;
DEALLOCATE PREPARE alter_runs;

-- Requests with an Idempotency-Key, and their answers once there is one.
CREATE TABLE IF NOT EXISTS idempotency_keys (
    user_id BINARY(16) NOT NULL,
    key_hash BINARY(32) NOT NULL COMMENT 'SHA-256 of the kind of credential, the operation and the key',
    fingerprint BINARY(32) NOT NULL COMMENT 'SHA-256 of query and body',
    claim BINARY(16) NULL COMMENT 'who is at work on it; null when it is answered',
    locked_until DATETIME(6) NULL COMMENT 'when whoever is at work on it must have died',
    status INT NULL,
    headers TEXT NULL COMMENT 'JSON',
    body MEDIUMTEXT NULL,
    scopes VARCHAR(500) NULL COMMENT 'what a key must be allowed (any of these) to be told the answer',
    created_at DATETIME(6) NOT NULL,
    expires_at DATETIME(6) NOT NULL,
    PRIMARY KEY (user_id, key_hash),
    -- IdempotencyStore::delete_expired
    KEY idx_idempotency_expires (expires_at),
    CONSTRAINT idempotency_keys_state CHECK ((claim IS NULL) = (status IS NOT NULL))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Who did what, from where. Rows are added and, when they are old, deleted; never changed.
CREATE TABLE IF NOT EXISTS audit_log (
    audit_id BINARY(16) NOT NULL COMMENT 'retention goes along it: ids grow with time',
    user_id BINARY(16) NOT NULL COMMENT 'whose log it is in',
    recorded_at DATETIME(6) NOT NULL,
    action VARCHAR(40) NOT NULL,
    actor_type VARCHAR(20) NOT NULL,
    actor_user_id BINARY(16) NULL,
    actor_id BINARY(16) NULL COMMENT 'the session or the API key',
    target_type VARCHAR(20) NULL,
    target_id BINARY(16) NULL,
    target_name VARCHAR(300) NULL,
    ip VARCHAR(64) NULL,
    user_agent VARCHAR(300) NULL,
    request_id VARCHAR(64) NULL,
    changes MEDIUMTEXT NULL COMMENT 'JSON: fields with their values before and after',
    PRIMARY KEY (audit_id),
    -- AuditLog::list, by each of its filters
    KEY idx_audit_user (user_id, recorded_at, audit_id),
    KEY idx_audit_action (user_id, action, recorded_at, audit_id),
    KEY idx_audit_target (user_id, target_id, recorded_at, audit_id),
    KEY idx_audit_actor (user_id, actor_id, recorded_at, audit_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
