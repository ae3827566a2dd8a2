DROP TABLE audit_log;
DROP TABLE idempotency_keys;
ALTER TABLE runs DROP COLUMN trigger_api_key_id;
DROP TABLE api_keys;
