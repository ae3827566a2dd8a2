-- Retention walks the stream of each user from its beginning, so no index by age has to be kept up with every event.

DROP INDEX idx_events_age;
