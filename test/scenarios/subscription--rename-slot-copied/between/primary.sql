SELECT pg_copy_logical_replication_slot('feed_${SUFFIX}', 'renamed_${SUFFIX}');
