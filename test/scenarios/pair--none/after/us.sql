INSERT INTO public.orders VALUES (7, 'dan', 40);
UPDATE public.orders SET total = 11 WHERE id = 1;
DELETE FROM public.orders WHERE id = 5;
