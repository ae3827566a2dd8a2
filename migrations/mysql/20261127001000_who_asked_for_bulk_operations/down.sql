ALTER TABLE audit_log DROP COLUMN bulk_operation_id;
ALTER TABLE bulk_operations DROP COLUMN asked;
