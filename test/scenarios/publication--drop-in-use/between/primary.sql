SELECT pg_create_logical_replication_slot('other_${SUFFIX}', 'pgoutput');
