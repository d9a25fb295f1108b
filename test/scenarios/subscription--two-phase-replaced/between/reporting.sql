TRUNCATE public.orders;
