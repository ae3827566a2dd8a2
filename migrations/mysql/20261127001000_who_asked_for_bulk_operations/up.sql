-- Who asked for an operation on many jobs, for the runs and the entries of the audit log that it brings about.

SET @alter = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'bulk_operations'
    AND column_name = 'asked') = 0,
    'ALTER TABLE bulk_operations ADD COLUMN asked TEXT NULL COMMENT ''JSON: who asked for it, and from where''',
    'DO 0');
PREPARE alter_bulk FROM @alter;
EXECUTE alter_bulk;
DEALLOCATE PREPARE alter_bulk;

SET @alter = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'audit_log'
    AND column_name = 'bulk_operation_id') = 0,
    'ALTER TABLE audit_log ADD COLUMN bulk_operation_id BINARY(16) NULL COMMENT ''the operation on many jobs that did it''',
    'DO 0');
PREPARE alter_log FROM @alter;
EXECUTE alter_log;
DEALLOCATE PREPARE alter_log;
