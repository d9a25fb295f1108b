SELECT pg_drop_replication_slot('feed_${SUFFIX}');
