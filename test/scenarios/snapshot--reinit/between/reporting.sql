DELETE FROM public.orders WHERE id = 3;
