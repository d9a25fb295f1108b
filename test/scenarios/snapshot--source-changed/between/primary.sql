ALTER TABLE public.customers ADD COLUMN born date;
ALTER PUBLICATION sales DROP TABLE public.orders;
ALTER PUBLICATION sales ADD TABLE public.orders;
SELECT pg_replication_slot_advance(slot_name, pg_current_wal_lsn()) FROM pg_replication_slots WHERE database = current_database();
