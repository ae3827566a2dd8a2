DROP TABLE IF EXISTS webhook_stats;
