UPDATE public.orders SET total = 11 WHERE id = 1;
