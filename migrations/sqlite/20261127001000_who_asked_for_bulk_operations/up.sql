-- Who asked for an operation on many jobs, for the runs and the entries of the audit log that it brings about.

ALTER TABLE bulk_operations ADD COLUMN asked TEXT NULL; -- JSON: who asked for it, and from where
ALTER TABLE audit_log ADD COLUMN bulk_operation_id BLOB NULL; -- the operation on many jobs that did it
