ALTER SUBSCRIPTION feed_${SUFFIX} SET PUBLICATION steep_without_0123456789ab_1 WITH (refresh = false);
UPDATE steep_repl.subscriptions_init SET state = 'reinitializing';
