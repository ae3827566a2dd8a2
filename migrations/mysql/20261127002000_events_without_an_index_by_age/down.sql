ALTER TABLE events ADD INDEX idx_events_age (occurred_at);
