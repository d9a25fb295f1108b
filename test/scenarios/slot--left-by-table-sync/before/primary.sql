CREATE TABLE public.orders (id int PRIMARY KEY, customer text NOT NULL, total int NOT NULL);
SELECT pg_create_logical_replication_slot('pg_${SUFFIX}_sync_16384_7000000000000000000', 'pgoutput');
