ALTER TABLE public.orders DROP COLUMN old;
