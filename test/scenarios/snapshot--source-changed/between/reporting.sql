ALTER TABLE public.customers ADD COLUMN born date;
