DROP TABLE webhook_stats;
