-- Retention walks the stream of each user from its beginning, so no index by age has to be kept up with every event.

SET @alter = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'events'
    AND index_name = 'idx_events_age') > 0,
    'ALTER TABLE events DROP INDEX idx_events_age',
    'DO 0');
PREPARE alter_events FROM @alter;
EXECUTE alter_events;
DEALLOCATE PREPARE alter_events;
