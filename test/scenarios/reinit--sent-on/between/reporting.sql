CREATE PUBLICATION onward FOR TABLE public.orders;
SELECT pg_create_logical_replication_slot('onward_${SUFFIX}', 'pgoutput');
