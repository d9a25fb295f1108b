CREATE TABLE public.orders (id int PRIMARY KEY, customer text NOT NULL, total int NOT NULL);
CREATE PUBLICATION back FOR TABLE public.orders;
SELECT pg_create_logical_replication_slot('back_${SUFFIX}', 'pgoutput');
