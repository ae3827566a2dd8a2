CREATE INDEX idx_events_age ON events (occurred_at);
