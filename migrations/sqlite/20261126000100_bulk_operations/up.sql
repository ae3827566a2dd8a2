-- The same thing done to many jobs, in the background, a batch at a time. Rules as in the first migration.

CREATE TABLE bulk_operations (
    bulk_operation_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    action TEXT NOT NULL,
    params TEXT NOT NULL, -- JSON
    target TEXT NOT NULL, -- JSON: ids, or a filter
    status TEXT NOT NULL,
    matched INTEGER NOT NULL,
    matched_exactly BOOLEAN NOT NULL,
    done INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    errors TEXT NOT NULL, -- JSON: the first that failed
    after_key TEXT NULL, -- JSON: the last job that was handled
    created_at TEXT NOT NULL,
    finished_at TEXT NULL,
    lease_token BLOB NULL, -- of the node that handles a batch now
    lease_until TEXT NULL, -- when the next batch may be taken; NULL once it has ended
    PRIMARY KEY (bulk_operation_id),
    CONSTRAINT bulk_operations_owner FOREIGN KEY (user_id) REFERENCES users (user_id),
    CONSTRAINT bulk_operations_ended CHECK ((finished_at IS NULL) = (lease_until IS NOT NULL))
);
-- BulkStore::list
CREATE INDEX idx_bulk_owner ON bulk_operations (user_id, created_at, bulk_operation_id);
-- BulkStore::claim
CREATE INDEX idx_bulk_open ON bulk_operations (lease_until) WHERE lease_until IS NOT NULL;
-- BulkStore::insert: how many of a user are open
CREATE INDEX idx_bulk_open_owner ON bulk_operations (user_id, lease_until) WHERE lease_until IS NOT NULL;
-- retention
CREATE INDEX idx_bulk_age ON bulk_operations (finished_at) WHERE finished_at IS NOT NULL;
