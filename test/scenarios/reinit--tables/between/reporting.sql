DELETE FROM public.orders WHERE id = 2;
DELETE FROM public.refunds;
