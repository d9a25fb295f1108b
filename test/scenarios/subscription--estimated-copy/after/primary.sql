INSERT INTO public.orders VALUES (4, 'dan', 40);
UPDATE public.orders SET total = 11 WHERE id = 1;
DELETE FROM public.orders WHERE id = 2;
