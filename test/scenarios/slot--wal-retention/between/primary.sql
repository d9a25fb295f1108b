INSERT INTO public.orders VALUES (11, 'wal', 11);
SELECT pg_switch_wal();
INSERT INTO public.orders VALUES (12, 'wal', 12);
SELECT pg_switch_wal();
INSERT INTO public.orders VALUES (13, 'wal', 13);
SELECT pg_switch_wal();
INSERT INTO public.orders VALUES (14, 'wal', 14);
SELECT pg_switch_wal();
